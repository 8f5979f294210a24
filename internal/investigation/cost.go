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

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
)

// spending is what the bills say, by day.
type spending struct {
	series map[spendKey]map[string]*dayCost // by what was paid for, then by day
}

// spendKey is what one line of a bill is about, as far as it says.
type spendKey struct{ snapshot, account, region, service string }

type dayCost struct {
	sum      *big.Rat
	refs     []string
	path     string // of the amount in each of them
	currency string
}

// A spike is a day that costs more than three times the usual and at least fifty
// more, in whatever currency: the rule of the domain guide, a judgement and no
// measurement. The usual is the median of the same weekday over four weeks, or of
// all days before where there are not two such.
const (
	spikeTimes   = 3
	spikeAtLeast = 50
	maxCostRefs  = 2000 // of one day's cost that are cited
	maxSeries    = 20_000
)

// amounts are where the two forms of bill write what was paid: before credits.
var amounts = []string{"Metrics.UnblendedCost.Amount", "Metrics.NetUnblendedCost.Amount", "Metrics.AmortizedCost.Amount", "Metrics.BlendedCost.Amount",
	"line_item_unblended_cost", "line_item_net_unblended_cost"}

// spending reads the bills, or says that there are none.
func (in *inquiry) spending(ctx context.Context) error {
	in.spent.series = map[spendKey]map[string]*dayCost{}
	n := 0
	if in.observed.from != nil {
		for o, err := range in.observed.from.Observations(ctx, evidence.ObservationQuery{Kinds: []string{"cost"}}) {
			if err != nil {
				return fmt.Errorf("read costs: %w", err)
			}
			n++
			in.spent.add(&o)
		}
	}
	if n == 0 {
		in.limit("no_cost_data", "No cost data was given.", nil, "What the activity cost cannot be said.")
		return nil
	}
	in.note("lines of bills", n)
	return nil
}

