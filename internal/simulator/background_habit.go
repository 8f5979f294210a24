package simulator

import "time"

// habit is anything that somebody or something does again and again under one
// credential, from one place with one tool: what a story adds to the company.
// as judges each time by when it happens: what was a plain habit before the incident
// is a decoy after it.
type habit struct {
	r      stream
	cred   *cred
	ip     string
	agent  agent
	region string
	rate   func(local time.Time) float64 // times an hour
	does   func(c *client)
	as     func(at time.Time) mark // nil: plain background
	until  time.Time               // zero: for ever
}

// Fifty minutes, so that what it does mostly ends within the hour.
func (a *habit) tick(s *sim, h time.Time) {
	// The draw is made whatever until says, so that the end of a habit leaves the
	// chances of everything else as they were.
	for range a.r.count(a.rate(h.Add(s.w.zone))) {
		at := h.Add(a.r.between(0, 50*time.Minute))
		if !a.until.IsZero() && !at.Before(a.until) {
			continue
		}
		c := &client{s: s, r: a.r, cred: a.cred, ip: a.ip, agent: a.agent, region: a.region, now: at}
		if a.as != nil {
			c.as = a.as(at)
		}
		a.does(c)
	}
}

// working is a rate in working hours and none else.
func working(rate float64) func(time.Time) float64 {
	return func(local time.Time) float64 {
		wd := local.Weekday()
		if wd == time.Saturday || wd == time.Sunday || local.Hour() < 9 || local.Hour() >= 18 {
			return 0
		}
		return rate
	}
}

// always is a rate round the clock.
func always(rate float64) func(time.Time) float64 { return func(time.Time) float64 { return rate } }

// after marks what happens from t on.
func after(t time.Time, m mark) func(time.Time) mark {
	return func(at time.Time) mark {
		if at.Before(t) {
			return mark{}
		}
		return m
	}
}
