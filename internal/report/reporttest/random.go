package reporttest

import (
	"reflect"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/report"
)

// words are values the renderings branch on, mixed with strings they must survive.
var words = []string{
	"", "incident", "no_incident", "critical", "high", "low", "intruder", "likely_intruder", "owner", "shared", "responder",
	"persistence", "discovery", "impact", "use", "preserve", "contain", "live", "removed", "attempted", "success", "failure",
	"confirmed", "not_covered", "2026-11-02T00:58:44Z", "2026-11-02T03:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
	"2026-11-02", "2026-11-05", "1900-01-01", "C1", "C2", "F1", "L1", "K1", "K2", "K3", "e1", "e2", "event:e1", "event:e2",
	"aws iam x", "eu-west-1", Payload, "\x1b", "=1", "|", "`", "\n",
}

// Draw returns a report with random shape and content: cycles in the lineage, references to
// nothing, dates that are none.
func Draw(t *rapid.T) *report.Report {
	r := new(report.Report)
	fill(t, reflect.ValueOf(r).Elem())
	r.Schema = report.Schema
	return r
}

func fill(t *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if rapid.IntRange(0, 9).Draw(t, "kind") == 0 {
			v.SetString(rapid.StringN(0, 40, 200).Draw(t, "string"))
		} else {
			v.SetString(rapid.SampledFrom(words).Draw(t, "word"))
		}
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.OneOf(rapid.Int64Range(-2, 6), rapid.Just[int64](1<<62)).Draw(t, "int"))
	case reflect.Float64:
		v.SetFloat(rapid.Float64Range(0, 1e6).Draw(t, "float"))
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "set") {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Tag.Get("json") != "-" {
				fill(t, v.Field(i))
			}
		}
	case reflect.Slice:
		n := rapid.IntRange(-1, 4).Draw(t, "len")
		if n < 0 || v.Type().Elem().Kind() == reflect.Uint8 {
			return // a null list, too
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(t, v.Index(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i))
		}
	case reflect.Map:
		if rapid.Bool().Draw(t, "set") {
			v.Set(reflect.MakeMap(v.Type()))
			key := rapid.SampledFrom(words).Draw(t, "key")
			v.SetMapIndex(reflect.ValueOf(key), reflect.ValueOf(rapid.SampledFrom(words).Draw(t, "val")))
		}
	case reflect.Interface:
		v.Set(reflect.ValueOf(any(rapid.SampledFrom(words).Draw(t, "val"))))
	}
}
