package response

import (
	"fmt"
	"slices"
	"strings"
)

// groupFrom is how many steps of one sort make one step of them: fewer are
// easier to read apart.
const groupFrom = 4

// maxGroup bounds the targets of one step.
// EC2 takes up to 1,000 ids in one call; a hundred keep the line one that a person
// can read before running it.
const maxGroup = 100

// groupable are the kinds of target that a script makes by the dozen. Principals,
// credentials and data are never among them: each of those is a decision.
var groupable = []string{
	"instance", "spot_request", "fleet", "spot_fleet", "asg", "launch_template", "launch_template_version", "launch_configuration", "key_pair",
	"security_group", "snapshot", "image", "volume", "ecs_service", "ecs_task", "lightsail_instance", "batch_environment", "notebook", "glue_job",
}

// sort is equal for needs that one step can be made of: one action on one kind
// of thing in one place, with the same said of its effects. "" for those that
// stay apart.
func (n *Need) sort() string {
	if !slices.Contains(groupable, n.kind) {
		return ""
	}
	return strings.Join([]string{n.Action, n.kind, n.account, n.Params["region"], fmt.Sprint(n.made), n.SideEffects}, "\x00")
}

// run is how many needs from the first on are of one sort and can be one step.
func (a *Action) run(needs []*Need) int {
	k := 0
	for k < len(needs) && k < maxGroup && needs[k].sort() != "" && needs[k].sort() == needs[0].sort() && a.spoken(*needs[k]) {
		k++
	}
	return k
}

// spoken says whether the commands for a need can be written down.
func (a *Action) spoken(n Need) bool {
	form, ok := a.form(n.kind)
	for _, l := range slices.Concat(form.do, form.undo, form.verify) {
		if _, err := l.render(values{params: n.Params}); err != nil {
			return false
		}
	}
	return ok
}

// group puts needs of one sort into one step: what a command can do for all of
// them at once is said once, the rest for each in turn.
func (a *Action) group(needs []*Need, home string, files *prefixes) Step {
	first := *needs[0]
	s := a.step(first, home, "")
	s.Target = fmt.Sprintf("%s and %d more", first.Target, len(needs)-1)
	form, _ := a.form(first.kind)
	// Whether a line is said once or for each depends on what it uses: a parameter
	// that is the same for all needs no repetition.
	together := values{prefix: files.prefix(first.Target) + "and-more-", params: first.Params, all: map[string][]string{}}
	each := make([]values, len(needs))
	for i, n := range needs {
		each[i] = values{params: n.Params, prefix: files.prefix(n.Target)}
		for name, v := range n.Params {
			together.all[name] = append(together.all[name], v)
		}
	}
	differs := func(name string) bool {
		return slices.ContainsFunc(needs, func(n *Need) bool { return n.Params[name] != first.Params[name] })
	}
	for i, lines := range [][]line{form.do, form.undo, form.verify} {
		var out []string
		for _, l := range lines {
			with := []values{together}
			if l.words != nil && !l.forAll() && l.usesAny(differs) {
				with = each
			}
			// A note speaks of the files of all of them.
			if l.words == nil {
				with = []values{{prefix: "*-"}}
			}
			for _, v := range with {
				text, err := l.render(v)
				if err != nil { // each was tried alone
					text = inertNote(first.Target)
				}
				out = append(out, text)
			}
		}
		*[]*string{&s.Command, &s.Undo, &s.Verify}[i] = strings.Join(out, "\n")
	}
	if first.account != "" && home != "" && first.account != home {
		s.Command = "# With credentials of account " + first.account + ":\n" + s.Command
	}
	return s
}
