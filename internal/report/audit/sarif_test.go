package audit

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/posture/pipeline"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/report/inert"
)

// TestURI: a file of any name is a URI that leads to it, and never one of another
// scheme.
func TestURI(t *testing.T) {
	for _, tc := range []struct{ file, want string }{
		{"a/b.tf", "a/b.tf"},
		{"./a b.tf", "a%20b.tf"},
		{"/srv/x#y.json", "file:///srv/x%23y.json"},
		{"javascript:alert(1)", "./javascript:alert%281%29"},
		{"a/b:c", "a/b:c"},
		{"x?y", "x%3Fy"},
	} {
		if got := uri(tc.file); got != tc.want {
			t.Errorf("%q: %q, want %q", tc.file, got, tc.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		file := rapid.StringMatching(`[ -~]{1,12}`).Draw(t, "file")
		u, err := url.Parse(uri(file))
		if err != nil || u.Scheme != "" && u.Scheme != "file" || u.RawQuery != "" || u.Fragment != "" {
			t.Fatalf("%q becomes %q: %v", file, uri(file), err)
		}
	})
}

func TestPascal(t *testing.T) {
	for title, want := range map[string]string{"A token of a person": "ATokenOfAPerson", "": "", "é-x 2": "X2", "already Done": "AlreadyDone"} {
		if got := pascal(title); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
}

// TestInertLine: SARIF has links and placeholders of its own, and a message shows them
// as they are.
func TestInertLine(t *testing.T) {
	if got := inertLine("see [x](1) and {0}\n\x1b"); got != `see \[x\](1) and {{0}}\n\x1b` {
		t.Errorf("got %q", got)
	}
}

// TestLocated: no location at all rather than an empty one.
func TestLocated(t *testing.T) {
	if l := located(nil, model.Location{}); l != nil {
		t.Errorf("got %+v", l)
	}
	l := located(&pipeline.Project{Name: "web", Address: "aws_codebuild_project.web"}, model.Location{File: "main.tf", Line: 7})
	if len(l) != 1 || l[0].Physical.Artifact["uri"] != "main.tf" || l[0].Physical.Region["startLine"] != 7 || l[0].Logical[0].Full != "aws_codebuild_project.web" {
		t.Errorf("got %+v", l)
	}
}

// TestWords of the terminal.
func TestWords(t *testing.T) {
	if got := counts(map[string]int{"high": 2, "low": 1}, backwards(evidence.Severities)); got != "2 high, 1 low" {
		t.Errorf("got %q", got)
	}
	if counts(nil, evidence.Severities) != "none" || count(1, "project") != "1 project" || count(0, "project") != "0 projects" {
		t.Error("counting")
	}
}

// TestPictureHoldsItsBoxes: whatever a project reaches, nothing lies outside the picture
// or on something else, and every line starts and ends at a box.
func TestPictureHoldsItsBoxes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := pipeline.Project{Name: strings.Repeat("n", rapid.IntRange(0, 80).Draw(t, "name"))}
		for range rapid.IntRange(0, 20).Draw(t, "ways") {
			p.Ways = append(p.Ways, pipeline.Way{Events: []string{"PUSH", "x"}})
		}
		for range rapid.IntRange(0, 20).Draw(t, "reaches") {
			p.Reaches = append(p.Reaches, pipeline.Reach{Name: inert.Text(rapid.String().Draw(t, "reach"))})
		}
		g := draw(p)
		for i, b := range g.Boxes {
			if b.X < edge || b.Y < edge || b.X+b.W+edge > g.Width || b.Y+b.H+edge > g.Height { // its stroke, too
				t.Fatalf("%+v lies outside %d×%d", b, g.Width, g.Height)
			}
			if n := len([]rune(b.Title)); n > titleLen {
				t.Fatalf("a title of %d letters", n)
			}
			for _, o := range g.Boxes[:i] {
				if o.X == b.X && o.Y < b.Y+b.H && b.Y < o.Y+o.H {
					t.Fatalf("%+v lies on %+v", b, o)
				}
			}
		}
		for _, l := range g.Lines {
			ends := 0
			for _, b := range g.Boxes {
				if l.X1 == b.X+b.W && l.Y1 == b.Y+b.H/2 || l.X2 == b.X && l.Y2 == b.Y+b.H/2 {
					ends++
				}
			}
			if ends != 2 {
				t.Fatalf("%+v joins %d boxes", l, ends)
			}
		}
	})
}

// TestRestIsCounted: what the terminal leaves to the other forms is counted in projects that have
// findings, not in all.
func TestRestIsCounted(t *testing.T) {
	r := &pipeline.Report{}
	for i := range maxDetailed + 30 {
		p := pipeline.Project{Name: fmt.Sprint("p", i)}
		if i < maxDetailed+2 {
			p.Findings = []pipeline.Finding{{Check: "PG-X", Severity: "low", Says: "x"}}
		}
		r.Projects = append(r.Projects, p)
	}
	var b strings.Builder
	if err := Write(&b, "table", r, Options{}); err != nil || !strings.Contains(b.String(), "findings of 2 more projects") {
		t.Errorf("got %v and\n%s", err, b.String())
	}
}
