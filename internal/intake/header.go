package intake

import (
	"slices"
	"strings"
)

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
// they tell of it. Of whom it is from, "I entered my password" tells that they were robbed.
func (r *reader) headers() {
	for i, s := range r.segs {
		if !r.vocab.people.from[r.header(s)] {
			continue
		}
		is := role{stance: vouched, relation: Reporter, seg: i}
		if seg := r.ownLoss(i); seg >= 0 {
			is = role{stance: suspect, seg: seg}
			if r.theft(seg) {
				is.relation = Stolen
			}
		}
		for n := i; n < len(r.segs) && r.segs[n].sentence == s.sentence; n++ {
			for _, w := range r.segs[n].words {
				if r.person(w) {
					r.roles[r.words[w].m] = is
				}
			}
		}
	}
}

// ownLoss is the segment in which whoever wrote below a head says that something was stolen from
// themselves, -1 if there is none. What stands below the next such head is somebody else's word.
func (r *reader) ownLoss(head int) int {
	if r.header(r.segs[head]) != "from" {
		return -1
	}
	for i := head + 1; i < len(r.segs) && r.header(r.segs[i]) != "from"; i++ {
		if (r.ofOneself(r.segs[i]) || r.ownLure(i)) && r.theft(i) || slices.Contains(r.befallen, i) {
			return i
		}
	}
	return -1
}

// written says that the segment gives when something was written or reported, not when it was.
func (r *reader) written(s segment) bool { return r.vocab.people.written[r.header(s)] }
