package diff

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/reporttest"
)

// item is a row in miniature.
type item struct {
	exact, loose string
	refs         []string
}

var itemRules = rules[item]{
	exact: func(r item) string { return r.exact }, loose: func(r item) string { return r.loose }, refs: func(r item) []string { return r.refs },
}

// TestMatchAccountsForEveryRow: each row of either list is paired once, gone or come;
// only rows that may be the same are paired; and what is exactly alike is never told as
// gone and come.
func TestMatchAccountsForEveryRow(t *testing.T) {
	draw := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) item {
		word := rapid.SampledFrom([]string{"a", "b", "c"})
		return item{word.Draw(t, "exact"), rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "loose"), rapid.SliceOfN(word, 0, 3).Draw(t, "refs")}
	}), 0, 8)
	rapid.Check(t, func(t *rapid.T) {
		before, after := draw.Draw(t, "before"), draw.Draw(t, "after")
		pairs, gone, come := match(before, after, itemRules)
		seenOld, seenNew := make([]int, len(before)), make([]int, len(after))
		exactly := map[string]int{}
		for _, p := range pairs {
			a, b := before[p[0]], after[p[1]]
			seenOld[p[0]]++
			seenNew[p[1]]++
			switch {
			case a.exact == b.exact:
				exactly[a.exact]++
			case a.loose == "" || a.loose != b.loose:
				t.Fatalf("%+v and %+v are no pair", a, b)
			}
		}
		for _, i := range gone {
			seenOld[i]++
		}
		for _, j := range come {
			seenNew[j]++
		}
		for _, n := range slices.Concat(seenOld, seenNew) {
			if n != 1 {
				t.Fatalf("a row is told of %d times: %v %v %v", n, pairs, gone, come)
			}
		}
		for _, k := range []string{"a", "b", "c"} {
			same := func(r item) bool { return r.exact == k }
			if want := min(count(before, same), count(after, same)); exactly[k] != want {
				t.Fatalf("%d rows exactly %q were paired, %d could be", exactly[k], k, want)
			}
		}
	})
}

func count[T any](list []T, is func(T) bool) (n int) {
	for _, v := range list {
		if is(v) {
			n++
		}
	}
	return n
}

// TestMatchTakesTheRowThatSharesMost: of several rows that are loosely alike, the one
// with the most references in common is the same row.
func TestMatchTakesTheRowThatSharesMost(t *testing.T) {
	before := []item{{"old", "x", []string{"1", "2", "3"}}}
	after := []item{{"n1", "x", []string{"1"}}, {"n2", "x", []string{"2", "3", "4"}}, {"n3", "y", []string{"1", "2", "3"}}}
	pairs, gone, come := match(before, after, itemRules)
	if fmt.Sprint(pairs, gone, come) != "[[0 1]] [] [0 2]" {
		t.Errorf("got %v %v %v", pairs, gone, come)
	}
}

// TestMatchIsBounded: a report in which every row cites one event is matched, and not
// by comparing each row with each.
func TestMatchIsBounded(t *testing.T) {
	looked := 0
	r := itemRules
	r.refs = func(i item) []string { looked++; return i.refs }
	var before, after []item
	for i := range 2000 {
		before = append(before, item{fmt.Sprint("o", i), "x", []string{"one"}})
		after = append(after, item{fmt.Sprint("n", i), "x", []string{"one"}})
	}
	pairs, gone, come := match(before, after, r)
	if len(pairs) != maxShared || len(gone) != 2000-maxShared || len(come) != len(gone) || looked != 4000 {
		t.Errorf("%d pairs, %d gone, %d come, references looked at %d times", len(pairs), len(gone), len(come), looked)
	}
}

// TestNothingDiffersFromItself, whatever a report holds.
func TestNothingDiffersFromItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := reporttest.Draw(t)
		if d := Reports(r, r); len(d.Changes)+len(d.Notes) > 0 {
			t.Fatalf("%v %v", brief(d), d.Notes)
		}
	})
}

// TestAttributionOfCopies: where two rows speak of one event, a hostile one counts,
// wherever it stands; so turning the rows round moves nothing.
func TestAttributionOfCopies(t *testing.T) {
	rows := []attribution.Row{{Event: "a", Actor: "intruder"}, {Event: "a", Actor: "owner"}}
	turned := slices.Clone(rows)
	slices.Reverse(turned)
	if d := Reports(&report.Report{Attribution: rows}, &report.Report{Attribution: turned}); len(d.Changes) > 0 {
		t.Errorf("got %v", brief(d))
	}
}
