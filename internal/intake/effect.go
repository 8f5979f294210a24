package intake

import (
	"slices"
	"strings"
)

// Effect is something that the text says came about, whoever did it: a vault is empty, a
// snapshot was shared, a bill exploded. It names no suspect; it says what to look for, and
// what must be found and explained before anybody may say that nothing happened.
type Effect struct {
	Kind   string // one of EffectKinds
	Object string // one of ObjectKinds; "" where the text does not say to what
	// Service is the event source of the object ("backup.amazonaws.com"); "" where it may be several.
	Service string
	// Names are the things by name, beside the words for them: as the evidence writes them
	// where it knows them, else as the text does. Never a principal's, unless it is the object.
	Names []string
	// Regions and Accounts stand in the same sentence; an account may be the caller, the
	// owner of the object, or to whom it was shared. Vouched ones are left out.
	Regions, Accounts []string
	When              []Span // of the sentence, else of the whole case; empty where it gives none
	// Supposed says that it is only asked or supposed ("did he take something?").
	Supposed bool
	// Besides are those who are said to have done the same to something else: what they did
	// is not what the case tells of, which is still to be looked for.
	Besides []Besides
	Text    string // the words of the segment
	Span    [2]int // half-open bytes of the words that tell it, of the text that was read
}

// EffectKinds are what an effect may be: "read" is data taken, "locked_out" that people
// cannot sign in, "unreadable" that data cannot be opened any more.
var EffectKinds = []string{"deleted", "shared", "public", "unreadable", "changed", "created", "read", "stopped", "sent", "cost", "locked_out"}

// ObjectKinds are the sorts of things that an effect may be on.
var ObjectKinds = []string{
	"bucket", "object", "vault", "backup", "snapshot", "image", "volume", "instance", "security_group", "database", "table", "function", "stack",
	"repository", "cluster", "task", "alarm", "certificate", "dns", "secret", "parameter", "kms_key", "access_key", "user", "role", "group", "policy",
	"identity_provider", "sign_in", "trail", "detector", "pipeline", "queue", "topic", "distribution", "mail", "message", "model",
}

// effectCues and objectCues are the two lists of content/intake/effects.yml.
type effectCues struct {
	Kind     string   `yaml:"kind"`
	Object   string   `yaml:"object"`
	Phrases  []string `yaml:"phrases"`
	Found    bool     `yaml:"found"` // tells of when a thing was come across, which was there before
	compiled []phrase
}

// objectCues are the words for one sort of object of one service; "" of Kind takes the words out
// of the running ("budget alert mail"): what tells of a thing is no object.
type objectCues struct {
	Kind     string   `yaml:"kind"`
	Service  string   `yaml:"service"`
	Words    []string `yaml:"words"`
	Plain    bool     `yaml:"plain"`
	Faint    bool     `yaml:"faint"` // only where the segment holds no other
	Only     []string `yaml:"only"`  // kinds of effect that the object can suffer; none means all
	compiled []phrase
}

// thing is an object found in a segment, at words from to to of it.
type thing struct {
	cues     *objectCues
	from, to int
	typed    bool // by the form of an id: only of its own segment
}

