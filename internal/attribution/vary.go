package attribution

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
)

// A Variant is a weights file in which one number, or one group of them, was
// moved: what a study of the numbers runs the same cases with.
type Variant struct {
	Name    string // as in the file: points.network_new, thresholds.likely; points or thresholds for the whole group
	Percent int    // of the value in the file
	Was     int    // the value in the file; 0 for a group
	Signal  string // the only signal it concerns; "" if it concerns more than one
	Weights *Weights
}

// Percents that a number is moved to. Thresholds and windows at nothing would
// mean another engine, so only points are also left out.
var (
	pointPercents  = []int{0, 75, 125}
	numberPercents = []int{75, 125}
)

// Vary lists every variant of w: each point, each other number, all points at
// once and all thresholds at once. A number moves by one at least.
func Vary(w *Weights) []Variant {
	var out []Variant
	for _, signal := range slices.Sorted(maps.Keys(w.Points)) {
		for _, percent := range pointPercents {
			v := w.copy()
			v.Points[signal] = scaled(w.Points[signal], percent)
			out = append(out, Variant{"points." + signal, percent, w.Points[signal], signal, v})
		}
	}
	for _, percent := range numberPercents {
		v := w.copy()
		for signal, points := range w.Points {
			v.Points[signal] = scaled(points, percent)
		}
		out = append(out, Variant{"points", percent, 0, "", v})
	}
	for group := range reflect.TypeFor[Weights]().NumField() {
		name := reflect.TypeFor[Weights]().Field(group).Tag.Get("yaml")
		fields := reflect.ValueOf(w).Elem().Field(group)
		if fields.Kind() != reflect.Struct {
			continue
		}
		for _, percent := range numberPercents {
			all := w.copy()
			for i := range fields.NumField() {
				v, was := w.copy(), int(fields.Field(i).Int())
				moved := int64(scaled(was, percent))
				reflect.ValueOf(v).Elem().Field(group).Field(i).SetInt(moved)
				reflect.ValueOf(all).Elem().Field(group).Field(i).SetInt(moved)
				out = append(out, Variant{fmt.Sprintf("%s.%s", name, fields.Type().Field(i).Tag.Get("yaml")), percent, was, "", v})
			}
			if name == "thresholds" {
				out = append(out, Variant{name, percent, 0, "", all})
			}
		}
	}
	return out
}

// scaled is a percentage of n, rounded away from n, so that small counts move too.
func scaled(n, percent int) int {
	x := float64(n) * float64(percent) / 100
	if (percent > 100) == (n > 0) {
		return int(math.Ceil(x))
	}
	return int(math.Floor(x))
}

func (w *Weights) copy() *Weights {
	v := *w
	v.Points, v.Scored = maps.Clone(w.Points), nil
	return &v
}
