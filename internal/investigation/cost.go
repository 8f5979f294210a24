package investigation

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
)

// spending is what the bills say, by day.
// Amounts are exact fractions: bills hold ten digits behind the point, and a sum that is
// checked again must not depend on the order in which they were added.
type spending struct {
	series map[spendKey]map[string]*dayCost // by what was paid for, then by day; nil before bills are read
	lines  int
}

// spendKey is what one line of a bill is about, as far as it says.
// Sums of two currencies are no sum: they are told apart.
type spendKey struct{ snapshot, account, region, service, currency string }

// words are how a sentence that begins with it speaks of what was paid for.
func (k spendKey) words() string {
	what := "What was billed"
	if claim.Quotable(k.service) {
		what = "`" + k.service + "`"
	}
	if claim.Quotable(k.region) {
		what += " in `" + k.region + "`"
	}
	return what
}

// dayCost is what one series cost on one day.
type dayCost struct {
	sum    *big.Rat
	refs   []string
	path   string          // of the amount in each of them
	more   bool            // the bill has more lines than could be cited, and the sum is of those cited
	things map[string]bool // resources by name, where the bill tells
}

// A spike is a day that costs more than three times the usual and at least fifty
// more, in whatever currency: the rule of the domain guide, a judgement and no
// measurement. The usual is the median of the same weekday over four weeks, or of
// all days before where there are not two such.
const (
	maxCostRefs = 2000 // of one day's cost that are cited
	maxSeries   = 20_000
	maxBilled   = 200 // resources of one day that are remembered
)

// amounts are where the two forms of bill write what was paid: before credits.
var amounts = []string{"Metrics.UnblendedCost.Amount", "Metrics.NetUnblendedCost.Amount", "Metrics.AmortizedCost.Amount", "Metrics.BlendedCost.Amount",
	"line_item_unblended_cost", "line_item_net_unblended_cost"}

// spending reads the bills, or says that there are none.
// spending runs with the limits, as the lack of a bill is one.
func (in *inquiry) spending(ctx context.Context) error {
	if err := in.bills(ctx); err != nil {
		return err
	}
	n := in.spent.lines
	if n == 0 {
		in.limit("no_cost_data", "No cost data was given.", nil, "What the activity cost cannot be said.")
		return nil
	}
	in.note("lines of bills", n)
	return nil
}

// bills reads them once: what costs is asked before anybody is examined, and again in the end.
func (in *inquiry) bills(ctx context.Context) error {
	if in.spent.series != nil {
		return nil
	}
	in.spent.series = map[spendKey]map[string]*dayCost{}
	if in.observed.from == nil {
		return nil
	}
	for o, err := range in.observed.from.Observations(ctx, evidence.ObservationQuery{Kinds: []string{"cost"}}) {
		if err != nil {
			return fmt.Errorf("read costs: %w", err)
		}
		in.spent.lines++
		in.spent.add(&o)
	}
	return nil
}

// add takes one line of a bill, as Cost Explorer answers it (a day, grouped) or as the Cost
// and Usage Report writes it (a resource and an hour). What it cannot read it leaves out: a
// bill is large, and a total of what was read is what claims rest on.
func (s *spending) add(o *evidence.Observation) {
	r, err := o.Parse()
	if err != nil || o.Time.IsZero() {
		return
	}
	if t := r.Str("line_item_line_item_type"); t != "" && !strings.Contains(t, "Usage") {
		return // taxes, credits and fees are no use of anything
	}
	// Before credits: what an intruder spent is the same money when a credit pays for it.
	at := slices.IndexFunc(amounts, func(p string) bool { return r.Get(p) != nil })
	if at < 0 {
		return
	}
	path := amounts[at]
	v, ok := claim.Amount(r.Str(path))
	if !ok {
		return
	}
	k := spendKey{snapshot: o.Snapshot, account: o.Account, region: o.Region, currency: currencyOf(r, path), service: cmp.Or(r.Str("line_item_product_code"), r.Str("product_servicecode"))}
	if defs := r.All("GroupDefinitions"); len(defs) > 0 {
		names := r.Strs("Keys")
		for i, d := range defs {
			m, _ := d.(map[string]any)
			if i >= len(names) {
				break
			}
			switch evidence.Record(m).Str("Key") {
			case "SERVICE":
				k.service = names[i]
			case "REGION":
				k.region = names[i]
			case "LINKED_ACCOUNT":
				k.account = names[i]
			default:
				k.service = strings.TrimSpace(k.service + " " + names[i])
			}
		}
	}
	days := s.series[k]
	// Beyond the bound new series are left out; a real account has hundreds.
	if days == nil {
		if len(s.series) >= maxSeries {
			return
		}
		days = map[string]*dayCost{}
		s.series[k] = days
	}
	d := o.Time.Format(time.DateOnly)
	if days[d] == nil {
		days[d] = &dayCost{sum: new(big.Rat), path: path, things: map[string]bool{}}
	}
	if name := lastPart(r.Str("line_item_resource_id")); name != "" && len(days[d].things) < maxBilled {
		days[d].things[name] = true
	}
	switch c := days[d]; {
	case c.path != path: // the same money told another way
	case len(c.refs) == maxCostRefs:
		c.more = true
	default:
		c.sum.Add(c.sum, v)
		c.refs = append(c.refs, o.CitedAs())
	}
}

