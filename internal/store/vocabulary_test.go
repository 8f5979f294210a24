package store

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestVocabulary holds the numbers of texts to those that a list gives: texts that come
// again, that differ in one place only, that are no UTF-8, and in numbers beyond what is remembered.
func TestVocabulary(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	v := newVocabulary()
	for round := range 3 {
		var words []string
		known := map[string]int32{}
		for i := range 40_000 {
			text := fmt.Sprintf("arn:aws:s3:::bucket-%d/%s", r.IntN(9000), strings.Repeat("x", r.IntN(3)))
			switch r.IntN(20) {
			case 0:
				text = ""
			case 1:
				text = string([]byte{'a' + byte(r.IntN(3)), 0xff, 'b'})
			case 2:
				text = []string{"a\uFFFDb", "a", "ab", "1234567", "12345678"}[r.IntN(5)]
			}
			want := strings.ToValidUTF8(text, "\uFFFD")
			if _, ok := known[want]; !ok {
				known[want] = int32(len(words))
				words = append(words, want)
			}
			if got := v.code(text); got != known[want] {
				t.Fatalf("round %d, text %d: %q is %d, want %d", round, i, text, got, known[want])
			}
		}
		page := v.page
		for _, want := range words {
			n := binary.LittleEndian.Uint32(page)
			if got := string(page[4 : 4+n]); got != want {
				t.Fatalf("the page has %q, want %q", got, want)
			}
			page = page[4+n:]
		}
		if len(page) > 0 || len(v.recent) != mostRecent {
			t.Errorf("%d bytes are left of the page; room for %d texts", len(page), len(v.recent))
		}
		v.reset()
	}
}
