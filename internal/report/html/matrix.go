package html

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// matrix is the coverage: a row for every account and region, a column for every day. A hole
// in it is the first thing to see, so days without any row are columns too.
type matrix struct {
	Days   []string // "02"; the month stands above
	Months []month
	Rows   []matrixRow
	Narrow bool // too many days for numbers in the cells
	Hidden int  // rows, or days, left out
}

// month is a heading over the days of one month, or over one day that is no date.
type month struct {
	Name string
	Span int
}

// matrixRow is one region of one account.
type matrixRow struct {
	Account, Region string
	Cells           []cell
}

// cell is one day of one region.
type cell struct {
	Level int    // 0 nothing recorded, 1–4 from little to much
	Text  string // short count
	Gap   bool
	Tip   string
}

// maxDays and maxMatrixRows bound the table: a year of a few accounts fits.
const (
	maxDays       = 400
	maxMatrixRows = 80
	numbersUpTo   = 45 // days with numbers in the cells
)

// newMatrix lays out the coverage. Its rows may come from elsewhere: two for one day add up, a day
// that is no date is a column of its own, and days far apart do not make thousands of columns.
func newMatrix(coverage []investigation.Coverage) matrix {
	type key struct{ account, region string }
	byRow := map[key]map[string]investigation.Coverage{}
	var keys []key
	var days []string
	most := 0
	for _, c := range coverage {
		k := key{c.Account, c.Region}
		if byRow[k] == nil {
			byRow[k] = map[string]investigation.Coverage{}
			keys = append(keys, k)
		}
		if have, ok := byRow[k][c.Day]; ok { // two rows for one day: add up
			c.Events += have.Events
			c.Gaps = append(slices.Clone(have.Gaps), c.Gaps...)
		}
		byRow[k][c.Day] = c
		days = append(days, c.Day)
		most = max(most, c.Events)
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.region, b.region))
	})
	var m matrix
	days, m.Hidden = columns(days)
	m.Narrow = len(days) > numbersUpTo
	m.Hidden += max(0, len(keys)-maxMatrixRows)
	for _, d := range days {
		name, number := d, ""
		if _, err := time.Parse(time.DateOnly, d); err == nil {
			name, number = d[:7], d[8:]
		}
		m.Days = append(m.Days, number)
		if n := len(m.Months); n > 0 && m.Months[n-1].Name == name {
			m.Months[n-1].Span++
		} else {
			m.Months = append(m.Months, month{name, 1})
		}
	}
	for _, k := range keys[:min(len(keys), maxMatrixRows)] {
		row := matrixRow{Account: k.account, Region: k.region}
		for _, d := range days {
			c, ok := byRow[k][d]
			row.Cells = append(row.Cells, newCell(c, ok, d, most))
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

// columns returns every day from the first to the last, or, if they are too many or no dates,
// the last maxDays that occur.
func columns(days []string) ([]string, int) {
	slices.Sort(days)
	days = slices.Compact(days)
	if len(days) == 0 {
		return nil, 0
	}
	from, err1 := time.Parse(time.DateOnly, days[0])
	to, err2 := time.Parse(time.DateOnly, days[len(days)-1])
	if err1 == nil && err2 == nil && to.Sub(from) < maxDays*24*time.Hour {
		var all []string
		for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
			all = append(all, d.Format(time.DateOnly))
		}
		return all, 0
	}
	hidden := max(0, len(days)-maxDays)
	return days[hidden:], hidden
}

// newCell is one day; most is the largest count of the table.
func newCell(c investigation.Coverage, ok bool, day string, most int) cell {
	if !ok || c.Events <= 0 {
		return cell{Tip: day + ": nothing recorded", Gap: len(c.Gaps) > 0}
	}
	// Each step is a quarter of the largest, on a root scale: quiet regions stay visible.
	level := 1
	for level < 4 && c.Events*16 > most*level*level {
		level++
	}
	tip := fmt.Sprintf("%s: %s; %s", day, outline.Count(c.Events, "event"), strings.Join(c.Classes, ", "))
	if len(c.Gaps) > 0 {
		tip += "; gaps: " + strings.Join(c.Gaps, "; ")
	}
	return cell{Level: level, Text: abbreviate(c.Events), Gap: len(c.Gaps) > 0, Tip: tip}
}

// abbreviate writes a count in at most four characters: 999, 1.2k, 45k, 3M.
func abbreviate(n int) string {
	switch {
	case n < 1000:
		return fmt.Sprint(n)
	case n < 10_000:
		return fmt.Sprintf("%d.%dk", n/1000, n%1000/100)
	case n < 1_000_000:
		return fmt.Sprintf("%dk", n/1000)
	case n < 1_000_000_000:
		return fmt.Sprintf("%dM", n/1_000_000)
	}
	return "1G+"
}
