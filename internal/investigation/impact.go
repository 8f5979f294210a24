package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/ledger"
)

// impact states what the intruder got, changed, broke or spent: only what
// succeeded counts, and each number is a claim that is counted again.
// Rows stand in the order of the table of damages, which is that of the report's classes; what
// was open, sent elsewhere, undecided, excluded and not covered follows.
func (in *inquiry) impact(ctx context.Context) error {
	by, seen := map[string][]detection.Subject{}, map[string]bool{}
	for _, s := range in.hostile() {
		if s.Event.Outcome() == evidence.Success && !seen[s.Event.ID] { // two contents of one id happened once
			seen[s.Event.ID] = true
			by[s.Event.Action()] = append(by[s.Event.Action()], s)
		}
	}
	var spared []damage
	for _, d := range damages {
		var hit []detection.Subject
		for _, a := range d.actions {
			hit = append(hit, by[a]...)
		}
		hit = slices.DeleteFunc(hit, func(s detection.Subject) bool { return !d.fits(s) || d.param != "" && len(in.locked(d, s)) == 0 })
		// To count both would count one read twice.
		if d.proxy && in.pass.has("data:s3") {
			continue // the reads themselves are recorded, and counted above
		}
		all := hit
		if d.class == "availability" && d.param == "" { // nobody loses what the intruder had made; what is written over looks like that
			hit = slices.DeleteFunc(slices.Clone(hit), in.selfMade)
		}
		if len(hit) > 0 {
			byTime := func(a, b detection.Subject) int { return evidence.Compare(a.Event, b.Event) }
			slices.SortFunc(hit, byTime)
			slices.SortFunc(all, byTime)
			in.res.Impact = append(in.res.Impact, in.damage(d, hit, all))
			in.ownersShare(d, hit)
		} else if d.none != "" {
			spared = append(spared, d)
		}
	}
	in.doomed()
	if err := in.misled(ctx, by[changesRecords]); err != nil {
		return err
	}
	if err := in.openReads(ctx); err != nil {
		return err
	}
	if err := in.sentElsewhere(ctx); err != nil {
		return err
	}
	in.undecided()
	if err := in.excluded(ctx, spared); err != nil {
		return err
	}
	in.notCovered()
	return in.openUnseen(ctx)
}

// telling are the keys of an encryption context that say what was decrypted.
// Secrets and parameters are counted by the reads that KMS was called for.
var telling = []string{"aws:s3:arn", "SecretARN", "PARAMETER_ARN"}

// fits says whether a KMS call is of the sort that this row counts, by what its encryption
// context tells. S3 and others put there what they decrypt for; what tells nothing is counted
// by itself and proves little.
func (d damage) fits(s detection.Subject) bool {
	if d.context == "" {
		return true
	}
	context, _ := s.Record.Get("requestParameters.encryptionContext").(map[string]any)
	if d.context == "-" {
		return !slices.ContainsFunc(telling, func(k string) bool { _, has := context[k]; return has })
	}
	_, has := context[d.context]
	return has
}

// locked are the values of the parameter that keep the account's own people from
// reading what was written: any key that the caller brought, and KMS keys of
// accounts that are not ours.
func (in *inquiry) locked(d damage, s detection.Subject) []string {
	values := s.Record.Strs("requestParameters." + d.param)
	if d.param != kmsKey {
		return values
	}
	return slices.DeleteFunc(values, func(key string) bool {
		parts := strings.Split(key, ":") // arn:aws:kms:region:account:key/id; an id or alias alone is of the caller's own account
		return len(parts) < 6 || slices.Contains(in.res.Accounts, parts[4])
	})
}

// undecided counts, for each kind of harm to data, the calls within the
// intrusion that cannot be told from the owner's: on top of what is confirmed,
// never part of it. What was recognised as the owner's is in neither number.
// The time is the intrusion's, an hour more: what cannot be told apart long before it is no
// harm of this case.
func (in *inquiry) undecided() {
	for _, d := range damages {
		if d.class != "data" || d.level != "confirmed" {
			continue
		}
		var ids []string
		creds := map[string]bool{}
		var first, last *evidence.Event
		for i, r := range in.at.Rows {
			e := &in.at.Events[i]
			if r.Actor != attribution.Undetermined || in.again(i) || !in.during(e.Time) || e.Outcome() != evidence.Success || !slices.Contains(d.actions, e.Action()) || e.Identity.AccessKey == "" {
				continue
			}
			if first == nil {
				first = e
			}
			last = e
			creds[e.Identity.AccessKey] = true
			ids = append(ids, e.ID)
		}
		if len(ids) == 0 {
			continue
		}
		n := len(ids)
		text := fmt.Sprintf("A further %d %s of %s within the intrusion cannot be told from the owner's: %s to %s.", n, plural("calls", int64(n)), strings.Join(d.actions, ", "), stamp(first.Time), stamp(last.Time))
		in.claims.add(text, claim.Predicate{
			Op: "count", Value: n, Window: &claim.Interval{From: stamp(first.Time), To: stamp(last.Time.Add(time.Second))},
			Filter: claim.Filter{"action": list(d.actions), "actor": string(attribution.Undetermined), "credential": list(keys(creds)), "outcome": "success"},
		}, cite(ids[:min(n, maxEvidence)]...), "D")
		in.res.Impact = append(in.res.Impact, Impact{Class: d.class, Level: "possible", Text: text, Quantity: &Quantity{int64(n), "calls"}, Evidence: cite(ids[:min(n, maxEvidence)]...), Coverage: in.limitIDs(d.limit)})
	}
}

