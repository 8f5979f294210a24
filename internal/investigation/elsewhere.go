package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
)

// elsewhere looks further where nothing of what the case names is held to be an
// intruder's. A sentence may name the wrong person, or a detail that is true and leads
// nowhere; what it says has come about then still has an author. Whoever a grave alert is
// about is examined, and of those who departed most from their own habits each whose
// calls are an intruder's by themselves: to be found so, being named counts for nothing.
func (in *inquiry) elsewhere(ctx context.Context) error {
	alerted := in.alerted()
	add, lead := slices.Clone(alerted), "A grave alert is about calls that the case does not lead to. Whoever made them was examined too"
	if !in.foundHostile() {
		lead = "Nothing that the case names leads to an intruder. So others were examined, whom a grave alert is about or who departed most from their own habits"
	}
	// Where a key is named that is not here, the evidence is the wrong one, and accuses nobody instead.
	if !in.foundHostile() && !in.swept && (in.anchored() || !in.namesMissing()) {
		cands, n, _, err := in.standOut(ctx)
		if err != nil {
			return err
		}
		for _, c := range cands[:n] {
			if !in.examined(c.Person) && !slices.Contains(add, c.Person) {
				add = append(add, c.Person)
			}
		}
	}
	if len(add) == 0 {
		return in.authors(ctx)
	}
	at, err := in.trial(ctx, add)
	if err != nil {
		return err
	}
	led := in.forebears(at)
	departs, outright := map[string]bool{}, map[string]bool{} // a person of whom more is new than place, hour and tool; and than what they took up
	for _, c := range at.Clusters {
		if n := in.g.Node(c.Credential); n != nil && c.Actor.Hostile() && c.Departs() {
			departs[n.Person], outright[n.Person] = true, outright[n.Person] || c.Outright() || led[n.Person]
		}
	}
	found := map[string]string{} // person → ARN
	for i, row := range at.Rows {
		id := at.Events[i].Identity
		if p := id.Person(); slices.Contains(alerted, p) || slices.Contains(add, p) && row.Actor.Hostile() && departs[p] {
			found[p] = id.ARN
			if !outright[p] && !slices.Contains(alerted, p) && !slices.Contains(in.input.Noticed, p) {
				in.input.Noticed = append(in.input.Noticed, p)
			}
		}
	}
	if len(found) == 0 {
		return in.authors(ctx)
	}
	return in.admit(ctx, found, lead+": %s.")
}

// forebears are the persons with whose credentials hostile hands made, or let in, what the case
// names: the case leads to them after all.
func (in *inquiry) forebears(at *attribution.Result) map[string]bool {
	out, seen := map[string]bool{}, map[string]bool{}
	for i, row := range at.Rows {
		named := slices.Contains(in.input.Principals, at.Events[i].Identity.Person()) || slices.Contains(in.input.Credentials, row.Credential)
		if !named || !row.Actor.Hostile() || seen[row.Credential] {
			continue
		}
		seen[row.Credential] = true
		for _, e := range in.g.Ancestry(row.Credential) {
			out[in.g.Caller(&e)] = true
		}
	}
	return out
}

// trial judges people by their own calls alone: what the case names counts for nothing.
// What the case names is taken out of the input, and what people vouched for stays in it. The
// result is thrown away: it only says who is worth examining.
func (in *inquiry) trial(ctx context.Context, people []string) (*attribution.Result, error) {
	// A copy: fields are set to nil and never written into.
	trial := in.input
	trial.Credentials, trial.Principals, trial.IPs, trial.Events, trial.Workloads, trial.Told = nil, nil, nil, nil, nil, nil
	trial.Examine = people
	return attribution.Run(ctx, in.q, in.g, in.pass.survey, trial, in.o.Content.Weights)
}

// admit examines whom a trial found, by person with how they are named, says so, and judges
// anew; the sentence has a place for their names.
func (in *inquiry) admit(ctx context.Context, found map[string]string, sentence string) error {
	var names []string
	for _, p := range keys(found) {
		in.input.Examine = append(in.input.Examine, p)
		names = append(names, found[p])
	}
	slices.Sort(names)
	in.assume("principal", fmt.Sprintf(sentence, strings.Join(slices.Compact(names), ", ")))
	return in.attribute(ctx)
}

// authors examines, where nobody is held to be an intruder, who made the calls that may
// have brought about what the case tells of: whose act it was can then be said, be it
// only that it was somebody's daily work.
func (in *inquiry) authors(ctx context.Context) error {
	if in.foundHostile() {
		return nil
	}
	for _, e := range in.reading.Effects {
		if e.Supposed || in.employment(e) {
			continue
		}
		by, err := in.authorsOf(ctx, e)
		if err != nil {
			return err
		}
		// To look at a call is to have it judged and told of; it adds no suspicion.
		for _, p := range keys(by) {
			if !in.examined(p) {
				in.input.Examine = append(in.input.Examine, p)
			}
			in.input.Look = append(in.input.Look, by[p]...)
		}
	}
	if len(in.input.Look) == 0 {
		return nil
	}
	return in.attribute(ctx)
}

// authorsOf are who made such calls in the time of the effect, be it every day, with the
// first calls of each; none where so many did that it names nobody.
func (in *inquiry) authorsOf(ctx context.Context, e intake.Effect) (map[string][]string, error) {
	q := evidence.Query{Sources: e.Sources()}
	if q.From, q.To = in.timeOf(e); q.From.IsZero() || len(q.Sources) == 0 {
		return nil, nil
	}
	by, byCall := map[string][]string{}, e.ByCall()
	for ev, err := range in.q.Events(ctx, q) {
		if err != nil {
			return nil, fmt.Errorf("look for whose calls the case may tell of: %w", err)
		}
		p := changedBy(&ev)
		if p == "" || !byCall(ev.Source, ev.Name) || ev.Outcome() == evidence.Failure || !concerns(&ev, e) {
			continue
		}
		if len(by[p]) < maxLook {
			by[p] = append(by[p], ev.ID)
		}
		// Reading ends there: whom hundreds could be, nobody is.
		if len(by) > maxDoers {
			return nil, nil
		}
	}
	return by, nil
}

// maxLook bounds how many calls of one author are told of.
const maxLook = 50

// foundHostile says whether any call is held to be an intruder's.
func (in *inquiry) foundHostile() bool {
	return slices.ContainsFunc(in.at.Rows, func(r attribution.Row) bool { return r.Actor.Hostile() })
}

// examined says whether the case led to the person already.
func (in *inquiry) examined(person string) bool {
	return slices.Contains(in.input.Examine, person) || slices.Contains(in.input.Principals, person)
}

// alerted are the persons of the calls that grave alerts are about, as far as nobody
// closed them and the case did not lead to them.
func (in *inquiry) alerted() (out []string) {
	for _, a := range in.observed.alerts {
		if !a.grave() || !a.Behavior() {
			continue
		}
		var persons []string
		for _, key := range a.Credentials {
			for _, id := range in.g.Resolve(key) {
				if n := in.g.Node(id); n != nil && n.Person != "" {
					persons = append(persons, n.Person)
				}
			}
		}
		if len(a.Credentials) == 0 {
			for _, p := range a.Principals {
				persons = append(persons, in.unique(p)...)
			}
		}
		for _, p := range persons[:min(len(persons), maxAlerted)] {
			if !in.touches(p) && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// maxAlerted bounds whom one alert names: of a role that many take, that is nobody.
const maxAlerted = 3
