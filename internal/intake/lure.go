package intake

import "slices"

// lureCues is the part of content/intake/relations.yml that tells of a lure in the words of those to
// whom it came.
type lureCues struct {
	Lures  []string `yaml:"lures"`  // a link that came, a page that asked to sign in
	Bitten []string `yaml:"bitten"` // that they did as it asked
	Befell []string `yaml:"befell"` // what happened to the account of whoever says it

	lures, bitten, befell []phrase
}

// compile compiles the phrases.
func (l *lureCues) compile() error {
	for _, c := range []struct {
		texts []string
		into  *[]phrase
	}{{l.Lures, &l.lures}, {l.Bitten, &l.bitten}, {l.Befell, &l.befell}} {
		if err := compileAll(c.texts, c.into); err != nil {
			return err
		}
	}
	return nil
}

// lureGroup is the cue that a lure becomes which somebody took: no phrase has it by itself, since
// nobody is robbed by a link that they got.
var lureGroup = cueGroup{Relation: Stolen, Class: "suspect", Governs: "clause"}

// lured finds the lures that were taken, in the words of one speaker: "I did get a doc link yesterday and
// it asked me to log in. I did." Where the link came is a theft told of, with the time of the link, and
// the name under which it came is nobody's deed.
func (r *reader) lured() {
	if r.answer != "" {
		return
	}
	l := &r.vocab.lured
	for i, s := range r.segs {
		if max(len(r.taken), len(r.masks), len(r.befallen)) >= maxLures {
			return
		}
		for _, hit := range r.every(l.lures, s.words) {
			if r.negated(s, hit) || s.asked {
				continue
			}
			r.mask(s, hit)
			if r.bites(i, hit) && !r.theft(i) {
				r.taken = append(r.taken, i)
				r.found[i] = append(r.found[i], cue{group: &lureGroup, relation: Stolen, from: hit[0], to: hit[len(hit)-1], own: hit})
				slices.SortStableFunc(r.found[i], func(a, b cue) int { return a.from - b.from })
			}
			break
		}
		if r.has(l.befell, s.words) && r.disowned(i) {
			r.befallen = append(r.befallen, i)
			r.found[i] = slices.DeleteFunc(r.found[i], func(c cue) bool { return c.relation == Away }) // "a new device was added": not by them
		}
	}
}

// maxLures bounds how many of them one text tells of.
const maxLures = 64

// maxBite is how many segments behind a lure it may be said that it was taken.
const maxBite = 10

// bites says that the lure of segment i was taken: behind it, within the next two sentences of the
// same speaker.
func (r *reader) bites(i int, hit []int) bool {
	for n := i; n < len(r.segs) && n <= i+maxBite && r.segs[n].sentence <= r.segs[i].sentence+2 && r.sameTurn(i, n); n++ {
		for _, h := range r.every(r.vocab.lured.bitten, r.segs[n].words) {
			if (n > i || h[0] > hit[0]) && !r.negated(r.segs[n], h) && !r.segs[n].asked {
				return true
			}
		}
	}
	return false
}

// disowned says that whoever tells of segment i says, there or in the sentence behind it, that it was
// not them.
func (r *reader) disowned(i int) bool {
	for n := i; n < len(r.segs) && n <= i+maxBite && r.segs[n].sentence <= r.segs[i].sentence+2 && r.sameTurn(i, n); n++ {
		if slices.ContainsFunc(r.found[n], func(c cue) bool { return c.relation == NotOurs && c.group.Speaker }) {
			return true
		}
	}
	return false
}

// sameTurn says that the same person speaks in both segments.
func (r *reader) sameTurn(a, b int) bool {
	if len(r.segs[a].words) == 0 || len(r.segs[b].words) == 0 {
		return false
	}
	return r.turnAt(r.words[r.segs[a].words[0]].start) == r.turnAt(r.words[r.segs[b].words[0]].start)
}

// mask notes under whose name a lure came: "a link from bob".
func (r *reader) mask(s segment, hit []int) {
	for i := hit[0] + 1; i < len(s.words); i++ {
		before := r.words[s.words[i-1]].text
		if before == "the" && i > 1 { // "do bob" is "of the bob"
			before = r.words[s.words[i-2]].text
		}
		if r.person(s.words[i]) && (before == "from" || before == "by" || before == "of") {
			r.masks = append(r.masks, r.words[s.words[i]].m)
		}
	}
}

// masked makes whoever's name a lure came under no suspect for that: they tell of it, if anything.
func (r *reader) masked() {
	for _, m := range r.masks {
		for o := range r.mentions {
			if (o == m || r.roles[o].relation != Stolen) && slices.Equal(r.mentions[o].values, r.mentions[m].values) && r.mentions[o].kind == r.mentions[m].kind {
				r.roles[o] = role{stance: vouched, relation: Reporter, seg: max(0, r.roles[o].seg)}
			}
		}
	}
}

// ownLure says that a lure was taken by whoever tells of it: its segment names nobody but its sender.
func (r *reader) ownLure(seg int) bool {
	return slices.Contains(r.taken, seg) && !slices.ContainsFunc(r.segs[seg].words, func(w int) bool {
		return r.person(w) && !slices.Contains(r.masks, r.words[w].m)
	})
}
