package attribution_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/attribution"
)

// Each number moves alone, and the weights in use stay as they are.
func TestVaryMovesOneNumberAtATime(t *testing.T) {
	w, fresh := weights(t), weights(t)
	seen := map[string][]int{}
	for _, v := range attribution.Vary(w) {
		seen[v.Name] = append(seen[v.Name], v.Percent)
		if !strings.Contains(v.Name, ".") {
			continue // a group
		}
		if n := differences(reflect.ValueOf(*w), reflect.ValueOf(*v.Weights)); n != 1 {
			t.Errorf("%s at %d %%: %d numbers differ, want 1", v.Name, v.Percent, n)
		}
		if v.Was == 0 {
			t.Errorf("%s: no value", v.Name)
		}
	}
	if !reflect.DeepEqual(w, fresh) {
		t.Error("varying changed the weights themselves")
	}
	for name, want := range map[string][]int{
		"points.mfa": {0, 75, 125}, "points": {75, 125}, "thresholds.likely": {75, 125}, "thresholds": {75, 125},
		"baseline.min_days": {75, 125}, "cluster.silence_hours": {75, 125}, "networks.shared_principals": {75, 125},
	} {
		if !slices.Equal(seen[name], want) {
			t.Errorf("%s at %v, want %v", name, seen[name], want)
		}
	}
}

// differences counts the numbers in which two weights differ.
func differences(a, b reflect.Value) int {
	n := 0
	switch a.Kind() {
	case reflect.Struct:
		for i := range a.NumField() {
			n += differences(a.Field(i), b.Field(i))
		}
	case reflect.Map:
		for _, k := range a.MapKeys() {
			n += differences(a.MapIndex(k), b.MapIndex(k))
		}
	case reflect.Int:
		if a.Int() != b.Int() {
			n++
		}
	}
	return n
}

// A small count moves by one, in the direction asked for; so does what speaks for the owner.
func TestVaryRoundsAwayFromTheValue(t *testing.T) {
	got := map[string]int{}
	for _, v := range attribution.Vary(weights(t)) {
		switch {
		case v.Name == "baseline.min_days" && v.Percent == 75:
			got["3 down"] = v.Weights.Baseline.MinDays
		case v.Name == "baseline.min_days" && v.Percent == 125:
			got["3 up"] = v.Weights.Baseline.MinDays
		case v.Name == "points.source_identity" && v.Percent == 75:
			got["-10 weaker"] = v.Weights.Points["source_identity"]
		case v.Name == "points.source_identity" && v.Percent == 125:
			got["-10 stronger"] = v.Weights.Points["source_identity"]
		}
	}
	want := map[string]int{"3 down": 2, "3 up": 4, "-10 weaker": -7, "-10 stronger": -13}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
