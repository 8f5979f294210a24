package intake

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// glossToken is a word as glossaries see it: what stands between spaces, without the signs
// around it.
type glossToken struct {
	text       string // small letters
	start, end int
	opaque     bool // a name, an address, a number: never a word of any language
	stop       bool // a sign that ends a thought stands before it
	glued      bool // was one word with the token before it: "IAM-Benutzer", "l'accès"
}

// is compares one alternative of a phrase with the token.
func (t glossToken) is(alt string) bool {
	switch alt {
	case "%address":
		return t.opaque && t.address()
	case "%number":
		return t.opaque && strings.Trim(t.text, "0123456789") == ""
	case "%name":
		return t.opaque && !t.address() && strings.Trim(t.text, "0123456789.:,-/") != ""
	}
	if t.opaque {
		return false
	}
	if stem, ok := strings.CutSuffix(alt, "*"); ok {
		return strings.HasPrefix(t.text, stem)
	}
	return t.text == alt
}

// address says that the token is an address or a network.
func (t glossToken) address() bool {
	return v4Form.MatchString(t.text) || strings.Count(t.text, ":") > 1 && strings.Trim(t.text, "0123456789abcdef:/.") == ""
}

// marks are the signs that may stand around a word.
const marks = ".,:;!?()[]{}<>\"'`“”„‟«»‹›‘’‚¿¡…|–—"

// stops are those of them that end a thought.
const stops = ".,:;!?()[]{}¿¡…|–—"

// glossTokens splits work[from:to]. knows says what is a word of the language; named, what
// the evidence calls something, and is no word for that.
func glossTokens(work string, from, to int, knows func(string) bool, named map[string]bool) []glossToken {
	var out []glossToken
	stop := false
	for i := from; i < to; {
		r, n := utf8.DecodeRuneInString(work[i:to])
		if unicode.IsSpace(r) || strings.ContainsRune(marks, r) {
			if strings.ContainsRune(stops, r) && !ordinalPoint(work, i, from, to) {
				stop = true
			}
			i += n
			continue
		}
		j := i
		for j < to {
			r, n := utf8.DecodeRuneInString(work[j:to])
			if unicode.IsSpace(r) {
				break
			}
			j += n
		}
		end := i + len(strings.TrimRight(work[i:j], marks))
		first := len(out)
		out = appendParts(out, work, i, end, knows, named)
		if first < len(out) {
			out[first].stop, stop = stop, false
		}
		i = end
	}
	return out
}

// ordinalPoint says that the point at byte i makes a number a day: "2. November".
func ordinalPoint(work string, i, from, to int) bool {
	return work[i] == '.' && i > from && '0' <= work[i-1] && work[i-1] <= '9' && i+2 < to && work[i+1] == ' ' && isWordByte(work[i+2])
}

// maxJoined bounds what is looked at as one word, or as words that are joined.
const maxJoined = 96

// isWordByte takes every byte of a letter outside ASCII for one of a word.
func isWordByte(c byte) bool { return isAlnum(c) || c >= utf8.RuneSelf }

// appendParts appends what stands in work[start:end] as one token, or as those it is
// joined of.
func appendParts(out []glossToken, work string, start, end int, knows func(string) bool, named map[string]bool) []glossToken {
	if end-start > maxJoined {
		return append(out, glossToken{start: start, end: end, opaque: true})
	}
	text := strings.ToLower(strings.ReplaceAll(work[start:end], "’", "'"))
	t := glossToken{text: text, start: start, end: end}
	quoted := start > 0 && end < len(work) && strings.IndexByte("\"'`", work[start-1]) >= 0 && work[end] == work[start-1]
	if named[work[start:end]] && !knows(text) || quoted {
		t.opaque = true
		return append(out, t)
	}
	if knows(text) {
		return append(out, t)
	}
	if k := strings.IndexAny(work[start:end], "'’"); k > 0 && k <= 6 { // l'accès, d'ops-admin
		_, n := utf8.DecodeRuneInString(work[start+k:])
		if head := strings.ToLower(work[start:start+k]) + "'"; knows(head) && start+k+n < end {
			out = append(out, glossToken{text: head, start: start, end: start + k + n})
			first := len(out)
			out = appendParts(out, work, start+k+n, end, knows, named)
			out[first].glued = true
			return out
		}
	}
	if k := strings.LastIndexByte(work[start:end], '-'); k > 0 && !named[work[start:end]] && knows(strings.ToLower(work[start+k+1:end])) { // IAM-Benutzer
		out = appendParts(out, work, start, start+k, knows, named)
		return append(out, glossToken{text: strings.ToLower(work[start+k+1 : end]), start: start + k + 1, end: end, glued: true})
	}
	for _, r := range t.text {
		t.opaque = t.opaque || !unicode.IsLetter(r) && r != '\''
	}
	return append(out, t)
}
