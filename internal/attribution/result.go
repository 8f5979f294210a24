package attribution

import (
	"context"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// result gathers the rows: every event of every credential that was touched.
// A credential is touched when the case names it or its principal, when any of
// its events is hostile, or when lineage or network led to it and left doubt.
func (r *run) result(ctx context.Context) (*Result, error) {
	res := &Result{Baselines: map[string]*Baseline{}, actors: map[string]Actor{}, Leads: leadsOnly(r.leads), Unvouched: r.unvouched}
	for _, u := range r.order {
		p := r.people[u]
		res.Baselines[u] = r.before(p)
		res.Clusters = append(res.Clusters, p.clusters...)
	}
	rows, err := r.rows(ctx)
	if err != nil {
		return nil, err
	}
	for _, w := range rows {
		res.Rows = append(res.Rows, w.Row)
		res.Events = append(res.Events, w.e)
		// Two contents may share an id: what either of them makes hostile is hostile.
		if prev := res.actors[w.Event]; !prev.Hostile() {
			res.actors[w.Event] = w.Actor
		}
	}
	res.Held = r.heldUses(each(rows))
	slices.SortFunc(res.Clusters, func(a, b *Cluster) int {
		if c := a.First.Compare(b.First); c != 0 {
			return c
		}
		return strings.Compare(a.Session+a.Network+a.Agent, b.Session+b.Network+b.Agent)
	})
	for _, c := range res.Clusters {
		if c.Actor == Undetermined {
			res.Doors = append(res.Doors, c.doors...)
		}
	}
	for n := range r.hostileNets {
		if r.nets.shared(n) {
			res.Shared = append(res.Shared, n)
		} else {
			res.Networks = append(res.Networks, n)
		}
	}
	sort.Strings(res.Networks)
	sort.Strings(res.Shared)
	for _, u := range r.order {
		if r.welcome(r.people[u]) {
			res.Welcomed = append(res.Welcomed, u)
		}
	}
	res.NoOwner = slices.Sorted(maps.Keys(r.noOwner))
	return res, nil
}

// judged is an event with what was concluded of it.
type judged struct {
	e evidence.Event
	Row
}

// each hands out the rows one by one.
func each(rows []judged) func(func(*evidence.Event, Row)) {
	return func(yield func(*evidence.Event, Row)) {
		for i := range rows {
			yield(&rows[i].e, rows[i].Row)
		}
	}
}

// rows lists what is concluded of every event that the case touches, each once, in
// evidence.Compare order: of the calls of principals first, then of what carries no key,
// and last the other accounts' views of all these.
func (r *run) rows(ctx context.Context) ([]judged, error) {
	rows := r.callRows()
	for _, step := range []func(context.Context) (map[*evidence.Event]verdict, error){r.openings, r.portals, r.keyless} {
		found, err := step(ctx)
		if err != nil {
			return nil, err
		}
		rows = decide(rows, found)
	}
	twins, err := r.twins(ctx, each(rows))
	if err != nil {
		return nil, err
	}
	for e, w := range twins {
		rows = append(rows, judged{*e, w})
	}
	slices.SortFunc(rows, func(a, b judged) int { return evidence.Compare(&a.e, &b.e) })
	return slices.CompactFunc(rows, func(a, b judged) bool { return evidence.Compare(&a.e, &b.e) == 0 }), nil
}

// decide adds what a step found to the rows. It decides rows that were left open, and
// speaks against none that were decided: the earlier step knows more of an event than
// that somebody was near it. So the order of a map's pairs changes nothing.
func decide(rows []judged, found map[*evidence.Event]verdict) []judged {
	have, open := map[string]bool{}, map[string]int{}
	for i := range rows {
		if have[rows[i].Event] = true; rows[i].Actor == Undetermined {
			open[rows[i].e.Key()] = i
		}
	}
	for e, v := range found {
		if i, ok := open[e.Key()]; ok {
			rows[i].Actor, rows[i].Because = v.actor, v.because
		} else if !have[e.ID] {
			rows = append(rows, judged{*e, Row{e.ID, v.actor, "", v.because}})
		}
	}
	return rows
}

// callRows are the rows of what principals did, and of the calls without one that came
// from an address which the case names.
func (r *run) callRows() (rows []judged) {
	for _, u := range r.order {
		p := r.people[u]
		touched := r.touched(p)
		for i := range p.events {
			e, v := p.events[i], p.verdicts[i]
			node := r.g.CredentialOf(&e)
			if !touched[node] && !v.actor.Hostile() && !r.namesEvent(&e) {
				continue
			}
			if v.actor == "" {
				v = verdict{Undetermined, "not judged", false}
			}
			rows = append(rows, judged{e, Row{e.ID, v.actor, BareID(node), v.because}})
		}
	}
	return append(rows, r.looseRows()...)
}

// namesEvent says whether the case itself points at the event.
func (r *run) namesEvent(e *evidence.Event) bool {
	return slices.Contains(r.in.Events, e.ID) || len(r.in.IPs) > 0 && within(e, r.in.IPs)
}

// BareID is the id that a report shows for a credential: the key itself, where
// the graph had to divide a key that an anonymiser gave to several principals.
func BareID(node string) string {
	if strings.HasPrefix(node, "A") {
		if key, _, divided := strings.Cut(node, "/"); divided {
			return key
		}
	}
	return node
}

// before learns the habits of p from before the intrusion: what facts about
// novelty are judged by once everything is attributed.
func (r *run) before(p *person) *Baseline {
	end := r.in.Exposed
	for _, c := range p.clusters {
		if c.Actor.Hostile() && (end.IsZero() || c.First.Before(end)) {
			end = c.First
		}
	}
	b := newBaseline(r.w)
	for i := range p.events {
		if v := p.verdicts[i]; (end.IsZero() || p.events[i].Time.Before(end)) && !v.actor.Hostile() && !p.presigned[p.events[i].ID] {
			b.add(&p.events[i])
		}
	}
	return b
}

// touched lists the credentials of p whose every event gets a row.
func (r *run) touched(p *person) map[string]bool {
	out := map[string]bool{}
	inCase := p.namedAll || len(p.named) > 0 || slices.Contains(r.in.Examine, p.unique)
	for i := range p.events {
		if p.verdicts[i].actor.Hostile() {
			inCase = inCase || strings.HasPrefix(p.unique, "AIDA")
			out[r.g.CredentialOf(&p.events[i])] = true
		}
	}
	for i := range p.events {
		node := r.g.CredentialOf(&p.events[i])
		if slices.Contains(r.in.Look, p.events[i].ID) {
			out[node] = true
		}
		// Roles are used by many; only the sessions in question are the case's.
		if p.named[node] || p.mentioned[node] || p.given[node] || p.namedAll || p.tested || inCase && (!strings.HasPrefix(p.unique, "AROA") || strings.Contains(p.unique, ":")) {
			out[node] = true
		}
	}
	for _, c := range p.clusters {
		out[c.Credential] = out[c.Credential] || c.tested
		asked := slices.ContainsFunc(c.events, func(i int) bool { return r.namesEvent(&p.events[i]) })
		if c.Actor == Undetermined && (c.entered || c.maker || len(c.doors) > 0 || c.early || c.series || c.doubted || strings.HasPrefix(c.Why, "bystander|") || asked || c.scored("region_unused") || r.besideTheirs(p, c) || r.hostileElsewhere(p, c)) {
			out[c.Credential] = true
			for _, i := range c.events { // the keys of one console session are one sitting
				out[r.g.CredentialOf(&p.events[i])] = true
			}
		}
	}
	return out
}

// twins finds the other accounts' views of the acts already attributed.
func (r *run) twins(ctx context.Context, each func(func(*evidence.Event, Row))) (map[*evidence.Event]Row, error) {
	bySharedID, have := map[string]Row{}, map[string]bool{}
	each(func(e *evidence.Event, w Row) {
		have[e.ID] = true
		if e.SharedID != "" && (w.Actor.Hostile() || bySharedID[e.SharedID].Event == "") {
			bySharedID[e.SharedID] = w
		}
	})
	if len(bySharedID) == 0 {
		return nil, nil
	}
	ids := make([]string, 0, len(bySharedID))
	for id := range bySharedID {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	out := map[*evidence.Event]Row{}
	for e, err := range r.q.Events(ctx, evidence.Query{SharedIDs: ids}) {
		if err != nil {
			return nil, err
		}
		if have[e.ID] || e.Type == "AwsCloudTrailInsight" { // insights reuse the field with another meaning
			continue
		}
		w := bySharedID[e.SharedID]
		out[&e] = Row{e.ID, w.Actor, r.g.CredentialOf(&e), "shared_event:" + w.Event}
	}
	return out, nil
}