// currencyOf is the currency of the amount at a path: Cost Explorer writes it beside
// the amount, reports in a column of their own. One that is no code of three letters
// is taken for the usual.
func currencyOf(r evidence.Record, path string) string {
	code := r.Str("line_item_currency_code")
	if metric, ok := strings.CutSuffix(path, ".Amount"); ok {
		code = r.Str(metric + ".Unit")
	}
	if !currencyCode.MatchString(code) {
		return "USD"
	}
	return code
}

// currencyCode is the shape of ISO 4217's codes: anything else would be a stranger's words in
// our sentence.
var currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)

// costImpact states what was spent beyond the usual, day for day tied to the
// calls that can have caused it, and says so where no such call is here.
func (in *inquiry) costImpact() {
	from, _ := in.intrusion()
	if from.IsZero() {
		return
	}
	// The bound is on the rows of the report, not on what is read.
	for _, k := range in.spent.finest() {
		days := in.spent.series[k]
		spikes := spikeDays(in.o.Content.Weights.Costs, days, from)
		if len(spikes) > 0 && len(in.res.Impact) < 100 {
			in.res.Impact = append(in.res.Impact, in.spike(k, days, spikes))
		}
	}
}

// spikeDays are the days since shortly before a time that stand out from those before it.
func spikeDays(m attribution.Costs, days map[string]*dayCost, from time.Time) (out []string) {
	for _, d := range keys(days) {
		if d >= from.Add(-m.BeforeBill()).Format(time.DateOnly) && days[d].spikes(m, days, d, from) {
			out = append(out, d)
		}
	}
	return out
}

// finest are the series of the bills that tell most: several answers may tell the
// same money by other groups, and it must not be counted twice.
func (s *spending) finest() []spendKey {
	detail := func(k spendKey) int {
		n := 0
		for _, v := range []string{k.service, k.region, k.account} {
			if v != "" {
				n++
			}
		}
		return n
	}
	best := 0
	for k := range s.series {
		best = max(best, detail(k))
	}
	var out []spendKey
	for k := range s.series {
		if detail(k) == best {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b spendKey) int {
		return cmp.Or(strings.Compare(a.service, b.service), strings.Compare(a.region, b.region), strings.Compare(a.account, b.account), strings.Compare(a.currency, b.currency), strings.Compare(a.snapshot, b.snapshot))
	})
	// Two answers of one shape about one day: the first by content.
	seen := map[spendKey]bool{}
	return slices.DeleteFunc(out, func(k spendKey) bool {
		k.snapshot = ""
		again := seen[k]
		seen[k] = true
		return again
	})
}

