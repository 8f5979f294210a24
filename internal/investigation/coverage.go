package investigation

import (
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/claim"
)

// coverageRows is the table that every negative sentence must refer to.
func (p *pass) coverageRows() []Coverage {
	out := make([]Coverage, 0, len(p.coverage))
	for k, d := range p.coverage {
		c := Coverage{Account: k.account, Region: k.region, Day: k.day, Classes: keys(d.classes), Events: d.events, Gaps: []string{}}
		for _, g := range p.gaps(k) {
			c.Gaps = append(c.Gaps, stamp(g.From)+"/"+stamp(g.To))
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Coverage) int {
		return strings.Compare(a.Account+"/"+a.Day+"/"+a.Region, b.Account+"/"+b.Day+"/"+b.Region)
	})
	return out
}

// gaps are the intervals of a day on which one account and region recorded
// nothing although recording is expected: while logging was stopped, and long
// silences of a region that speaks in most hours of that day.
func (p *pass) gaps(k dayKey) []claim.Gap {
	start, err := time.Parse("2006-01-02", k.day)
	if err != nil {
		return nil
	}
	d := p.coverage[k]
	var out []claim.Gap
	busy := 0
	for _, n := range d.hours {
		if n > 0 {
			busy++
		}
	}
	// A region that speaks in few hours is quiet by its nature, and one with few events is often
	// quiet for hours: their silences tell nothing.
	for h := 0; h < 24 && busy >= p.measures.BusyHours; {
		n := h
		for n < 24 && d.hours[n] == 0 {
			n++
		}
		if n-h >= p.measures.QuietHours && d.events*(n-h) >= p.measures.ExpectedEvents*24 {
			out = append(out, claim.Gap{From: start.Add(time.Duration(h) * time.Hour), To: start.Add(time.Duration(n) * time.Hour)})
		}
		h = n + 1
	}
	for _, s := range p.stopped() {
		if s.account != k.account || !s.from.Before(start.Add(day)) || !s.to.After(start) {
			continue
		}
		from, to := s.from, s.to
		if from.Before(start) {
			from = start
		}
		if to.After(start.Add(day)) {
			to = start.Add(day)
		}
		out = append(out, claim.Gap{From: from, To: to})
	}
	slices.SortFunc(out, func(a, b claim.Gap) int { return a.From.Compare(b.From) })
	return out
}

// stoppage is an interval in which a trail of the account did not record.
type stoppage struct {
	account, event string
	from, to       time.Time
	open           bool // never started again in the evidence
}

// stopped pairs successful StopLogging and DeleteTrail calls with the next
// StartLogging or CreateTrail on the same trail. Another trail may have
// recorded all along; the interval says that one did not.
func (p *pass) stopped() []stoppage {
	if p.stops != nil {
		return *p.stops
	}
	out := []stoppage{}
	changes := slices.Clone(p.logBase)
	slices.SortFunc(changes, func(a, b logChange) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return strings.Compare(a.event, b.event)
	})
	for i, c := range changes {
		if c.failed || c.name != "StopLogging" && c.name != "DeleteTrail" {
			continue
		}
		s := stoppage{account: c.account, event: c.event, from: c.at, to: p.survey.Last, open: true}
		for _, next := range changes[i+1:] {
			if !next.failed && (next.name == "StartLogging" || next.name == "CreateTrail") && next.account == c.account && sameTrail(c, next) {
				s.to, s.open = next.at, false
				break
			}
		}
		out = append(out, s)
	}
	p.stops = &out
	return out
}

// sameTrail says whether two calls name one trail, by name or ARN: requests use either.
func sameTrail(a, b logChange) bool {
	return slices.ContainsFunc(a.resources, func(r string) bool {
		return slices.ContainsFunc(b.resources, func(o string) bool { return trailName(r) == trailName(o) })
	})
}

// trailName is the bare name of a trail, also where an ARN gives it.
func trailName(s string) string {
	if i := strings.LastIndex(s, "trail/"); i >= 0 {
		return s[i+len("trail/"):]
	}
	return s
}

// covered answers what a coverage id, "account/region/day", stands for.
func (p *pass) covered(id string) (claim.Covered, bool) {
	f := strings.Split(id, "/")
	if len(f) != 3 {
		return claim.Covered{}, false
	}
	k := dayKey{f[0], f[1], f[2]}
	d, ok := p.coverage[k]
	if !ok {
		return claim.Covered{}, false
	}
	start, err := time.Parse("2006-01-02", k.day)
	if err != nil {
		return claim.Covered{}, false
	}
	return claim.Covered{Account: k.account, Region: k.region, From: start, To: start.Add(day), Classes: keys(d.classes), Gaps: p.gaps(k)}, true
}

// has says whether any event of a class ("data:s3") is in the evidence.
// It says nothing of any one day: that is for coverage rows.
func (p *pass) has(class string) bool {
	for _, d := range p.coverage {
		if d.classes[class] {
			return true
		}
	}
	return false
}

// regions lists the regions of the evidence, sorted.
func (p *pass) regions() []string {
	set := map[string]bool{}
	for k := range p.coverage {
		if k.region != "" {
			set[k.region] = true
		}
	}
	return keys(set)
}

// blind says whether an account recorded nothing at all for a while after a
// moment because its trail was off: a removal could then have gone unseen.
func (p *pass) blind(account, _ string, after time.Time) bool {
	for _, s := range p.stopped() {
		if s.account != account || !s.to.After(after) || s.to.Sub(s.from) < time.Hour {
			continue
		}
		if p.eventsBetween(account, s.from.Add(15*time.Minute), s.to) == 0 {
			return true
		}
	}
	return false
}

// eventsBetween counts an account's events in the whole hours within an interval. It is asked
// of every gap of every region and day, so that the hours are added up once for each account.
func (p *pass) eventsBetween(account string, from, to time.Time) int {
	if p.hourly == nil {
		p.hourly = map[string]map[int64]int{}
		for k, d := range p.coverage {
			start, err := time.Parse("2006-01-02", k.day)
			if err != nil {
				continue
			}
			if p.hourly[k.account] == nil {
				p.hourly[k.account] = map[int64]int{}
			}
			for h, count := range d.hours {
				if count > 0 {
					p.hourly[k.account][hourOf(start)+int64(h)] += count
				}
			}
		}
	}
	n, hours := 0, p.hourly[account]
	first, last := hourOf(from.Add(time.Hour-time.Nanosecond)), hourOf(to) // last is the first hour that is not whole
	if last-first > int64(len(hours)) {                                    // a long time of few records: those are fewer
		for at, count := range hours {
			if at >= first && at < last {
				n += count
			}
		}
		return n
	}
	for at := first; at < last; at++ {
		n += hours[at]
	}
	return n
}

// hourOf numbers the hours since 1970.
func hourOf(t time.Time) int64 { return t.Truncate(time.Hour).Unix() / 3600 }
