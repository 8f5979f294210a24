package intake

import (
	"fmt"
	"strings"
)

// Unspecified is the kind of a case whose text fits none: the evidence is then swept for all.
const Unspecified = "unspecified"

// Kinds are the kinds of case, the eleven that have a flow of their own and Unspecified.
var Kinds = []string{
	"leaked_access_key", "console_takeover", "instance_credential_theft", "suspicious_source", "departed_employee",
	"s3_exfiltration_or_ransom", "cost_spike", "pipeline_compromise", "root_activity", "model_abuse", "logging_tampered", Unspecified,
}

// kind scores the cues of content/intake/kinds.yml over what the text does not vouch for.
func (r *reader) kind(seeds []Seed) (kind, why string) {
	best, kind := r.vocab.least-1, Unspecified
	sentences := r.accused()
	for _, k := range r.vocab.kinds {
		score, found := 0, []string(nil)
		for _, c := range k.Cues {
			if words := r.first(c.compiled, sentences); words != "" {
				score += c.Weight
				found = append(found, fmt.Sprintf("%q +%d", words, c.Weight))
			}
		}
		for _, class := range []string{"access_key", "instance", "bucket"} {
			if w := k.Seed[class]; w > 0 && r.hasSeed(seeds, class) {
				score += w
				found = append(found, fmt.Sprintf("%s named +%d", strings.ReplaceAll(class, "_", " "), w))
			}
		}
		if score > best {
			best, kind, why = score, k.Kind, strings.Join(found, ", ")
		}
	}
	if kind == Unspecified {
		why = "no cue of any kind of case"
	}
	return kind, why
}

// hasSeed says that one of the seeds is a mention of the class or kind. Seeds of the text are
// told by their place, since a value may be that of several mentions.
func (r *reader) hasSeed(seeds []Seed, class string) bool {
	for _, s := range seeds {
		for _, m := range r.mentions {
			if (m.class == class || m.kind == class) && m.start == s.Span[0] && m.end == s.Span[1] {
				return true
			}
		}
	}
	return false
}

// accused gives the words of each sentence, without the segments that vouch for something.
func (r *reader) accused() [][]int {
	var out [][]int
	last := -1
	for i, s := range r.segs {
		if r.vouches(i) || r.cleared(s) {
			continue
		}
		if s.sentence != last {
			out, last = append(out, nil), s.sentence
		}
		for _, w := range s.words {
			if m := r.words[w].m; m < 0 || r.roles[m].stance != vouched {
				out[len(out)-1] = append(out[len(out)-1], w)
			}
		}
	}
	return out
}

// cleared says that the segment does nothing but name what is vouched for elsewhere.
func (r *reader) cleared(s segment) bool {
	n := 0
	for _, w := range s.words {
		if m := r.words[w].m; m >= 0 && r.isToken(w) {
			if n++; r.roles[m].stance != vouched {
				return false
			}
		}
	}
	return n > 0 && r.fragment(s)
}

// vouches says that every cue of the segment which says whose something is, is benign.
func (r *reader) vouches(seg int) bool {
	benign := false
	for _, c := range r.found[seg] {
		switch {
		case c.benign() && !c.negated && c.relation != Excluded:
			benign = true
		case c.group.Class == "suspect":
			return false
		}
	}
	return benign
}

// first finds the first place where one of the phrases fits and is not negated, and
// returns its words.
func (r *reader) first(phrases []phrase, sentences [][]int) string {
	for _, idx := range sentences {
		for i := range idx {
			for k := range phrases {
				hit := phrases[k].match(r, idx, i)
				if hit == nil || !phrases[k].negative && r.denied(idx, hit[0]) {
					continue
				}
				var b []string
				for _, h := range hit {
					w := r.words[idx[h]]
					b = append(b, r.gloss.said(w.start, w.end))
				}
				return strings.Join(b, " … ")
			}
		}
	}
	return ""
}

// denied looks for a negation in the three words before position at of a sentence. It is closer
// than negated, which sees one segment: accused leaves segments out, so that words of two may
// stand side by side here.
func (r *reader) denied(idx []int, at int) bool {
	for i := max(0, at-3); i < at; i++ {
		if negators[r.words[idx[i]].text] && !(i+1 < len(idx) && r.words[idx[i+1]].text == "only") {
			return true
		}
	}
	return false
}
