package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/ledger"
)

// maxRecords bounds the records of DNS that are told one by one.
const maxRecords = 8

const changesRecords = "route53:ChangeResourceRecordSets"

// turned is a record of DNS that the intruder set or took away, as it was last.
type turned struct {
	s      detection.Subject
	record ledger.Record
	was    *evidence.Event // who set it last before the intruder did, nil if the evidence does not say
	before ledger.Record
}

// misled says of each record that the intruder changed what it leads to since, and what
// it led to before where the evidence says: what a responder has to set again is that.
func (in *inquiry) misled(ctx context.Context, hit []detection.Subject) error {
	// By zone and record: one record that is set twice is told once, as it stands last.
	own, list := map[string]bool{}, []*turned{}
	at := map[string]*turned{}
	for _, s := range hit {
		own[s.Event.ID] = true
		zone := s.Event.Account + "|" + zoneOf(s.Record)
		for _, r := range ledger.Records(s.Record) {
			if !claim.Quotable(r.Name) || !claim.Quotable(r.Type) {
				continue
			}
			if at[zone+"|"+r.Key] == nil {
				list = append(list, &turned{})
				at[zone+"|"+r.Key] = list[len(list)-1]
			}
			at[zone+"|"+r.Key].s, at[zone+"|"+r.Key].record = s, r
		}
	}
	q := evidence.Query{Sources: []string{"route53.amazonaws.com"}, Names: []string{"ChangeResourceRecordSets"}, Body: true}
	// Read in order of time, so that what stays is the last setting before the intruder's. A
	// removal leads nowhere and is no "before".
	err := in.each(ctx, len(list) > 0, q, func(e *evidence.Event) {
		r, err := e.Parse()
		if err != nil || own[e.ID] {
			return
		}
		for _, x := range ledger.Records(r) {
			if t := at[e.Account+"|"+zoneOf(r)+"|"+x.Key]; t != nil && e.Time.Before(t.s.Event.Time) && !x.Gone {
				same := *e
				t.was, t.before = &same, x
			}
		}
	})
	if err != nil {
		return err
	}
	for _, t := range first(list, maxRecords) {
		in.res.Impact = append(in.res.Impact, in.turnedImpact(t))
	}
	return nil
}

// zoneOf is the id of the zone that a change is made in.
func zoneOf(r evidence.Record) string { return lastPart(r.Str("requestParameters.hostedZoneId")) }

// turnedImpact is the row of one record, a claim a sentence.
func (in *inquiry) turnedImpact(t *turned) Impact {
	e := t.s.Event
	what := fmt.Sprintf("the record of type `%s` of `%s`", t.record.Type, t.record.Name)
	text := fmt.Sprintf("At %s the intruder set %s%s.", stamp(e.Time), what, leads(t.record))
	if t.record.Gone {
		text = fmt.Sprintf("At %s the intruder took away %s.", stamp(e.Time), what)
	}
	in.claims.add(text, claim.Predicate{Op: "event", Event: e.ID, Equals: recordEquals(e, t.record)}, []string{e.CitedAs()}, in.grade(e.ID))
	ids := []string{e.ID}
	if to := leads(t.before); t.was != nil && to != "" {
		was := fmt.Sprintf("Before, at %s, %s set %s%s.", stamp(t.was.Time), by(t.was), what, to)
		in.claims.add(was, claim.Predicate{Op: "event", Event: t.was.ID, Equals: recordEquals(t.was, t.before)}, cite(t.was.ID, e.ID), "A")
		text += " " + was
		ids = append(ids, t.was.ID)
	}
	return Impact{Class: "integrity", Level: "confirmed", Text: text, Quantity: &Quantity{1, "records"}, Evidence: cite(ids...), Coverage: []string{}}
}

// recordEquals is what a claim about one record of a change holds. A change may set many; name
// and type are compared with each of them.
func recordEquals(e *evidence.Event, r ledger.Record) map[string]any {
	const set = "request.changeBatch.changes.resourceRecordSet."
	equals := map[string]any{"action": changesRecords, "time": stamp(e.Time), "outcome": "success", set + "name": r.Name}
	if r.Type != "" {
		equals[set+"type"] = r.Type
	}
	return equals
}

// leads says what a record leads to, as far as it can be quoted; "" where nothing is said.
func leads(r ledger.Record) string {
	to := slices.DeleteFunc(slices.Clone(r.Values), func(v string) bool { return !claim.Quotable(v) })
	if len(to) == 0 || r.Gone {
		return ""
	}
	more := ""
	if len(to) > maxLost {
		to, more = to[:maxLost], " and more"
	}
	return " to `" + strings.Join(to, "`, `") + "`" + more
}
