package access

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// Stats counts what Test went through.
type Stats struct{ Primitives, Positives, Negatives, Classes, Managed int }

// Test checks the content of access: that it loads, and that every primitive
// fires on its positive samples and on none of its negative ones. Samples stand
// beside the file as <name>.txtar, a file of it each: "ID yes", "ID maybe" or
// "ID no", then the scene. own is the folder under test, whole is it over what is
// built in. It is asked of "user alice", or of the principal that
// a line "from KIND NAME" names.
func Test(own, whole fs.FS) (failures []string, stats Stats, err error) {
	managed, err := LoadManaged(whole)
	if err != nil {
		return nil, stats, err
	}
	classes, err := LoadClasses(whole)
	if err != nil {
		return nil, stats, err
	}
	primitives, err := LoadPrimitives(own)
	if err != nil {
		return nil, stats, err
	}
	// Classes and AWS's policies may be the built-in ones; primitives under test are
	// the caller's, since each must come with samples of its own.
	stats.Primitives, stats.Classes, stats.Managed = len(primitives), len(classes), len(managed)
	names, err := fs.Glob(own, "access/escalation/*.txtar")
	if err != nil {
		return nil, stats, fmt.Errorf("list samples: %w", err)
	}
	positive, negative := map[string]bool{}, map[string]bool{}
	for _, name := range names {
		raw, err := fs.ReadFile(own, name)
		if err != nil {
			return nil, stats, fmt.Errorf("read samples: %w", err)
		}
		for _, f := range txtar.Parse(raw).Files {
			id, want, _ := strings.Cut(f.Name, " ")
			got, err := sample(primitives, managed, id, string(f.Data))
			if err != nil {
				failures = append(failures, fmt.Sprintf("%s: %s: %v", name, f.Name, err))
				continue
			}
			word, _, _ := strings.Cut(want, ":") // the rest says what the sample is about
			if got != word {
				failures = append(failures, fmt.Sprintf("%s: %s: the answer is %s", name, f.Name, got))
			}
			if word == "no" {
				stats.Negatives++
				negative[id] = true
			} else {
				stats.Positives++
				positive[id] = true
			}
		}
	}
	for _, p := range primitives {
		if !positive[p.ID] || !negative[p.ID] {
			failures = append(failures, fmt.Sprintf("%s: wants a sample that fires and one that does not", p.ID))
		}
	}
	return failures, stats, nil
}

// sample says whether the primitive is a way on in the scene: yes, maybe or no.
func sample(primitives []Primitive, managed map[string][]byte, id, text string) (string, error) {
	i := slices.IndexFunc(primitives, func(p Primitive) bool { return p.ID == id })
	if i < 0 {
		return "", fmt.Errorf("there is no primitive %s", id)
	}
	who := "user alice"
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		if from, ok := strings.CutPrefix(line, "from "); ok {
			who = strings.TrimSpace(from)
			continue
		}
		lines = append(lines, line)
	}
	seen, err := scene(strings.Join(lines, "\n"))
	if err != nil {
		return "", err
	}
	w := Of(seen, nil, managed)
	world := w.At(w.Latest())
	kind, name, _ := strings.Cut(who, " ")
	p := world.Principal("arn:aws:iam::" + sceneAccount + ":" + kind + "/" + name)
	if p == nil {
		return "", fmt.Errorf("there is no %s in it", who)
	}
	// One primitive alone: another one's way would hide that this one does not fire.
	g := NewGraph(world, primitives[i:i+1])
	answer := "no"
	for _, e := range g.from(&node{key: p.ARN, p: p}) {
		if e.hop.Effect == string(Allow) {
			return "yes", nil
		}
		answer = "maybe"
	}
	return answer, nil
}
