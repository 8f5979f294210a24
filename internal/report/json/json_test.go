package json_test

import (
	"bytes"
	stdjson "encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/inert"
	"github.com/trailhound/trailhound/internal/report/json"
	"github.com/trailhound/trailhound/internal/report/reporttest"
)

func write(t interface{ Fatal(...any) }, r *report.Report) string {
	var buf bytes.Buffer
	if err := json.Write(&buf, r); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// formula is a value or list member that starts like one; inside a string the quote would be escaped.
var formula = regexp.MustCompile(`(: |\n *)"[=+@-].{0,20}`)

// checkInert fails when a byte of the file could act on a terminal, a page or a spreadsheet.
func checkInert(t interface{ Fatalf(string, ...any) }, out string) {
	for i, r := range out {
		if r != '\n' && (inert.Unsafe(r) || strings.ContainsRune("<>&", r)) {
			t.Fatalf("%U at %d: …%q…", r, i, out[max(0, i-40):i+10])
		}
	}
	if m := formula.FindString(out); m != "" {
		t.Fatalf("a value starts like a formula: %q", m)
	}
}

func TestRoundTrip(t *testing.T) {
	for _, name := range reporttest.Names {
		r := reporttest.Sample(t, name)
		out := write(t, r)
		back, err := json.Read(strings.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(r, back); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
		if !strings.HasSuffix(out, "}\n") || strings.Contains(out, ": null,\n      \"events\"") {
			t.Errorf("%s: bad ending or null list", name)
		}
	}
}

func TestHostileStringsSurviveAndAreInert(t *testing.T) {
	r := reporttest.Hostile(t, false)
	out := write(t, r)
	checkInert(t, out)
	back, err := json.Read(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	// JSON cannot hold bytes that are not UTF-8; everything else comes back as it was.
	want := strings.ToValidUTF8(strings.ReplaceAll(reporttest.Payload, "\xff\xfe", "\ufffd\ufffd"), "\ufffd")
	if back.Verdict.Headline != want {
		t.Errorf("headline\n got %q\nwant %q", back.Verdict.Headline, want)
	}
}

func TestRandomReports(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := reporttest.Draw(t)
		out := write(t, r)
		checkInert(t, out)
		if again := write(t, r); again != out {
			t.Fatal("two writings differ")
		}
		back, err := json.Read(strings.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		if again := write(t, back); again != out {
			t.Fatalf("read and written again:\n%s", cmp.Diff(out, again))
		}
	})
}

func TestNoListIsNull(t *testing.T) {
	var v any
	if err := stdjson.Unmarshal([]byte(write(t, new(report.Report))), &v); err != nil {
		t.Fatal(err)
	}
	top := v.(map[string]any)
	for _, name := range []string{"questions", "attribution", "credentials", "findings", "timeline", "limits", "coverage", "open_questions"} {
		if _, ok := top[name].([]any); !ok {
			t.Errorf("%s is %v", name, top[name])
		}
	}
	if _, ok := top["scope"].(map[string]any)["seeds"].([]any); !ok {
		t.Error("scope.seeds is null")
	}
}

func TestReadRefuses(t *testing.T) {
	const ok = `{"schema":"trailhound.report/v1"`
	for _, tc := range []struct{ name, in, want string }{
		{"empty", " \n", "the file is empty"},
		{"no schema", `{}`, `no "schema"`},
		{"other schema", `{"schema":"trailhound.report/v2"}`, `"trailhound.report/v2": this version reads`},
		{"list", `[]`, "a list, not an object"},
		{"scalar", `"x"`, "a single value"},
		{"truncated", ok, "broken JSON"},
		{"broken", ok + `,"case":}`, "offset"},
		{"wrong type", ok + `,"timeline":{}}`, `field "timeline" at offset`},
		{"wrong inner type", ok + `,"claims":[{"id":7}]}`, `field "claims.id" at offset`},
		{"second document", ok + `}{}`, "data after the document, at offset 33"},
		{"name twice", ok + `,"claims":[],"claims":[]}`, `"claims" is given twice`},
		{"name twice in another case", ok + `,"claims":[],"CLAIMS":[]}`, `"CLAIMS" is given twice`},
		{"inner name twice", ok + `,"case":{"id":"a","id":"b"}}`, `"id" is given twice`},
		{"deep", ok + `,"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, "nested deeper"},
		{"binary", "\x1f\x8b\x08", "broken JSON at offset 1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := json.Read(strings.NewReader(tc.in))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want …%s…", err, tc.want)
			}
		})
	}
}

func TestReadTakesUnknownMembersAndByteOrderMark(t *testing.T) {
	r, err := json.Read(strings.NewReader("\ufeff" + `{"schema":"trailhound.report/v1","later":{"a":[1]},"claims":[{"id":"C1","new":1}]}`))
	if err != nil || len(r.Claims) != 1 || r.Timeline == nil {
		t.Errorf("%+v, %v", r, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"schema":"trailhound.report/v1","claims":[{"predicate":{"value":null}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := json.Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		checkInert(t, write(t, r))
	})
}
