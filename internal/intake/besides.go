package intake

import (
	"slices"
)

// Besides is somebody who is said to have done what the case tells of, but not here: "dave
// says he created one key but not this one".
type Besides struct {
	Who string // the value of the principal or session; "" where it is "us"
	N   int    // how many they own to, 0 where it is not said
}

// besidesCues are the phrases of people.yml that tell of it.
type besidesCues struct {
	Own     []string `yaml:"own"`
	Another []string `yaml:"another"`
	Others  []string `yaml:"others"`

	own, another, others []phrase
}

// compile compiles the phrases.
func (b *besidesCues) compile() error {
	for _, l := range []struct {
		texts []string
		into  *[]phrase
	}{{b.Own, &b.own}, {b.Another, &b.another}, {b.Others, &b.others}} {
		if err := compileAll(l.texts, l.into); err != nil {
			return err
		}
	}
	return nil
}

// admitted is one such statement: by whom, in which sentence, and whether they deny the rest.
type admitted struct {
	Besides
	sentence int
	denies   int // the segment that says that another is not theirs, -1 for none
}

// admissions finds them. Somebody's own act counts only where it is said, there or in the next
// sentence, that there is another: to have made a key is no excuse by itself.
func (r *reader) admissions() []admitted {
	if r.answer != "" {
		return nil
	}
	var out []admitted
	sentences := map[int][]int{}
	last := 0
	for _, s := range r.segs {
		sentences[s.sentence] = append(sentences[s.sentence], s.words...)
		last = max(last, s.sentence)
	}
	for n := 0; n <= last; n++ {
		words := sentences[n]
		for _, hit := range r.every(r.vocab.people.besides.others, words) {
			if who, ok := r.owner(words, hit); ok {
				out = append(out, admitted{Besides{Who: who}, n, -1})
			}
		}
		// Another act is told of behind one's own, in the sentence or in the next, if that begins so.
		another := r.every(r.vocab.people.besides.another, words)
		behind, where := another, words
		if len(another) == 0 {
			where = sentences[n+1]
			behind = r.every(r.vocab.people.besides.another, where)
			if len(where) > 0 && r.words[where[0]].text != "who" && r.words[where[0]].text != "the" && r.words[where[0]].text != "but" {
				behind = nil
			}
		}
		if len(behind) == 0 {
			continue
		}
		for _, hit := range r.every(r.vocab.people.besides.own, words) {
			who, ok := r.owner(words, hit)
			if !ok || len(another) > 0 && behind[0][0] <= hit[1] {
				continue
			}
			a := admitted{Besides{who, counted(r.words[words[hit[len(hit)-1]]].text)}, n, -1}
			if w := where[behind[0][0]]; r.words[w].text != "who" {
				a.denies = r.segmentOf(w)
			}
			out = append(out, a)
		}
	}
	return out
}

// every gives the places where one of the phrases fits, one for each first word.
func (r *reader) every(phrases []phrase, words []int) (out [][]int) {
	for i := range words {
		for k := range phrases {
			if hit := phrases[k].match(r, words, i); hit != nil {
				out = append(out, hit)
				break
			}
		}
	}
	return out
}

// has says whether any of the phrases is met.
func (r *reader) has(phrases []phrase, words []int) bool {
	for i := range words {
		for k := range phrases {
			if phrases[k].match(r, words, i) != nil {
				return true
			}
		}
	}
	return false
}

// owner is who a hit names, "" for us; ok is false for what is no person.
func (r *reader) owner(words, hit []int) (who string, ok bool) {
	for _, h := range hit {
		if m := r.words[words[h]].m; m >= 0 {
			return r.mentions[m].values[0], r.person(words[h])
		}
	}
	return "", true
}

// segmentOf is the segment that a word stands in, -1 for none.
func (r *reader) segmentOf(word int) int {
	return slices.IndexFunc(r.segs, func(s segment) bool { return slices.Contains(s.words, word) })
}

// counted is how many a word says, 0 for some.
func counted(w string) int {
	switch w {
	case "another", "first":
		return 1
	case "several", "few", "couple":
		return 0
	}
	return numbers[w]
}

// excuse makes those who own to another act no suspects for saying so, and lets their denial
// of this one stand as one.
func (r *reader) excuse(list []admitted) {
	for _, a := range list {
		for i, s := range r.segs {
			if s.sentence != a.sentence {
				continue
			}
			for _, w := range s.words {
				if m := r.words[w].m; m >= 0 && r.person(w) && slices.Contains(r.mentions[m].values, a.Who) {
					r.roles[m] = role{stance: vouched, relation: Reporter, seg: i}
				}
			}
		}
	}
}

// besides gives each effect those who own to another of its sort: to those of the kind that
// their own sentence tells of, to all if it tells of none. Where all the others were ours,
// what is left is what the text names, if it names any.
func (r *reader) besides(effects []Effect, list []admitted) []Effect {
	for _, a := range list {
		own := map[string]bool{}
		for _, e := range effects {
			if r.sentenceAt(e.Span[0]) == a.sentence {
				own[e.Kind] = true
			}
		}
		for i := range effects {
			if len(own) == 0 || own[effects[i].Kind] {
				effects[i].Besides = append(effects[i].Besides, a.Besides)
			}
		}
	}
	// "The others were ours": what is left of that sort is what the text names.
	rest := func(e Effect) bool {
		return slices.Contains(e.Besides, Besides{}) && len(e.Names) == 0 &&
			slices.ContainsFunc(effects, func(o Effect) bool { return o.Kind == e.Kind && o.Object == e.Object && len(o.Names) > 0 })
	}
	kept := []Effect(nil)
	for _, e := range effects {
		if !rest(e) {
			kept = append(kept, e)
		}
	}
	return kept
}

// sentenceAt is the sentence in which byte i stands.
func (r *reader) sentenceAt(i int) int {
	for _, s := range r.segs {
		for _, w := range s.words {
			if r.words[w].start <= i && i < r.words[w].end {
				return s.sentence
			}
		}
	}
	return -1
}
