package markdown

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/inert"
	"github.com/trailhound/trailhound/internal/report/reporttest"
)

// hostileText draws what evidence may hold, inert as it is when it gets here.
func hostileText(t *rapid.T) string {
	s := rapid.OneOf(rapid.String(), rapid.Just(reporttest.Payload), rapid.StringOf(rapid.SampledFrom([]rune("`|\\*_[]<>&~$#-+=:. 1)\n")))).Draw(t, "s")
	return inert.Text(s)
}

// TestCellsStayCells: whatever is in it, esc, code, codes, strong and sentence each give
// one piece of one line that ends no cell.
func TestCellsStayCells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := hostileText(t)
		for name, out := range map[string]string{"esc": esc(s), "code": code(s), "codes": codes([]string{s, s}), "strong": strong(s), "sentence": sentence(s)} {
			if strings.ContainsAny(out, "|\n") {
				t.Fatalf("%s of %q: %q", name, s, out)
			}
			stripCode(t, out) // every code span ends, as CommonMark reads it
		}
	})
}

// TestFencesHold: nothing in a command ends its block.
func TestFencesHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("`a \n~"))).Draw(t, "s")
		lines := strings.Split(strings.TrimSuffix(block("sh", s), "\n"), "\n")
		fence := lines[len(lines)-1]
		for _, l := range lines[1 : len(lines)-1] {
			if run := strings.TrimSpace(l); len(run) >= len(fence) && strings.Trim(run, "`") == "" {
				t.Fatalf("%q is closed by %q", s, l)
			}
		}
	})
}

// TestSentence: names are code; a backquote of evidence is text.
func TestSentence(t *testing.T) {
	for in, want := range map[string]string{
		"user `bob` left":  "user `bob` left",
		"user `a|b` left":  "user `a\\x7cb` left",
		"user `bob left":   "user \\`bob left",
		"`x` 1. y":         "`x` 1. y",
		"- `x`":            "\\- `x`",
		"a `` b":           "a  b", // nothing is quoted, so there is nothing to set as code
		"say `<b>` & <b>.": "say `<b>` &amp; &lt;b&gt;.",
	} {
		if got := sentence(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestDeepLineage: a chain of any length is listed whole, at a bounded indent: beyond it
// Markdown programs make code of a line.
func TestDeepLineage(t *testing.T) {
	r := new(report.Report)
	for i := range 40 {
		c := lineage.Credential{ID: "k" + strings.Repeat("i", i), HeldBy: "intruder"}
		if i > 0 {
			c.IssuedBy = &lineage.Issue{Credential: "k" + strings.Repeat("i", i-1), Rule: "assume_role"}
		}
		r.Credentials = append(r.Credentials, c)
	}
	out := write(t, r)
	for _, c := range r.Credentials {
		if !strings.Contains(out, "`"+c.ID+"` **intruder**") {
			t.Errorf("%s is not listed", c.ID)
		}
	}
	if strings.Contains(out, strings.Repeat("  ", maxIndent+1)+"- ") {
		t.Error("a line is indented beyond the bound")
	}
}
