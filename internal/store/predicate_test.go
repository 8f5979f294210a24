package store

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/evidence"
)

// TestBoundsCutShort: whatever values a column has and wherever its bounds are cut,
// none of the values is taken for one that cannot be there.
func TestBoundsCutShort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.StringOfN(rapid.SampledFrom([]rune("ab\x00é")), 0, 6, -1), 1, 8).Draw(t, "values")
		least, most := values[0], values[0]
		for _, v := range values {
			least, most = min(least, v), max(most, v)
		}
		if most != "" { // an empty bound says that all are
			most = most[:rapid.IntRange(1, len(most)).Draw(t, "cut most")]
		}
		least = least[:rapid.IntRange(0, len(least)).Draw(t, "cut least")]
		for _, v := range values {
			if !within(v, least, most) {
				t.Fatalf("%q is there, and was excluded by %q and %q", v, least, most)
			}
		}
	})
	for _, c := range []struct{ v, least, most string }{{"b", "", "a"}, {"a", "", ""}, {"a", "b", "c"}, {"az", "aa", "ay"}} {
		if within(c.v, c.least, c.most) {
			t.Errorf("%q may be between %q and %q", c.v, c.least, c.most)
		}
	}
}

// TestLookupAmongLongValues asks for values that differ far behind where bounds are cut,
// in a column that has a bloom filter and in one that has none, some of them not there.
func TestLookupAmongLongValues(t *testing.T) {
	var events []evidence.Event
	long := strings.Repeat("prefix", 20)
	for k := range 40 {
		e := plainEvent(k)
		switch k % 3 {
		case 0:
			e.Identity.CredentialID = fmt.Sprintf("%s-credential-%02d", long, k)
		case 1:
			e.Identity.AccessKey = fmt.Sprintf("%s-key-%02d", long, k)
		}
		events = append(events, e)
	}
	s := create(t, t.TempDir())
	if _, err := s.importFrom(context.Background(), reader([]file{newFile("a", events)}, 1), nil, ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	for k := range 41 {
		for _, of := range []string{"credential", "key"} {
			v := fmt.Sprintf("%s-%s-%02d", long, of, k)
			want := 0
			if k < 40 && (k%3 == 0 && of == "credential" || k%3 == 1 && of == "key") {
				want = 1
			}
			got := 0
			for _, err := range s.Events(context.Background(), evidence.Query{Credentials: []string{v}}) {
				if err != nil {
					t.Fatal(err)
				}
				got++
			}
			if got != want {
				t.Errorf("%s: %d events, want %d", v, got, want)
			}
		}
	}
}

// TestWishIsASet holds the shortcuts of a wish to the set that it stands for.
func TestWishIsASet(t *testing.T) {
	word := rapid.StringOfN(rapid.SampledFrom([]rune("ab")), 1, 4, -1)
	rapid.Check(t, func(t *rapid.T) {
		texts := map[string]bool{}
		for _, w := range rapid.SliceOfN(word, 1, 4).Draw(t, "wanted") {
			texts[w] = true
		}
		w := newWish(texts)
		for _, text := range append(rapid.SliceOfN(word, 0, 20).Draw(t, "met"), "") {
			if w.has([]byte(text)) != texts[text] {
				t.Fatalf("%q is wanted: %v, of %v", text, texts[text], texts)
			}
		}
	})
}