// effects reads what the text says has come about, in order; it needs the roles.
func (r *reader) effects(times []Span) []Effect {
	var out []Effect
	things, last := r.things(), -1 // last is the segment of the last of out
	for i, s := range r.segs {
		if len(out) == maxEffects {
			break
		}
		calm := r.every(r.vocab.calm, s.words)
		for k := range r.vocab.effects {
			g := &r.vocab.effects[k]
			hit := r.told(s, g, calm)
			// What we did ourselves, meant, or had made for somebody we vouch for is not looked for.
			if hit == nil || r.repaired(i) || r.excused(i) || g.Kind == "created" && r.forGuests(i) {
				continue
			}
			e := Effect{Kind: g.Kind, Supposed: r.supposed(s) || r.conditional(s, hit[0]), Text: r.text(s), Span: [2]int{r.words[s.words[hit[0]]].start, r.words[s.words[hit[len(hit)-1]]].end}}
			o, at := r.nearest(i, g.Kind, things, hit)
			if n := len(out); o == nil && g.Object == "" && n > 0 && r.refers(s) {
				e.Object, e.Service = out[n-1].Object, out[n-1].Service // "who shared the second?"
			}
			switch {
			// An object that the phrase implies yields to one that is named beside it, unless that is a
			// word of everyday speech.
			case o != nil && (g.Object == "" || o.cues.Kind == g.Object || !o.cues.Plain && at == i):
				e.Object, e.Service = o.cues.Kind, o.cues.Service
				e.Names = r.namesOf(at, o)
			case g.Object != "":
				e.Object, e.Service = g.Object, r.vocab.serviceOf(g.Object)
			case g.Kind == "read" && e.Object == "":
				r.onlyBucket(&e) // "the list is only in bucket x. How did it get out?"
			}
			if n := len(out); (o == nil || at != i) && n > 0 && last == i-1 && r.goesOn(s) && !r.bare(s, hit) { // "user x appeared on the 11th and is gone again"
				e.Object, e.Service, e.Names = out[n-1].Object, out[n-1].Service, out[n-1].Names
			}
			if g.Kind != "cost" && g.Kind != "read" && e.Object == "" { // "it changed" says nothing that can be looked for
				continue
			}
			r.surround(&e, s.sentence, times)
			if g.Found || r.foundIn(s.sentence) { // those of the case are not when the thing came about
				e.When = slices.DeleteFunc(slices.Clone(e.When), func(t Span) bool { return t.Found || !r.inSentence(t, s.sentence) })
			}
			if g.Kind == "public" && r.outside(i) {
				continue
			}
			if !slices.ContainsFunc(out, func(o Effect) bool { return same(o, e) }) && len(out) < maxEffects {
				out, last = append(out, e), i
			}
		}
	}
	return slices.DeleteFunc(out, func(e Effect) bool { // a miner inside an image is no bill
		return e.Kind == "cost" && slices.ContainsFunc(out, func(o Effect) bool {
			return o.Object == "repository" && o.Span[0] <= e.Span[0] && e.Span[1] <= o.Span[1]
		})
	})
}

// goesOn says that the segment has no subject of its own: "… and is gone again".
func (r *reader) goesOn(s segment) bool {
	return len(s.words) > 1 && s.before >= 0 && weakJoints[r.words[s.words[0]].text] && grammar().predicates[r.words[s.words[1]].text]
}

// onlyBucket takes for what was read the only bucket that the whole text names, if there is
// one that it does not vouch for.
func (r *reader) onlyBucket(e *Effect) {
	var names []string
	for i, m := range r.mentions {
		if m.class == "bucket" && r.roles[i].stance != vouched && !slices.Contains(names, m.values[0]) {
			names = append(names, m.values[0])
		}
	}
	if len(names) == 1 {
		e.Object, e.Service, e.Names = "bucket", r.vocab.serviceOf("bucket"), names
	}
}

// same says that the later effect adds nothing to the earlier.
func same(earlier, later Effect) bool {
	return earlier.Kind == later.Kind && earlier.Object == later.Object && slices.Equal(earlier.Names, later.Names) &&
		(len(later.Accounts) == 0 || slices.Equal(earlier.Accounts, later.Accounts))
}

// maxEffects bounds what one text may ask to be looked for.
const maxEffects = 16

// told finds the first phrase of an effect in a segment that is not denied.
func (r *reader) told(s segment, g *effectCues, calm [][]int) []int {
	for i := range s.words {
		for k := range g.compiled {
			p := &g.compiled[k]
			if hit := p.match(r, s.words, i); hit != nil && (p.negative || !r.negated(s, hit)) && !r.intended(s, hit) && !covered(hit, calm) && !r.unreal(s, hit) {
				return hit
			}
		}
	}
	return nil
}

// covered says that a hit lies within what tells of nothing that came about.
func covered(hit []int, calm [][]int) bool {
	return slices.ContainsFunc(calm, func(c []int) bool { return c[0] <= hit[0] && hit[len(hit)-1] <= c[len(c)-1] })
}

// repaired says that the segment tells what somebody of us did about it ("olaf fixed the
// DNS", "we deleted the key"): that is no effect to look for. Where it says nobody did it,
// only a key that is gone is taken for ours to have gone; a user may be what is missed.
func (r *reader) repaired(seg int) bool {
	actor := slices.ContainsFunc(r.segs[seg].words, func(w int) bool {
		m := r.words[w].m
		return grammar().ours[r.words[w].text] || m >= 0 && r.roles[m].relation == Responder
	})
	key := slices.ContainsFunc(r.segs[seg].words, func(w int) bool {
		m := r.words[w].m
		return grammar().keys[r.words[w].text] || m >= 0 && r.mentions[m].kind == "access_key"
	})
	return slices.ContainsFunc(r.found[seg], func(c cue) bool {
		switch c.relation {
		case Rotated, Disabled, Contained:
			return !c.negated && (actor || key)
		}
		return false
	})
}

