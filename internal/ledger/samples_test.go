package ledger

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite what the samples and scripts expect")

const contentDir = "../../content"

// loaded is the table, read once: it is never changed.
var loaded = sync.OnceValues(func() (*Table, error) { return Load(os.DirFS(contentDir)) })

func load(t testing.TB) *Table {
	t.Helper()
	table, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// TestSamples reads every sample call beside the table and compares what the
// table makes of it. With -update it rewrites the indented lines: the diff is
// the review.
func TestSamples(t *testing.T) {
	table := load(t)
	used := map[*entry]bool{}             // entries some sample exercises
	planted := map[*entry]map[int]bool{}  // variants some sample plants
	withheld := map[*entry]map[int]bool{} // variants some sample of the call does not plant
	seen := map[string]bool{}
	for _, name := range glob(t, "ledger/*.txtar") {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			source := sourceOf(t, strings.TrimSuffix(name, ".txtar")+".yml")
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			changed := false
			for i, f := range ar.Files {
				var out []string
				n := 0
				for line := range strings.Lines(string(f.Data)) {
					line = strings.TrimRight(line, "\n")
					if strings.HasPrefix(line, "  ") {
						continue // what was expected; compared as a whole below
					}
					out = append(out, line)
					if line == "" || strings.HasPrefix(line, "#") {
						continue
					}
					n++
					s := say(t, line, source, n)
					seen[s.event.Source+":"+s.event.Name] = true
					effects := table.Effects(&s.event, s.record)
					out = append(out, told(effects)...)
					note(table, s, effects, used, planted, withheld)
				}
				if got := strings.Join(out, "\n") + "\n"; got != string(f.Data) {
					if *update {
						ar.Files[i].Data, changed = []byte(got), true
						continue
					}
					t.Errorf("%s: run with -update and read the diff; got:\n%s", f.Name, got)
				}
			}
			if changed {
				if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	// Content lint: whatever the table says, a sample shows it.
	done := map[*entry]bool{}
	for _, call := range sortedKeys(table.calls) {
		if len(table.calls[call]) == 0 {
			continue
		}
		for _, e := range table.calls[call] {
			if done[e] {
				continue // the same entry under the name of another source or call
			}
			done[e] = true
			if !used[e] {
				t.Errorf("%s:%d: %s: no sample exercises it", e.file, e.line, call)
			}
			for i, p := range e.Plants {
				if !planted[e][i] {
					t.Errorf("%s:%d: %s: no sample plants %s %s (number %d)", e.file, e.line, call, p.Kind, p.Technique, i+1)
				}
				if len(p.When)+len(p.Unless) > 0 && !withheld[e][i] {
					t.Errorf("%s:%d: %s: no sample that does not plant %s %s (number %d)", e.file, e.line, call, p.Kind, p.Technique, i+1)
				}
			}
		}
	}
}

// note remembers which entries and plants of the table a sample showed. A
// variant counts as withheld by a successful call of the same entry.
func note(table *Table, s said, effects []Effect, used map[*entry]bool, planted, withheld map[*entry]map[int]bool) {
	for _, eff := range effects {
		e := eff.entry
		used[e] = true
		if planted[e] == nil {
			planted[e], withheld[e] = map[int]bool{}, map[int]bool{}
		}
		for i := range e.Plants {
			if eff.Plants != nil && eff.Plants.variant == i {
				planted[e][i] = true
			} else if s.event.ErrorCode == "" {
				withheld[e][i] = true
			}
		}
	}
}

func glob(t testing.TB, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(contentDir, filepath.FromSlash(pattern)))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %v, %d files", pattern, err, len(names))
	}
	slices.Sort(names)
	return names
}

func sourceOf(t testing.TB, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "source:"); ok {
			first, _, _ := strings.Cut(strings.Trim(strings.TrimSpace(v), "[]"), ",")
			return strings.TrimSpace(first)
		}
	}
	t.Fatalf("%s: no source", path)
	return ""
}

// TestIDsExist holds technique and action ids against the catalogue's own list.
func TestIDsExist(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(contentDir, "reference", "catalogue-ids.json"))
	if err != nil {
		t.Fatal(err)
	}
	var known struct{ Techniques, Actions []string }
	if err := json.Unmarshal(raw, &known); err != nil {
		t.Fatal(err)
	}
	table := load(t)
	for _, call := range sortedKeys(table.calls) {
		for _, e := range table.calls[call] {
			if e.Undo != "" && !slices.Contains(known.Actions, e.Undo) {
				t.Errorf("%s:%d: %s: action %q is not in the catalogue", e.file, e.line, call, e.Undo)
			}
			for _, p := range e.Plants {
				if !slices.Contains(known.Techniques, p.Technique) {
					t.Errorf("%s:%d: %s: technique %q is not in the catalogue", e.file, e.line, call, p.Technique)
				}
				if !slices.Contains(known.Actions, p.Undo) {
					t.Errorf("%s:%d: %s: action %q is not in the catalogue", e.file, e.line, call, p.Undo)
				}
			}
		}
	}
}
