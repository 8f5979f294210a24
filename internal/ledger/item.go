package ledger

import (
	"slices"
	"strconv"
	"strings"
)

// item is one row of the persistence list while its spans are gathered.
type item struct {
	kind, id string
	root     int
	spans    []*span
	parents  []string
}

// persistence makes the rows: one for each thing and existence, whatever the
// number of calls that opened and closed it.
func (b *book) persistence(in Input) []Persistence {
	items := map[string]*item{}
	for _, k := range sortedKeys(b.lives) {
		l := b.lives[k]
		for _, sp := range l.spans {
			if sp.plant == nil || len(sp.planted) == 0 || sp.plant.armed && !b.armed(l, sp) {
				continue
			}
			id := b.shown(l, sp)
			key := strings.Join([]string{sp.plant.Kind, id, strconv.Itoa(sp.root)}, "\x1f")
			it := items[key]
			if it == nil {
				it = &item{kind: sp.plant.Kind, id: id, root: sp.root}
				items[key] = it
			}
			it.spans = append(it.spans, sp)
			it.parents = append(it.parents, sp.parents...)
		}
	}
	out := []Persistence{}
	for _, k := range sortedKeys(items) {
		out = append(out, b.row(items[k], in))
	}
	out = append(out, b.attempts(items)...)
	slices.SortStableFunc(out, func(a, b Persistence) int {
		if c := strings.Compare(a.Kind, b.Kind); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out
}

// shown is the id of an item, its parent's part completed where another call
// told the whole of it.
func (b *book) shown(l *life, sp *span) string {
	id := sp.plant.ID
	if l.id.thing.Within == "" || len(sp.parents) == 0 {
		if r := b.rows[l.id.key]; r != nil {
			return r.id.show
		}
		return id
	}
	if r := b.rows[sp.parents[0]]; r != nil {
		if head, part, ok := strings.Cut(id, "#"); ok {
			return r.id.show + "#" + part
		} else if head != "" {
			return r.id.show
		}
	}
	return id
}

func (b *book) row(it *item, in Input) Persistence {
	slices.SortStableFunc(it.spans, func(x, y *span) int { return x.planted[0].at.Compare(y.planted[0].at) })
	first := it.spans[0].plant
	p := Persistence{Kind: it.kind, ID: it.id, Means: first.Means, Technique: first.Technique, Undo: first.Undo, Status: Removed}
	var opened, ended, latest []ref
	unsure := false
	for _, sp := range it.spans {
		opened = append(opened, sp.planted...)
		over := b.over(sp.parents, in)
		switch {
		case !sp.live:
			ended = append(ended, sp.ended...)
		case over != nil:
			ended = append(ended, over...)
		case !sp.expires.IsZero() && !in.End.IsZero() && !sp.expires.After(in.End):
			// The answer that issued it says when it ended.
			ended = append(ended, sp.planted[len(sp.planted)-1])
		default:
			latest = append(latest, sp.planted[len(sp.planted)-1])
			unsure = unsure || sp.unsure
		}
	}
	for _, sp := range it.spans {
		if p.Name == "" && !strings.Contains(it.id, sp.called) {
			p.Name = sp.called
		}
	}
	p.Events, p.Evidence = ids(opened), cite(opened)
	switch {
	case len(latest) > 0 && (unsure || blind(in, latest)):
		p.Status, p.StateEvidence = Unknown, cite(latest)
	case len(latest) > 0:
		p.Status, p.StateEvidence = Live, cite(latest)
	default:
		p.StateEvidence = cite(ended)
	}
	return p
}

func blind(in Input, refs []ref) bool {
	return in.Blind != nil && slices.ContainsFunc(refs, func(r ref) bool { return in.Blind(r.account, r.region, r.at) })
}

// attempts are the rows of what the intruder tried and failed to plant, unless
// a later try of the same succeeded.
func (b *book) attempts(done map[string]*item) []Persistence {
	failed := map[string]*Persistence{}
	refs := map[string][]ref{}
	// By look-up: an intruder who is refused a hundred thousand times may have done much, too.
	succeeded, under := map[string]bool{}, map[string]bool{} // by kind and id, by kind and what it hangs on
	for _, it := range done {
		succeeded[it.kind+"\x1f"+it.id] = true
		for _, up := range it.parents {
			under[it.kind+"\x1f"+up] = true
		}
	}
	for _, s := range b.tries {
		p := s.eff.Plants
		k := p.Kind + "\x1f" + p.ID
		if succeeded[k] || s.eff.unsure && slices.ContainsFunc(s.eff.parents, func(up string) bool { return under[p.Kind+"\x1f"+b.key(up)] }) {
			continue
		}
		if failed[k] == nil {
			failed[k] = &Persistence{Kind: p.Kind, ID: p.ID, Means: p.Means, Status: Attempted, Technique: p.Technique, Undo: p.Undo}
		}
		refs[k] = append(refs[k], s.ref)
	}
	var out []Persistence
	for _, k := range sortedKeys(failed) {
		p := *failed[k]
		p.Events, p.Evidence, p.StateEvidence = ids(refs[k]), cite(refs[k]), cite(refs[k])
		out = append(out, p)
	}
	return out
}
