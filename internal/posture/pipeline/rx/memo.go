package rx

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// Memo remembers what was decided, for an audit of many projects that share a few
// patterns. A nil Memo decides everything anew. It may be used at once by several.
type Memo struct {
	seen sync.Map // key to answer
	size atomic.Int64
}

// maxMemo bounds what is remembered: whoever may make projects chooses how many
// patterns there are.
const maxMemo = 20_000

type answer struct {
	accepted Accepted
	shape    Shape
	err      error
}

func (m *Memo) get(key string, decide func() answer) answer {
	if m == nil {
		return decide()
	}
	if a, ok := m.seen.Load(key); ok {
		return a.(answer)
	}
	a := decide()
	// Two at once may decide the same key and both count: the bound is then reached
	// a little early, which costs time and nothing else.
	if m.size.Add(1) <= maxMemo {
		m.seen.Store(key, a)
	}
	return a
}

// Accept is Accept for the ids of a provider. What it returns is shared: it must
// not be changed.
func (m *Memo) Accept(provider string, terms []Term) (Accepted, error) {
	var key strings.Builder
	key.WriteString("accept " + strconv.FormatBool(strings.HasPrefix(provider, "BITBUCKET")))
	for _, t := range terms {
		// Quoted, so that no pattern can be written that reads like two terms.
		key.WriteString(strconv.FormatBool(t.Exclude) + strconv.Quote(t.Pattern))
	}
	a := m.get(key.String(), func() (a answer) {
		a.accepted, a.err = Accept(IdsOf(provider), terms)
		return a
	})
	return a.accepted, a.err
}

// Look is Look.
func (m *Memo) Look(pattern string, ref bool) (Shape, error) {
	a := m.get("look "+strconv.FormatBool(ref)+pattern, func() (a answer) {
		a.shape, a.err = Look(pattern, ref)
		return a
	})
	return a.shape, a.err
}
