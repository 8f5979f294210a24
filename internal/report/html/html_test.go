package html

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/outline"
	"github.com/trailhound/trailhound/internal/report/reporttest"
)

var update = flag.Bool("update", false, "rewrite golden files")

func write(t interface{ Fatal(...any) }, r *report.Report, records map[string][]byte) string {
	var buf bytes.Buffer
	if err := Write(&buf, r, records); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// TestGolden leaves style and script out: they have files of their own, and a diff of the golden
// file should show what changed in the page.
func TestGolden(t *testing.T) {
	for _, name := range reporttest.Names {
		t.Run(name, func(t *testing.T) {
			got := write(t, reporttest.Sample(t, name), reporttest.Records(t, name))
			got = strings.NewReplacer(style, "/* style.css */", script, "/* app.js */").Replace(got)
			got = got[strings.Index(got, "<meta name=\"viewport\""):] // the policy holds hashes of both
			file := filepath.Join("testdata", name+".golden.html")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("differs from %s; run with -update and read the diff", file)
			}
		})
	}
}

func TestHostile(t *testing.T) {
	for _, keep := range []bool{false, true} {
		r := reporttest.Hostile(t, keep)
		// The records are hostile too: as JSON, and as no JSON at all.
		records := map[string][]byte{}
		for i, e := range r.Timeline {
			records[e.Event] = []byte(fmt.Sprintf(`{"userAgent": %q}`, "\x1b[2J</pre><script>alert(1)</script>\u202e"))
			if i%2 == 1 {
				records[e.Event] = []byte(reporttest.Payload)
			}
		}
		checkInert(t, write(t, r, records))
	}
}

func TestRandomReports(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := reporttest.Draw(t)
		records := map[string][]byte{"e1": []byte(`{"a":"<b>"}`), "e2": []byte("\x1b" + reporttest.Payload), "": nil}
		out := write(t, r, records)
		checkInert(t, out)
		if write(t, r, records) != out {
			t.Fatal("two writings differ")
		}
	})
}

func TestPolicyNamesOurStyleAndScriptOnly(t *testing.T) {
	p := policy()
	for _, want := range []string{"default-src 'none'", "script-src '" + hash(script) + "'", "style-src '" + hash(style) + "'", "base-uri 'none'"} {
		if !strings.Contains(p, want) {
			t.Errorf("no %q in %q", want, p)
		}
	}
	if strings.Contains(p, "unsafe") || strings.Contains(p, "http") {
		t.Errorf("loose policy %q", p)
	}
	for name, text := range map[string]string{"style.css": style, "app.js": script} {
		for _, bad := range []string{"url(", "@import", "http:", "https:", "</", "fetch(", "XMLHttpRequest", "import(", "WebSocket", "sendBeacon", "innerHTML", "eval("} {
			if strings.Contains(text, bad) {
				t.Errorf("%s holds %q", name, bad)
			}
		}
	}
}

func TestValuesChooseNoClasses(t *testing.T) {
	r := &report.Report{Timeline: []investigation.Entry{{Actor: "owner vh panel", Outcome: "x\" hidden y"}}}
	out := write(t, r, nil)
	if !strings.Contains(out, `class="a-ownervhpanel"`) || !strings.Contains(out, `class="out-xhiddeny"`) {
		t.Error("a value with spaces became several classes")
	}
}

func TestEveryEventIdIsShownAndCitedOnesOpen(t *testing.T) {
	r := reporttest.Sample(t, "leaked-ci-key")
	records := reporttest.Records(t, "leaked-ci-key")
	out := write(t, r, records)
	for _, a := range r.Attribution {
		if !strings.Contains(out, ">"+a.Event+"<") {
			t.Errorf("event %s is not shown", a.Event)
		}
		if _, ok := records[a.Event]; ok && !strings.Contains(out, `title="Open the original record">`+a.Event+"</a>") {
			t.Errorf("event %s does not open", a.Event)
		}
	}
	if n := strings.Count(out, `<article class="rec"`); n != len(records) {
		t.Errorf("%d records embedded, want %d", n, len(records))
	}
}

