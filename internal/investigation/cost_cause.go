package investigation

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
)

// mayCost says whether a call can have caused a cost: it starts what is billed under
// that name, in that region and account.
func (in *inquiry) mayCost(k spendKey, e *evidence.Event) bool {
	if regionWord.MatchString(k.region) && k.region != e.Region || k.account != "" && k.account != e.Account {
		return false
	}
	return e.Outcome() == evidence.Success && in.o.Content.Ledger.Spends(e.Source, e.Name, k.service)
}

// caused ties a cost to the calls that can have caused it, and says whether there are any:
// the intruder's make it probable; where nobody can tell whose they are, it stays possible.
func (in *inquiry) caused(i *Impact, k spendKey, days map[string]*dayCost, spikes []string) bool {
	begin, _ := time.Parse(time.DateOnly, spikes[0])
	end, _ := time.Parse(time.DateOnly, spikes[len(spikes)-1])
	// A bill's day may hold what was begun the evening before, and the hour after it what was
	// metered late.
	window := claim.Interval{From: stamp(begin.Add(-in.o.Content.Weights.Costs.BeforeBill())), To: stamp(end.AddDate(0, 0, 1).Add(time.Hour))}
	billed := map[string]bool{}
	for _, d := range spikes {
		for name := range days[d].things {
			billed[name] = true
		}
	}
	var theirs, open []detection.Subject
	seen := map[string]bool{}
	for _, s := range in.subjects {
		at := stamp(s.Event.Time)
		if at < window.From || at >= window.To || seen[s.Event.ID] || !in.mayCost(k, s.Event) {
			continue
		}
		seen[s.Event.ID] = true
		switch {
		case s.Actor.Hostile():
			theirs = append(theirs, s)
		case s.Actor == attribution.Undetermined:
			open = append(open, s)
		}
	}
	if len(theirs) > 0 {
		i.Level = "probable"
		in.tell(i, k, theirs, window, hostileActors, "of the intruder's can have caused it", billed)
	}
	if len(open) > 0 {
		in.tell(i, k, open, window, []any{string(attribution.Undetermined)}, "that cannot be told from the owner's can have caused it", billed)
	}
	return len(theirs)+len(open) > 0
}

// tell adds to an impact how many calls can have caused it, as a claim, and which of
// the things on the bill they made.
// The sentence counts by action and actor as its predicate does, so that it is counted again
// over all of the evidence; what on the bill they made is told only by names that stand in the
// calls' own records.
func (in *inquiry) tell(i *Impact, k spendKey, calls []detection.Subject, window claim.Interval, actors []any, what string, billed map[string]bool) {
	actions, made := map[string]bool{}, map[string]bool{}
	var ids []string
	for _, s := range calls {
		actions[s.Event.Action()] = true
		if len(ids) < maxEvidence {
			ids = append(ids, s.Event.ID)
		}
		for _, e := range in.o.Content.Ledger.Effects(s.Event, s.Record, in.res.Accounts...) {
			if name := lastPart(e.ID); billed[name] && claim.Quotable(name) && namedIn(&s, name) {
				made[name] = true
			}
		}
	}
	filter := claim.Filter{"action": list(keys(actions)), "actor": actors, "outcome": "success"}
	where := ""
	if regionWord.MatchString(k.region) {
		filter["region"], where = k.region, " in `"+k.region+"`"
	}
	if k.account != "" {
		filter["account"] = k.account
	}
	text := fmt.Sprintf("%d %s of %s%s %s%s.", len(calls), plural("calls", int64(len(calls))), and(keys(actions)), where, what, among("; of what is on the bill they made ", keys(made)))
	in.claims.add(text, claim.Predicate{Op: "count", Filter: filter, Value: len(calls), Window: &window}, cite(ids...), "D")
	i.Text += " " + text
	i.Evidence = append(i.Evidence, cite(ids...)...)
}

// price is what a case of cost may be about: as much of it as the bills or the words say.
type price struct {
	key      spendKey
	source   string // of the calls; "" for any
	from, to time.Time
	over     *big.Rat // what it cost on those days; nil where no bill says
	text     string
	begun    []string // the calls that were found to have started it
}

