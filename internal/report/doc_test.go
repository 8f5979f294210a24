package report_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/report"
)

// TestEveryFieldIsDocumented keeps docs/formats/report.md complete: it walks the types and asks
// for each member's name in code font, in the section of its top-level member where it has one.
func TestEveryFieldIsDocumented(t *testing.T) {
	data, err := os.ReadFile("../../docs/formats/report.md")
	if err != nil {
		t.Fatal(err)
	}
	var code []string
	for _, m := range regexp.MustCompile("`[^`\n]+`").FindAllString(string(data), -1) {
		code = append(code, strings.Trim(m, "`"))
	}
	documented := func(name string) bool {
		for _, c := range code {
			for _, part := range strings.FieldsFunc(c, func(r rune) bool { return strings.ContainsRune(".[]", r) }) {
				if part == name {
					return true
				}
			}
		}
		return false
	}
	seen := map[reflect.Type]bool{}
	var walk func(t reflect.Type, path string)
	walk = func(typ reflect.Type, path string) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice || typ.Kind() == reflect.Array {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || seen[typ] {
			return
		}
		seen[typ] = true
		for i := range typ.NumField() {
			f := typ.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "-" || !f.IsExported() {
				continue
			}
			if name == "" {
				t.Errorf("%s.%s has no JSON name", typ, f.Name)
			}
			if name != "schema" && !documented(name) {
				t.Errorf("docs/formats/report.md does not explain %s.%s", path, name)
			}
			walk(f.Type, path+"."+name)
		}
	}
	walk(reflect.TypeFor[report.Report](), "report")
}
