package investigation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/intake"
)

// asked is an interval in which, by the case or by an alert, it happened.
type asked struct {
	from, to time.Time
	text     string   // who says so, for a sentence
	accounts []string // where it is said to have happened
	zoneless bool     // a time of day that was read as UTC for want of a zone
}

// uncoveredTimes says of every interval in which it is said to have happened
// whether the evidence covers it. Where it does not, nothing that the evidence
// holds clears anybody: the verdict reads in.unseen.
func (in *inquiry) uncoveredTimes() {
	silent := in.pass.silentDays()
	spoke := in.pass.extents()
	for _, a := range in.askedTimes() {
		for _, account := range a.accounts {
			s, ok := spoke[account]
			if !ok {
				continue // named by accountsMissing
			}
			// People are a little off: what lies mostly within the evidence is covered.
			half := a.to.Sub(a.from) / 2
			effect := fmt.Sprintf("What was done in account %s then cannot be told, and calls at other times clear nobody.", account)
			switch {
			case a.zoneless && a.elsewhere(s.from, s.to):
				in.limit("trail_gap", fmt.Sprintf("%s; the evidence of account %s is of %s to %s.", a.text, account, stamp(s.from), stamp(s.to)), nil,
					"Which zone is meant is not said: in many a zone the time lies within the evidence, in UTC it does not.")
			case a.from.Before(s.from) && earlier(a.to, s.from).Sub(a.from) > half:
				in.unseen = true
				if in.input.Exposed.IsZero() || !in.input.Exposed.Before(in.pass.survey.First) { // said as the exposure otherwise
					in.limit("retention", fmt.Sprintf("%s; the evidence of account %s begins at %s.", a.text, account, stamp(s.from)), &Interval{stamp(a.from), stamp(earlier(a.to, s.from))}, effect)
				}
			case a.to.After(s.to) && a.to.Sub(later(a.from, s.to)) > half:
				in.unseen = true
				in.limit("trail_gap", fmt.Sprintf("%s; the evidence of account %s ends at %s.", a.text, account, stamp(s.to)), &Interval{stamp(later(a.from, s.to)), stamp(a.to)}, effect)
			default:
				in.unseen = in.unseen || in.silence(a, account, silent[account])
			}
		}
	}
}

// elsewhere says that an interval read as UTC lies not wholly inside what was recorded from begin to end, and
// would lie inside if it was told by the clock of some other place.
func (a *asked) elsewhere(begin, end time.Time) bool {
	if !a.from.Before(begin) && !a.to.After(end) {
		return false
	}
	from, to := anywhere(a.from, a.to)
	return from.Before(end) && to.After(begin)
}

// silence says whether an interval touches a day on which the account said
// nothing, or a time in which its trail was off and nothing else recorded.
func (in *inquiry) silence(a asked, account string, days []time.Time) bool {
	if slices.ContainsFunc(days, func(d time.Time) bool { return a.from.Before(d.Add(day)) && a.to.After(d) }) {
		return true
	}
	return slices.ContainsFunc(in.pass.stopped(), func(s stoppage) bool {
		from, to := later(a.from, s.from), earlier(a.to, s.to)
		return s.account == account && to.Sub(from) > a.to.Sub(a.from)/2 && in.pass.eventsBetween(account, s.from.Add(15*time.Minute), s.to) == 0
	})
}

// earlier is the first of two moments.
func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// later is the last of two moments.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// askedTimes are the intervals of the case and of open alerts. When something
// was noticed, put right or allowed is not when it happened.
func (in *inquiry) askedTimes() []asked {
	accounts := in.accountsAsked()
	var spans []intake.Span
	other := map[string]bool{}
	zoneless := map[string]bool{}
	for _, r := range []intake.Reading{in.reading, in.answers["exposed_at"]} {
		spans = append(spans, r.Times...)
		for _, s := range r.Times {
			zoneless[s.String()] = r.ZoneAssumed && !in.zoneSaid() && slices.Contains([]string{"second", "minute", "hour"}, s.Grain)
		}
		for _, st := range r.Statements {
			for _, s := range st.When {
				switch st.Relation {
				case intake.Exposed, intake.Stolen:
					spans = append(spans, s)
				case intake.Noticed, intake.Terminated:
					other[s.String()] = true
				}
			}
		}
	}
	var out []asked
	said := in.saidLast()
	seen := map[string]bool{}
	for _, s := range spans {
		if s.Grain == "since" && s.From.Before(in.pass.survey.First) && holdsFiner(spans, s) {
			continue // "our scanner since January, from new addresses since the 10th": the case is about the later
		}
		if text := s.String(); !seen[text] && !other[text] && s.Grain != "until" && !in.onlyNoticed(s) {
			seen[text] = true
			if s.To.After(said) && s.From.Before(said) { // never where it is zero
				s.To = said // nobody tells of what is yet to come
			}
			out = append(out, asked{s.From, s.To, "The case says " + text, accounts, zoneless[text]})
		}
	}
	for _, a := range in.observed.alerts {
		if a.First.IsZero() || !a.grave() || !a.Behavior() || !in.concerns(&a) {
			continue
		}
		to := a.Last.Add(time.Second)
		out = append(out, asked{a.First, to, fmt.Sprintf("Alert %s of %s is about calls from %s to %s", a.ID, a.Product, stamp(a.First), stamp(a.Last)), []string{a.Account}, false})
	}
	return out
}

