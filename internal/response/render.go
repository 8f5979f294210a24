package response

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
)

// Need is one thing to do to one target, before it is put into words.
type Need struct {
	Action, Target string
	Params         map[string]string
	Why            []string // claim ids
	SideEffects    string   // what the owner's baseline shows will break

	kind    string
	made    bool   // by the intruder: then nobody else is disturbed
	account string // "" if the target's id does not say
	before  string // the time at which it is too late, "" if there is none
	depth   int    // of the credential in the lineage; deeper is dealt with first
	idle    bool   // every credential that it cuts has ended: only the next one could be used
	owned   string // of a key that is at work in its owner's hands alone: from where
	used    string // when the intruder, or whoever shares it, last used one of them; "" for what is no credential
}

// step puts a need into words. home is the account whose credentials the
// responder is taken to hold.
func (a Action) step(n Need, home, prefix string) Step {
	s := Step{
		Phase: a.Phase, Action: a.ID, Target: n.Target, Why: n.Why, Disruption: a.Disruption,
		Irreversible: a.Irreversible, SideEffects: a.sideEffects(n), Before: n.before,
	}
	if n.made && s.Disruption != "none" {
		s.Disruption = "low"
	}
	if s.Why == nil {
		s.Why = []string{}
	}
	form, ok := a.form(n.kind)
	if ok && form.Effects != "" {
		a.Effects, a.Caveat = form.Effects, ""
		s.SideEffects = a.sideEffects(n)
	}
	if ok && form.Disruption != "" {
		s.Disruption = form.Disruption
	}
	if !ok {
		// A target that is not understood still is a step: that there is something
		// to do is known, only not how.
		s.Command = "# " + a.Title + ". No command is known for a target of this kind: do it at the console."
		return s
	}
	v := values{params: maps.Clone(n.Params), prefix: prefix}
	var err error
	render := func(lines []line) string {
		out := make([]string, 0, len(lines))
		for _, l := range lines {
			var text string
			if text, err = l.render(v); err != nil {
				return ""
			}
			out = append(out, text)
		}
		return strings.Join(out, "\n")
	}
	parts := []*string{&s.Command, &s.Undo, &s.Verify}
	for i, lines := range [][]line{form.do, form.undo, form.verify} {
		if *parts[i] = render(lines); err != nil {
			s.Command = fmt.Sprintf("# %s. No command is given: %s. Do it at the console, and be careful with the name.", a.Title, err)
			// Half a step would be worse: an undo for a command that was not given.
			s.Undo, s.Verify = "", ""
			return s
		}
	}
	if n.account != "" && home != "" && n.account != home {
		s.Command = "# With credentials of account " + n.account + ":\n" + s.Command
	}
	if n.owned != "" {
		s.Disruption = "high"
		s.Command = "# In use by its owner from " + n.owned + ": rotate together with them, and do this when they work with a new key.\n" + s.Command
	}
	if n.before != "" {
		s.Command = "# Before " + n.before + ", when it is gone for good:\n" + s.Command
	}
	for _, need := range form.Needs {
		if v.params[need] == "" {
			s.SideEffects += " Fill in <" + strings.ReplaceAll(need, "_", "-") + "> first; the evidence does not say it."
		}
	}
	return s
}

// further stands for all targets of an action beyond the first many.
func (a Action) further(n Need) Step {
	return Step{
		Phase: a.Phase, Action: a.ID, Target: "further targets", Why: n.Why, Disruption: a.Disruption, Irreversible: a.Irreversible,
		SideEffects: a.Effects, Command: "# " + a.Title + ": the same for each of these targets, with the commands of the step before.",
	}
}

// inertNote writes a target as a line that a shell passes over.
func inertNote(id string) string {
	if safe("target", id) != nil {
		return "# (a target whose name cannot be shown safely)"
	}
	return "# " + id
}

func (a Action) sideEffects(n Need) string {
	parts := []string{a.Effects}
	if n.SideEffects != "" {
		parts = append(parts, n.SideEffects)
	}
	if a.Caveat != "" {
		parts = append(parts, a.Caveat)
	}
	return strings.Join(parts, " ")
}

var notInFileNames = regexp.MustCompile(`[^A-Za-z0-9]+`)

// prefixes names the working files of each target, no two alike, in the order
// in which the targets are met.
type prefixes struct {
	of   map[string]string
	used map[string]bool
}

func (p *prefixes) prefix(id string) string {
	if p.of == nil {
		p.of, p.used = map[string]string{}, map[string]bool{}
	}
	if s, ok := p.of[id]; ok {
		return s
	}
	// Only letters, digits and dashes of the last part of the id: a name of the
	// intruder's must not lead a file elsewhere.
	name := strings.Trim(notInFileNames.ReplaceAllString(id[strings.LastIndexAny(strings.TrimRight(id, ":/"), ":/")+1:], "-"), "-")
	if len(name) > 40 {
		name = strings.Trim(name[:40], "-")
	}
	if name == "" {
		name = "target"
	}
	s := name
	for n := 2; p.used[s]; n++ {
		s = fmt.Sprintf("%s-%d", name, n)
	}
	p.used[s] = true
	p.of[id] = s + "-"
	return p.of[id]
}
