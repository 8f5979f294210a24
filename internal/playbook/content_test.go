package playbook_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/playbook"
)

func load(t *testing.T) *playbook.Pack {
	t.Helper()
	p, err := playbook.Load(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestContent: the built-in content loads, and every flow has what the format
// asks for. Load itself refuses names that are not in a vocabulary.
func TestContent(t *testing.T) {
	p := load(t)
	if got, want := len(p.Playbooks), len(intake.Kinds); got != want { // eleven and the common one
		t.Errorf("%d playbooks, want %d", got, want)
	}
	used := map[string]bool{}
	for id, b := range p.Playbooks {
		if len(b.Questions.Required) == 0 || len(b.Evidence) == 0 || len(b.Decisions) == 0 {
			t.Errorf("%s lacks questions, evidence or decisions", id)
		}
		for _, s := range slices.Concat(b.Evidence, b.Decisions, b.Criteria) {
			used[s.Check] = true
		}
	}
	for _, name := range playbook.CheckNames() {
		if !used[name] {
			t.Errorf("no playbook uses the check %s", name)
		}
	}
	if len(p.Theories) != 9 {
		t.Errorf("%d hypotheses, want 9", len(p.Theories))
	}
}

// TestDocumented holds the vocabularies and their documentation together.
func TestDocumented(t *testing.T) {
	data, err := os.ReadFile("../../docs/formats/playbooks.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Concat(playbook.CheckNames(), playbook.SignalNames()) {
		if !strings.Contains(string(data), "| `"+name+"` |") {
			t.Errorf("docs/formats/playbooks.md has no row for %s", name)
		}
	}
}

// TestLoadRefuses names each mistake that would make a line say nothing.
func TestLoadRefuses(t *testing.T) {
	base := fstest.MapFS{}
	for _, dir := range []string{"playbooks", "hypotheses", "questions"} {
		entries, err := os.ReadDir("../../content/" + dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			data, err := os.ReadFile("../../content/" + dir + "/" + e.Name())
			if err != nil {
				t.Fatal(err)
			}
			base[dir+"/"+e.Name()] = &fstest.MapFile{Data: data}
		}
	}
	for name, c := range map[string]struct{ file, from, to, want string }{
		"check":     {"playbooks/common.yml", "check: entry_explained", "check: entry_guessed", `there is no check "entry_guessed"`},
		"question":  {"playbooks/common.yml", "containment_done]", "contained_at]", `there is no question "contained_at"`},
		"arguments": {"playbooks/common.yml", "check: no_way_back_live", "check: seen", "arguments are wanted"},
		"sentence":  {"playbooks/common.yml", `    "yes": The way in is explained.`, "", "needs its sentence"},
		"field":     {"playbooks/cost_spike.yml", "title:", "titel:", "titel"},
		"id":        {"playbooks/cost_spike.yml", "id: cost_spike", "id: cost", "not the name of the file"},
		"when":      {"playbooks/common.yml", "when: calm", "when: never", "not intruder, calm or always"},
		"signal":    {"hypotheses/backup_job.yml", "signal: regular", "signal: steady", `there is no signal "steady"`},
		"decide":    {"hypotheses/backup_job.yml", "decide:", "#", "what would decide it"},
		"kind":      {"playbooks/cost_spike.yml", "", "", "there is none for cost_spike"},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			for k, v := range base {
				fsys[k] = v
			}
			if c.from == "" {
				delete(fsys, c.file)
			} else {
				old := string(base[c.file].Data)
				changed := strings.Replace(old, c.from, c.to, 1)
				if changed == old {
					t.Fatalf("%s does not hold %q", c.file, c.from)
				}
				fsys[c.file] = &fstest.MapFile{Data: []byte(changed)}
			}
			if _, err := playbook.Load(fsys); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Load says %v, want %q", err, c.want)
			}
		})
	}
}
