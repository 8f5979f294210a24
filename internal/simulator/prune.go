package simulator

import "slices"

// prune takes out of the truth what a mutation took out of the evidence: a
// report can't be blamed for what nobody could have read.
func (t *recorder) prune() {
	if len(t.lost) == 0 {
		return
	}
	gone, acts := func(id string) bool { return t.lost[id] }, len(t.AttackEventIDs)
	for _, ids := range []*[]string{&t.AttackEventIDs, &t.AttemptEventIDs, &t.ForwardedEventIDs} {
		*ids = slices.DeleteFunc(*ids, gone)
	}
	for i := range t.Decoys {
		t.Decoys[i].EventIDs = slices.DeleteFunc(t.Decoys[i].EventIDs, gone)
	}
	t.Decoys = slices.DeleteFunc(t.Decoys, func(d Decoy) bool { return len(d.EventIDs) == 0 })
	// Without the call that stopped the trail, the silence is nobody's to name.
	for _, x := range t.Techniques {
		if x.ID == "DE-001" && slices.ContainsFunc(x.EventIDs, gone) {
			t.Gaps = slices.DeleteFunc(t.Gaps, func(g Gap) bool { return g.Kind == "trail_stopped" })
		}
	}
	for i := range t.Techniques {
		t.Techniques[i].EventIDs = slices.DeleteFunc(t.Techniques[i].EventIDs, gone)
	}
	t.Techniques = slices.DeleteFunc(t.Techniques, func(x Technique) bool { return len(x.EventIDs) == 0 })
	before := len(t.Lineage)
	t.Lineage = slices.DeleteFunc(t.Lineage, func(x Edge) bool {
		if gone(x.Event) {
			t.NotObservable = append(t.NotObservable, "where "+x.Child+" came from: the call that issued it is not in the evidence")
		}
		return gone(x.Event)
	})
	// Sessions of others lose their origin, too, but no report need speak of them.
	if len(t.Lineage) == before {
		t.Gaps = slices.DeleteFunc(t.Gaps, func(g Gap) bool { return g.Kind == "assume_role" })
	}
	// By what is left: a key whose every use was lost was never seen in use.
	clear(t.used)
	for _, id := range t.AttackEventIDs {
		t.used[t.by[id]] = true
	}
	for i := range t.Persistence {
		p := &t.Persistence[i]
		before := len(p.EventIDs)
		p.EventIDs = slices.DeleteFunc(p.EventIDs, gone)
		if len(p.EventIDs) == before {
			continue
		}
		// What is left may still show the thing, in use or being removed: to list
		// it is no phantom, and to leave it out is no miss.
		if len(p.EventIDs) == 0 || p.Status == "removed" {
			p.Optional, p.Status = true, "unknown"
			t.NotObservable = append(t.NotObservable, "how "+p.Kind+" "+p.ID+" was made or removed: the call is not in the evidence")
		}
	}
	if t.Expected.Status == "incident" && 4*len(t.AttackEventIDs) < acts { // what is left may be no more than a look around
		t.Expected.open()
	}
	if len(t.AttackEventIDs) == 0 && t.Expected.Status == "incident" {
		t.Expected.Status = "inconclusive"
	}
}
