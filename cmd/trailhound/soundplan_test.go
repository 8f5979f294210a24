package main

import (
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/simulator"
	"github.com/trailhound/trailhound/internal/source/scenetest"
)

// TestEveryReportVerifies: whatever the case, the program's own report passes its own
// verification, the targets of the plan included: of the made-up incidents, answered every
// other one, and of every scene that investigation and this command keep.
func TestEveryReportVerifies(t *testing.T) {
	pack, err := loadContent("")
	if err != nil {
		t.Fatal(err)
	}
	sound := func(t *testing.T, q evidence.Querier, r *report.Report) {
		t.Helper()
		w, err := investigation.World(t.Context(), q, pack.Weights.Coverage)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range verified(t, r, w) {
			t.Errorf("%s: %s", p.Where, p.What)
		}
	}
	for i, name := range simulator.Names() {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			truth := simulated(t, name, dir)
			a := &app{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard, now: time.Now, host: func() string { return "" }, width: 100, quiet: true}
			q, done, err := a.openEvidence(t.Context(), []string{filepath.Join(dir, "AWSLogs")})
			if err != nil {
				t.Fatal(err)
			}
			defer done()
			o := investigation.Options{Text: truth.Sentence, Content: pack.Content, Answers: map[string]intake.Answer{}}
			for id, text := range truth.Answers {
				if i%2 == 0 {
					o.Answers[id] = intake.Answer{ID: id, Text: text}
				}
			}
			r, err := a.runCase(t.Context(), q, o, pack)
			if err != nil {
				t.Fatal(err)
			}
			sound(t, q, r)
		})
	}
	for _, pattern := range []string{"testdata/plan/*.txt", "../../internal/investigation/testdata/*.txt"} {
		for _, s := range scenetest.Scenes(t, pattern) {
			t.Run(s.Name, func(t *testing.T) {
				q := memory.New(s.Events)
				for _, step := range s.Steps {
					if step.Verb != "case" {
						continue
					}
					o := investigation.Options{Text: strings.ReplaceAll(s.Long(step.Args), `\n`, "\n"), Content: pack.Content, Answers: map[string]intake.Answer{}}
					for _, line := range step.Body {
						id, text, _ := strings.Cut(line, ": ")
						o.Answers[id] = intake.Answer{ID: id, Text: s.Long(text)}
					}
					res, err := investigation.Run(t.Context(), q, o)
					if err != nil {
						t.Fatal(err)
					}
					sound(t, q, assemble(res, nil, pack))
				}
			})
		}
	}
}
