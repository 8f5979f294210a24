package investigation

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// silentHourLimits names hours in which a region said nothing though it speaks in them on
// every other day. An office that is quiet at night has no gap there; the coverage table,
// which looks at one day alone, is more easily alarmed.
func (in *inquiry) silentHourLimits() {
	for _, s := range in.pass.silentHours() {
		if in.complete(s.account, s.region, s.from, s.to) {
			continue // CloudTrail's own digests show that there was nothing
		}
		in.limit("trail_gap", fmt.Sprintf("Account %s has no event in %s from %s to %s, hours that have events on every other day.", s.account, s.region, stamp(s.from), stamp(s.to)),
			&Interval{stamp(s.from), stamp(s.to)}, "What happened there in those hours cannot be told.")
	}
}

type silentHours struct {
	account, region string
	from, to        time.Time
}

// silentHours are runs of the quiet hours and more within one day of one account and region, in
// which the other days let expect events enough.
// What falls into a time in which a trail was stopped is told as that.
func (p *pass) silentHours() (out []silentHours) {
	places := map[[2]string][]dayKey{}
	for _, k := range sortedCells(p.coverage) {
		places[[2]string{k.account, k.region}] = append(places[[2]string{k.account, k.region}], k)
	}
	for _, cells := range places {
		if len(cells) <= p.measures.DaysOfHours {
			continue
		}
		for i, k := range cells {
			start, err := time.Parse(time.DateOnly, k.day)
			if err != nil || i == 0 || i == len(cells)-1 { // the evidence begins and ends within a day
				continue
			}
			for _, run := range p.quietRuns(k) {
				busy, ok := p.alwaysBusy(cells, i, run)
				from, to := start.Add(time.Duration(busy[0])*time.Hour), start.Add(time.Duration(busy[1])*time.Hour)
				if ok && !p.stoppedWithin(k.account, from, to) {
					out = append(out, silentHours{k.account, k.region, from, to})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b silentHours) int {
		if c := strings.Compare(a.account+"/"+a.region, b.account+"/"+b.region); c != 0 {
			return c
		}
		return a.from.Compare(b.from)
	})
	return out
}

// quietRuns are the intervals of hours, [from, to), in which a day has no event.
func (p *pass) quietRuns(k dayKey) (out [][2]int) {
	d := p.coverage[k]
	for h := 0; h < 24; {
		n := h
		for n < 24 && d.hours[n] == 0 {
			n++
		}
		if n-h >= p.measures.QuietHours {
			out = append(out, [2]int{h, n})
		}
		h = n + 1
	}
	return out
}

// alwaysBusy asks the other days, and gives the part of the run that speaks on each of them.
// One job that did not run is no gap: the hours themselves must speak, as many as make a silence at
// least.
func (p *pass) alwaysBusy(cells []dayKey, but int, run [2]int) (busy [2]int, ok bool) {
	sum, days := 0, 0
	speaks := [24]int{}
	for i, k := range cells {
		if i == but || i == 0 || i == len(cells)-1 {
			continue
		}
		days++
		for h := run[0]; h < run[1]; h++ {
			if n := p.coverage[k].hours[h]; n > 0 {
				sum, speaks[h] = sum+n, speaks[h]+1
			}
		}
	}
	always := 0
	for h, n := range speaks {
		if n < days {
			continue
		}
		if always++; always == 1 {
			busy[0] = h
		}
		busy[1] = h + 1
	}
	return busy, days >= p.measures.DaysOfHours && always >= p.measures.QuietHours && sum >= p.measures.ExpectedEvents*days
}

func (p *pass) stoppedWithin(account string, from, to time.Time) bool {
	return slices.ContainsFunc(p.stopped(), func(s stoppage) bool {
		return s.account == account && s.from.Before(to) && s.to.After(from)
	})
}
