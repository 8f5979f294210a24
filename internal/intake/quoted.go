package intake

import (
	"slices"
	"strings"
)

// quotedHere says that the person at pos wrote what follows: "bob wrote: the bucket is empty",
// "On Mon, Nov 9 Alice Miller wrote:". Who is quoted tells of the case; without this the one
// who called for help would stand first among the suspects. Who quotes their own deed ("bob
// wrote: I deleted it") is no mere teller.
func (r *reader) quotedHere(s segment, pos int) bool {
	verb := pos + 1
	for ; verb < len(s.words) && verb <= pos+maxBeforeVerb && !r.vocab.people.quotes[r.words[s.words[verb]].text]; verb++ {
		w := r.words[s.words[verb]]
		if !r.vocab.people.lead[w.text] && (w.m >= 0 || !r.capital(w)) { // a second name has a capital
			return false
		}
	}
	if verb >= len(s.words) || verb > pos+maxBeforeVerb {
		return false
	}
	colon := slices.IndexFunc(s.words[verb:min(verb+maxToColon, len(s.words))], func(w int) bool {
		return strings.HasPrefix(strings.TrimLeft(r.work[r.words[w].end:], " "), ":")
	})
	return colon >= 0 && !r.owns(s.sentence, r.words[s.words[verb+colon]].end)
}

// Bounds of a line that says who wrote, in words. Beyond them the verb is somebody else's.
const (
	maxBeforeVerb = 3 // words up to the verb: "Alice Miller has wrote", as glossaries say "a écrit"
	maxToColon    = 5 // words from the verb to the colon: "wrote to us on Friday:"
)

// owns says that "I", behind byte at of a sentence, did something that only an actor does.
func (r *reader) owns(sentence, at int) bool {
	for _, s := range r.segs {
		for n, w := range s.words {
			if s.sentence == sentence && r.words[w].start >= at && r.words[w].text == "i" && n+1 < len(s.words) && r.vocab.people.acts[r.words[s.words[n+1]].text] {
				return true
			}
		}
	}
	return false
}

// capital says that the word is written with one.
func (r *reader) capital(w word) bool {
	c := r.work[w.start]
	return 'A' <= c && c <= 'Z'
}

// calledFor says that something is told which a new credential would repair: one was lost,
// or was taken out of use.
func (r *reader) calledFor() bool {
	return slices.ContainsFunc(r.found, func(cues []cue) bool {
		return slices.ContainsFunc(cues, func(c cue) bool {
			switch c.relation {
			case Stolen, Exposed, Rotated, Disabled, Contained:
				return !c.negated
			}
			return false
		})
	})
}