// spikes says whether a day's cost stands out from the days before the intrusion.
func (c *dayCost) spikes(m attribution.Costs, days map[string]*dayCost, d string, from time.Time) bool {
	at, err := time.Parse(time.DateOnly, d)
	if err != nil {
		return false
	}
	// Days before the intrusion only: it would else make its own cost the usual one.
	var same, all []*big.Rat
	for i := 1; i <= 28; i++ {
		day := at.AddDate(0, 0, -i)
		if !day.Before(from.Truncate(24 * time.Hour)) {
			continue
		}
		if p := days[day.Format(time.DateOnly)]; p != nil {
			all = append(all, p.sum)
			if i%7 == 0 {
				same = append(same, p.sum)
			}
		}
	}
	if len(same) < 2 {
		same = all
	}
	usual := new(big.Rat) // a service that was never paid for before has none
	if len(same) > 0 {
		slices.SortFunc(same, func(a, b *big.Rat) int { return a.Cmp(b) })
		// The lower middle: of two values the smaller, so that a rise is not missed for one dear day before.
		usual = same[(len(same)-1)/2]
	}
	more := new(big.Rat).Sub(c.sum, usual)
	return more.Cmp(big.NewRat(int64(m.SpikeAtLeast), 1)) > 0 && c.sum.Cmp(new(big.Rat).Mul(usual, big.NewRat(int64(m.SpikeTimes), 1))) > 0
}

// spike says what the days that stand out cost together, as a sum that is added up again from the
// lines cited, and ties it to what can have caused it. Where the bills begin with the intrusion,
// or hardly before, no day is known to be usual, and none is said to stand out from it.
func (in *inquiry) spike(k spendKey, days map[string]*dayCost, spikes []string) Impact {
	total, refs, more := new(big.Rat), []string{}, false
	for _, d := range spikes {
		total.Add(total, days[d].sum)
		refs, more = append(refs, days[d].refs...), more || days[d].more
	}
	first, last := spikes[0], spikes[len(spikes)-1]
	end, _ := time.Parse(time.DateOnly, last)
	begin, _ := time.Parse(time.DateOnly, first)
	sum := strings.TrimSuffix(strings.TrimRight(total.FloatString(10), "0"), ".")
	what, than := k.words(), "more than usual"
	when := "on " + first
	if len(spikes) > 1 {
		when = "from " + first + " to " + last
	}
	text := fmt.Sprintf("%s cost %s%s %s %s, on days that cost over three times the usual.", what, atLeast(more), sum, k.currency, when)
	if begun := in.spent.begun(); begin.Add(-in.o.Content.Weights.Costs.BillHistory()).Format(time.DateOnly) < begun {
		than = atLeast(more) + sum + " " + k.currency
		text = fmt.Sprintf("%s cost %s %s; the bills begin on %s, so that what is usual is not known.", what, than, when, begun)
	}
	window := &claim.Interval{From: stamp(begin), To: stamp(end.AddDate(0, 0, 1))}
	in.claims.add(text, claim.Predicate{Op: "state", Path: days[first].path, Value: sum, Window: window}, refs, "D")
	i := Impact{Class: "money", Level: "possible", Text: text, Evidence: refs, Coverage: []string{}}
	if whole, err := strconv.ParseFloat(sum, 64); err == nil {
		i.Quantity = &Quantity{int64(whole + 0.5), k.currency}
	}
	unseen := func(kind, why, effect string) Impact {
		in.limit(kind, fmt.Sprintf("%s cost %s %s, and %s.", strings.ReplaceAll(what, "`", ""), than, when, why), &Interval{window.From, window.To}, effect)
		i.Coverage = []string{in.res.Limits[len(in.res.Limits)-1].ID}
		return i
	}
	switch {
	case regionWord.MatchString(k.region) && !slices.Contains(in.pass.regions(), k.region):
		return unseen("region_missing", "the evidence holds no events of that region", "What was started there cannot be seen, and may still run: list what runs in "+k.region+", and collect its logs.")
	case in.caused(&i, k, days, spikes):
		return i
	}
	return unseen("other", "no call that would have caused it is in the evidence", "Cost without a creating event: an older resource, a marketplace or transfer charge, or calls that are missing here.")
}

// begun is the first day of the bills, "" if there are none.
func (s *spending) begun() string {
	begun := ""
	for _, days := range s.series {
		for d := range days {
			if begun == "" || d < begun {
				begun = d
			}
		}
	}
	return begun
}