func TestRecordsAreCapped(t *testing.T) {
	r := new(report.Report)
	records := map[string][]byte{}
	for i := range MaxRecords + 10 {
		id := fmt.Sprintf("e%05d", i)
		r.Timeline = append(r.Timeline, investigation.Entry{Event: id, Actor: "intruder"})
		records[id] = []byte(`{}`)
	}
	records["e00003"] = bytes.Repeat([]byte(" "), MaxRecordBytes+1) // never fits
	out := write(t, r, records)
	if n := strings.Count(out, `<article class="rec"`); n != MaxRecords {
		t.Errorf("%d records, want %d", n, MaxRecords)
	}
	if !strings.Contains(out, "the cap of 2,000 records or 8 MiB is reached, 10 are left out") {
		t.Error("the cap is not stated")
	}
	if !strings.Contains(out, `e00003<sup title="Not embedded: cap">`) {
		t.Error("the record that is left out is not marked")
	}
}

func TestGraphFoldsAndDrawsTheIntruderFirst(t *testing.T) {
	r := &report.Report{Credentials: []lineage.Credential{{ID: "root", HeldBy: "owner", FirstSeen: "0"}}}
	for i := range 300 {
		held := "owner"
		if i%10 == 0 {
			held = "intruder"
		}
		r.Credentials = append(r.Credentials, lineage.Credential{ID: fmt.Sprintf("c%03d", i), HeldBy: held,
			FirstSeen: fmt.Sprintf("%03d", i), IssuedBy: &lineage.Issue{Credential: "root", Rule: "assume_role", Tier: 5}})
	}
	g := draw(outline.New(r).Tree(), map[string]int{})
	boxes, hostile := 0, 0
	for i, n := range g.Nodes {
		if !n.Fold {
			boxes++
		}
		if n.Held == "intruder" {
			hostile++
		}
		for _, m := range g.Nodes[:i] {
			if m.X == n.X && m.Y < n.Y+n.H && n.Y < m.Y+m.H {
				t.Fatalf("%s lies on %s", n.ID, m.ID)
			}
		}
		if n.X+n.W > g.Width || n.Y+n.H > g.Height {
			t.Fatalf("%s lies outside", n.ID)
		}
	}
	if boxes != maxNodes || hostile != 30 || boxes+g.Folded != 301 {
		t.Errorf("%d boxes, %d of the intruder, %d folded", boxes, hostile, g.Folded)
	}
}

func TestMatrixShowsMissingDays(t *testing.T) {
	day := func(d string, n int, gaps ...string) investigation.Coverage {
		return investigation.Coverage{Account: "1", Region: "eu-west-1", Day: d, Events: n, Gaps: gaps}
	}
	m := newMatrix([]investigation.Coverage{day("2026-11-02", 1500), day("2026-10-30", 3, "03:00"), day("2026-11-02", 500)})
	if len(m.Days) != 4 || len(m.Months) != 2 || len(m.Rows) != 1 {
		t.Fatalf("%+v", m)
	}
	var got []string
	for _, c := range m.Rows[0].Cells {
		got = append(got, fmt.Sprintf("%d %s %t", c.Level, c.Text, c.Gap))
	}
	if strings.Join(got, "|") != "1 3 true|0  false|0  false|4 2.0k false" {
		t.Errorf("cells %q", got)
	}
	if m := newMatrix([]investigation.Coverage{day("1900-01-01", 1), day("2026-11-02", 1), day("soon", 1)}); len(m.Days) != 3 {
		t.Errorf("far days make %d columns", len(m.Days))
	}
}

func TestChart(t *testing.T) {
	at := func(s, actor string) investigation.Entry { return investigation.Entry{At: s, Actor: actor} }
	c := newChart([]investigation.Entry{at("2026-11-02T00:00:01Z", "intruder"), at("2026-11-02T00:00:02Z", "owner"), at("never", ""), at("2026-11-02T05:00:00Z", "undetermined")})
	if c.Bucket != "5 min" || len(c.Bars) != 3 || c.Most != 2 || len(c.Ticks) == 0 {
		t.Errorf("%+v", c)
	}
	for _, none := range [][]investigation.Entry{nil, {at("x", "")}, {at("2026-11-02T00:00:01Z", "")}, {at("0001-01-02T00:00:00Z", ""), at("9999-01-01T00:00:00Z", "")}} {
		if c := newChart(none); len(c.Bars) != 0 {
			t.Errorf("%v gives %+v", none, c)
		}
	}
}
