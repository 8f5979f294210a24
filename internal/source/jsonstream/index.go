package jsonstream

import "math"

// How far ahead quotes are looked for. What was looked at, and the positions, are to stay
// in the processor's first cache until they are read.
const (
	LeastAhead = 1 << 10  // where nothing may come of it
	UsualAhead = 16 << 10 // in a run of records
	MostAhead  = 64 << 10 // for a large record

	closeToEnd = 2 << 10 // records have this size: one that begins so near the end of the index may not be in it
)

// index is where the quotes stand in a part of a text.
type index struct {
	quotes   []uint32 // positions, in order, but for quotes behind a backslash
	odds     []span   // parts with a backslash, a control character or more than ASCII
	passed   int      // how many of odds lie in front of what is read now
	odd      int      // where the next of them begins
	from, to int      // the part
}

type span struct{ from, to int }

// look makes the index of data[from:to].
func (x *index) look(data []byte, from, to int) {
	if room := to - from + block; cap(x.quotes) < room {
		x.quotes = make([]uint32, 0, room)
	}
	data, found := data[:to], x.quotes[:cap(x.quotes)]
	n, at := 0, from
	x.odds = x.odds[:0]
	for {
		more, upto := quotes(found[n:], data, at)
		n += more
		if upto == to {
			break
		}
		// Something odd, or no whole block: a byte at a time.
		end := min(upto+block, to)
		for at = upto; at < end; at++ {
			switch data[at] {
			case '\\':
				at++ // the next one means nothing
			case '"':
				found[n] = uint32(at)
				n++
			}
		}
		x.odds = append(x.odds, span{upto, at})
		if at >= to {
			break
		}
	}
	x.quotes, x.from, x.to = found[:n], from, to
	x.passed = 0
	x.pass(from)
}

// pass forgets what is odd in front of position at.
func (x *index) pass(at int) {
	for x.passed < len(x.odds) && x.odds[x.passed].to <= at {
		x.passed++
	}
	x.odd = math.MaxInt
	if x.passed < len(x.odds) {
		x.odd = x.odds[x.passed].from
	}
}
