package check

import (
	"slices"

	"github.com/trailhound/trailhound/internal/posture/pipeline/grant"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// pipelineView says which deployments of a pipeline an execution can reach
// without an approval. Stages run one after another, actions of a stage in run
// order, those of equal order at once: an approval beside a deployment stops
// nothing.
func (s *Scene) pipelineView(p *model.Pipeline) view {
	v := view{"unapproved": []string{}, "unscanned": false, "on_pulls": false, "key": put(s.r, p.Key), "one_role": false, "self_approval": []string{}, "template": p.Form.Template(),
		"deploys": false, "approval": hasApproval(p)}
	if !p.Stages.Known() {
		u := s.unknown("its stages are not known: %s", p.Stages.Why)
		for _, k := range []string{"unapproved", "unscanned", "one_role", "self_approval", "deploys"} {
			v[k] = u
		}
		return v
	}
	approved, scanned, deploys := false, false, false
	unapproved, roles := []string{}, map[string]bool{}
	for _, st := range p.Stages.V {
		// A condition on entry counts as an approval: which rule it asks is not read
		// here.
		approved = approved || st.Guarded
		actions := slices.Clone(st.Actions.V)
		slices.SortStableFunc(actions, func(a, b model.Action) int { return int(a.Order.Or(1)) - int(b.Order.Or(1)) })
		for i := 0; i < len(actions); {
			j := i
			for j < len(actions) && actions[j].Order.Or(1) == actions[i].Order.Or(1) {
				j++
			}
			// An approval counts for what comes after its run order, not for what runs beside it.
			approvals := false
			for _, a := range actions[i:j] {
				roles[a.Role.V] = true
				switch a.Category.V {
				case "Approval":
					approvals = true
				case "Deploy", "Invoke":
					if deploys = deploys || a.Category.V == "Deploy"; !approved && a.Category.V == "Deploy" {
						unapproved = append(unapproved, a.Name.V)
					}
				case "Build", "Test":
					scanned = scanned || a.Category.V == "Test"
				}
			}
			if approvals {
				v["unscanned"] = v["unscanned"].(bool) || !scanned
				approved = true
			}
			i = j
		}
	}
	v["unapproved"], v["deploys"] = unapproved, deploys
	// No action names a role, so all of them work with that of the pipeline.
	v["one_role"] = len(roles) == 1 && roles[""] && deploys
	for _, t := range p.Triggers.Or(nil) {
		if t.PullRequests.Unknown() {
			v["on_pulls"] = s.r.unknown(t.PullRequests.Why)
		} else if t.PullRequests.V {
			v["on_pulls"] = true
		}
	}
	if p.Triggers.Unknown() {
		v["on_pulls"] = s.r.unknown(p.Triggers.Why)
	}
	v["self_approval"] = s.selfApproval(p)
	v["exposed"] = s.pipelineExposed(p)
	return v
}

// selfApproval are the pipeline's own roles that can give its approvals: its
// role, and those of the projects it builds with.
func (s *Scene) selfApproval(p *model.Pipeline) any {
	if !hasApproval(p) {
		return []string{}
	}
	out := []string{}
	hole := ""
	// A role that was not given is one of which nothing is known.
	ask := func(name model.Value[string], at model.Location) {
		r := s.role(name, at)
		g := s.grant(r)
		switch g.Allows("codepipeline:PutApprovalResult") {
		case grant.Yes:
			out = append(out, roleWord(name.V))
		case grant.Unknown:
			hole = g.Hole()
		}
	}
	ask(p.Role, p.At)
	for _, st := range p.Stages.V {
		for _, a := range st.Actions.V {
			if list := s.byName[projectSymbol(a.Project.V)]; len(list) > 0 {
				ask(list[0].Project.Role, list[0].Project.At)
			}
		}
	}
	if len(out) == 0 && hole != "" {
		return s.unknown("whether the pipeline's roles can approve is not known: %s", hole)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// pipelineExposed is false only when every project it builds is of a repository
// known to be closed.
func (s *Scene) pipelineExposed(p *model.Pipeline) bool {
	closed := false
	for _, st := range p.Stages.V {
		for _, a := range st.Actions.V {
			for _, o := range s.byName[projectSymbol(a.Project.V)] {
				if o.Repo.Exposed() {
					return true
				}
				closed = true
			}
		}
	}
	// A project that is not known may be of a public repository.
	return !closed
}
