package drift

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestUndone holds the one pass against the definition: some later change of the same
// thing led back.
func TestUndone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.SampledFrom([]string{"", "a", "b"})
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Change {
			return Change{Project: value.Draw(t, "project"), Difference: Difference{Path: value.Draw(t, "path"), Before: value.Draw(t, "before"), After: value.Draw(t, "after")}}
		}), 0, 12).Draw(t, "changes")
		undone(list)
		for i, c := range list {
			want := false
			for _, d := range list[i+1:] {
				want = want || c.Project == d.Project && c.Path == d.Path && c.Before == d.After
			}
			if c.Undone != want {
				t.Fatalf("%d of %+v: want %t", i, list, want)
			}
		}
	})
}

// BenchmarkUndone is a log of somebody who changes one project over and over: the time
// for each change must not grow with their number.
func BenchmarkUndone(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		list := make([]Change, n)
		for i := range list {
			list[i] = Change{Account: "111122223333", Region: "eu-west-1", Project: "web", Difference: Difference{Path: "webhook", Before: fmt.Sprint(i), After: fmt.Sprint(i + 1)}}
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				undone(list)
			}
		})
	}
}
