package intake

// foundTimes marks the times that tell when a thing was come across: those of the clause that says
// so, and of the clauses before it in its sentence ("going through IAM today, I found a user x"). What
// stands behind it tells of the thing ("…, made last week"). An answer was asked for its time.
func (r *reader) foundTimes() {
	if r.answer != "" {
		return
	}
	r.foundAt = map[int]bool{}
	for i, s := range r.segs {
		if !r.finds(s) {
			continue
		}
		r.foundAt[s.sentence] = true
		for b := i; b >= 0 && r.segs[b].sentence == s.sentence && i-b <= maxApart; b-- {
			for _, w := range r.segs[b].words {
				if m := r.words[w].m; m >= 0 && r.mentions[m].kind == "time" {
					r.mentions[m].span.Found = true
				}
			}
		}
	}
}

// finds says that a segment tells of nothing but that a thing was come across. Where it also tells
// what was done ("saw a new key created on Monday"), its time may be that of the deed.
func (r *reader) finds(s segment) bool {
	found := false
	for k := range r.vocab.effects {
		g := &r.vocab.effects[k]
		switch {
		case r.told(s, g, nil) == nil:
		case g.Found:
			found = true
		default:
			return false
		}
	}
	return found
}

// foundIn says that a sentence tells that a thing was come across: what else it says of it ("a
// role which trusts an account …") was so before.
func (r *reader) foundIn(sentence int) bool {
	return r.foundAt[sentence]
}

// inSentence says that a time stands in a sentence.
func (r *reader) inSentence(t Span, sentence int) bool {
	return r.sentenceAt(t.Start) == sentence
}
