package investigation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
)

// globalServices speak in us-east-1 wherever their caller is.
var globalServices = map[string]bool{"iam": true, "organizations": true}

// shelf is what can be excluded together: one class of harm, whose absence the
// same records show.
// What the same records would show is said in one sentence: a report that excludes thirty
// kinds of harm one by one is not read.
type shelf struct {
	class   string
	need    []string // classes of events that must be recorded throughout
	global  bool
	phrases []string
	names   []string
	sources []string
}

// excluded says which kinds of harm the intruder did not do, in each account it
// was in: only where everything that the intruder held is followed to both ends,
// every day of the case has the records that would show it, in every region the
// intruder was seen in, and nobody undetermined made such a call either. Where
// that cannot be shown, nothing is said.
func (in *inquiry) excluded(ctx context.Context, spared []damage) error {
	from, to := in.caseInterval()
	// One end that is not followed, and an act may be outside of what was judged: then nothing
	// is excluded at all.
	if from.IsZero() || !in.traced() {
		return nil
	}
	to = to.Add(time.Second) // windows are half-open
	for _, account := range in.hostileAccounts() {
		for _, s := range in.shelves(spared) {
			regions, ids := in.recorded(account, s, from, to)
			if len(regions) == 0 {
				continue
			}
			cited, where := in.bounds(account), strings.Join(regions, ", ")+" of "+account+", where such calls are recorded throughout"
			if slices.Contains(s.need, "data:s3") {
				buckets, refs, err := in.recordedBuckets(ctx, account, regions, s.class == "data", from, to)
				if err != nil {
					return err
				}
				if len(buckets) == 0 {
					continue
				}
				where = strings.Join(regions, ", ") + " of " + account + ", in the buckets whose data events are recorded (" + strings.Join(buckets, ", ") + "); of any other bucket nothing is said"
				cited = append(cited, refs...)
			}
			text := fmt.Sprintf("The intruder %s between %s and %s in %s.", and(s.phrases), stamp(from), stamp(to), where)
			in.claims.add(text, claim.Predicate{
				Op: "absence", Window: &claim.Interval{From: stamp(from), To: stamp(to)}, Coverage: ids,
				Filter: claim.Filter{
					"actor": append(slices.Clone(hostileActors), string(attribution.Undetermined)), "account": account, "region": list(regions),
					"event_name": list(s.names), "event_source": list(s.sources), "outcome": "success",
				},
			}, cited, "E")
			in.res.Impact = append(in.res.Impact, Impact{Class: s.class, Level: "excluded", Text: text, Evidence: cited, Coverage: in.limitIDs("region_missing")})
		}
	}
	return nil
}

// shelves sorts what was spared by what would have shown it.
// The order is that of the table of damages. A kind of harm that somebody unknown may have
// done is left out here.
func (in *inquiry) shelves(spared []damage) []*shelf {
	var out []*shelf
	for _, d := range spared {
		if in.anybodyUnknown(d) {
			continue
		}
		need, global := map[string]bool{}, false
		var names, sources []string
		for _, a := range d.actions {
			service, name, _ := strings.Cut(a, ":")
			names, sources = append(names, name), append(sources, service+".amazonaws.com")
			global = global || globalServices[service]
			for _, class := range claim.ClassesOf(name) {
				need[class] = true
			}
		}
		classes := keys(need)
		i := slices.IndexFunc(out, func(s *shelf) bool { return s.class == d.class && s.global == global && slices.Equal(s.need, classes) })
		if i < 0 {
			i, out = len(out), append(out, &shelf{class: d.class, need: classes, global: global})
		}
		s := out[i]
		s.phrases = append(s.phrases, d.none)
		s.names, s.sources = append(s.names, names...), append(s.sources, sources...)
	}
	for _, s := range out {
		slices.Sort(s.sources)
		s.sources = slices.Compact(s.sources)
	}
	return out
}

// anybodyUnknown says whether such a call was made by somebody who may be the intruder.
func (in *inquiry) anybodyUnknown(d damage) bool {
	for i, r := range in.at.Rows {
		e := &in.at.Events[i]
		if (r.Actor == attribution.Undetermined || r.Actor.Hostile()) && e.Outcome() == evidence.Success && slices.Contains(d.actions, e.Action()) {
			return true
		}
	}
	return false
}

