package intake

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is one word of the text as cues see it: small letters, no possessive. What is
// named is one word however it is written.
type word struct {
	text       string // "" for a named thing whose spelling says nothing (a key, a time)
	start, end int
	m          int // index of the mention, or -1
}

// contractions hide a verb or a negation that cues look for.
var contractions = map[string][2]string{
	"it's": {"it", "is"}, "that's": {"that", "is"}, "he's": {"he", "is"}, "she's": {"she", "is"}, "who's": {"who", "is"},
	"there's": {"there", "is"}, "what's": {"what", "is"}, "here's": {"here", "is"}, "they're": {"they", "are"},
	"we're": {"we", "are"}, "i'm": {"i", "am"}, "we've": {"we", "have"}, "i've": {"i", "have"}, "they've": {"they", "have"},
	"thats": {"that", "is"}, "theres": {"there", "is"}, "hes": {"he", "is"}, "shes": {"she", "is"}, "theyre": {"they", "are"},
	"we'd": {"we", "had"}, "we'll": {"we", "will"},
}

// words splits the text. A mention is one word; its bytes give no other.
func (s *scan) words() []word {
	at := make(map[int]int, len(s.mentions)) // start byte → mention
	for i, m := range s.mentions {
		at[m.start] = i
	}
	var out []word
	for i := 0; i < len(s.low); {
		if m, ok := at[i]; ok {
			out = append(out, word{text: s.spelling(m), start: i, end: s.mentions[m].end, m: m})
			i = s.mentions[m].end
			continue
		}
		r, n := utf8.DecodeRuneInString(s.low[i:])
		if !isWordRune(r) || s.claimed[i] {
			i += n
			continue
		}
		j := i
		var b strings.Builder
		for j < len(s.low) && !s.claimed[j] {
			r, n := utf8.DecodeRuneInString(s.low[j:])
			if r == '\'' || r == '’' {
				next, _ := utf8.DecodeRuneInString(s.low[j+n:])
				if !isWordRune(next) {
					break
				}
				b.WriteByte('\'')
			} else if isWordRune(r) {
				b.WriteString(s.low[j : j+n])
			} else {
				break
			}
			j += n
		}
		text := b.String()
		if text == "on" && strings.HasPrefix(s.low[j:], "-call") && s.free(j, j+5) {
			text, j = "oncall", j+5
		}
		if pair, ok := contractions[text]; ok {
			out = append(out, word{pair[0], i, j, -1}, word{pair[1], i, j, -1})
		} else if text = strings.TrimSuffix(text, "'s"); text != "" && text != "s" { // the s of "AKIA…'s"
			out = append(out, word{text, i, j, -1})
		}
		i = j
	}
	return out
}

// spelling keeps the letters of mentions that cues may look for by name.
func (s *scan) spelling(m int) string {
	switch s.mentions[m].kind {
	case "tool":
		return s.mentions[m].values[0]
	case "service", "action":
		return strings.ReplaceAll(s.low[s.mentions[m].start:s.mentions[m].end], " ", "-")
	}
	if s.mentions[m].class == "root" {
		return "root"
	}
	return ""
}

// isWordRune is of all scripts: names and words of other languages are words too.
func isWordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
