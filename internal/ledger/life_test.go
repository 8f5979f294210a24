package ledger

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
)

// script is one story: what was done, and by whom, in the order written.
type script struct {
	lines  []said
	in     Input
	text   []string // the lines as written, without what was expected
	called map[string]string
}

func readScript(t testing.TB, data []byte) *script {
	s := &script{called: map[string]string{}, in: Input{Accounts: []string{account}}}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "  ") {
			continue
		}
		s.text = append(s.text, line)
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "" || word == "#":
		case word == "accounts":
			s.in.Accounts = strings.Fields(rest)
		case word == "end":
			s.in.End = at(t, rest)
		case word == "blind":
			s.in.Blind = func(_, region string, _ time.Time) bool { return region == rest }
		case word == "persistence" || word == "resources" || word == "unresolved":
		default:
			one := say(t, line, "", len(s.lines)+1)
			s.called[one.event.ID] = one.name
			s.lines = append(s.lines, one)
		}
	}
	return s
}

func (s *script) build(t testing.TB, order []int) Ledger {
	t.Helper()
	var all, hostile []evidence.Event
	for _, i := range order {
		all = append(all, s.lines[i].event)
		if s.lines[i].hostile {
			hostile = append(hostile, s.lines[i].event)
		}
	}
	l, err := load(t).Build(context.Background(), memory.New(all), hostile, s.in)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// names turns event ids into "bob's DeleteUser".
func (s *script) names(ids []string) string {
	var out []string
	for _, id := range ids {
		out = append(out, s.called[strings.TrimPrefix(id, "event:")])
	}
	return strings.Join(out, ", ")
}

func (s *script) tell(l Ledger, what string) (out []string) {
	switch what {
	case "persistence":
		for _, p := range l.Persistence {
			out = append(out, fmt.Sprintf("  %s %s %s %s %s: %s; %s", p.Status, p.Kind, p.ID+called(p.Name), p.Technique, p.Undo, s.names(p.Events), s.names(p.StateEvidence)))
		}
	case "resources":
		for _, r := range l.Resources {
			line := fmt.Sprintf("  %s %s %s %v: %s", r.StateNow, r.Type, r.ID, r.Effect, s.names(r.ByEvent))
			if r.DeletesAt != "" {
				line = strings.Replace(line, r.StateNow, r.StateNow+" until "+r.DeletesAt+":", 1)
			}
			if r.Undo != "" {
				line = strings.Replace(line, ": "+r.Type, ", "+r.Undo+": "+r.Type, 1)
			}
			if len(r.StateEvidence) > 0 {
				line += "; " + s.names(r.StateEvidence)
			}
			out = append(out, line)
		}
	case "unresolved":
		for _, u := range l.Unresolved {
			out = append(out, fmt.Sprintf("  %s %s: %s", s.called[u.Event], u.Action, u.Reason))
		}
	}
	if out == nil {
		out = []string{"  nothing"}
	}
	return out
}

// TestLaterLife plays the scripts in testdata: what became of each thing.
func TestLaterLife(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(err, len(files))
	}
	for _, name := range files {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		changed := false
		for i, f := range ar.Files {
			t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar")+"/"+f.Name, func(t *testing.T) {
				s := readScript(t, f.Data)
				order := make([]int, len(s.lines))
				for i := range order {
					order[i] = i
				}
				l := s.build(t, order)
				var out []string
				for _, line := range s.text {
					out = append(out, line)
					if line == "persistence" || line == "resources" || line == "unresolved" {
						out = append(out, s.tell(l, line)...)
					}
				}
				if got := strings.Join(out, "\n") + "\n"; got != string(f.Data) {
					if *update {
						ar.Files[i].Data, changed = []byte(got), true
						return
					}
					t.Errorf("got:\n%s\nwant:\n%s", got, f.Data)
				}
			})
		}
		if changed {
			if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// called shows the name of a row, if it has one.
func called(name string) string {
	if name == "" {
		return ""
	}
	return "(" + name + ")"
}
