package eval

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/report"
)

// innocents are steps of the plan that hit somebody whom the intruder neither
// used nor touched, decoy or not. A credential or a name that the intruder had a
// hand in, too, is fair game.
// Whoever makes a call counts, and whom it names: a step at a user whom the intruder made
// is right though the user never called. Names are compared without their accounts, as
// steps and calls write them differently, so two of one name in two accounts are one.
func (s *Score) innocents(t Truth, r *report.Report, events []evidence.Event) {
	attack := set(t.Attack)
	neutral, innocent := set(t.Neutral), set(t.Innocent)
	theirs, fair := map[string]bool{}, map[string]bool{}
	for i := range events {
		e := &events[i]
		for _, p := range principals(e) {
			switch {
			case attack[e.ID], neutral[e.ID]:
				fair[p] = true
			case t.Innocent == nil || innocent[e.ID]:
				theirs[p] = true
			}
		}
	}
	for _, p := range t.Persistence {
		fair[p.ID] = true
	}
	for _, step := range r.Containment {
		// Saving evidence hurts nobody, whoever it is about.
		if step.Phase == "preserve" {
			continue
		}
		// A part of a thing, such as a policy of a role, is written behind its ARN, after "#".
		base, _, _ := strings.Cut(step.Target, "#")
		for p := range theirs {
			if !fair[p] && !fair[base] && (base == p || strings.HasSuffix(base, "/"+p)) {
				s.Innocents = append(s.Innocents, step.Action+" "+step.Target)
				break
			}
		}
	}
	slices.Sort(s.Innocents)
}

// principals are whoever makes a call, and whomever it makes or changes.
func principals(e *evidence.Event) []string {
	var out []string
	for _, p := range []string{e.Identity.AccessKey, e.Identity.ARN} {
		if p != "" {
			out = append(out, p)
		}
	}
	// Steps name the role, calls its session.
	if _, rest, ok := strings.Cut(e.Identity.ARN, ":assumed-role/"); ok {
		role, _, _ := strings.Cut(rest, "/")
		out = append(out, role)
	}
	r, err := e.Parse()
	if err != nil {
		return out
	}
	for _, path := range []string{"requestParameters.userName", "requestParameters.roleName", "requestParameters.roleArn", "requestParameters.functionName", "responseElements.accessKey.accessKeyId", "responseElements.credentials.accessKeyId"} {
		if p := r.Str(path); p != "" {
			out = append(out, p)
		}
	}
	return out
}
