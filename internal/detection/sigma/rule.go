package sigma

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Rule is one Sigma rule or correlation, loaded. The Detection Rule License
// asks that whoever shows a match shows the author of the rule too: Author and
// License travel with every alert.
type Rule struct {
	ID             string // as the rule gives it, often a UUID; "" if it gives none
	Name           string // what correlations may call it by; "" if it gives none
	Title          string
	Description    string
	Author         string // "" if not stated
	License        string // "" if not stated
	Level          string // one of Levels; "" if not stated
	Status         string
	Date           string
	References     []string
	Tags           []string // as written, for example attack.t1098.001
	FalsePositives []string

	Path string // file within the folder
	Line int    // where its document begins

	when   expr         // nil for a correlation
	corr   *correlation // nil for a plain rule
	feeds  bool         // a correlation speaks of it
	silent bool         // only feeds correlations, none of which says generate: true
}

// Levels are the levels of Sigma, rising.
var Levels = []string{"informational", "low", "medium", "high", "critical"}

// IsCorrelation says whether the rule speaks of several events.
func (r *Rule) IsCorrelation() bool { return r.corr != nil }

// Techniques are the ATT&CK techniques among the tags, as T1098.001, sorted.
// Tags are free text; what has the form of a technique is taken for one.
func (r *Rule) Techniques() []string {
	var out []string
	for _, t := range r.Tags {
		if id, ok := strings.CutPrefix(strings.ToLower(t), "attack.t"); ok && id != "" && id[0] >= '0' && id[0] <= '9' {
			out = append(out, "T"+id)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Alert is one match of a rule.
// It is an opinion about events, and says nothing of who acted.
type Alert struct {
	Rule   *Rule
	At     time.Time // of the event; of the event that completed a correlation
	Events []string  // event ids by time, then id, at most MaxAlertEvents
	Total  int       // how many events there were in all
	Group  []string  // values of a correlation's group-by, in its order
}

// Refusal is a rule that was not loaded, and why. It is an error.
// It is shown to whoever brought the rules: file and line are where their editor goes.
type Refusal struct {
	Path     string
	Line     int
	Title    string
	Reason   string
	OtherLog bool // the rule may be sound: it is about another log
}

// Error names file, line and reason.
func (r Refusal) Error() string { return fmt.Sprintf("%s:%d: %s", r.Path, r.Line, r.Reason) }

// Pack is a set of rules, ready to run.
// A pack is immutable after loading; runs share it.
type Pack struct {
	Rules   []*Rule   // by path, then line
	Refused []Refusal // by path, then line

	byName   map[string][]int // folded eventName: positions in plain
	bySource map[string][]int // folded eventSource
	rest     []int            // rules that may match any event
	plain    []*Rule          // rules with a detection
	ordered  []*Rule          // correlations, each after those it refers to
	wanted   map[*Rule][]path // what correlations read from a rule's events
}
