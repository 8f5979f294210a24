package playbook

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/trailhound/trailhound/internal/intake"
)

// Common is the id of the flow that every case follows.
const Common = "common"

// Playbook is the flow of one kind of case, as content/playbooks holds it.
type Playbook struct {
	ID        string    `yaml:"id"`
	Title     string    `yaml:"title"`
	Questions Questions `yaml:"questions"`
	Evidence  []Step    `yaml:"evidence"`
	Decisions []Step    `yaml:"decisions"`
	Criteria  []Step    `yaml:"criteria"`
}

// Questions are ids of content/questions.
type Questions struct {
	Required []string `yaml:"required"`
	Optional []string `yaml:"optional"`
}

// Step is a line of a flow: a check, and what to say for each of its answers.
type Step struct {
	ID    string   `yaml:"id"`
	Text  string   `yaml:"text"`
	Check string   `yaml:"check"`
	Args  []string `yaml:"args"`
	Needs []string `yaml:"needs"` // classes of events without which "no" cannot be said
	// When is "intruder" (the default), "calm" or "always": whether the line
	// makes sense where events are attributed to an intruder, where none is, or both.
	When string `yaml:"when"`
	Yes  string `yaml:"yes"`
	No   string `yaml:"no"`
	Else string `yaml:"cannot_tell"`
}

// Theory is a harmless explanation, as content/hypotheses holds it.
type Theory struct {
	ID      string   `yaml:"id"`
	Title   string   `yaml:"title"`
	For     []Reason `yaml:"for"`
	Against []Reason `yaml:"against"`
	// SetAside are prefixes of the reasons by which an attribution already says
	// that an event was this.
	SetAside []string `yaml:"set_aside"`
	Decide   string   `yaml:"decide"`
	Order    int      `yaml:"order"`
}

// Reason is a signal that speaks for a theory or against it.
type Reason struct {
	Signal   string   `yaml:"signal"`
	Args     []string `yaml:"args"`
	Text     string   `yaml:"text"`
	Decisive bool     `yaml:"decisive"`
}

// Pack is every playbook and hypothesis, loaded and checked.
type Pack struct {
	Playbooks map[string]Playbook // by kind, and Common
	Theories  []Theory            // in order
}

// Load reads playbooks/*.yml and hypotheses/*.yml of a content pack. Every kind
// of case must have its playbook, and every name in one must be known: a
// criterion that nothing checks would look like one that holds.
func Load(fsys fs.FS) (*Pack, error) {
	p := &Pack{Playbooks: map[string]Playbook{}}
	questions, err := intake.LoadQuestions(fsys)
	if err != nil {
		return nil, fmt.Errorf("load questions: %w", err)
	}
	err = each(fsys, "playbooks", func(id string, b Playbook) error {
		p.Playbooks[id] = b
		return b.lint(id, questions)
	})
	if err != nil {
		return nil, err
	}
	for _, kind := range append([]string{Common}, intake.Kinds...) {
		if _, ok := p.Playbooks[kind]; !ok && kind != intake.Unspecified {
			return nil, fmt.Errorf("load playbooks: there is none for %s", kind)
		}
	}
	err = each(fsys, "hypotheses", func(id string, t Theory) error {
		p.Theories = append(p.Theories, t)
		return t.lint(id)
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(p.Theories, func(a, b Theory) int {
		if a.Order != b.Order {
			return a.Order - b.Order
		}
		return strings.Compare(a.ID, b.ID)
	})
	return p, nil
}

// each reads the files of a folder in order; the name of a file is the id in it.
// A member that no field takes is refused: a misspelt "cannot_tell" would leave an
// answer without its sentence.
func each[T any](fsys fs.FS, dir string, take func(string, T) error) error {
	names, err := fs.Glob(fsys, dir+"/*.yml")
	if err != nil {
		return fmt.Errorf("list %s: %w", dir, err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		var v T
		if err := yaml.Load(data, &v, yaml.WithKnownFields()); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if err := take(strings.TrimSuffix(path.Base(name), ".yml"), v); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
	}
	return nil
}

// lint refuses names that nothing knows: of questions, checks, kinds of case.
func (b Playbook) lint(id string, questions []intake.Template) error {
	if b.ID != id {
		return fmt.Errorf("the id is %q and not the name of the file", b.ID)
	}
	if b.Title == "" {
		return fmt.Errorf("there is no title")
	}
	if id != Common && (id == intake.Unspecified || !slices.Contains(intake.Kinds, id)) {
		return fmt.Errorf("%q is no kind of case", id)
	}
	for _, q := range slices.Concat(b.Questions.Required, b.Questions.Optional) {
		if !slices.ContainsFunc(questions, func(t intake.Template) bool { return t.ID == q }) {
			return fmt.Errorf("there is no question %q", q)
		}
	}
	seen := map[string]bool{}
	for part, list := range map[string][]Step{"evidence": b.Evidence, "decision": b.Decisions, "criterion": b.Criteria} {
		for _, s := range list {
			if s.ID == "" || seen[part+s.ID] {
				return fmt.Errorf("a %s has no id of its own: %q", part, s.ID)
			}
			seen[part+s.ID] = true
			if err := s.lint(part); err != nil {
				return fmt.Errorf("%s %s: %w", part, s.ID, err)
			}
		}
	}
	return nil
}

// lint: evidence needs no sentences for its answers, since "there" and "not there" speak
// for themselves.
func (s Step) lint(part string) error {
	c, ok := checks[s.Check]
	switch {
	case !ok:
		return fmt.Errorf("there is no check %q", s.Check)
	case c.args != (len(s.Args) > 0):
		return fmt.Errorf("check %s: arguments are wanted where they are missing, or given where there are none", s.Check)
	case s.Text == "":
		return fmt.Errorf("there is no text")
	case part != "evidence" && (s.Yes == "" || s.No == "" || s.Else == ""):
		return fmt.Errorf("each answer (yes, no, cannot_tell) needs its sentence")
	case s.When != "" && !slices.Contains([]string{"intruder", "calm", "always"}, s.When):
		return fmt.Errorf("when is %q and not intruder, calm or always", s.When)
	}
	return nil
}

// lint wants reasons on both sides: an explanation against which nothing could speak
// would be found possible in every case.
func (t Theory) lint(id string) error {
	if t.ID != id || t.Title == "" || t.Decide == "" || len(t.For) == 0 || len(t.Against) == 0 {
		return fmt.Errorf("a hypothesis has the id of its file, a title, reasons for and against, and what would decide it")
	}
	for _, r := range slices.Concat(t.For, t.Against) {
		s, ok := signals[r.Signal]
		if !ok {
			return fmt.Errorf("there is no signal %q", r.Signal)
		}
		if s.args != (len(r.Args) > 0) || r.Text == "" {
			return fmt.Errorf("signal %s: it needs a text, and arguments only where it takes them", r.Signal)
		}
	}
	return nil
}
