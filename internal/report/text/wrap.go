package text

import "strings"

// word is what may not be broken: pieces with no space between them.
type word struct {
	pieces []span
	width  int
}

// wrap breaks spans into lines at spaces. A word wider than its line stands alone, broken only
// if wider than longest too.
// A line has eight columns at least, however deep it is indented: with none, wrapping
// would never end. There is always one line, an empty one of no words.
func wrap(spans []span, firstWidth, restWidth, longest int) [][]span {
	lines := [][]span{nil}
	room, used := max(8, firstWidth), 0
	next := func() {
		lines = append(lines, nil)
		room, used = max(8, restWidth), 0
	}
	add := func(sp span) { lines[len(lines)-1] = append(lines[len(lines)-1], sp) }
	// Not used > 0: a word may be all marks, and takes no column of its own.
	begun := func() bool { return len(lines[len(lines)-1]) > 0 }
	for _, w := range words(spans) {
		if begun() && used+1+w.width > room {
			next()
		}
		if begun() {
			add(s(" "))
			used++
		}
		if w.width <= max(room, longest) {
			for _, piece := range w.pieces {
				add(piece)
			}
			used += w.width
			continue
		}
		for _, piece := range w.pieces {
			// Broken letter by letter; merge makes one span of them again.
			for _, r := range piece.text {
				if c := runeColumns(r); used+c > room {
					next()
				}
				add(span{string(r), piece.style})
				used += runeColumns(r)
			}
		}
	}
	for i := range lines {
		lines[i] = merge(lines[i])
	}
	return lines
}

// words splits spans at spaces; spans that touch without a space make one word.
func words(spans []span) []word {
	var out []word
	glued := false
	for _, sp := range spans {
		for i, part := range strings.Split(sp.text, " ") {
			if i > 0 {
				glued = false
			}
			if part == "" {
				continue
			}
			piece := span{part, sp.style}
			if glued {
				w := &out[len(out)-1]
				w.pieces = append(w.pieces, piece)
				w.width += columns(part)
			} else {
				out = append(out, word{[]span{piece}, columns(part)})
			}
			glued = true
		}
	}
	return out
}

// merge joins neighbours of one style, so that a coloured sentence is one escape, not twenty.
func merge(line []span) []span {
	var out []span
	for i, sp := range line {
		n := len(out)
		switch {
		case n > 0 && out[n-1].style == sp.style:
			out[n-1].text += sp.text
		// A blank between two words of one style takes it, though it was written plain: each word
		// would else be a span of its own.
		case n > 0 && sp.text == " " && i+1 < len(line) && line[i+1].style == out[n-1].style:
			out[n-1].text += sp.text
		default:
			out = append(out, sp)
		}
	}
	return out
}

// maxWord is the longest word, in columns, that is left whole though it does not fit: the
// longest ARNs people work with are shorter.
const maxWord = 260
