package simulator

import "slices"

// finish puts the truth into the form that is published: sorted, never null,
// counted.
func (t *recorder) finish(s *sim) Truth {
	t.prune()
	for _, ids := range []*[]string{&t.AttackEventIDs, &t.AttemptEventIDs, &t.ForwardedEventIDs, &t.NotObservable} {
		if *ids == nil {
			*ids = []string{}
		}
	}
	// Stories that judge a use by hand set used themselves.
	for i := range t.Lineage {
		t.Lineage[i].Unused = !t.used[t.Lineage[i].Child]
	}
	slices.SortFunc(t.Techniques, func(a, b Technique) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	t.Counts.Events, t.Counts.Attack = s.n, len(t.AttackEventIDs)
	for _, d := range t.Decoys {
		t.Counts.Decoy += len(d.EventIDs)
	}
	out := t.Truth
	if out.SeedIndicators == nil {
		out.SeedIndicators = []Indicator{}
	}
	if out.Lineage == nil {
		out.Lineage = []Edge{}
	}
	if out.Persistence == nil {
		out.Persistence = []Persistence{}
	}
	if out.Techniques == nil {
		out.Techniques = []Technique{}
	}
	if out.Mutations == nil {
		out.Mutations = []string{}
	}
	if out.Gaps == nil {
		out.Gaps = []Gap{}
	}
	if out.Decoys == nil {
		out.Decoys = []Decoy{}
	}
	return out
}
