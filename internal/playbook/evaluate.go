package playbook

import (
	"slices"

	"github.com/trailhound/trailhound/internal/investigation"
)

// Evaluate holds the result against the flow of its kind. The common lines come
// last, and one of the kind's own with the same id stands in for its common one.
// A kind without a playbook of its own gets the common flow. The result is not changed.
func (p *Pack) Evaluate(res *investigation.Result) Outcome {
	v := look(res)
	common, own := p.Playbooks[Common], p.Playbooks[res.Case.Kind]
	if own.ID == "" || res.Case.Kind == Common {
		own = Playbook{ID: Common, Title: common.Title}
	}
	out := Outcome{Kind: own.ID, Title: own.Title, Questions: v.asked(own.Questions, common.Questions)}
	for _, s := range v.lines(own.Evidence, common.Evidence) {
		a := v.run(s)
		out.Evidence = append(out.Evidence, Wanted{s.ID, s.Text, a.is, a.because, a.refs})
	}
	for _, s := range v.lines(own.Decisions, common.Decisions) {
		a := v.run(s)
		out.Decisions = append(out.Decisions, Decision{s.ID, s.Text, a.is, s.say(a.is), a.because, a.refs})
	}
	for _, s := range v.lines(own.Criteria, common.Criteria) {
		a := v.run(s)
		status := map[string]string{yes: Met, no: NotMet, unknown: CannotTell}[a.is]
		out.Criteria = append(out.Criteria, Criterion{s.ID, s.Text, status, s.say(a.is), a.because, a.refs})
	}
	return out
}

// say is the playbook's own sentence for an answer.
func (s Step) say(answer string) string {
	switch answer {
	case yes:
		return s.Yes
	case no:
		return s.No
	}
	return s.Else
}

// run asks one check. A "no" that rests on events which were not recorded is
// none: it becomes "cannot tell", with the log that would have decided.
func (v *view) run(s Step) answer {
	a := checks[s.Check].run(v, s.Args)
	if a.is == no && len(s.Needs) > 0 {
		if missing := v.uncovered(s.Needs); missing != "" {
			a = v.cannot("The evidence holds no "+missing+" events; a log with them would decide.", v.limitRefs("no_data_events", "write_only")...)
		}
	}
	return a
}

// lines are those that make sense for the case: the kind's own, then the common.
// "intruder" lines are asked where an event is held to be one's, "calm" lines where
// none is.
func (v *view) lines(own, common []Step) (out []Step) {
	for _, s := range slices.Concat(own, common) {
		when := s.When
		if when == "" {
			when = "intruder"
		}
		if when != "always" && (when == "intruder") != (len(v.hostile) > 0) {
			continue
		}
		if !slices.ContainsFunc(out, func(o Step) bool { return o.ID == s.ID }) {
			out = append(out, s)
		}
	}
	return out
}

// asked lists the questions of the flow. One that the case text answered counts
// as answered: nobody needs to be asked twice.
func (v *view) asked(own, common Questions) (out []Asked) {
	add := func(ids []string, required bool) {
		for _, id := range ids {
			if slices.ContainsFunc(out, func(a Asked) bool { return a.ID == id }) {
				continue
			}
			status := "assumed"
			if v.answered(id) {
				status = "settled"
			}
			out = append(out, Asked{id, required, status})
		}
	}
	add(own.Required, true)
	add(common.Required, true)
	add(own.Optional, false)
	add(common.Optional, false)
	return out
}
