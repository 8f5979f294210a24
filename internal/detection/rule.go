package detection

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Rule is one detection rule: what to look for, why it matters, why it may be
// innocent, and what to do next.
type Rule struct {
	ID    string `yaml:"id"`    // catalogue id, permanent, for example "PR-002"
	Title string `yaml:"title"` // what was seen
	// Titles say what was seen where a call is told better by words of its own, by eventName.
	Titles             map[string]string `yaml:"titles"`
	Class              string            `yaml:"class"` // which log the events come from, see Classes
	Events             []EventName       `yaml:"events"`
	When               string            `yaml:"when"`                // CEL; empty is true
	NeedsSuccess       bool              `yaml:"needs_success"`       // a failed call that fits is an attempt
	RequiresAttributed bool              `yaml:"requires_attributed"` // only events of the intruder
	Specificity        int               `yaml:"specificity"`         // overrides the computed one, see specificity
	Attack             []Attack          `yaml:"attack"`
	Severity           Severity          `yaml:"severity"`
	Why                string            `yaml:"why"`
	Benign             string            `yaml:"benign"` // the innocent look-alike, in words
	Extract            []string          `yaml:"extract"`
	Pivots             []string          `yaml:"pivots"`
	Contain            []string          `yaml:"contain"` // action ids
	Eradicate          []string          `yaml:"eradicate"`
	Preserve           []string          `yaml:"preserve"`
	GuardDuty          []string          `yaml:"guardduty"`
	SeenIn             string            `yaml:"seen_in"`
	References         []string          `yaml:"references"`

	Path string `yaml:"-"` // file the rule was read from, slash-separated

	lines map[string]int // line of each top-level key, for messages
	cond  *condition     // compiled When
}

// EventName selects events by eventSource and normalised eventName. A source
// of "*" is any; a name may end in "*".
type EventName struct {
	Source string `yaml:"source"`
	Names  names  `yaml:"name"`
}

// names is one name or a list of them, so that a rule on one call reads simply.
type names []string

// UnmarshalYAML accepts a scalar or a sequence.
func (n *names) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*n = names{node.Value}
		return nil
	}
	var list []string
	if err := node.Decode(&list); err != nil {
		return err
	}
	*n = list
	return nil
}

// Attack maps the rule to ATT&CK. Both parts are checked against
// content/reference/attack.json.
type Attack struct {
	Technique string `yaml:"technique"`
	Tactic    string `yaml:"tactic"`
}

// Severity is how bad one match is before and after the event is attributed to
// the intruder.
type Severity struct {
	Unattributed string `yaml:"unattributed"`
	Attributed   string `yaml:"attributed"`
}

// Classes are the logs a rule can depend on. A rule of a class that the
// evidence lacks finds nothing, which is a limit of the evidence and no result.
var Classes = []string{"management", "data", "signin", "service-event", "vpc-flow"}

// TitleOf is the title for calls of these names: their own where they share one, else the
// rule's, which is true of all that the rule covers.
func (r *Rule) TitleOf(calls ...string) string {
	title := ""
	for _, c := range calls {
		own := r.Titles[c]
		if own == "" || title != "" && own != title {
			return r.Title
		}
		title = own
	}
	if title == "" {
		return r.Title
	}
	return title
}

// matches says whether the rule is about calls of this name, and how closely it
// names them: 0 not at all, 1 any call, 2 a family, 3 this call.
// It says nothing of the condition; rulesFor must agree with it, and a test holds the two
// together.
func (r *Rule) matches(source, name string) int {
	best := 0
	for _, e := range r.Events {
		if e.Source != "*" && e.Source != source {
			continue
		}
		for _, n := range e.Names {
			prefix, family := strings.CutSuffix(n, "*")
			switch {
			case n == name:
				best = max(best, 3)
			case family && prefix != "" && strings.HasPrefix(name, prefix), family && prefix == "" && e.Source != "*":
				best = max(best, 2)
			case n == "*":
				best = max(best, 1)
			}
		}
	}
	return best
}

// specificity orders rules that fit one event; the highest names the technique
// and the others become tags. How closely the call is named counts most, then
// how many things the condition asks for (at most 9); a rule may say its own.
func (r *Rule) specificity(named int) int {
	if r.Specificity != 0 {
		return r.Specificity
	}
	return named*10 + min(r.cond.conjuncts, 9)
}

// Sequence says whether the rule is about an order of calls: such a one says more
// than any rule on one of its steps, however closely that names the call.
func (r *Rule) Sequence() bool {
	return slices.ContainsFunc(r.cond.windows, func(w window) bool { return len(w.Steps) > 0 })
}

// errorAt names the file and the line of the key that is wrong.
func (r *Rule) errorAt(key, format string, args ...any) error {
	line := r.lines[key]
	if line == 0 {
		line = 1
	}
	return fmt.Errorf("%s:%d: %w", r.Path, line, fmt.Errorf(format, args...))
}
