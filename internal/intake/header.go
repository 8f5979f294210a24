package intake

import "strings"

// header is the word that heads a line of a mail or a field of a ticket, "" where the segment
// is none: "From: …", "Created: …".
func (r *reader) header(s segment) string {
	if len(s.words) < 2 {
		return ""
	}
	// The last word is no head: nothing would stand behind its colon.
	for i, w := range s.words[:min(2, len(s.words)-1)] { // "reported by:"
		if strings.HasPrefix(strings.TrimLeft(r.work[r.words[w].end:], " "), ":") && r.words[w].m < 0 {
			text := r.words[w].text
			if i > 0 {
				text = r.words[s.words[0]].text + " " + text
			}
			return text
		}
		if r.words[w].m >= 0 {
			return ""
		}
	}
	return ""
}

// headers gives who a mail is from and to, and who opened a ticket, the part that they have:
// they tell of it.
func (r *reader) headers() {
	for i, s := range r.segs {
		if !r.vocab.people.from[r.header(s)] {
			continue
		}
		for n := i; n < len(r.segs) && r.segs[n].sentence == s.sentence; n++ {
			for _, w := range r.segs[n].words {
				if r.person(w) {
					r.roles[r.words[w].m] = role{stance: vouched, relation: Reporter, seg: i}
				}
			}
		}
	}
}

// written says that the segment gives when something was written or reported, not when it was.
func (r *reader) written(s segment) bool { return r.vocab.people.written[r.header(s)] }
