package claim

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/trailhound/trailhound/internal/evidence"
)

// words is everything an event says, as sentences may repeat it.
type words struct {
	texts    []string
	set      map[string]struct{}
	instants []time.Time // the event's own times
	lengths  map[int]bool
}

// maxWordBytes bounds what of one record sentences are held against.
const maxWordBytes = 4 << 20

// say collects the words once for all the claims about the event.
func (s *subject) say() *words {
	if s.words != nil {
		return s.words
	}
	w := &words{set: map[string]struct{}{}, lengths: map[int]bool{}}
	for _, f := range table {
		// The resource field walks the record without its names; it comes below, whole.
		if f.name != "resource" {
			w.add(f.values(s)...)
		}
	}
	e := s.e
	w.add(e.Resources...)
	w.add(e.Identity.IssuerName, e.Identity.Account)
	if d, ok := evidence.ParseDenial(e.ErrorMessage); ok {
		w.add(d.Action, d.Resource, d.Actor)
	}
	budget := maxWordBytes
	w.record(map[string]any(s.record()), 0, &budget)
	w.instants = append(w.instants, e.Time)
	if !e.Identity.SessionCreated.IsZero() {
		w.instants = append(w.instants, e.Identity.SessionCreated)
	}
	s.words = w
	return w
}

// add keeps each text once, cleaned as sentences are.
func (w *words) add(texts ...string) {
	for _, t := range texts {
		t = clean(t)
		if _, ok := w.set[t]; ok || t == "" {
			continue
		}
		w.set[t] = struct{}{}
		w.texts = append(w.texts, t)
	}
}

// record adds every scalar of a value, whatever it is called. The lengths of lists
// are kept as well: "3 instances" may be a list of three.
func (w *words) record(v any, depth int, budget *int) {
	if depth > maxDepth || *budget <= 0 || len(w.texts) > maxScalars {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		for _, x := range v { // order does not matter: words are searched, never shown
			w.record(x, depth+1, budget)
		}
	case []any:
		w.lengths[len(v)] = true
		for _, x := range v {
			w.record(x, depth+1, budget)
		}
	default:
		if s, err := scalar(v); err == nil {
			*budget -= len(s)
			w.add(s)
		}
	}
}

// has says whether the event says the token: as a value, or inside one and not
// as a part of a longer name.
func (w *words) has(token string) bool {
	if _, ok := w.set[token]; ok {
		return true
	}
	for _, t := range w.texts {
		if len(t) > len(token) && within(t, token) {
			return true
		}
	}
	return false
}

// within finds token in text where no letter, digit, hyphen or underscore
// touches it, nor a dot or at-sign that joins it to one.
func within(text, token string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], token)
		if i < 0 || token == "" {
			return false
		}
		i += from
		end := i + len(token)
		if !joinedLeft(text[:i]) && !joinedRight(text[end:]) {
			return true
		}
		from = i + 1
	}
}

// nameByte: what may belong to a name. Every byte beyond ASCII does, so that a
// token never ends inside a letter.
func nameByte(c byte) bool {
	return c == '-' || c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}

// joinedLeft: a dot or an at-sign joins only if a name goes on beyond it; at the end
// of a sentence it does not.
func joinedLeft(s string) bool {
	n := len(s)
	return n > 0 && (nameByte(s[n-1]) || n > 1 && (s[n-1] == '.' || s[n-1] == '@') && nameByte(s[n-2]))
}

func joinedRight(s string) bool {
	return len(s) > 0 && (nameByte(s[0]) || len(s) > 1 && (s[0] == '.' || s[0] == '@') && nameByte(s[1]))
}

// clean takes out what a reader cannot see and a program can: format
// characters (zero width, bidi) and controls, which could otherwise split a
// token in two, and writes full-width digits as digits.
func clean(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		case '０' <= r && r <= '９':
			return '0' + r - '０'
		}
		return r
	}, s)
}

// amount writes an integer the way sentences do.
func amount(n int64) string { return strconv.FormatInt(n, 10) }
