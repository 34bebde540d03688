{{- define "tinct.name" -}}
{{- printf "%s" .Release.Name | trunc 53 | trimSuffix "-" -}}
{{- end -}}

{{- define "tinct.selector" -}}
app.kubernetes.io/name: tinct
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tinct.labels" -}}
{{ include "tinct.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "tinct.image" -}}
{{- $suffix := ternary "-gpu" "" (gt (int .Values.gpus) 0) -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default (printf "%s%s" .Chart.AppVersion $suffix) }}
{{- end -}}

{{- define "tinct.health" -}}
httpGet: { path: /healthz, port: probe }
{{- end -}}
