package response

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Action is one thing a responder can do, as content/actions describes it. A
// plan is made of actions; see docs/howto/add-an-action.md.
type Action struct {
	ID           string `yaml:"id"`
	Title        string `yaml:"title"`
	Phase        string `yaml:"phase"`        // preserve | contain | eradicate | recover
	Disruption   string `yaml:"disruption"`   // none | low | medium | high
	Irreversible bool   `yaml:"irreversible"` // then no form has an undo
	Effects      string `yaml:"effects"`      // what breaks for everybody else
	Caveat       string `yaml:"caveat"`       // what to know before and after
	Forms        []Form `yaml:"forms"`
}

// Form is how the action is done to some kinds of target. Commands are lines of
// shell words with {parameters}; a line that begins with # is for the person.
type Form struct {
	For    []string `yaml:"for"`   // kinds of target, see Kinds
	Needs  []string `yaml:"needs"` // parameters that the target or the plan gives; the others a person fills in
	Do     []string `yaml:"do"`
	Undo   []string `yaml:"undo"`
	Verify []string `yaml:"verify"`
	// Effects and Disruption stand for the action's where the form is done to something else.
	Effects    string `yaml:"effects"`
	Disruption string `yaml:"disruption"`

	do, undo, verify []line
}

// Phases of a plan, in order.
var Phases = []string{"preserve", "contain", "eradicate", "recover"}

var disruptions = []string{"none", "low", "medium", "high"}

var idPattern = regexp.MustCompile(`^[A-Z0-9]+(_[A-Z0-9]+)*$`)

// LoadActions reads actions/*.yml of a content pack. Every file must be whole:
// a plan with a step left out because its file was wrong would be worse than none.
func LoadActions(fsys fs.FS) (map[string]Action, error) {
	names, err := fs.Glob(fsys, "actions/*.yml")
	if err != nil {
		return nil, fmt.Errorf("list actions: %w", err)
	}
	if len(names) == 0 {
		return nil, errors.New("list actions: the content pack has no actions/*.yml")
	}
	out := map[string]Action{}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("read action: %w", err)
		}
		var a Action
		// A misspelt member is refused: an undo: that nobody reads would be missed
		// only when it is wanted.
		if err := yaml.Load(data, &a, yaml.WithKnownFields()); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		if err := a.compile(); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		if want := strings.ToLower(strings.ReplaceAll(a.ID, "_", "-")) + ".yml"; path.Base(name) != want {
			return nil, fmt.Errorf("read %s: action %s belongs in %s", name, a.ID, want)
		}
		// The file's name follows from the id, so two files cannot give one action.
		out[a.ID] = a
	}
	return out, nil
}

// compile checks the action and parses its lines.
func (a *Action) compile() error {
	switch {
	case !idPattern.MatchString(a.ID):
		return fmt.Errorf("%q is no action id", a.ID)
	case a.Title == "" || a.Effects == "":
		return errors.New("title and effects must be given")
	case !slices.Contains(Phases, a.Phase):
		return fmt.Errorf("%q is no phase", a.Phase)
	case !slices.Contains(disruptions, a.Disruption):
		return fmt.Errorf("%q is no disruption", a.Disruption)
	case len(a.Forms) == 0:
		return errors.New("there is no form")
	}
	seen := map[string]bool{}
	for i := range a.Forms {
		f := &a.Forms[i]
		if len(f.For) == 0 || len(f.Do) == 0 || len(f.Verify) == 0 {
			return fmt.Errorf("form %d: for, do and verify must be given", i+1)
		}
		// Preserving changes nothing that would need undoing, and recovery is an
		// undo itself. MONITOR watches only.
		changes := a.Phase == "contain" || a.Phase == "eradicate"
		if a.Irreversible && len(f.Undo) > 0 || !a.Irreversible && changes && a.ID != "MONITOR" && len(f.Undo) == 0 {
			return fmt.Errorf("form %d: either the action is irreversible or each form has an undo", i+1)
		}
		for _, k := range f.For {
			if !slices.Contains(Kinds, k) {
				return fmt.Errorf("form %d: %q is no kind of target", i+1, k)
			}
			// One form a kind: which of two would be taken could only depend on
			// their order.
			if seen[k] {
				return fmt.Errorf("form %d: two forms are for %q", i+1, k)
			}
			seen[k] = true
		}
		if err := f.compile(); err != nil {
			return fmt.Errorf("form %d: %w", i+1, err)
		}
	}
	return nil
}

func (f *Form) compile() error {
	var err error
	for _, part := range []struct {
		from []string
		to   *[]line
	}{{f.Do, &f.do}, {f.Undo, &f.undo}, {f.Verify, &f.verify}} {
		for _, s := range part.from {
			var l line
			if l, err = parseLine(s); err != nil {
				return fmt.Errorf("%q: %w", s, err)
			}
			*part.to = append(*part.to, l)
		}
	}
	for _, need := range f.Needs {
		// A need that no command uses would ask a person for something that is then
		// thrown away.
		if !slices.ContainsFunc(slices.Concat(f.do, f.verify), func(l line) bool { return l.uses(need) }) {
			return fmt.Errorf("it needs %q, and no line uses it", need)
		}
	}
	return nil
}

// form returns how the action is done to a kind of target.
func (a *Action) form(kind string) (Form, bool) {
	for _, f := range a.Forms {
		if slices.Contains(f.For, kind) {
			return f, true
		}
	}
	return Form{}, false
}