// selfMade says whether a call was about things that the intruder had created.
func (in *inquiry) selfMade(s detection.Subject) bool {
	// By the ledger, which knows things by one id whatever their calls name them by.
	if in.created == nil {
		in.created = map[string]bool{}
		for _, r := range in.ledger.Resources {
			if slices.Contains(r.Effect, ledger.Created) {
				in.created[r.ID] = true
			}
		}
	}
	n := 0
	for _, e := range in.o.Content.Ledger.Effects(s.Event, s.Record, in.res.Accounts...) {
		if e.ID == "" {
			continue
		}
		// An object in a bucket that they made is theirs as well.
		bucket, _, isObject := strings.Cut(strings.TrimPrefix(e.ID, "arn:aws:s3:::"), "/")
		if !in.created[e.ID] && !(isObject && in.created["arn:aws:s3:::"+bucket]) {
			return false
		}
		n++
	}
	return n > 0
}

// maxEvidence bounds the references of one impact row; the claim behind it
// counts every event again.
const maxEvidence = 200

// damage counts one kind of harm: what was hit, out of all calls of that kind. Where some of all
// are left out, the claim names those that are meant one by one; where they are too many to
// name, it counts all, and says so: a number that a program cannot count again would be struck,
// and the harm with it.
func (in *inquiry) damage(d damage, hit, all []detection.Subject) Impact {
	some, own, gone := len(hit) < len(all), "", hit
	if some && len(hit) > maxEvidence {
		hit, some, own = all, false, ", some of them on what they had made themselves"
	}
	n, names, actions, creds, locks, bytes := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, int64(0)
	ids := []string{}
	for _, s := range hit {
		for _, v := range d.things(s) {
			n[v] = true
		}
		for _, v := range d.names(s) {
			names[v] = true
		}
		actions[s.Event.Action()] = true
		creds[s.Event.Identity.AccessKey] = true
		if d.param != "" {
			for _, v := range in.locked(d, s) {
				locks[v] = true
			}
		}
		if v, err := jsonInt(s.Record.Get("additionalEventData.bytesTransferredOut")); err == nil {
			bytes += v
		}
		if len(ids) < maxEvidence {
			ids = append(ids, s.Event.ID)
		}
	}
	// Things where records name them, else calls: a number of things that was not read must not
	// be claimed.
	count, unit := int64(len(n)), d.unit
	switch {
	case count > 0:
	case unit == "model calls" || unit == "messages": // one call is one of them
		count = int64(len(hit))
	default:
		count, unit = int64(len(hit)), "calls"
	}
	filter := claim.Filter{"action": list(keys(actions)), "actor": hostileActors, "outcome": "success"}
	if some {
		filter["event"] = list(ids)
	}
	// A call without a key cannot be found again by one.
	if !creds[""] {
		filter["credential"] = list(keys(creds))
	}
	if d.param != "" {
		filter["request."+d.param] = list(keys(locks))
	}
	when := span(hit[0].Event.Time, hit[len(hit)-1].Event.Time)
	text := fmt.Sprintf("The intruder %s %d %s %s.", d.verb, count, plural(unit, count), when)
	if d.unique != "" {
		text = strings.TrimSuffix(text, ".") + again(len(n), len(names)) + "."
	}
	if unit != d.unit && d.results == "" { // the calls do not say how many of them
		text = fmt.Sprintf("The intruder %s %s with %d %s %s.", d.verb, d.unit, count, plural(unit, count), when)
	}
	if d.results != "" { // what the answers list is for the quantity; the sentence counts what a program counts again
		text = fmt.Sprintf("The intruder %s %d %s %s.", d.verb, len(hit), plural("calls", int64(len(hit))), when)
	}
	p := claim.Predicate{Op: "count", Filter: filter, Value: len(hit)}
	if d.bytes && bytes > 0 {
		text = fmt.Sprintf("The intruder %s %d %s (%d bytes) %s.", d.verb, count, plural(unit, count), bytes, when)
		p = claim.Predicate{Op: "sum", Filter: filter, Field: "record.additionalEventData.bytesTransferredOut", Value: bytes}
	}
	if d.named {
		text = strings.TrimSuffix(text, ".") + in.lost(gone) + "."
	}
	if d.lists {
		text = strings.TrimSuffix(text, ".") + among(": ", slices.DeleteFunc(keys(n), func(v string) bool { return !claim.Quotable(v) })) + "."
	}
	text = strings.TrimSuffix(text, ".") + own + "."
	in.claims.add(text, p, cite(ids...), "A")
	return Impact{Class: d.class, Level: d.level, Text: text, Quantity: &Quantity{count, unit}, Evidence: cite(ids...), Coverage: in.limitIDs(d.limit)}
}