func (s *spending) add(o *evidence.Observation) {
	r, err := o.Parse()
	if err != nil || o.Time.IsZero() {
		return
	}
	if t := r.Str("line_item_line_item_type"); t != "" && !strings.Contains(t, "Usage") {
		return // taxes, credits and fees are no use of anything
	}
	at := slices.IndexFunc(amounts, func(p string) bool { return r.Get(p) != nil })
	if at < 0 {
		return
	}
	path := amounts[at]
	v, ok := claim.Amount(r.Str(path))
	if !ok {
		return
	}
	k := spendKey{snapshot: o.Snapshot, account: o.Account, region: o.Region, service: cmp.Or(r.Str("line_item_product_code"), r.Str("product_servicecode"))}
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
	if days == nil {
		if len(s.series) >= maxSeries {
			return
		}
		days = map[string]*dayCost{}
		s.series[k] = days
	}
	d := o.Time.Format(time.DateOnly)
	if days[d] == nil {
		days[d] = &dayCost{sum: new(big.Rat), path: path, currency: currencyOf(r, path)}
	}
	if c := days[d]; c.path == path && len(c.refs) < maxCostRefs {
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

var currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)

// costImpact states what was spent beyond the usual, day for day tied to the
// calls that can have caused it, and says so where no such call is here.
func (in *inquiry) costImpact() {
	from, _ := in.intrusion()
	if from.IsZero() {
		return
	}
	for _, k := range in.spent.finest() {
		var spikes []string
		days := in.spent.series[k]
		for _, d := range keys(days) {
			if d >= from.Add(-6*time.Hour).Format(time.DateOnly) && days[d].spikes(days, d, from) {
				spikes = append(spikes, d)
			}
		}
		if len(spikes) > 0 && len(in.res.Impact) < 100 {
			in.res.Impact = append(in.res.Impact, in.spike(k, days, spikes))
		}
	}
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
		return cmp.Or(strings.Compare(a.service, b.service), strings.Compare(a.region, b.region), strings.Compare(a.account, b.account), strings.Compare(a.snapshot, b.snapshot))
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
func (c *dayCost) spikes(days map[string]*dayCost, d string, from time.Time) bool {
	at, err := time.Parse(time.DateOnly, d)
	if err != nil {
		return false
	}
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
		usual = same[(len(same)-1)/2]
	}
	more := new(big.Rat).Sub(c.sum, usual)
	return more.Cmp(big.NewRat(spikeAtLeast, 1)) > 0 && c.sum.Cmp(new(big.Rat).Mul(usual, big.NewRat(spikeTimes, 1))) > 0
}

func (in *inquiry) spike(k spendKey, days map[string]*dayCost, spikes []string) Impact {
	total, refs := new(big.Rat), []string{}
	for _, d := range spikes {
		total.Add(total, days[d].sum)
		refs = append(refs, days[d].refs...)
	}
	first, last := spikes[0], spikes[len(spikes)-1]
	end, _ := time.Parse(time.DateOnly, last)
	begin, _ := time.Parse(time.DateOnly, first)
	sum := strings.TrimSuffix(strings.TrimRight(total.FloatString(10), "0"), ".")
	what := "What was billed"
	if printable(k.service) {
		what = "`" + k.service + "`"
	}
	if printable(k.region) {
		what += " in `" + k.region + "`"
	}
	when := "on " + first
	if len(spikes) > 1 {
		when = "from " + first + " to " + last
	}
	text := fmt.Sprintf("%s cost %s %s %s, on days that cost over three times the usual.", what, sum, days[first].currency, when)
	in.claims.add(text, claim.Predicate{Op: "state", Path: days[first].path, Value: sum, Window: &claim.Interval{From: stamp(begin), To: stamp(end.AddDate(0, 0, 1))}}, refs, "D")
	i := Impact{Class: "money", Level: "possible", Text: text, Evidence: refs, Coverage: []string{}}
	if whole, err := strconv.ParseFloat(sum, 64); err == nil {
		i.Quantity = &Quantity{int64(whole + 0.5), days[first].currency}
	}
	if regionWord.MatchString(k.region) && !slices.Contains(in.pass.regions(), k.region) {
		in.limit("region_missing", fmt.Sprintf("%s cost more than usual %s, and the evidence holds no events of that region.", strings.ReplaceAll(what, "`", ""), when), &Interval{stamp(begin), stamp(end.AddDate(0, 0, 1))},
			"What was started there cannot be seen, and may still run: list what runs in "+k.region+", and collect its logs.")
		i.Coverage = []string{in.res.Limits[len(in.res.Limits)-1].ID}
		return i
	}
	made := in.creators(k, begin)
	if len(made) > 0 {
		i.Level = "probable"
		i.Evidence = append(i.Evidence, cite(made...)...)
		return i
	}
	in.limit("other", fmt.Sprintf("%s cost more than usual %s, and no call that would have caused it is in the evidence.", strings.ReplaceAll(what, "`", ""), when), &Interval{stamp(begin), stamp(end.AddDate(0, 0, 1))},
		"Cost without a creating event: an older resource, a marketplace or transfer charge, or calls that are missing here.")
	i.Coverage = []string{in.res.Limits[len(in.res.Limits)-1].ID}
	return i
}

// spenders are the services whose calls start something that is paid for, by a
// word of the name that bills give them.
var spenders = map[string][]string{
	"ec2": {"Elastic Compute", "AmazonEC2", "EC2"}, "autoscaling": {"Elastic Compute", "AmazonEC2", "EC2"}, "ecs": {"Container", "ECS", "Fargate"}, "lambda": {"Lambda"},
	"sagemaker": {"SageMaker"}, "bedrock": {"Bedrock"}, "batch": {"Batch", "Elastic Compute", "EC2"}, "lightsail": {"Lightsail"}, "codebuild": {"CodeBuild"},
	"ses": {"Simple Email", "SES"}, "sns": {"Notification", "SNS"}, "s3": {"Simple Storage", "S3"}, "kms": {"Key Management", "KMS", "kms"}, "glue": {"Glue"}, "rds": {"Relational", "RDS"},
}

// creators are the successful hostile calls, up to six hours before the first day
// and in it, that can have caused a cost: of that service, in that region.
func (in *inquiry) creators(k spendKey, begin time.Time) []string {
	var out []string
	for _, s := range in.hostile() {
		e := s.Event
		if e.Outcome() != evidence.Success || e.ReadOnly || e.Time.Before(begin.Add(-6*time.Hour)) || !e.Time.Before(begin.AddDate(0, 0, 1).Add(time.Hour)) {
			continue
		}
		if in.paysFor(k, &s) && len(out) < maxEvidence {
			out = append(out, e.ID)
		}
	}
	return out
}

func (in *inquiry) paysFor(k spendKey, s *detection.Subject) bool {
	if k.region != "" && k.region != s.Event.Region || k.account != "" && k.account != s.Event.Account {
		return false
	}
	service, _, _ := strings.Cut(s.Event.Source, ".")
	return k.service == "" || slices.ContainsFunc(spenders[service], func(w string) bool { return strings.Contains(k.service, w) })
}
