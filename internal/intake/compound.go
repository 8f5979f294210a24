package intake

import "unicode/utf8"

// A joined word is taken apart only where both parts are long enough that an ending ("-heit") or
// a prefix ("ver-") cannot be meant, in bytes.
const (
	minJoinedHead = 5
	minJoinedTail = 6
)

// split takes the last part of a joined word for the word, where nobody knows the whole: a
// "Sicherheitsdienstleister" is a "Dienstleister", whatever else he is. Of several endings that
// are known the longest says most.
func (g *glossary) split(toks []glossToken, t *tongues) {
	if !g.compounds {
		return
	}
	for i := range toks {
		w := toks[i].text
		if toks[i].opaque || len(w) < minJoinedHead+minJoinedTail || g.knows(w) || t.english[w] || t.loans[w] || isTimeWord(w) {
			continue
		}
		for k := minJoinedHead; k <= len(w)-minJoinedTail; k++ {
			if utf8.RuneStart(w[k]) && g.knows(w[k:]) {
				toks[i].text = w[k:]
				break
			}
		}
	}
}
