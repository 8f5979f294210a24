package simulator

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"time"
)

// stream is a source of chance that depends on its labels alone. Each actor
// has its own, so that adding one actor or changing one story does not reroll
// everybody else: families of incidents stay comparable.
type stream struct{ *rand.Rand }

// newStream hashes the seed and the labels, so that streams of neighbouring seeds or
// labels have nothing in common.
func newStream(seed uint64, labels ...string) stream {
	h := sha256.New()
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], seed)
	h.Write(n[:])
	for _, l := range labels {
		h.Write([]byte(l))
		h.Write([]byte{0}) // so that ("a","bc") and ("ab","c") differ
	}
	sum := h.Sum(nil)
	return stream{rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum), binary.BigEndian.Uint64(sum[8:])))}
}

// between is a duration in [lo, hi), in whole seconds: CloudTrail has no finer.
func (r stream) between(lo, hi time.Duration) time.Duration {
	if hi <= lo {
		return lo
	}
	return lo + time.Duration(r.Int64N(int64((hi-lo)/time.Second)))*time.Second
}

func (r stream) chance(p float64) bool { return r.Float64() < p }

// count is how often a thing of the given mean rate happens: Poisson for small
// means, a rounded normal beyond, which is close enough and cheap.
func (r stream) count(mean float64) int {
	if mean <= 0 {
		return 0
	}
	// Knuth's method takes as many draws as the result is large.
	if mean > 30 {
		return max(0, int(math.Round(mean+math.Sqrt(mean)*r.NormFloat64())))
	}
	k, p, limit := 0, 1.0, math.Exp(-mean)
	for {
		p *= r.Float64()
		if p <= limit {
			return k
		}
		k++
	}
}

// pick chooses one of a list; lists are never empty here.
func pick[T any](r stream, list []T) T { return list[r.IntN(len(list))] }

// pickN chooses n different ones, in random order.
func pickN[T any](r stream, list []T, n int) []T {
	list = append([]T(nil), list...)
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:min(n, len(list))]
}
