package ledger

import (
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// ref is one event as a row cites it.
type ref struct {
	at              time.Time
	event           string
	account, region string
}

// step is one effect of one event, in the order in which things happened.
type step struct {
	ref
	eff     Effect
	hostile bool
	failed  bool
	rank    int
}

// span is one existence of a thing, from the call that made it to the one that
// removed it. A thing that is deleted and made again under the same name has two.
type span struct {
	opened  []ref // by the intruder, successfully
	planted []ref // those of them that opened a way back in
	ended   []ref // since it was last opened
	live    bool
	gone    bool // deleted, not merely disabled or detached
	ours    bool // made by somebody else: no item of the report
	unique  string
	called  string
	plant   *Planted
	entry   *entry
	admits  []string
	was     string // the document before the intruder's first
	expires time.Time
	unsure  bool
	parents []string
	root    int // how often the thing it hangs on had been deleted by then
}

// life is everything known about one key.
type life struct {
	id      id
	spans   []*span
	parents []string // of all its spans
	// ends of a row's own thing: deletions, and re-creations after them.
	log []logged

	pending *pending // a deletion that is to come
	doomed  bool     // the intruder had scheduled one
	spared  *ref     // and somebody else called it off
}

type logged struct {
	ref
	made, hostile bool
}

func (l *life) now() *span {
	if len(l.spans) == 0 {
		return nil
	}
	return l.spans[len(l.spans)-1]
}

func (l *life) deletions() (n int) {
	for _, e := range l.log {
		if !e.made {
			n++
		}
	}
	return n
}

// book is the account while it is being written.
type book struct {
	lives    map[string]*life
	children map[string][]string // keys that end with a key
	alias    map[string]string   // other names, as they stood at this point in time
	rows     map[string]*row
	tries    []step // failed calls that would have planted something
	named    naming
}

func newBook() *book {
	return &book{map[string]*life{}, map[string][]string{}, map[string]string{}, map[string]*row{}, nil, nil}
}

// key is the one key of a thing that has several names by now. Of a part it is the whole
// that has the other name: "name#login" follows where "name" led.
func (b *book) key(k string) string {
	if to, ok := b.alias[k]; ok {
		return to
	}
	parent, part, ok := strings.Cut(k, "#")
	if to, known := b.alias[parent]; ok && known {
		return to + "#" + part
	}
	return k
}

func (b *book) life(n id) *life {
	k := b.key(n.key)
	l := b.lives[k]
	if l == nil {
		l = &life{id: n}
		l.id.key = k
		b.lives[k] = l
	}
	return l
}

// play applies the steps in the order in which they must have happened. Within
// one second CloudTrail gives no order, so causes go first: a thing is made
// before it is changed and changed before it is removed; only a thing that was
// already there can have been removed and made anew.
func (b *book) play(steps []step) {
	slices.SortStableFunc(steps, func(x, y step) int { return x.at.Compare(y.at) })
	for len(steps) > 0 {
		n := 1
		for n < len(steps) && steps[n].at.Equal(steps[0].at) {
			n++
		}
		second := steps[:n]
		steps = steps[n:]
		for i := range second {
			second[i].rank = b.rank(&second[i], second)
		}
		slices.SortStableFunc(second, func(x, y step) int {
			if x.rank != y.rank {
				return x.rank - y.rank
			}
			if c := strings.Compare(x.event, y.event); c != 0 {
				return c
			}
			return strings.Compare(x.eff.thing.key, y.eff.thing.key)
		})
		for i := range second {
			b.apply(&second[i])
		}
	}
}

// rank is the place of a step among those of its second. What is removed and made within
// one was there before where a live one is known: then the removal goes first (-1), for
// otherwise the thing that was made last would count as gone.
func (b *book) rank(s *step, second []step) int {
	e := s.eff.entry
	switch {
	case e.Does == doesEnd && e.Effect == Deleted && s.eff.thing.thing.Within == "":
		l := b.lives[b.key(s.eff.thing.key)]
		if l != nil && l.now() != nil && l.now().live && slices.ContainsFunc(second, func(o step) bool {
			return o.eff.entry.Effect == Created && !o.failed && o.eff.thing.key == s.eff.thing.key
		}) {
			return -1
		}
		if s.eff.thing.thing.Parent == "" {
			return 4 // a user goes after its keys
		}
		return 3
	case e.Does == doesEnd:
		return 2
	case e.Does == doesOpen && e.Effect == Created:
		return 0
	}
	return 1
}

func (b *book) apply(s *step) {
	if s.hostile {
		b.touch(s)
	}
	if s.failed {
		if s.hostile && s.eff.Plants != nil && !s.eff.Plants.armed {
			b.tries = append(b.tries, *s)
		}
		return
	}
	k := b.key(s.eff.thing.key)
	l, entry := b.lives[k], s.eff.entry
	if l == nil && !s.hostile && len(b.children[k]) == 0 {
		for _, a := range s.eff.also {
			delete(b.alias, a) // the name has moved on to something of somebody else's
		}
		return // nothing the intruder ever touched
	}
	l = b.life(s.eff.thing)
	for _, a := range s.eff.also {
		b.alias[a] = l.id.key
	}
	switch entry.Does {
	case doesOpen:
		b.open(l, s)
	case doesEnd:
		b.end(l, s.ref, s.hostile, entry.Effect == Deleted && s.eff.thing.thing.Within == "")
		if s.eff.thing.thing.Carries {
			b.endChildren(l.id.key, s.ref)
		}
	case doesSet:
		b.set(l, s)
	case doesSchedule:
		b.schedule(l, s)
	case doesSpare:
		b.spare(l, s)
	}
}

// open notes that a thing is there from now on. A call of somebody else's opens nothing
// that the intruder had no part in; it only ends, or continues, what the intruder has.
func (b *book) open(l *life, s *step) {
	typed, created := l.id.thing.Within == "", s.eff.entry.Effect == Created
	sp := l.now()
	if sp != nil && created && sp.live && sp.unique != "" && s.eff.unique != "" && sp.unique != s.eff.unique {
		b.end(l, s.ref, s.hostile, true) // made again: the former is gone, though no call shows it
	}
	if n := len(l.log); typed && n > 0 && !l.log[n-1].made {
		l.log = append(l.log, logged{s.ref, true, s.hostile})
	}
	if sp == nil && !s.hostile {
		return
	}
	if sp == nil || sp.gone || sp.ours && s.hostile {
		if !s.hostile && !created && sp != nil {
			return
		}
		sp = &span{ours: !s.hostile, root: b.rootGeneration(l, s)}
		l.spans = append(l.spans, sp)
	}
	if !s.hostile {
		// Switching a thing of the intruder's on again reopens the door; doing
		// anew by oneself what the intruder once did (attaching a policy) does not.
		if typed || sp.ours {
			sp.live, sp.ended = true, nil
		}
		return
	}
	sp.opened = append(sp.opened, s.ref)
	sp.live, sp.ended = true, nil
	if s.eff.unique != "" {
		sp.unique = s.eff.unique
	}
	if sp.called == "" {
		sp.called = s.eff.called
	}
	if s.eff.Plants != nil {
		sp.planted = append(sp.planted, s.ref)
		if sp.plant == nil {
			p := *s.eff.Plants
			sp.plant = &p
		}
	}
	sp.entry, sp.expires, sp.unsure = s.eff.entry, s.eff.expires, s.eff.unsure
	sp.admits = append(sp.admits, s.eff.admits...)
	for _, p := range s.eff.parents {
		p = b.key(p)
		if !slices.Contains(sp.parents, p) {
			sp.parents = append(sp.parents, p)
		}
		if !slices.Contains(l.parents, p) {
			l.parents = append(l.parents, p)
			b.children[p] = append(b.children[p], l.id.key)
		}
	}
}

// rootGeneration tells existences of the thing apart by those of what it hangs on.
func (b *book) rootGeneration(l *life, s *step) int {
	if l.id.thing.Within != "" && len(s.eff.parents) > 0 {
		if up := b.lives[b.key(s.eff.parents[0])]; up != nil {
			return up.deletions()
		}
		return 0
	}
	return l.deletions()
}

func (b *book) end(l *life, by ref, hostile, deleted bool) {
	if deleted && l.id.thing.Within == "" {
		l.log = append(l.log, logged{by, false, hostile})
		l.pending, l.spared = nil, nil
	}
	if sp := l.now(); sp != nil && !sp.gone {
		if sp.live || deleted {
			sp.ended = append(sp.ended, by)
		}
		sp.live, sp.gone = false, deleted
	}
	if !deleted {
		return
	}
	b.endChildren(l.id.key, by)
}

// endChildren ends what cannot outlive its parent: the keys of a user, the
// permissions of a function.
func (b *book) endChildren(parent string, by ref) {
	for _, k := range b.children[parent] {
		sp := b.lives[k].now()
		if sp == nil || sp.gone || !slices.Contains(sp.parents, parent) {
			continue
		}
		if sp.live {
			sp.ended = append(sp.ended, by)
		}
		sp.live, sp.gone = false, true
		b.endChildren(k, by)
	}
}

// set is the replacement of a document, of code, of a password. The intruder's
// opens the door if it lets somebody in; anybody's closes it if it lets in none
// of those whom the intruder had let in.
func (b *book) set(l *life, s *step) {
	if s.hostile && (s.eff.Plants != nil || len(s.eff.entry.Plants) == 0) {
		was := s.eff.was
		if sp := l.now(); sp != nil {
			sp.admits = nil
			if sp.live {
				was = sp.was
			}
		}
		b.open(l, s)
		if sp := l.now(); sp != nil {
			sp.was = was
		}
		return
	}
	sp := l.now()
	if sp == nil || !sp.live {
		return
	}
	switch {
	case len(sp.admits) > 0 && s.eff.set:
		had := func(string) bool { return false }
		if sp.was != "" { // who came in before the intruder changed anything may do so still
			had = alreadyIn(sp.was, s.eff.doc, s.account)
		}
		if slices.ContainsFunc(sp.admits, func(a string) bool { return slices.Contains(s.eff.in, a) && !had(a) }) {
			return
		}
	case s.eff.Plants != nil && s.eff.Plants.conditional && sp.plant != nil && s.eff.Plants.variant == sp.plant.variant && s.eff.entry == sp.entry:
		return
	}
	b.end(l, s.ref, s.hostile, false)
}

func refOf(e *evidence.Event) ref { return ref{e.Time, e.ID, e.Account, e.Region} }
