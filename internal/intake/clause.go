package intake

import "strings"

// segment is a piece of a sentence between commas, conjunctions or parentheses: small
// enough that a cue in it speaks of what stands in it.
type segment struct {
	words    []int // into reader.words; a parenthesis in between is a segment of its own
	sentence int
	clause   int  // segments of one clause are joined by commas, "and", "which"
	paren    bool // stands in parentheses
	before   int  // the segment it continues, -1 for the first of a clause
	or       bool // begins with "or" or "nor": a negation goes on
	asked    bool // of a sentence that ends in a question mark
}

// strongJoints begin a clause that stands for itself; weakJoints one that may go on
// with what the last one said.
var (
	strongJoints = set("but however while whereas although though otherwise meanwhile")
	weakJoints   = set("and or nor plus which who whose because so when where & until then")
	agrees       = set("yes yeah yep yup") // "she says yes, it was her" is one thing said
	abbreviated  = set("e.g g i.e e etc vs approx ca st no mr ms mrs dr inc ltd a.m p.m m fig resp")
)

// segments splits the words of the text.
func (r *reader) segments() []segment {
	var segs []segment
	cur, main := -1, -1 // the segment being filled; the one a parenthesis interrupts
	sentence, clause := 0, 0
	open := func(before int, paren bool) {
		segs = append(segs, segment{sentence: sentence, clause: clause, before: before, paren: paren})
		cur = len(segs) - 1
	}
	// What stands between two words decides where a segment begins; the first that applies of:
	// end of a parenthesis, end of a sentence, a parenthesis, a joint that begins a clause of its
	// own, and one that goes on with the clause. Inside a parenthesis nothing weaker splits.
	for i, w := range r.words {
		gap := ""
		if i > 0 {
			gap = r.gap(r.words[i-1].end, w.start)
		}
		if i > 0 && main >= 0 && strings.Contains(gap, ")") { // back from a parenthesis
			cur, main = main, -1
			gap = gap[strings.LastIndexByte(gap, ')')+1:]
		}
		switch {
		case cur < 0:
			open(-1, false)
		case r.ends(gap, i):
			if strings.Contains(gap, "?") {
				r.ask(segs, sentence)
			}
			sentence, clause, main = sentence+1, clause+1, -1
			open(-1, false)
		case main < 0 && strings.Contains(gap, "(") && r.closes(w.start):
			main = cur
			open(main, true)
		case strings.Contains(gap, ";") || strings.Contains(gap, "—") || strings.Contains(gap, " – ") || strings.Contains(gap, " - ") || strings.Contains(gap, "--") || strongJoints[w.text]:
			clause++
			open(-1, false)
		case main < 0 && (strings.Contains(gap, ",") && !agrees[r.words[i-1].text] || weakJoints[w.text] || strings.Contains(gap, "&") || strings.Contains(gap, "/") && !r.path(gap, i)) && len(segs[cur].words) > 0:
			open(cur, false)
			segs[cur].or = w.text == "or" || w.text == "nor"
		}
		segs[cur].words = append(segs[cur].words, i)
	}
	if n := len(r.words); n > 0 && strings.Contains(r.work[r.words[n-1].end:], "?") {
		r.ask(segs, sentence)
	}
	return segs
}

// path says that the slash before word i stands inside the name of a place: "committed to acme/infra".
func (r *reader) path(gap string, i int) bool {
	if gap != "/" || i < 2 || r.words[i].m >= 0 || r.words[i-1].m >= 0 {
		return false
	}
	switch r.words[i-2].text {
	case "to", "into", "in", "repo", "repository":
		return true
	}
	return false
}

// gap is what stands between two words, without what belongs to something that is no
// word (an address on the web, a shortened key): its dots end no sentence.
func (r *reader) gap(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		if !r.claimed[i] {
			b.WriteByte(r.work[i])
		}
	}
	return b.String()
}

// ask marks the question that ends a sentence: all of it, or from the segment on that
// begins like one ("He was fired on Friday, does he still have access?").
func (r *reader) ask(segs []segment, sentence int) {
	// The first segment that begins like a question, joints passed over; if none does, all of
	// the sentence is asked (first stays 0).
	first := 0
	for i := len(segs) - 1; i >= 0 && segs[i].sentence == sentence; i-- {
		for _, w := range segs[i].words {
			if t := r.words[w].text; grammar().question[t] {
				first = i
			} else if weakJoints[t] || strongJoints[t] {
				continue
			}
			break
		}
	}
	for i := first; i < len(segs); i++ {
		segs[i].asked = segs[i].asked || segs[i].sentence == sentence
	}
}

// maxWrapped is how many bytes a line may have that was cut to fit a page or a mail.
const maxWrapped = 120

// ends says that the gap before word i ends a sentence: a full stop and white space, an
// empty line, a new line that begins like a new thought, or somebody else's turn to speak.
func (r *reader) ends(gap string, i int) bool {
	if r.parts(r.words[i-1].end, r.words[i].start) {
		return true
	}
	for k := 0; k < len(gap); k++ {
		if strings.IndexByte(".!?", gap[k]) >= 0 && (k+1 == len(gap) && gap[k] != '.' || k+1 < len(gap) && strings.IndexByte(" \n\t\r\"')”", gap[k+1]) >= 0) {
			prev := r.words[i-1].text
			if prev == "no" { // "no. 7" is a number, "he says no. Then" is not
				return r.work[r.words[i].start] > '9'
			}
			if gap[k] != '.' || !(abbreviated[prev] || len(prev) == 1 && prev != "i" && (prev < "0" || prev > "9") && r.words[i-1].m < 0) {
				return true
			}
		}
	}
	if strings.Contains(gap, " | ") { // the fields of a ticket
		return true
	}
	// A single new line may be a wrapped one: it ends a sentence only before a list mark or a
	// capital, unless a comma stands before it, and behind a line longer than anybody wraps at.
	nl := strings.IndexByte(gap, '\n')
	if nl < 0 {
		return false
	}
	rest := strings.TrimLeft(gap[nl:], "\r\n\t ")
	c := r.work[r.words[i].start]
	if at := r.words[i-1].end + nl; at-1-strings.LastIndexByte(r.work[:at], '\n') > maxWrapped {
		return true
	}
	return strings.Count(gap, "\n") > 1 || rest != "" && strings.Contains("-*•>#", rest[:1]) || 'A' <= c && c <= 'Z' && !strings.Contains(gap, ",")
}

// closes says that a parenthesis opened before byte i closes in reach.
func (r *reader) closes(i int) bool {
	end := min(len(r.work), i+300)
	k := strings.IndexByte(r.work[i:end], ')')
	return k >= 0
}

// fragment says that the segment has no verb of its own.
func (r *reader) fragment(s segment) bool {
	own := 0
	for _, w := range s.words {
		if r.words[w].m < 0 && !grammar().glue[r.words[w].text] && strings.Trim(r.words[w].text, "0123456789") != "" {
			own++
		}
	}
	return own == 0 || s.paren && own == 1 // "(Cure53, from 203.0.113.9)"
}
