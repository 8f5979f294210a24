package jsonstream

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// quotesSlowly is quotes, a byte at a time.
func quotesSlowly(room int, data []byte, from int) (at []uint32, upto int) {
	for upto = from; upto+block <= len(data) && len(at)+block <= room; upto += block {
		b := data[upto : upto+block]
		if slices.ContainsFunc(b, func(c byte) bool { return c < ' ' || c == '\\' || c >= 0x80 }) {
			break
		}
		for i, c := range b {
			if c == '"' {
				at = append(at, uint32(upto+i))
			}
		}
	}
	return at, upto
}

// way is one of finding quotes.
type way struct {
	name string
	find func([]uint32, []byte, int) (int, int)
}

// sameQuotes holds the ways of finding quotes to the slow one.
func sameQuotes(t testing.TB, room int, data []byte, from int) {
	t.Helper()
	want, wantUpto := quotesSlowly(room, data, from)
	for _, way := range append(ownWays(), way{"portable", quotesPortable}, way{"chosen", quotes}) {
		at := slices.Repeat([]uint32{77}, room+block)
		n, upto := way.find(at[:room], data, from)
		if upto != wantUpto || !slices.Equal(at[:n], want) {
			t.Fatalf("%s, room %d: %d quotes up to %d, want %d up to %d, from %d of %q", way.name, room, n, upto, len(want), wantUpto, from, data)
		}
		if slices.ContainsFunc(at[room:], func(p uint32) bool { return p != 77 }) {
			t.Fatalf("%s, room %d: it wrote behind its room", way.name, room)
		}
	}
}

func TestQuotes(t *testing.T) {
	for c := range 256 { // each byte, at each place of a block
		for i := range block {
			data := bytes.Repeat([]byte(`a"`), 96)
			data[block+i] = byte(c)
			sameQuotes(t, 200, data, 0)
		}
	}
	for _, text := range []string{"", `"`, strings.Repeat(`"`, 300), strings.Repeat("x", 300), strings.Repeat("x", 63) + `"`} {
		for room := range 200 {
			sameQuotes(t, room, []byte(text), 0)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		sameQuotes(t, r.IntN(300), someText(r, 400), 0)
		data := someText(r, 400)
		sameQuotes(t, 300, data, r.IntN(len(data)+1)) // blocks may begin anywhere
	}
}

// someText is text with many quotes, some of them behind backslashes.
func someText(r *rand.Rand, most int) []byte {
	data := make([]byte, r.IntN(most)+1)
	odd := []int{20, 200, 2000}[r.IntN(3)]
	for i := range data {
		data[i] = `"" !#[]{}~:,azAZ09`[r.IntN(18)]
		switch r.IntN(odd) {
		case 0:
			data[i] = byte(r.Uint32())
		case 1:
			data[i] = '\\'
		}
	}
	return data
}

// TestStringsAreWhereTheyEnd holds String to a look at each byte, through all that is
// odd, wherever the index begins and ends.
func TestStringsAreWhereTheyEnd(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	read := 0
	for range 3000 {
		var s Strict
		data := someText(r, 4<<10)
		s.Reset(data)
		from := r.IntN(len(data))
		p := s.Begin(Place{}, from, 64<<r.IntN(7))
		for at := from; at < len(data); at++ {
			if data[at] == '\\' {
				at++ // outside strings too: a place that no valid text leads to
				continue
			}
			if data[at] != '"' {
				continue
			}
			end, escaped, err := (&Doc{Data: data}).str(at + 1)
			text, esc, next := s.String(Place{at, p.quote})
			switch {
			case err == nil && !next.Usual() && !s.Short, err != nil && next.Usual():
				t.Fatalf("the string at %d: %v, usual %v, in %q", at, err, next.Usual(), data)
			case err != nil, s.Short:
			case string(text) != string(data[at+1:end]) || esc != escaped || next.At != end+1:
				t.Fatalf("the string at %d is %q, want %q, in %q", at, text, data[at+1:end], data)
			}
			if err != nil || s.Short {
				break
			}
			read++
			at, p = end, next
		}
	}
	if read < 20_000 {
		t.Errorf("only %d strings were read", read)
	}
}

func FuzzQuotes(f *testing.F) {
	f.Add(200, 0, []byte(strings.Repeat(`{"a":"b"},`, 20)))
	f.Add(64, 3, []byte(strings.Repeat(`"`, 70)+"\\"))
	f.Fuzz(func(t *testing.T, room, from int, data []byte) {
		if room >= 0 && room < 1<<12 && from >= 0 && from <= len(data) {
			sameQuotes(t, room, data, from)
		}
	})
}

func BenchmarkQuotes(b *testing.B) {
	data := []byte(strings.Repeat(`"eventSource":"iam.amazonaws.com","awsRegion":"us-east-1",`, 283))
	at := make([]uint32, len(data))
	for _, way := range append(ownWays(), way{"portable", quotesPortable}, way{"chosen", quotes}) {
		b.Run(way.name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				way.find(at, data, 0)
			}
		})
	}
}
