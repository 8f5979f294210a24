package text_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/inert"
	"github.com/trailhound/trailhound/internal/report/reporttest"
	"github.com/trailhound/trailhound/internal/report/text"
)

var update = flag.Bool("update", false, "rewrite golden files")

func write(t interface{ Fatal(...any) }, r *report.Report, opt text.Options) string {
	var buf bytes.Buffer
	if err := text.Write(&buf, r, opt); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func TestGolden(t *testing.T) {
	for _, name := range reporttest.Names {
		t.Run(name, func(t *testing.T) {
			got := write(t, reporttest.Sample(t, name), text.Options{})
			file := filepath.Join("testdata", name+".golden.txt")
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

// sgr is what the page itself may write.
var sgr = regexp.MustCompile("\x1b\\[(0|1|2|31|32|33|36|1;31)m")

// checkInert fails when something of the report could act on a terminal.
func checkInert(t interface{ Fatalf(string, ...any) }, out string, color bool) {
	if color {
		out = sgr.ReplaceAllString(out, "")
	}
	if !utf8.ValidString(out) {
		t.Fatalf("not UTF-8")
	}
	for i, r := range out {
		// A command may hold a tab between its words.
		if r != '\n' && r != '\t' && inert.Unsafe(r) {
			t.Fatalf("%U at %d: …%q…", r, i, out[max(0, i-40):i+8])
		}
	}
	for _, line := range strings.Split(out, "\n") {
		if trimmed := strings.TrimLeft(line, " │•"); strings.HasPrefix(trimmed, "=cmd") {
			t.Fatalf("a line starts like a formula: %q", line)
		}
	}
}

func TestHostile(t *testing.T) {
	for _, keep := range []bool{false, true} {
		for _, color := range []bool{false, true} {
			checkInert(t, write(t, reporttest.Hostile(t, keep), text.Options{Color: color}), color)
		}
	}
}

func TestRandomReports(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := reporttest.Draw(t)
		opt := text.Options{Width: rapid.IntRange(-1, 200).Draw(t, "width"), Color: rapid.Bool().Draw(t, "color")}
		out := write(t, r, opt)
		checkInert(t, out, opt.Color)
		if write(t, r, opt) != out {
			t.Fatal("two writings differ")
		}
	})
}

func TestWrapsAtWidthAndKeepsCommandsWhole(t *testing.T) {
	r := reporttest.Sample(t, "leaked-ci-key")
	for _, width := range []int{60, 80, 100, 160} {
		out := write(t, r, text.Options{Width: width})
		lines, commands := map[string]bool{}, map[string]bool{}
		for _, line := range strings.Split(out, "\n") {
			lines[strings.TrimSpace(line)] = true
		}
		for _, st := range r.Containment {
			for _, c := range []string{st.Command, st.Undo, st.Verify} {
				for _, l := range strings.Split(c, "\n") {
					commands[strings.TrimSpace(l)] = true
					if l != "" && !lines[strings.TrimSpace(l)] {
						t.Errorf("width %d: command is not on a line of its own: %s", width, l)
					}
				}
			}
		}
		for l := range lines {
			// What is left too wide must be one word that cannot be broken.
			if n := utf8.RuneCountInString(l); n > width && !commands[l] && len(strings.Fields(strings.TrimLeft(l, "│├└─ "))) > 2 {
				t.Errorf("width %d: %d columns: %s", width, n, l)
			}
		}
	}
}

func TestIdentifiersStayWhole(t *testing.T) {
	r := reporttest.Sample(t, "leaked-ci-key")
	out := write(t, r, text.Options{Width: 60})
	for _, p := range r.Persistence {
		if id := strings.Fields(p.ID)[0]; !strings.Contains(out, id) {
			t.Errorf("%s is broken", id)
		}
	}
	for _, f := range r.Claims[:3] {
		if id, _ := strings.CutPrefix(f.Evidence[0], "event:"); !strings.Contains(out, id) {
			t.Errorf("%s is broken", id)
		}
	}
}

func TestColorIsOnlyPaint(t *testing.T) {
	r := reporttest.Sample(t, "leaked-ci-key")
	colored := write(t, r, text.Options{Color: true})
	if !strings.Contains(colored, "\x1b[1;31m") {
		t.Error("no colour")
	}
	if sgr.ReplaceAllString(colored, "") != write(t, r, text.Options{}) {
		t.Error("colour changes the text")
	}
}

func TestCutsSayHowMany(t *testing.T) {
	r := reporttest.Sample(t, "leaked-ci-key")
	for range 100 {
		r.Benign = append(r.Benign, r.Benign[0])
		r.Limits = append(r.Limits, r.Limits[0])
	}
	out := write(t, r, text.Options{})
	for _, want := range []string{"… and 94 more (see json/html)", "… and 90 more (see json/html)"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q", want)
		}
	}
}

// TestTreeIsBounded: however a lineage branches, forty credentials are drawn, and the others counted.
func TestTreeIsBounded(t *testing.T) {
	r := reporttest.Sample(t, "leaked-ci-key")
	r.Credentials = []lineage.Credential{{ID: "node-root", HeldBy: "intruder"}}
	for i := range 30 {
		parent := fmt.Sprint("node-", i)
		r.Credentials = append(r.Credentials, lineage.Credential{ID: parent, HeldBy: "intruder", IssuedBy: &lineage.Issue{Credential: "node-root"}})
		for j := range 30 {
			r.Credentials = append(r.Credentials, lineage.Credential{ID: fmt.Sprint(parent, "-", j), HeldBy: "intruder", IssuedBy: &lineage.Issue{Credential: parent}})
		}
	}
	out := write(t, r, text.Options{})
	tree := out[strings.Index(out, "ENTRY AND CHAIN"):strings.Index(out, "WHAT WAS DONE")]
	if n := len(regexp.MustCompile(`node-\S+ intruder`).FindAllString(tree, -1)); n != 40 {
		t.Errorf("%d credentials are drawn", n)
	}
	if want := fmt.Sprintf("… and %d credentials", len(r.Credentials)-40); !strings.Contains(tree, want) {
		t.Errorf("no %q", want)
	}
}
