package rx

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
)

// dfa is a complete deterministic automaton over a small alphabet. State 0 is
// the start.
// Complete means that every state has a successor for every letter, a dead one if
// need be: product relies on it.
type dfa struct {
	alpha []rune
	next  [][]int32 // state, letter
	acc   []bool
}

// What stands before a position, as far as zero-width assertions ask.
const (
	atStart = iota
	afterLine
	afterWord
	afterOther
)

func class(r rune) int {
	switch {
	case r == '\n':
		return afterLine
	case r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z':
		return afterWord
	}
	return afterOther
}

// flags are the assertions that hold between prev (a class) and next (-1 at the end).
func flags(prev int, next rune) syntax.EmptyOp {
	var f syntax.EmptyOp
	if prev == atStart {
		f |= syntax.EmptyBeginText | syntax.EmptyBeginLine
	}
	if prev == afterLine {
		f |= syntax.EmptyBeginLine
	}
	if next == -1 {
		f |= syntax.EmptyEndText | syntax.EmptyEndLine
	}
	if next == '\n' {
		f |= syntax.EmptyEndLine
	}
	if (prev == afterWord) != (next != -1 && class(next) == afterWord) {
		return f | syntax.EmptyWordBoundary
	}
	return f | syntax.EmptyNoWordBoundary
}

// builder is the subset construction.
type builder struct {
	prog  *syntax.Prog
	full  bool // the whole string, rather than anywhere in it
	work  int
	seen  []int // instruction to the generation that visited it
	gen   int
	stack []int
	ids   map[string]int32
	todo  []subset
	d     *dfa
}

// subset is a state: instructions waiting, not yet followed through assertions,
// and what came before. A search that has matched stays matched.
type subset struct {
	pcs     []int
	prev    int
	matched bool
}

func (p *Pattern) dfa(alpha []rune, full bool) (*dfa, error) {
	b := &builder{prog: p.prog, full: full, seen: make([]int, len(p.prog.Inst)), ids: map[string]int32{}, d: &dfa{alpha: alpha}}
	b.id(subset{pcs: []int{p.prog.Start}, prev: atStart})
	for i := 0; i < len(b.todo); i++ {
		if len(b.todo) > maxStates || b.work > maxWork {
			return nil, cannot("the pattern needs more than %d states to decide", maxStates)
		}
		b.expand(int32(i), b.todo[i])
	}
	return b.d, nil
}

// All states in which a search has matched are one: what waits in them cannot change
// the answer, and keeping it would multiply states for nothing.
func (b *builder) id(s subset) int32 {
	if s.matched {
		s = subset{matched: true}
	}
	key := make([]byte, 0, 2+4*len(s.pcs))
	key = append(key, byte(s.prev), 0)
	if s.matched {
		key[1] = 1
	}
	for _, pc := range s.pcs {
		key = binary.BigEndian.AppendUint32(key, uint32(pc))
	}
	if id, ok := b.ids[string(key)]; ok {
		return id
	}
	id := int32(len(b.todo))
	b.ids[string(key)] = id
	b.todo = append(b.todo, s)
	return id
}

func (b *builder) expand(self int32, s subset) {
	row := make([]int32, len(b.d.alpha))
	if s.matched {
		for i := range row {
			row[i] = self
		}
		b.d.next, b.d.acc = append(b.d.next, row), append(b.d.acc, true)
		return
	}
	// Whether the string may end here is asked first, under the assertions that hold
	// at an end: $ and \b look at what follows.
	matched := false
	b.closure(s.pcs, flags(s.prev, -1), func(in *syntax.Inst) { matched = matched || in.Op == syntax.InstMatch })
	b.d.acc = append(b.d.acc, matched)
	for i, c := range b.d.alpha {
		// The assertions between two letters depend on both, so they can only be
		// decided now, when the next letter is known. That is why a state holds
		// instructions before their assertions.
		to := subset{prev: class(c)}
		b.closure(s.pcs, flags(s.prev, c), func(in *syntax.Inst) {
			switch in.Op {
			case syntax.InstMatch:
				// A search has found something once any prefix matches; a whole
				// match must also end there, which the question above decides.
				to.matched = to.matched || !b.full
			case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
				if in.MatchRune(c) {
					to.pcs = append(to.pcs, int(in.Out))
				}
			}
		})
		if !b.full {
			to.pcs = append(to.pcs, b.prog.Start) // a search may start anywhere
		}
		slices.Sort(to.pcs)
		to.pcs = slices.Compact(to.pcs)
		row[i] = b.id(to)
	}
	b.d.next = append(b.d.next, row)
}

// closure visits what can be reached without consuming, under the assertions.
// A stack of its own instead of recursion: nested groups in a hostile pattern would
// otherwise nest calls. The generation spares clearing seen for every letter of
// every state.
func (b *builder) closure(pcs []int, f syntax.EmptyOp, visit func(*syntax.Inst)) {
	b.gen++
	b.stack = append(b.stack[:0], pcs...)
	for len(b.stack) > 0 {
		pc := b.stack[len(b.stack)-1]
		b.stack = b.stack[:len(b.stack)-1]
		if b.seen[pc] == b.gen {
			continue
		}
		b.seen[pc] = b.gen
		b.work++
		in := &b.prog.Inst[pc]
		switch in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			b.stack = append(b.stack, int(in.Out), int(in.Arg))
		case syntax.InstCapture, syntax.InstNop:
			b.stack = append(b.stack, int(in.Out))
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^f == 0 {
				b.stack = append(b.stack, int(in.Out))
			}
		default:
			visit(in)
		}
	}
}

// product runs two automata at once. Both have the same alphabet.
func product(a, b *dfa, accept func(x, y bool) bool) (*dfa, error) {
	type pair struct{ x, y int32 }
	ids := map[pair]int32{{}: 0}
	todo := []pair{{}}
	d := &dfa{alpha: a.alpha}
	for i := 0; i < len(todo); i++ {
		// More than one automaton may have, for a conjunction of honest filters
		// grows beyond each of them; without a bound ten filters of 5,000 states
		// multiply.
		if len(todo) > 4*maxStates {
			return nil, cannot("the filters together need too many states to decide")
		}
		s := todo[i]
		row := make([]int32, len(a.alpha))
		for j := range row {
			n := pair{a.next[s.x][j], b.next[s.y][j]}
			id, ok := ids[n]
			if !ok {
				id = int32(len(todo))
				ids[n] = id
				todo = append(todo, n)
			}
			row[j] = id
		}
		d.next, d.acc = append(d.next, row), append(d.acc, accept(a.acc[s.x], b.acc[s.y]))
	}
	return d, nil
}

// live marks the states from which something can still be accepted.
func (d *dfa) live() []bool {
	back := make([][]int32, len(d.acc))
	for s, row := range d.next {
		for _, t := range row {
			back[t] = append(back[t], int32(s))
		}
	}
	live := make([]bool, len(d.acc))
	var todo []int32
	for s, ok := range d.acc {
		if ok {
			live[s] = true
			todo = append(todo, int32(s))
		}
	}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, p := range back[s] {
			if !live[p] {
				live[p] = true
				todo = append(todo, p)
			}
		}
	}
	return live
}
