package gunzip

import (
	"testing"

	"pgregory.net/rapid"
)

// eachWay runs f with and without assembly.
func eachWay(f func()) {
	f()
	if fast {
		fast = false
		defer func() { fast = true }()
		f()
	}
}

// TestPairs holds the entries of two literals to looking up one after the other.
func TestPairs(t *testing.T) {
	if !fast {
		t.Skip("no AVX2")
	}
	rapid.Check(t, func(t *rapid.T) {
		z := &inflater{}
		weights := rapid.SliceOfN(rapid.IntRange(1, 15), 2, numLit).Draw(t, "lengths")
		lengths := complete(weights)
		if !build(z.lit[:], lengths, litBits, litEntries[:]) {
			t.Fatalf("no code: %v", lengths)
		}
		pairAVX2(&z.pairs, &z.lit)
		for i, got := range z.pairs {
			want := z.lit[i]
			if want&isLiteral != 0 {
				takes, literals, n := want&63, want>>16&0xff, uint32(1)
				if second := z.lit[i>>takes]; second&isLiteral != 0 && takes+second&63 <= litBits {
					takes, literals, n = takes+second&63, literals|second>>16&0xff<<8, 2
				}
				want = takes | 1<<7 | n<<8 | literals<<16
			}
			if got != want {
				t.Fatalf("entry %d is %#x, want %#x", i, got, want)
			}
		}
	})
}

// complete makes lengths those of a complete code: the shortest symbols keep theirs as far as there is
// space, and the last ones share what is left.
func complete(want []int) []uint8 {
	lengths := make([]uint8, len(want))
	space, left := 1<<maxCode, len(want)
	for i, l := range want {
		left--
		for ; l <= maxCode; l++ {
			rest := space - 1<<(maxCode-l)
			if left == 0 && rest == 0 || left > 0 && rest >= left {
				break
			}
		}
		if l > maxCode { // what is left takes more than one symbol's length can
			break
		}
		lengths[i], space = uint8(l), space-1<<(maxCode-l)
	}
	// Give away what is left by making codes shorter.
	for again := true; again && space > 0; {
		again = false
		for i, l := range lengths {
			if l > 1 && 1<<(maxCode-int(l)) <= space {
				space -= 1 << (maxCode - int(l))
				lengths[i], again = l-1, true
			}
		}
	}
	return lengths
}
