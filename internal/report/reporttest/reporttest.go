// Package reporttest holds the reports that tests of renderings share: written by hand,
// hostile in every field, and random.
package reporttest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/trailhound/trailhound/internal/report"
	reportjson "github.com/trailhound/trailhound/internal/report/json"
)

// Names lists the hand-written reports.
var Names = []string{"leaked-ci-key", "no-incident"}

// Payload is what every string of a hostile report holds: markup, terminal escapes in both
// widths, a change of writing direction, an invisible letter, a formula, code fences, table
// cells, line breaks of all kinds, and a URL that would run.
const Payload = "=cmd|'/C calc'!A0 \x1b[2J\x1b]0;pwn\a \u009b31m \u202etxt.exe\u2069 a\u200bb <script>alert(1)</script>" +
	"\"'><img src=x onerror=alert(2)> ``` ```` ` | a || b \r\n\n# heading\n- item\n</style></script></pre></template><!-- " +
	"javascript:alert(3) [x](javascript:alert(4)) ![i](https://evil.example/x.png) {{.}} ${7*7} \u2028\u2029 \xff\xfe \U000e0041 www.evil.example &lt;b&gt; \\"

// dir is the folder of the sample reports, wherever in the module the test runs. The place
// of this file would not do: builds with -trimpath do not know it.
func dir(t testing.TB) string {
	t.Helper()
	at, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return filepath.Join(at, "internal", "report", "testdata")
		}
		if filepath.Dir(at) == at {
			t.Fatal("the test does not run inside the module: no go.mod above it")
		}
	}
}

// Sample reads one of the hand-written reports.
func Sample(t testing.TB, name string) *report.Report {
	t.Helper()
	f, err := os.Open(filepath.Join(dir(t), name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := reportjson.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Records returns original records of the events of a sample, by event id; none if the sample
// has no records.
func Records(t testing.TB, name string) map[string][]byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir(t), name+".records.json"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		t.Fatal(err)
	}
	records := map[string][]byte{}
	for id, body := range raw {
		records[id] = body
	}
	return records
}

// Hostile returns the rich sample with Payload in every string there is, beside its old value
// where keep is set, so that identifiers still join and vocabulary still steers the layout.
func Hostile(t testing.TB, keep bool) *report.Report {
	t.Helper()
	r := Sample(t, "leaked-ci-key")
	poison(reflect.ValueOf(r).Elem(), keep)
	return r
}

// poison works in place; schema is left alone, for a report of another schema is not rendered.
func poison(v reflect.Value, keep bool) {
	switch v.Kind() {
	case reflect.String:
		switch {
		case v.String() == report.Schema:
		case keep && v.String() != "":
			v.SetString(v.String() + Payload)
		default:
			v.SetString(Payload)
		}
	case reflect.Pointer:
		if v.IsNil() && v.Type().Elem().Kind() == reflect.String {
			v.Set(reflect.New(v.Type().Elem()))
		}
		if !v.IsNil() {
			poison(v.Elem(), keep)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				poison(v.Field(i), keep)
			}
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			poison(v.Index(i), keep)
		}
	case reflect.Map:
		if v.Type().Elem().Kind() == reflect.Interface {
			for _, k := range v.MapKeys() {
				v.SetMapIndex(k, reflect.ValueOf(Payload))
			}
			if v.Len() > 0 {
				v.SetMapIndex(reflect.ValueOf(Payload), reflect.ValueOf(Payload))
			}
		}
	case reflect.Interface:
		if v.CanSet() && !v.IsNil() {
			v.Set(reflect.ValueOf(Payload))
		}
	}
}