// buyers examines who started what costs, in a case that tells of a cost and names nobody:
// by the bills, where they show a spike, else by the region and the service that the words
// give. They are judged by their habits as anybody is. Where one alone ever started such a
// thing there, the calls are held against whoever made them from where they are not known
// to be.
// A bill names no culprit: to have started what is billed is the daily work of many.
func (in *inquiry) buyers(ctx context.Context) error {
	if in.anchored() {
		return nil
	}
	prices, err := in.prices(ctx)
	if err != nil {
		return err
	}
	for i := range prices {
		p := &prices[i]
		found, before, err := in.buyersOf(ctx, *p)
		if err != nil {
			return fmt.Errorf("look for who started what costs: %w", err)
		}
		if p.over != nil {
			in.rises = append(in.rises, p)
		}
		if len(found) > maxDoers {
			continue
		}
		var said []string
		for _, d := range found {
			if len(found) == 1 && !before && !in.input.Doubted {
				in.input.Told = append(in.input.Told, d.events...)
			}
			if !slices.Contains(in.input.Examine, d.person) {
				in.input.Examine = append(in.input.Examine, d.person)
			}
			in.bring(p.text, true, d)
			p.begun = append(p.begun, d.events...)
			said = append(said, fmt.Sprintf("%s (first event %s)", d.arn, d.events[0]))
		}
		if len(said) > 0 {
			in.assume("principal", fmt.Sprintf("%s Who started what can cost that was examined: %s.", p.text, strings.Join(said, "; ")))
		}
	}
	slices.Sort(in.input.Told)
	in.input.Told = slices.Compact(in.input.Told)
	return nil
}

// maxPrices is how many costs are looked into, the highest first.
const maxPrices = 10

// prices are the costs that the case may tell of; none where it tells of no cost.
func (in *inquiry) prices(ctx context.Context) ([]price, error) {
	i := slices.IndexFunc(in.reading.Effects, func(e intake.Effect) bool { return e.Kind == "cost" && !e.Supposed })
	if i < 0 && in.reading.Kind != "cost_spike" {
		return nil, nil
	}
	if err := in.bills(ctx); err != nil {
		return nil, err
	}
	if out := in.billed(); len(out) > 0 || i < 0 {
		return out, nil
	}
	e := in.reading.Effects[i]
	p := price{text: fmt.Sprintf("The case tells of a cost (%q).", e.Text)}
	if in.o.Content.Ledger.Costs(e.Service) {
		p.source = e.Service
	}
	p.from, p.to = in.timeOf(e)
	var out []price
	for _, region := range e.Regions {
		p.key.region = region
		out = append(out, p)
	}
	if len(out) == 0 && p.source != "" && !p.from.IsZero() {
		out = append(out, p)
	}
	return out, nil
}

// billed are the spikes that the bills show, the highest first.
func (in *inquiry) billed() (out []price) {
	begun, m := in.spent.begun(), in.o.Content.Weights.Costs
	for _, k := range in.spent.finest() {
		days := in.spent.series[k]
		for _, d := range keys(days) {
			at, err := time.Parse(time.DateOnly, d)
			if err != nil || at.Add(-m.BillHistory()).Format(time.DateOnly) < begun || !days[d].spikes(m, days, d, at) {
				continue
			}
			p := price{key: k, from: at.Add(-m.BeforeBill()), to: at.AddDate(0, 0, 1).Add(time.Hour), over: new(big.Rat)}
			for _, d := range spikeDays(m, days, at) {
				p.over.Add(p.over, days[d].sum)
				if end, err := time.Parse(time.DateOnly, d); err == nil {
					p.to = end.AddDate(0, 0, 1).Add(time.Hour)
				}
			}
			p.text = fmt.Sprintf("%s cost far more than usual from %s on, by the bill.", k.words(), d)
			out = append(out, p)
			break
		}
	}
	slices.SortStableFunc(out, func(a, b price) int { return b.over.Cmp(a.over) })
	// The highest first: of ten small rises none is what somebody opened a case for.
	return first(out, maxPrices)
}

