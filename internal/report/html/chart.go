package html

import (
	"time"

	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// chart is the activity over time: one bar per bucket, hostile below, the rest above.
type chart struct {
	Width, Height int
	Bars          []bar
	Ticks         []tick
	Bucket        string // "5 min"
	Most          int
}

// bar is one kind of actor in one bucket, in pixels from the top left.
type bar struct {
	X, Y, W, H int
	Kind       string // hostile | undetermined | other
	Tip        string
}

// tick is a label under the chart.
type tick struct {
	X    int
	Text string
}

const (
	chartW, chartH = 1120, 74 // pixels, as wide as the page's text
	maxBars        = 112      // so that a bar is ten pixels wide at least
	maxTicks       = 8        // so that "2 Jan 15:04" does not touch its neighbour
)

// steps are bucket sizes people read without thinking.
var steps = []struct {
	size time.Duration
	name string
}{
	{10 * time.Second, "10 s"}, {30 * time.Second, "30 s"}, {time.Minute, "1 min"}, {5 * time.Minute, "5 min"}, {10 * time.Minute, "10 min"}, {15 * time.Minute, "15 min"},
	{30 * time.Minute, "30 min"}, {time.Hour, "1 h"}, {3 * time.Hour, "3 h"}, {6 * time.Hour, "6 h"}, {12 * time.Hour, "12 h"},
	{24 * time.Hour, "1 d"}, {7 * 24 * time.Hour, "7 d"}, {28 * 24 * time.Hour, "28 d"},
}

// newChart buckets the timeline; it is empty if fewer than two times can be read, or if they
// span more than the longest step allows.
func newChart(entries []investigation.Entry) chart {
	var times []time.Time
	var from, to time.Time
	for _, e := range entries {
		t, err := time.Parse(time.RFC3339, e.At)
		if err != nil {
			// A time that cannot be read keeps its place in the list, so that times
			// and entries go by one index.
			t = time.Time{}
		} else if from.IsZero() {
			from, to = t, t
		}
		times = append(times, t)
		if err == nil && t.Before(from) {
			from = t
		}
		if err == nil && t.After(to) {
			to = t
		}
	}
	i := 0 // the smallest step that needs no more than maxBars
	for i < len(steps) && to.Sub(from)/steps[i].size >= maxBars-1 {
		i++
	}
	if !to.After(from) || i == len(steps) {
		return chart{}
	}
	step := steps[i]
	// Bars begin at full steps, so that a label under one says its own time. It may add a bar
	// before the first event, which is why the step was chosen for one fewer than maxBars.
	from = from.UTC().Truncate(step.size)
	n := int(to.Sub(from)/step.size) + 1
	kinds := []string{"hostile", "undetermined", "other"}
	counts := make([][3]int, n)
	c := chart{Width: chartW, Height: chartH, Bucket: step.name}
	for j, e := range entries {
		if times[j].IsZero() {
			continue
		}
		b := &counts[int(times[j].Sub(from)/step.size)]
		switch {
		case outline.Hostile(e.Actor):
			b[0]++
		case e.Actor == "undetermined":
			b[1]++
		default:
			b[2]++
		}
		c.Most = max(c.Most, b[0]+b[1]+b[2])
	}
	const base = chartH - 16 // room for the labels
	for j, b := range counts {
		y := base
		for k, v := range b {
			if v == 0 {
				continue
			}
			h := max(3, v*(base-4)/c.Most) // one act among thousands is still to be seen
			y -= h
			at := from.Add(time.Duration(j) * step.size).Format("2006-01-02 15:04:05")
			c.Bars = append(c.Bars, bar{X: j * chartW / n, Y: y, W: max(2, chartW/n-1), H: h, Kind: kinds[k], Tip: at + " UTC: " + outline.Count(v, kinds[k]+" act")})
		}
	}
	every := (n + maxTicks - 1) / maxTicks
	format := "15:04"
	if step.size >= 3*time.Hour {
		format = "2 Jan"
	} else if to.Sub(from) > 20*time.Hour {
		format = "2 Jan 15:04"
	}
	for j := 0; j < n; j += every {
		c.Ticks = append(c.Ticks, tick{X: j * chartW / n, Text: from.Add(time.Duration(j) * step.size).Format(format)})
	}
	return c
}
