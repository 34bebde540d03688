// Made from protos/tinct/v1/model_service.proto
// by `deno task protos`. Changes here get lost.

export const ExportFormat = {
  EXPORT_FORMAT_UNSPECIFIED: 'EXPORT_FORMAT_UNSPECIFIED',
  EXPORT_FORMAT_ONNX: 'EXPORT_FORMAT_ONNX',
  EXPORT_FORMAT_SAFETENSORS: 'EXPORT_FORMAT_SAFETENSORS',
  EXPORT_FORMAT_TRITON: 'EXPORT_FORMAT_TRITON',
} as const;

export type ExportFormat =
  | 'EXPORT_FORMAT_UNSPECIFIED'
  | 0
  | 'EXPORT_FORMAT_ONNX'
  | 1
  | 'EXPORT_FORMAT_SAFETENSORS'
  | 2
  | 'EXPORT_FORMAT_TRITON'
  | 3

export type ExportFormat__Output = typeof ExportFormat[keyof typeof ExportFormat]
