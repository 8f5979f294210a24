package intake

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// gloss is a text of which every sentence in a language that has a glossary is said in
// English, word by word, as far as the glossary goes. All of the reader works on it, so that
// clauses, negations and roles are found by one grammar; what is told to people is said in
// the words that they wrote, by back.
//
// Invariant: the pieces are in order of text and cover all of it, or there are none and text
// is raw. Pieces of raw may repeat and change places, as words do.
type gloss struct {
	raw, text string
	pieces    []piece
	lang      *glossary // that most of the text is in; nil for English, or what is not known
	words     int       // of the sentences that were glossed
	unknown   []string  // those of them that no glossary and no cue knows
}

// piece says what a run of text stands for: raw[from:to], byte by byte where same.
type piece struct {
	at, from, to int
	same         bool
}

// back is where text[start:end] stands in what was written.
func (g *gloss) back(start, end int) (int, int) {
	if len(g.pieces) == 0 || start >= end {
		return min(start, len(g.raw)), min(end, len(g.raw))
	}
	from, to := len(g.raw), 0
	i, found := slices.BinarySearchFunc(g.pieces, start, func(p piece, at int) int { return p.at - at })
	if !found {
		i--
	}
	// The hull of all pieces touched: words that moved apart in English are quoted with what stood
	// between them.
	for i = max(i, 0); i < len(g.pieces) && g.pieces[i].at < end; i++ {
		p := g.pieces[i]
		a, b := p.from, p.to
		if p.same {
			a, b = p.from+max(start-p.at, 0), min(p.from+end-p.at, p.to)
		}
		if a < b {
			from, to = min(from, a), max(to, b)
		}
	}
	if from > to {
		return 0, 0
	}
	return from, to
}

// ahead is where in the text raw[at] comes first.
func (g *gloss) ahead(at int) int {
	if len(g.pieces) == 0 {
		return min(at, len(g.text))
	}
	for _, p := range g.pieces {
		if p.from <= at && at < p.to {
			if p.same {
				return p.at + at - p.from
			}
			return p.at
		}
	}
	return len(g.text)
}

// said is what was written where text[start:end] stands.
func (g *gloss) said(start, end int) string {
	from, to := g.back(start, end)
	return g.raw[from:to]
}

// understood says that enough of the text is known to hold people to it.
func (g *gloss) understood() bool { return len(g.unknown)*2 <= g.words }

// glossed reads which language each sentence is in, and says it in English.
func glossed(work string, l Lexicon) *gloss {
	g := &gloss{raw: work, text: work}
	t, err := builtinTongues()
	if err != nil || len(t.glossaries) == 0 {
		return g
	}
	named := map[string]bool{}
	for _, e := range l.Entries {
		named[e.Name] = true
	}
	list := sentencesOf(work)
	t.decide(work, list, named)
	if !slices.ContainsFunc(list, func(s sentenceIn) bool { return s.lang != nil }) {
		return g
	}
	w := &glossWriter{g: g}
	share := map[*glossary]int{}
	for _, s := range list {
		share[s.lang] += s.end - s.start
		if s.lang == nil {
			w.copy(s.start, s.end)
			continue
		}
		// Sentences of English, or of no glossary, go over as they are: a text may be of two languages.
		toks := glossTokens(work, s.start, s.end, s.lang.knows, named)
		s.lang.split(toks, t)
		w.lang, w.cursor, w.first = s.lang, s.start, true
		w.sentence(toks, 0)
		w.between(s.end, false)
		g.account(toks, s.lang, t)
	}
	g.text = w.b.String()
	for _, lang := range t.glossaries {
		if share[lang] > share[g.lang] {
			g.lang = lang
		}
	}
	return g
}

// account counts the words of a glossed sentence, and lists those that nobody knows.
func (g *gloss) account(toks []glossToken, lang *glossary, t *tongues) {
	for _, tok := range toks {
		if tok.opaque {
			continue
		}
		g.words++
		if !lang.knows(tok.text) && !t.english[tok.text] && !t.loans[tok.text] && !isTimeWord(tok.text) {
			g.unknown = append(g.unknown, tok.text)
		}
	}
}

// glossWriter writes the English.
type glossWriter struct {
	g      *gloss
	b      strings.Builder
	lang   *glossary
	cursor int  // up to where the sentence has been written
	first  bool // nothing of the sentence has been
}

