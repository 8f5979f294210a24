package ledger

import (
	"slices"
	"strings"
	"time"
)

// row gathers what the intruder did to one thing.
type row struct {
	id      id
	effects map[string]bool
	by      []ref
	seen    map[string]bool // the events in by
	changed *ref            // the last change that succeeded
	made    bool
	tried   bool // more than looked at, or tried to be
	up      id   // what it is a part of, for folding
	loose   bool // changed in a way whose reversal nothing would show
}

// touch notes a hostile effect on the row of its thing.
func (b *book) touch(s *step) {
	if s.eff.Effect == "" || s.eff.row.thing.Type == "" {
		return
	}
	k := b.key(s.eff.row.key)
	r := b.rows[k]
	if r == nil {
		r = &row{id: s.eff.row, effects: map[string]bool{}, up: s.eff.up}
		r.id.key = k
		b.rows[k] = r
	}
	if better(s.eff.row, r.id) {
		r.id.show, r.id.whole = s.eff.row.show, s.eff.row.whole
	}
	r.effects[s.eff.Effect] = true
	r.add(s.ref)
	switch s.eff.Effect {
	case Created, Modified, Shared, Deleted:
		at := s.ref
		r.changed = &at
	}
	r.tried = r.tried || !s.eff.looked
	r.made = r.made || s.eff.Effect == Created
	switch e := s.eff.entry; {
	case s.failed || s.eff.Effect == Read || s.eff.Effect == Used:
	case s.eff.row.key == s.eff.thing.key:
		r.loose = r.loose || e.Effect != Created && e.Does == doesTouch && e.Effect != "none"
	case e.Does == doesEnd:
		l := b.lives[b.key(s.eff.thing.key)]
		r.loose = r.loose || l == nil || l.now() == nil || l.now().ours
	}
}

func (r *row) add(x ref) {
	if r.seen == nil {
		r.seen = map[string]bool{}
	}
	if !r.seen[x.event] {
		r.seen[x.event] = true
		r.by = append(r.by, x)
	}
}

// better says whether a writing of an id tells more than the one at hand: a
// name without its path is completed by the ARN that some response gave.
func better(a, b id) bool {
	if a.whole != b.whole {
		return a.whole
	}
	if len(a.show) != len(b.show) {
		return len(a.show) > len(b.show)
	}
	return a.show < b.show
}

// state writes on the row what became of its thing, as far as the evidence shows.
func (b *book) state(r *row, out *Resource, in Input) {
	var why []ref
	switch l := b.lives[r.id.key]; {
	case l != nil && l.pending != nil:
		l.pending.tell(out, in)
		return
	case l != nil && l.spared != nil && !r.made && r.changed != nil:
		out.StateNow, why = b.called(l, r)
	default:
		out.StateNow, why = b.became(r)
	}
	out.StateEvidence = cite(why)
}

// became is what the later calls say: gone, put back by somebody else, or as the intruder
// left it. "Restored" wants proof for every part of what was changed, and a change whose
// reversal no call would show (loose) leaves none.
func (b *book) became(r *row) (string, []ref) {
	var first time.Time
	if len(r.by) > 0 {
		first = r.by[0].at
	}
	if l := b.lives[r.id.key]; l != nil && len(l.log) > 0 {
		last := l.log[len(l.log)-1]
		byIntruder := slices.ContainsFunc(l.log, func(e logged) bool { return !e.made && e.hostile })
		switch {
		case !last.at.Before(first) && !last.made:
			return Removed, []ref{last.ref}
		case last.made && byIntruder && !last.hostile:
			return Restored, []ref{last.ref}
		}
	}
	if r.changed == nil {
		return Unknown, nil
	}
	if !r.made && !r.loose {
		var ended []ref
		open := false
		for _, k := range b.partsOf(r.id.key) {
			sp := b.lives[k].now()
			if sp == nil || len(sp.opened) == 0 {
				continue
			}
			open = open || sp.live
			ended = append(ended, sp.ended...)
		}
		if !open && len(ended) > 0 {
			return Restored, ended
		}
	}
	return Present, []ref{*r.changed}
}

func (b *book) partsOf(key string) (out []string) {
	for _, k := range b.children[key] {
		if b.lives[k].id.thing.Within != "" {
			out = append(out, k)
		}
	}
	return out
}

// maxVain is how many things of one type may have a row for nothing but having
// been asked for in vain. More are names tried out, and were never touched.
const maxVain = 20

func (b *book) resources(in Input) []Resource {
	b.fold()
	vain := map[string]int{}
	for _, r := range b.rows {
		if !r.tried {
			vain[r.id.thing.Type]++
		}
	}
	out := []Resource{}
	for _, k := range sortedKeys(b.rows) {
		r := b.rows[k]
		if !r.tried && vain[r.id.thing.Type] > maxVain {
			continue
		}
		res := Resource{ID: r.id.show, Type: r.id.thing.Type, ByEvent: ids(r.by)}
		b.state(r, &res, in)
		for _, e := range effectOrder {
			if r.effects[e] {
				res.Effect = append(res.Effect, e)
			}
		}
		out = append(out, res)
	}
	slices.SortStableFunc(out, func(a, b Resource) int {
		if c := strings.Compare(a.Type, b.Type); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out
}

// ids are the events of the refs in order of time, each once.
func ids(refs []ref) []string {
	refs = slices.Clone(refs)
	slices.SortFunc(refs, func(a, b ref) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return strings.Compare(a.event, b.event)
	})
	out := make([]string, 0, len(refs))
	for _, r := range refs {
		out = append(out, r.event)
	}
	return slices.Compact(out) // one event has one time, so its refs are neighbours
}

func cite(refs []ref) []string {
	out := ids(refs)
	for i := range out {
		out[i] = "event:" + out[i]
	}
	return out
}