// maxLost is how many of the things that are gone a sentence names; the rows of what was
// touched name all.
const maxLost = 5

// lost names what the calls took away, by the ledger's own reading of them, where their
// records do.
func (in *inquiry) lost(hit []detection.Subject) string {
	set := map[string]bool{}
	for _, s := range hit[:min(len(hit), maxEvidence)] {
		for _, e := range in.o.Content.Ledger.Effects(s.Event, s.Record, in.res.Accounts...) {
			if name := lastPart(e.ID); (e.Effect == ledger.Deleted || e.Effect == ledger.Modified) && claim.Quotable(name) && namedIn(&s, name) && !in.awaiting(e.ID) {
				set[name] = true
			}
		}
	}
	return among("; gone: ", keys(set))
}

// among lists a few names in quotes behind what leads up to them; nothing where there are none.
func among(lead string, names []string) string {
	switch {
	case len(names) == 0:
		return ""
	case len(names) > maxLost:
		return lead + "`" + strings.Join(names[:maxLost], "`, `") + "` and more"
	}
	return lead + "`" + strings.Join(names, "`, `") + "`"
}

// things are what one call was about, joined over the paths that name it.
func (d damage) things(s detection.Subject) []string {
	if d.results != "" {
		return s.Record.Strs("responseElements." + d.results)
	}
	if d.unique != "" {
		if ids := s.Record.Strs("responseElements." + d.unique); len(ids) > 0 {
			return ids
		}
	}
	return d.names(s)
}

// again says that fewer names than things were given: what is removed and made anew.
func again(things, names int) string {
	switch {
	case names == 0 || names >= things:
		return ""
	case names == 1:
		return ", each under the same name"
	}
	return ", some under the same name"
}

// names are what the calls themselves call the things.
func (d damage) names(s detection.Subject) []string {
	if d.context != "" && d.context != "-" { // its key holds dots and colons: no path
		context, _ := s.Record.Get("requestParameters.encryptionContext").(map[string]any)
		if v, ok := context[d.context].(string); ok {
			return []string{v}
		}
	}
	var parts []string
	for _, p := range d.paths {
		for _, alt := range strings.Split(p, "|") {
			vals := s.Record.Strs("requestParameters." + alt)
			if len(d.paths) == 1 && len(vals) > 0 {
				return vals
			}
			if len(vals) > 0 {
				parts = append(parts, vals[0])
				break
			}
		}
	}
	if len(d.paths) == 0 || len(parts) < len(d.paths) {
		return nil
	}
	return []string{strings.Join(parts, "\x00")}
}

// plural is the unit for a number of it; units are given in the plural and end in s.
func plural(unit string, n int64) string {
	if n == 1 {
		return strings.TrimSuffix(unit, "s")
	}
	return unit
}

// unseen are the services besides S3 whose use of data is recorded only where
// data events are selected, and what therefore cannot be told.
var unseen = []struct{ class, what string }{
	{"data:dynamodb", "items of DynamoDB tables read or written"}, {"data:ses", "mail sent with SES"}, {"data:sns", "messages sent with SNS"}, {"data:lambda", "functions called"},
}

// counted says whether calls of a service's data, by whatever class they were recorded, stand in the impact already.
// What is counted needs no word that it could not be seen.
func counted(hostile []detection.Subject, service string) bool {
	return slices.ContainsFunc(hostile, func(s detection.Subject) bool {
		a := s.Event.Action()
		return strings.HasPrefix(a, service+":") && slices.ContainsFunc(damages, func(d damage) bool {
			return (d.class == "data" || d.unit == "messages") && slices.Contains(d.actions, a)
		})
	})
}

// notCovered says, where object-level logging is absent, that reads and writes
// of objects could not have been seen. It never says that there were none.
// Which classes were seen is asked of the whole evidence: a class of which there is any event
// was selected somewhere, and then the other rows speak.
func (in *inquiry) notCovered() {
	hostile := in.hostile()
	if len(hostile) == 0 {
		return
	}
	if !in.pass.has("data:s3") {
		in.res.Impact = append(in.res.Impact, Impact{
			Class: "data", Level: "not_covered", Evidence: []string{}, Coverage: in.limitIDs("no_data_events"),
			Text: "Reads and writes of objects in S3 are not recorded in this evidence; whether the intruder made any cannot be told.",
		})
	}
	var what []string
	for _, u := range unseen {
		_, service, _ := strings.Cut(u.class, ":")
		if !in.pass.has(u.class) && !counted(hostile, service) {
			what = append(what, u.what)
		}
	}
	if len(what) > 0 {
		in.res.Impact = append(in.res.Impact, Impact{
			Class: "data", Level: "not_covered", Evidence: []string{}, Coverage: in.limitIDs("no_data_events"),
			Text: "This evidence does not record " + or(what) + "; whether the intruder did any of it cannot be told.",
		})
	}
}
