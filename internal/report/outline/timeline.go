package outline

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/investigation"
)

// phaseOrder is the order of ATT&CK's tactics, then the phases that are none.
var phaseOrder = []string{
	"reconnaissance", "resource-development", "initial-access", "execution", "persistence", "privilege-escalation",
	"defense-evasion", "credential-access", "discovery", "lateral-movement", "collection", "command-and-control",
	"exfiltration", "impact", "use", "response", "context",
}

// Phase is the part of the timeline with one purpose.
type Phase struct {
	Name string
	Runs []Run
}

// Run is one entry of the timeline, or several alike in short order.
type Run struct {
	Entries []investigation.Entry
	Failed  int // entries that failed
}

// First returns the earliest entry.
func (r Run) First() investigation.Entry { return r.Entries[0] }

// Last returns the latest entry.
func (r Run) Last() investigation.Entry { return r.Entries[len(r.Entries)-1] }

// minRun is how many alike entries make a run: two are told faster than counted.
const minRun = 3

// lookBack is how many runs back an entry may join: loops that alternate between a few calls
// ("list keys, then policies, for each user") are one act each.
const lookBack = 4

// Phases groups the timeline by phase in phaseOrder, and in each phase gathers alike entries.
func (o *Outline) Phases() []Phase {
	groups := map[string][]investigation.Entry{}
	names := slices.Clone(phaseOrder)
	for _, e := range o.Timeline {
		if groups[e.Phase] == nil && !slices.Contains(names, e.Phase) {
			names = append(names, e.Phase)
		}
		groups[e.Phase] = append(groups[e.Phase], e)
	}
	slices.Sort(names[len(phaseOrder):])
	var out []Phase
	for _, n := range names {
		if len(groups[n]) > 0 {
			out = append(out, Phase{Name: n, Runs: Runs(groups[n])})
		}
	}
	return out
}

// Runs gathers alike entries: same actor, same act, close together.
func Runs(entries []investigation.Entry) []Run {
	type open struct {
		key string
		run Run
	}
	var all []*open
	for _, e := range entries {
		k := e.Actor + "\x00" + act(e)
		var into *open
		for i := len(all) - 1; i >= max(0, len(all)-lookBack) && into == nil; i-- {
			if all[i].key == k {
				into = all[i]
			}
		}
		if into == nil {
			into = &open{key: k}
			all = append(all, into)
		}
		into.run.Entries = append(into.run.Entries, e)
	}
	var out []Run
	for _, o := range all {
		if len(o.run.Entries) >= minRun {
			out = append(out, counted(o.run.Entries))
			continue
		}
		for _, e := range o.run.Entries {
			out = append(out, counted([]investigation.Entry{e}))
		}
	}
	slices.SortStableFunc(out, func(a, b Run) int { return strings.Compare(a.First().At, b.First().At) })
	return out
}

// counted is a run of entries, with its failures.
func counted(entries []investigation.Entry) Run {
	r := Run{Entries: entries}
	for _, e := range entries {
		if e.Outcome == "failure" {
			r.Failed++
		}
	}
	return r
}

// act is what an entry's text says without its object: the API name in brackets at the end if
// there is one, else the text without the target.
func act(e investigation.Entry) string {
	if open := strings.LastIndexByte(e.Text, '('); open > 0 && strings.HasSuffix(e.Text, ")") {
		if name := e.Text[open+1 : len(e.Text)-1]; name != "" && !strings.ContainsAny(name, " ") {
			return name
		}
	}
	if e.Target == "" {
		return e.Text
	}
	text := strings.ReplaceAll(e.Text, e.Target, "")
	if short := Short(e.Target); short != "" {
		text = strings.ReplaceAll(text, short, "")
	}
	return text
}