// excused says that the segment tells of what is known and meant, there or in what follows
// of it: "user x was deleted, that is fine".
func (r *reader) excused(seg int) bool {
	return r.meant(seg) || r.excusedBehind(seg)
}

// meant says that the segment itself tells of what is known and meant.
func (r *reader) meant(seg int) bool {
	return slices.ContainsFunc(r.found[seg], func(c cue) bool { return c.group.Excuses && !c.negated })
}

// excusedBehind says that the segment behind says so of this one.
func (r *reader) excusedBehind(seg int) bool {
	next := seg + 1
	for next < len(r.segs) && r.segs[next].paren {
		next++
	}
	return next < len(r.segs) && r.segs[next].sentence == r.segs[seg].sentence && r.meant(next) && r.demonstrative(r.segs[next]) &&
		!slices.ContainsFunc(r.segs[next].words, r.isToken)
}

// refers says that the segment speaks of another such thing as was named before.
func (r *reader) refers(s segment) bool {
	return slices.ContainsFunc(s.words, func(w int) bool {
		switch r.words[w].text {
		case "second", "third", "other", "others", "rest", "another", "remaining":
			return true
		}
		return false
	})
}

// supposed says that the segment asks or doubts.
func (r *reader) supposed(s segment) bool {
	asked := s.asked && !(r.words[s.words[0]].text == "who" && r.refers(s)) // "who shared the second?" takes it for granted
	return asked || slices.ContainsFunc(s.words, func(w int) bool { return grammar().uncertain[r.words[w].text] })
}

// conditional says that an "if" stands close before the word: "check if anything was deleted",
// "it would be bad if somebody had copied it".
func (r *reader) conditional(s segment, at int) bool {
	for i := at; i >= 0 && i >= at-5; i-- {
		switch r.words[s.words[i]].text {
		case "if":
			return true
		case "could", "might", "may": // "he could have copied it"
			return i+1 < len(s.words) && r.words[s.words[i+1]].text == "have"
		}
	}
	return false
}

// things are the objects of every segment, found once.
func (r *reader) things() [][]thing {
	out := make([][]thing, len(r.segs))
	for i, s := range r.segs {
		out[i] = r.objects(s)
	}
	return out
}

// objects finds the things of a segment; of two that overlap the longer.
func (r *reader) objects(s segment) []thing {
	var out []thing
	for i := 0; i < len(s.words); {
		best := r.typedThing(s, i)
		for k := range r.vocab.objects {
			o := &r.vocab.objects[k]
			for p := range o.compiled {
				if hit := o.compiled[p].match(r, s.words, i); hit != nil && (best.cues == nil || hit[len(hit)-1] > best.to) {
					best = thing{cues: o, from: i, to: hit[len(hit)-1]}
				}
			}
		}
		if best.cues == nil {
			i++
			continue
		}
		if best.cues.Kind != "" {
			out = append(out, best)
		}
		i = best.to + 1
	}
	return out
}

// typedThing is the object that a resource is by the form of its id: sg-0a1b… is a security
// group, whether the text calls it one or not.
func (r *reader) typedThing(s segment, i int) thing {
	m := r.words[s.words[i]].m
	if m < 0 || r.mentions[m].kind != "resource" {
		return thing{}
	}
	// The prefixes of ids are those of EC2 (EC2 User Guide, resource IDs).
	prefix, _, _ := strings.Cut(r.mentions[m].values[0], "-")
	kind := map[string]string{"sg": "security_group", "snap": "snapshot", "vol": "volume", "ami": "image", "i": "instance"}[prefix]
	if r.mentions[m].class == "bucket" {
		kind = "bucket"
	}
	for k := range r.vocab.objects {
		if o := &r.vocab.objects[k]; kind != "" && o.Kind == kind && (kind != "snapshot" || o.Service == "ec2.amazonaws.com") {
			return thing{o, i, i, true}
		}
	}
	return thing{}
}

