// Renders a chart as Helm does, by Go's templates with sprig's functions, Helm's own "include", "toYaml" and
// what it says of the release: `render_chart CHART [VALUES]`, VALUES a YAML file that changes the chart's.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"gopkg.in/yaml.v3"
)

func read(path string) map[string]any {
	text, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	values := map[string]any{}
	if err := yaml.Unmarshal(text, &values); err != nil {
		panic(fmt.Sprintf("%s: %v", path, err))
	}
	return values
}

func merge(into, from map[string]any) {
	for name, value := range from {
		inner, isMap := value.(map[string]any)
		if before, wasMap := into[name].(map[string]any); isMap && wasMap {
			merge(before, inner)
		} else {
			into[name] = value
		}
	}
}

func main() {
	chart := os.Args[1]
	values := read(filepath.Join(chart, "values.yaml"))
	if len(os.Args) > 2 {
		merge(values, read(os.Args[2]))
	}
	about := read(filepath.Join(chart, "Chart.yaml"))
	templates := template.New("chart").Option("missingkey=zero").Funcs(sprig.TxtFuncMap())
	templates.Funcs(template.FuncMap{
		"include": func(name string, data any) (string, error) {
			var text strings.Builder
			err := templates.ExecuteTemplate(&text, name, data)
			return text.String(), err
		},
		"toYaml": func(value any) (string, error) {
			text, err := yaml.Marshal(value)
			return strings.TrimSuffix(string(text), "\n"), err
		},
	})
	template.Must(templates.ParseGlob(filepath.Join(chart, "templates", "*")))
	data := map[string]any{
		"Values":  values,
		"Chart":   map[string]any{"Name": about["name"], "AppVersion": about["appVersion"]},
		"Release": map[string]any{"Name": "release", "Service": "Helm", "Namespace": "default"},
	}
	if err := templates.ExecuteTemplate(os.Stdout, "tinct.yaml", data); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