// saidLast is the last moment at which, by the heads of its mails and lines, something of the case's
// text was written; zero where it does not tell.
func (in *inquiry) saidLast() (last time.Time) {
	for _, st := range in.reading.Statements {
		for _, s := range st.When {
			if st.Relation == intake.Noticed && slices.Contains([]string{"second", "minute"}, s.Grain) {
				last = later(last, s.To)
			}
		}
	}
	return last
}

// concerns says whether an alert is about what the case is about: detectors are
// asked for all they have, and the rest is another story.
func (in *inquiry) concerns(a *alert) bool {
	if _, about, _ := strings.Cut(a.Type, "/"); len(a.ID) >= 16 && strings.Contains(in.o.Text, a.ID) || len(about) >= 8 && strings.Contains(in.o.Text, about) {
		return true
	}
	suspects := in.suspects()
	return slices.ContainsFunc(a.Credentials, func(key string) bool {
		return slices.ContainsFunc(in.g.Resolve(key), func(c string) bool {
			return slices.Contains(in.input.Credentials, c) || slices.Contains(suspects, in.g.Node(c).Person)
		})
	}) || slices.ContainsFunc(a.Principals, func(p string) bool {
		return slices.ContainsFunc(in.unique(p), func(u string) bool { return slices.Contains(suspects, u) })
	}) || slices.ContainsFunc(a.Addresses, func(ip string) bool { return slices.Contains(in.input.IPs, ip) })
}

// accountsAsked are the accounts of what the case names, else the accounts that
// it names, else all that spoke.
func (in *inquiry) accountsAsked() []string {
	set := map[string]bool{}
	for _, u := range in.suspects() {
		if p := in.pass.survey.Principal(u); p != nil && p.Identity.Account != "" {
			set[p.Identity.Account] = true
		}
	}
	for _, s := range in.seeds {
		if s.Kind == "account" && len(set) == 0 {
			set[s.Value] = true
		}
	}
	if len(set) == 0 {
		return in.res.Accounts
	}
	return keys(set)
}

// extent is when an account spoke: to the hour, and to the second where the
// evidence as a whole begins or ends.
type extent struct{ from, to time.Time }

// extents are when each account spoke. Cells are met in any order, and widen them alike.
func (p *pass) extents() map[string]extent {
	out := map[string]extent{}
	for k, d := range p.coverage {
		start, err := time.Parse("2006-01-02", k.day)
		if err != nil {
			continue
		}
		for h, n := range d.hours {
			if n == 0 {
				continue
			}
			from := later(start.Add(time.Duration(h)*time.Hour), p.survey.First)
			to := earlier(start.Add(time.Duration(h+1)*time.Hour), p.survey.Last.Add(time.Second))
			if e, ok := out[k.account]; ok {
				from, to = earlier(from, e.from), later(to, e.to)
			}
			out[k.account] = extent{from, to}
		}
	}
	return out
}

// silentDays are the days between an account's first and last event on which it
// recorded nothing, though by its ways on that weekday, or on every other day of
// a short log, it should have: one that hardly speaks on Sundays may say nothing on one.
func (p *pass) silentDays() map[string][]time.Time {
	days := map[string]map[string]int{}
	for k, d := range p.coverage {
		if days[k.account] == nil {
			days[k.account] = map[string]int{}
		}
		days[k.account][k.day] += d.events
	}
	out := map[string][]time.Time{}
	for account, events := range days {
		seen := keys(events)
		if len(seen) < p.measures.DaysToKnow {
			continue
		}
		first, err1 := time.Parse("2006-01-02", seen[0])
		last, err2 := time.Parse("2006-01-02", seen[len(seen)-1])
		// A date that is far off, in a record with a broken clock, would make years of silence.
		if err1 != nil || err2 != nil || last.Sub(first) > 400*day {
			continue
		}
		var calls, weeks [7]int
		sum, total := 0, 0
		for t := first; !t.After(last); t = t.Add(day) {
			n := events[t.Format("2006-01-02")]
			calls[t.Weekday()] += n
			weeks[t.Weekday()]++
			sum, total = sum+n, total+1
		}
		for t := first; t.Before(last); t = t.Add(day) {
			w := t.Weekday()
			usual := calls[w] >= p.measures.CallsToKnow*(weeks[w]-1) && calls[w] > 0
			if _, spoke := events[t.Format("2006-01-02")]; !spoke && (usual || total-len(seen) == 1 && sum >= p.measures.CallsToKnow*len(seen)) {
				out[account] = append(out[account], t)
			}
		}
	}
	return out
}

// silentDayLimits names the silent days, those that follow each other as one.
func (in *inquiry) silentDayLimits() {
	silent := in.pass.silentDays()
	for _, account := range keys(silent) {
		days := silent[account]
		for i := 0; i < len(days); {
			n := 1
			for i+n < len(days) && days[i+n].Equal(days[i].Add(time.Duration(n)*day)) {
				n++
			}
			on := days[i].Format("2006-01-02")
			effect := "What happened on that day cannot be told."
			if n > 1 {
				on = strings.Join([]string{on, days[i+n-1].Format("2006-01-02")}, " to ")
				effect = "What happened on those days cannot be told."
			}
			in.limit("trail_gap", fmt.Sprintf("Account %s has no event at all on %s, between days that have.", account, on), &Interval{stamp(days[i]), stamp(days[i].Add(time.Duration(n) * day))}, effect)
			i += n
		}
	}
}