// buyersOf finds who started such things in the time of the price; before says that somebody
// had started any there earlier. Whose daily work it is to start them is left out, unless they
// did as many times more of it as makes a rise in the bill.
func (in *inquiry) buyersOf(ctx context.Context, p price) (found []doer, before bool, err error) {
	// From the beginning, so that whoever always started such things shows as the one who did
	// before.
	q := evidence.Query{To: p.to}
	if q.Sources, q.Names = in.o.Content.Ledger.Spenders(p.key.service); len(q.Names) == 0 {
		return nil, false, nil
	}
	if p.source != "" {
		q.Sources = []string{p.source}
	}
	if regionWord.MatchString(p.key.region) {
		q.Regions = []string{p.key.region}
	}
	by := map[[2]string]*starts{}
	for e, err := range in.q.Events(ctx, q) {
		if err != nil {
			return nil, false, err
		}
		person := personBehind(&e)
		if person == "" || !in.mayCost(p.key, &e) {
			continue
		}
		before = before || e.Time.Before(p.from)
		s := by[[2]string{person, e.Action()}]
		if s == nil {
			if len(by) >= maxStarters {
				continue
			}
			s = &starts{usual: map[string]int{}, now: map[string]int{}}
			by[[2]string{person, e.Action()}] = s
		}
		if e.Time.Before(p.from) {
			s.usual[e.Time.Format(time.DateOnly)]++
			continue
		}
		if len(s.now) == 0 {
			s.arn, s.daily = e.Identity.ARN, in.routine(&e, e.Time.Add(-wrongByADay))
		}
		s.now[e.Time.Format(time.DateOnly)]++
		if len(s.calls) < maxDone {
			s.calls = append(s.calls, e.ID)
			s.days = append(s.days, e.Time.Format(time.DateOnly))
		}
		if s.first.IsZero() {
			s.first = e.Time
		}
	}
	of := map[string]*doer{}
	for _, k := range slices.SortedFunc(maps.Keys(by), func(a, b [2]string) int {
		return cmp.Or(by[a].first.Compare(by[b].first), slices.Compare(a[:], b[:]))
	}) {
		s, person := by[k], k[0]
		s.daily = s.daily || len(s.usual) >= in.o.Content.Weights.Baseline.MinDays
		if s.daily && len(s.now) > 0 {
			before = true
		}
		events := s.calls
		if s.daily {
			events = s.risen(in.o.Content.Weights.Costs.SpikeTimes)
		}
		if len(events) == 0 {
			continue
		}
		if of[person] == nil {
			of[person] = &doer{person: person, arn: s.arn}
		}
		of[person].events = append(of[person].events, events...)
	}
	for _, person := range keys(of) {
		found = append(found, *of[person])
	}
	return found, before, nil
}

// starts are one principal's calls of one kind that start what is paid for: how many on which day
// before the price and in its time, and the first of those in its time, each with its day.
type starts struct {
	usual, now  map[string]int
	daily       bool // it is their daily work
	arn         string
	first       time.Time
	calls, days []string
}

// maxStarters bounds the principals and kinds of calls of which days are kept.
const maxStarters = 10_000

// risen are the calls of the days that hold more than so many times as many as any day before;
// none where no day before is known.
func (s *starts) risen(times int) (out []string) {
	most := 0
	for _, n := range s.usual {
		most = max(most, n)
	}
	for i, id := range s.calls {
		if most > 0 && s.now[s.days[i]] > times*most {
			out = append(out, id)
		}
	}
	return out
}

// paidFor adds to the symptom of a cost what is known of who began it, where bills show what rose:
// they say better than the words which calls can have brought it about. Whose work it is every day to
// make such calls explains no rise; and while one of the items has nobody who began it, nothing is
// explained.
func (in *inquiry) paidFor(s *symptom) {
	lacking := false
	for _, p := range in.rises {
		ours := 0
		for i := range in.at.Rows {
			ev := &in.at.Events[i]
			if !slices.Contains(p.begun, ev.ID) {
				continue
			}
			s.found++
			switch a := in.at.Rows[i].Actor; {
			case a.Hostile():
				s.theirs++
			case a == attribution.Owner || a == attribution.Service:
				ours++
				if s.own == nil {
					s.own = ev
				}
			case a == attribution.Undetermined && s.unheard == nil:
				s.unheard = ev
			}
		}
		s.ours += ours
		lacking = lacking || ours == 0
	}
	if lacking {
		s.ours = 0
	}
}