// copy writes what was written as it is.
func (w *glossWriter) copy(from, to int) {
	if from < to {
		w.g.pieces = append(w.g.pieces, piece{w.b.Len(), from, to, true})
		w.b.WriteString(w.g.raw[from:to])
	}
}

// put writes text for what was written in raw[from:to].
func (w *glossWriter) put(text string, from, to int) {
	w.g.pieces = append(w.g.pieces, piece{w.b.Len(), from, to, false})
	w.b.WriteString(text)
}

// between writes what stands between two words, up to byte to: quotation marks as English
// has them, without signs that it has not.
func (w *glossWriter) between(to int, glued bool) {
	if glued {
		w.space(w.cursor, to)
		w.cursor = to
		return
	}
	for w.cursor < to {
		r, n := utf8.DecodeRuneInString(w.g.raw[w.cursor:to])
		switch {
		case strings.ContainsRune("„“”«»‹›", r):
			w.put(`"`, w.cursor, w.cursor+n)
		case r == '¿' || r == '¡':
			w.put(" ", w.cursor, w.cursor+n)
		default:
			w.copy(w.cursor, w.cursor+n)
		}
		w.cursor += n
	}
}

// space parts two words, where nothing does yet.
func (w *glossWriter) space(from, to int) {
	if s := w.b.String(); s != "" && s[len(s)-1] != ' ' && s[len(s)-1] != '\n' {
		w.put(" ", from, max(to, from))
	}
}

// maxGlossDepth bounds how deep phrases may stand in the gaps of others.
const maxGlossDepth = 4

// sentence writes the tokens, which end where the sentence or the gap of a phrase ends.
func (w *glossWriter) sentence(toks []glossToken, depth int) {
	for i := 0; i < len(toks); {
		w.between(toks[i].start, toks[i].glued)
		// A phrase inside the gap of another is said too; maxGlossDepth keeps a chain of such from
		// deciding how deep the stack is.
		f, ok := w.lang.best(toks, i)
		if !ok || depth > maxGlossDepth {
			w.copy(toks[i].start, toks[i].end)
			w.cursor, w.first = toks[i].end, false
			i++
			continue
		}
		last := f.hit[len(f.hit)-1]
		w.rule(f, toks, depth)
		w.cursor, w.first = toks[last].end, false
		i = last + 1
	}
}

// rule writes the English of a phrase, with what it carries over in its places.
func (w *glossWriter) rule(f fit, toks []glossToken, depth int) {
	from, to := toks[f.hit[0]].start, toks[f.hit[len(f.hit)-1]].end
	n := 0
	literal := func() {
		text := f.out[n]
		if n++; text == "" {
			return
		}
		if c, size := utf8.DecodeRuneInString(w.g.raw[from:]); w.first && unicode.IsUpper(c) && size > 0 {
			text = strings.ToUpper(text[:1]) + text[1:]
		}
		if n > 1 {
			w.space(from, to)
		}
		w.put(text, from, to)
		w.first = false
	}
	carry := func(part []glossToken) {
		if len(part) == 0 {
			return
		}
		if n > 1 || f.out[0] != "" {
			w.space(from, to)
		}
		w.cursor = part[0].start
		w.sentence(part, depth+1)
	}
	literal()
	at := f.hit[0]
	for k := 0; k < len(f.hit); k++ {
		e := &f.elements[k]
		if e.gap > 0 {
			carry(toks[at:f.hit[k]])
			literal()
		}
		if e.class() {
			carry(toks[f.hit[k] : f.hit[k]+1])
			literal()
		}
		at = f.hit[k] + 1
	}
}

// restore puts the places and the words of what was read where they were written.
func (g *gloss) restore(out *Reading) {
	out.gloss = g
	spans := func(list []Span) {
		for i := range list {
			list[i].Start, list[i].End = g.back(list[i].Start, list[i].End)
		}
	}
	seeds := func(list []Seed) {
		for i := range list {
			list[i].Span[0], list[i].Span[1] = g.back(list[i].Span[0], list[i].Span[1])
		}
	}
	for i := range out.Effects {
		e := &out.Effects[i]
		e.Span[0], e.Span[1] = g.back(e.Span[0], e.Span[1])
		e.When = slices.Clone(e.When) // may be those of the text
		spans(e.When)
	}
	seeds(out.Seeds)
	slices.SortStableFunc(out.Seeds, func(a, b Seed) int { return cmp.Or(a.Span[0] - b.Span[0]) })
	spans(out.Times)
	for i := range out.Statements {
		seeds(out.Statements[i].Seeds)
		spans(out.Statements[i].When)
	}
}