// nearest is the object inside the words that tell the effect, else closest to them, before it rather than behind,
// and the segment where it stands: this one, else another of the sentence. Plain objects
// come last.
func (r *reader) nearest(seg int, kind string, things [][]thing, hit []int) (*thing, int) {
	at := hit[0]
	bare := r.bare(r.segs[seg], hit)
	cannot := func(t thing) bool { return len(t.cues.Only) > 0 && !slices.Contains(t.cues.Only, kind) }
	own := slices.DeleteFunc(slices.Clone(things[seg]), func(t thing) bool { return cannot(t) || bare && t.from < at })
	for i := len(own) - 1; i >= 0; i-- {
		if own[i].from > at && own[i].to <= hit[len(hit)-1] && (!own[i].cues.Plain || kind == "created" && own[i].to == hit[len(hit)-1]) {
			return &own[i], seg // "a dump of our database": the words themselves name it
		}
	}
	if o := closest(own, at); o != nil {
		return o, seg
	}
	for d := 1; d <= maxApart; d++ {
		for _, other := range []int{seg - d, seg + d} {
			if other < 0 || other >= len(r.segs) || bare && other < seg || r.segs[other].sentence != r.segs[seg].sentence {
				continue
			}
			untyped := slices.DeleteFunc(slices.Clone(things[other]), func(t thing) bool { return t.typed || cannot(t) })
			if o := closest(untyped, 0); o != nil && !o.cues.Plain {
				return o, other
			}
		}
	}
	return nil, seg
}

// maxApart is how many segments of a sentence may stand between what came about and the thing
// that it came about to. It is far above what people write; without it a text of nothing but
// commas costs the square of its length.
const maxApart = 64

// plainCost is what a plain object is further away than any other of the segment.
const plainCost = 1000

// closest is the thing nearest to position at, before it rather than behind; nil of none.
func closest(list []thing, at int) *thing {
	var best *thing
	cost := 0
	for i := range list {
		d := 2 * (at - list[i].to)
		if list[i].from >= at {
			d = 2*(list[i].from-at) + 1
		}
		if list[i].cues.Plain {
			d += plainCost
		}
		if list[i].cues.Faint {
			d += 2 * plainCost
		}
		if best == nil || d < cost {
			best, cost = &list[i], d
		}
	}
	return best
}

// namesOf are the names that stand beside the word for a thing: "vault prod-daily", "the
// prod-daily vault", "snapshots a-1 and a-2", and of what the evidence knows as a resource
// any in the segment.
func (r *reader) namesOf(seg int, o *thing) []string {
	var out []string
	add := func(pos int) bool {
		words := r.segs[seg].words
		if pos < 0 || pos >= len(words) || !r.isToken(words[pos]) {
			return false
		}
		m := r.mentions[r.words[words[pos]].m]
		own := o.cues.Kind == "user" || o.cues.Kind == "role" || o.cues.Kind == "access_key"
		if m.kind != "resource" && !(own && credential(m.kind)) {
			return false
		}
		for _, v := range m.values {
			if !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
		return true
	}
	// Beside the word on either side, then the names behind it one after the other.
	add(o.from - 1)
	if add(o.from) {
		return out // the name is the thing
	}
	pos := o.to + 1
	if words := r.segs[seg].words; pos < len(words) && slices.Contains([]string{"of", "for", "named", "called"}, r.words[words[pos]].text) {
		pos++
	}
	for ; add(pos); pos++ {
	}
	for pos, w := range r.segs[seg].words {
		if r.isToken(w) && !credential(r.mentions[r.words[w].m].kind) && strings.HasPrefix(r.mentions[r.words[w].m].values[0], "arn:") {
			add(pos)
		}
	}
	return out
}

// surround adds what the sentence says of place and time.
func (r *reader) surround(e *Effect, sentence int, times []Span) {
	for _, s := range r.segs {
		if s.sentence != sentence {
			continue
		}
		for _, w := range s.words {
			m := r.words[w].m
			if m < 0 {
				continue
			}
			switch at := r.mentions[m]; {
			case at.kind == "region" && r.roles[m].stance != vouched && !slices.Contains(e.Regions, at.values[0]):
				e.Regions = append(e.Regions, at.values[0])
			case at.kind == "account" && r.roles[m].stance != vouched && !slices.Contains(e.Accounts, at.values[0]):
				e.Accounts = append(e.Accounts, at.values[0])
			case at.kind == "time" && at.aside == 0 && (!r.roles[m].relation.pastCase() || r.roles[m].negated):
				e.When = append(e.When, *at.span)
			}
		}
	}
	if len(e.When) == 0 {
		e.When = times
	}
}

// serviceOf is the event source of a sort of object, "" where it has several.
func (v *vocabulary) serviceOf(kind string) string {
	service, n := "", 0
	for _, o := range v.objects {
		if o.Kind == kind {
			service = o.Service
			n++
		}
	}
	if n > 1 {
		return ""
	}
	return service
}

// intended says that the words are only meant to be done: "we want to lock him out".
func (r *reader) intended(s segment, hit []int) bool {
	at := hit[0]
	return at > 1 && r.words[s.words[at-1]].text == "to" && r.vocab.people.intends[r.words[s.words[at-2]].text]
}
