package eval

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestMeasureIsBounded: precision, recall and F1 lie in 0 to 1, F1 between the two, and
// all are 1 exactly where the attack is blamed and nothing else.
func TestMeasureIsBounded(t *testing.T) {
	ids := rapid.SliceOfDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}), rapid.ID[string])
	rapid.Check(t, func(t *rapid.T) {
		attack, blamed := ids.Draw(t, "attack"), ids.Draw(t, "blamed")
		p, r, f := Truth{Attack: attack}.measure(set(blamed))
		for _, v := range []float64{p, r, f} {
			if v < 0 || v > 1 {
				t.Fatalf("%v %v: %v %v %v", attack, blamed, p, r, f)
			}
		}
		slices.Sort(attack)
		slices.Sort(blamed)
		if f < min(p, r)-1e-9 || f > max(p, r)+1e-9 || (f == 1) != slices.Equal(attack, blamed) {
			t.Fatalf("%v %v: %v %v %v", attack, blamed, p, r, f)
		}
	})
}

// TestSameItem: labels name things by their last part, and a status counts where the
// label gives one.
func TestSameItem(t *testing.T) {
	for _, tc := range []struct {
		want, got Item
		same      bool
	}{
		{Item{ID: "bob"}, Item{ID: "arn:aws:iam::1:user/bob", Status: "live"}, true},
		{Item{ID: "bob"}, Item{ID: "arn:aws:iam::1:user/jacobbob"}, false},
		{Item{ID: "sync"}, Item{ID: "arn:aws:lambda:r:1:function:sync"}, true},
		{Item{ID: "r"}, Item{ID: "arn:aws:iam::1:role/r#inline"}, true},
		{Item{ID: "bob", Status: "live"}, Item{ID: "bob", Status: "removed"}, false},
		{Item{ID: "bob", Status: "live", Optional: true}, Item{ID: "bob", Status: "removed"}, true},
	} {
		if got := sameItem(tc.want, tc.got); got != tc.same {
			t.Errorf("%+v and %+v: %t", tc.want, tc.got, got)
		}
	}
}

// TestWorst: the smallest share; of equals the one with most to find.
func TestWorst(t *testing.T) {
	for want, tactics := range map[string]map[string]Found{
		"-":             {},
		"impact 0/1":    {"impact": {0, 1}, "discovery": {3, 4}},
		"discovery 2/4": {"impact": {1, 2}, "discovery": {2, 4}},
		"a 1/2":         {"b": {1, 2}, "a": {1, 2}},
	} {
		if got := worst(tactics); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