// recorded lists the regions of an account in which what a shelf needs is
// recorded on each day of [from, to), and the coverage that shows it. It is
// empty unless those are all the regions that the intruder was seen in.
func (in *inquiry) recorded(account string, s *shelf, from, to time.Time) (regions, ids []string) {
	acted := map[string]bool{}
	if s.global {
		acted["us-east-1"] = true
	} else {
		for i, r := range in.at.Rows {
			if e := &in.at.Events[i]; r.Actor.Hostile() && e.Account == account && e.Region != "" && !globalServices[strings.TrimSuffix(e.Source, ".amazonaws.com")] {
				acted[e.Region] = true
			}
		}
	}
	if len(acted) == 0 {
		return nil, nil
	}
	for _, region := range in.pass.regions() {
		if s.global && region != "us-east-1" {
			continue
		}
		days, ok := in.throughout(dayKey{account, region, ""}, s.need, from, to)
		if ok {
			regions, ids = append(regions, region), append(ids, days...)
		} else if acted[region] {
			return nil, nil
		}
	}
	if len(ids) > claim.MaxEvidence {
		return nil, nil
	}
	return regions, ids
}

// throughout says whether a region recorded the classes that are needed on every day of [from,
// to), without a gap within it, and by which rows of coverage.
func (in *inquiry) throughout(k dayKey, need []string, from, to time.Time) (ids []string, ok bool) {
	for at := from.UTC().Truncate(day); at.Before(to); at = at.Add(day) {
		k.day = at.Format("2006-01-02")
		seen := in.pass.coverage[k]
		if seen == nil || slices.ContainsFunc(need, func(c string) bool { return !seen.classes[c] }) {
			return nil, false
		}
		for _, g := range in.pass.gaps(k) {
			if g.From.Before(to) && g.To.After(from) {
				return nil, false
			}
		}
		ids = append(ids, k.account+"/"+k.region+"/"+k.day)
	}
	return ids, true
}

// maxBuckets bounds the buckets that one sentence names, maxDataEvents how far
// they are looked for.
const (
	maxBuckets    = 8
	maxDataEvents = 200_000
)

// recordedBuckets names buckets whose objects' calls of one sort, reads or writes, the
// evidence holds on the days in question: a trail may select data events for some
// buckets only, and of those the writes alone (CloudTrail User Guide, readWriteType).
// That writes are recorded shows nothing of reads.
func (in *inquiry) recordedBuckets(ctx context.Context, account string, regions []string, reads bool, from, to time.Time) (names, refs []string, err error) {
	q := evidence.Query{From: from.UTC().Truncate(day), To: to.UTC().Truncate(day).Add(day), Sources: []string{"s3.amazonaws.com"}, Accounts: []string{account}, Regions: regions}
	first, n := map[string]string{}, 0
	for e, err := range in.q.Events(ctx, q) {
		if err != nil {
			return nil, nil, fmt.Errorf("read which buckets are recorded: %w", err)
		}
		// What was seen so far is named; what comes later is among "any other bucket", of which
		// nothing is said.
		if n++; n > maxDataEvents {
			break
		}
		if class(&e) != "data:s3" || e.ReadOnly != reads {
			continue
		}
		for _, r := range e.Resources {
			bucket, _, _ := strings.Cut(strings.TrimPrefix(r, "arn:aws:s3:::"), "/")
			if strings.HasPrefix(r, "arn:aws:s3:::") && first[bucket] == "" && claim.Quotable(bucket) {
				first[bucket] = e.ID
			}
		}
	}
	for _, b := range keys(first)[:min(len(first), maxBuckets)] {
		names, refs = append(names, "`"+b+"`"), append(refs, cite(first[b])...)
	}
	return names, refs, nil
}

// hostileAccounts are those in which hostile calls were recorded.
func (in *inquiry) hostileAccounts() []string {
	set := map[string]bool{}
	for i, r := range in.at.Rows {
		if r.Actor.Hostile() && in.at.Events[i].Account != "" {
			set[in.at.Events[i].Account] = true
		}
	}
	return keys(set)
}

// bounds cites the first and the last act of the intruder in an account: whose
// harm it is that an exclusion speaks of.
func (in *inquiry) bounds(account string) []string {
	first, last := "", ""
	for i, r := range in.at.Rows {
		if r.Actor.Hostile() && in.at.Events[i].Account == account {
			first, last = cmp.Or(first, r.Event), r.Event
		}
	}
	if first == last {
		return cite(first)
	}
	return cite(first, last)
}

// and joins phrases the way a sentence does; or is its twin for negatives.
func and(list []string) string { return joined(list, " and ") }

// or joins a list of what is denied.
func or(list []string) string { return joined(list, " or ") }

// joined is a list in words: "a, b and c".
func joined(list []string, last string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + last + list[len(list)-1]
}
