package check

import (
	"encoding/json"
	"slices"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// surrounding are the subjects beside projects and roles.
// Each list comes in the order of the inventory.
func (s *Scene) surrounding() []*Subject {
	var out []*Subject
	for _, c := range s.Inventory.Credentials {
		out = append(out, s.credential(c))
	}
	for _, t := range s.Inventory.Tokens {
		out = append(out, s.tokenSubject(t))
	}
	for _, x := range s.Inventory.Secrets {
		out = append(out, s.secretSubject(x))
	}
	for _, x := range s.Inventory.Parameters {
		out = append(out, s.parameterSubject(x))
	}
	for _, g := range s.Inventory.ReportGroups {
		out = append(out, s.reportGroup(g))
	}
	out = append(out, s.securityGroups()...)
	for _, p := range s.Inventory.Pipelines {
		sub := s.subject("pipeline", "pipeline "+p.Name.V, p.At, nil, s.pipelineView(p), map[string]string{"pipeline": p.Name.V})
		sub.data = p
		addList(sub.Words, "deploys", sub.it["unapproved"])
		addList(sub.Words, "approvers", sub.it["self_approval"])
		out = append(out, sub)
	}
	for _, b := range s.Inventory.Builds {
		out = append(out, s.build(b))
	}
	out = append(out, s.calls()...)
	for _, h := range s.Inventory.Hooks {
		out = append(out, s.hook(h))
	}
	for _, w := range s.Inventory.Workflows {
		sub := s.subject("workflow", "workflow "+w.Name, w.At, nil, view{"name": w.Name}, map[string]string{"workflow": w.Name})
		sub.data = w
		out = append(out, sub)
	}
	for _, m := range s.Inventory.Monitoring {
		out = append(out, s.subject("monitoring", "monitoring", m.At, nil, view{"logging": put(s.r, m.Logging), "recorded": put(s.r, m.Recorded), "watched": s.watched(m)}, nil))
	}
	return out
}

// watched says whether a rule alerts on changes of webhooks: one about those
// calls, or about every call of the service.
func (s *Scene) watched(m *model.Monitoring) any {
	if !m.Rules.Known() {
		return nil
	}
	return slices.ContainsFunc(m.Rules.V, func(text string) bool {
		// encoding/json matches members in any case: patterns have "source" and "detail".
		var p struct {
			Source []any
			Detail struct{ EventName []any }
		}
		if json.Unmarshal([]byte(text), &p) != nil || !slices.Contains(p.Source, any("aws.codebuild")) {
			return false
		}
		// UpdateWebhook stands for the three calls about webhooks: a rule that names
		// the others and not this one misses the change that opens a project.
		return len(p.Detail.EventName) == 0 || slices.Contains(p.Detail.EventName, any("UpdateWebhook"))
	})
}
