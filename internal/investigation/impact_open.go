package investigation

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/ledger"
)

// openReads counts what was read from buckets that the intruder opened, from the opening
// until it is closed or the evidence ends, by nobody and by outside accounts that the
// opening let in. The former have no caller and the latter are others' people, so nobody is
// blamed for them and they have no row; yet that the bucket was open is the intruder's
// doing, and so is what was taken.
func (in *inquiry) openReads(ctx context.Context) error {
	opened := map[string][]*opening{} // by bucket
	var order []*opening
	q := evidence.Query{Sources: []string{"s3.amazonaws.com"}, Names: []string{"GetObject"}, Body: true}
	for _, p := range in.res.Persistence {
		bucket, ok := strings.CutPrefix(p.ID, "arn:aws:s3:::")
		if p.Kind != "bucket_policy" || p.Status == ledger.Attempted || len(p.Events) == 0 || !ok || !claim.Quotable(bucket) {
			continue
		}
		// The opening's own call, or the first of several: from then on it stood open.
		when, err := in.when(ctx, append(slices.Clone(p.Events), bare(p.StateEvidence)...))
		if err != nil {
			return err
		}
		o := &opening{bucket: bucket, from: when[p.Events[0]], seen: map[string]bool{}, admits: in.letIn(p.Events), foreign: map[string]*taken{}}
		if p.Status == ledger.Removed {
			o.until = latestOf(when, p.StateEvidence)
		}
		if len(order) == 0 || o.from.Before(q.From) {
			q.From = o.from
		}
		opened[bucket], order = append(opened[bucket], o), append(order, o)
	}
	if len(order) == 0 {
		return nil
	}
	own := in.hostileAddresses()
	if err := in.readers(ctx, q, opened, own); err != nil {
		return err
	}
	for _, o := range order {
		in.openBucket(o, own)
		for _, account := range keys(o.foreign) {
			used, err := in.readBefore(ctx, o, account)
			if err != nil {
				return err
			}
			if !used {
				in.readOpenly(o.foreign[account], o.bucket, nil, "by account "+account, "")
			}
		}
	}
	return nil
}

// outside says whether somebody of an account that is not the owner's called.
// By the account that the record gives for the caller. A service that acts for somebody is
// nobody outside.
func (in *inquiry) outside(e *evidence.Event) bool {
	a := e.Identity.Account
	return accountNumber.MatchString(a) && !slices.Contains(in.res.Accounts, a) && e.Identity.Type != "AWSService" && e.Identity.InvokedBy == ""
}

var accountNumber = regexp.MustCompile(`^\d{12}$`)

// readBefore says whether an account read from the bucket before it was opened: then it is
// no news that it does.
func (in *inquiry) readBefore(ctx context.Context, o *opening, account string) (bool, error) {
	q := evidence.Query{To: o.from, Sources: []string{"s3.amazonaws.com"}, Names: []string{"GetObject"}, Resources: []string{o.bucket, "arn:aws:s3:::" + o.bucket}}
	for e, err := range in.q.Events(ctx, q) {
		if err != nil {
			return false, fmt.Errorf("read who read from a bucket before it was opened: %w", err)
		}
		if e.Identity.Account == account && e.Outcome() == evidence.Success {
			return true, nil
		}
	}
	return false, nil
}

// opening is a bucket that stood open, and what was read from it then.
// Reads are kept by id: an event that two exports hold is one read.
type opening struct {
	bucket      string
	from, until time.Time // a zero until is the end of the evidence
	theirs, all taken     // of them those from addresses of the intruder's own
	seen        map[string]bool
	blamed      bool // some are the intruder's by their rows

	admits  []string          // whom the opening lets in, as documents write them
	foreign map[string]*taken // by account, of those
}

// lets says whether the opening let in the people of an account.
func (o *opening) lets(account string) bool {
	return slices.ContainsFunc(o.admits, func(who string) bool { return who == "*" || strings.Contains(who, account) })
}

// letIn are the outsiders whom the policies of the calls let in.
func (in *inquiry) letIn(events []string) (out []string) {
	for _, id := range events {
		if s := in.subject(id); s != nil && s.Event.Name == "PutBucketAcl" {
			out = append(out, "*") // a grantee goes by an id that names no account
		} else if s != nil {
			out = append(out, ledger.Outsiders(document(s.Record.Get("requestParameters.bucketPolicy")), in.res.Accounts)...)
		}
	}
	return out
}

// taken is a set of reads without credentials.
type taken struct {
	ids         []string
	first, last time.Time
	from        map[string]bool
	accounts    map[string]bool // how the records write that there was no caller
	bytes       int64
}

// add takes in one read; reads come in order of time.
func (t *taken) add(e *evidence.Event, bytes int64) {
	if t.from == nil {
		t.from, t.accounts, t.first = map[string]bool{}, map[string]bool{}, e.Time
	}
	t.ids, t.last, t.bytes = append(t.ids, e.ID), e.Time, t.bytes+bytes
	t.from[e.SourceIP], t.accounts[e.Identity.Account] = true, true
}

// readers gathers what was read from the buckets while they were open, in one pass: the
// records of reads are the largest part of most evidence.
func (in *inquiry) readers(ctx context.Context, q evidence.Query, opened map[string][]*opening, own []string) error {
	for e, err := range in.q.Events(ctx, q) {
		if err != nil {
			return fmt.Errorf("read who read from an open bucket: %w", err)
		}
		// Whoever called with credentials of ours has a row, or was not let in by the opening.
		outside := in.outside(&e)
		if !anonymous(&e) && !outside || e.Outcome() != evidence.Success {
			continue
		}
		r, err := e.Parse()
		if err != nil {
			continue
		}
		for _, o := range opened[r.Str("requestParameters.bucketName")] {
			if e.Time.Before(o.from) || !o.until.IsZero() && !e.Time.Before(o.until) || o.seen[e.ID] {
				continue
			}
			o.seen[e.ID] = true
			if outside && (!o.lets(e.Identity.Account) || in.at.Actor(e.ID).Hostile()) { // those were let in before, these are counted by their rows
				continue
			}
			bytes, _ := jsonInt(r.Get("additionalEventData.bytesTransferredOut")) // 0 where the record does not say
			if outside {
				if o.foreign[e.Identity.Account] == nil {
					o.foreign[e.Identity.Account] = &taken{}
				}
				o.foreign[e.Identity.Account].add(&e, bytes)
				continue
			}
			o.all.add(&e, bytes)
			o.blamed = o.blamed || in.at.Actor(e.ID).Hostile()
			if slices.Contains(own, e.SourceIP) {
				o.theirs.add(&e, bytes)
			}
		}
	}
	return nil
}

// openBucket tells of one bucket: first what went to addresses of the intruder's own,
// which is as good as taken by them, then all of it.
func (in *inquiry) openBucket(o *opening, own []string) {
	if len(o.theirs.ids) > 0 && !o.blamed { // what is the intruder's by its row is counted with the rest of what they read
		in.readOpenly(&o.theirs, o.bucket, own, noCaller, fmt.Sprintf("from %s", strings.Join(keys(o.theirs.from), ", ")))
	}
	if len(o.all.ids) > len(o.theirs.ids) || o.blamed {
		in.readOpenly(&o.all, o.bucket, nil, noCaller, fmt.Sprintf("from %d %s in all", len(o.all.from), plural("addresses", int64(len(o.all.from)))))
	}
}

// anonymous says whether a call to S3 carried no credentials at all: CloudTrail then
// writes a caller of an account "anonymous", in several spellings.
func anonymous(e *evidence.Event) bool {
	id := &e.Identity
	return id.AccessKey == "" && id.PrincipalID == "" && id.ARN == "" && strings.Contains(strings.ToLower(id.Account), "anonymous")
}

// noCaller is how a sentence says who read, where nobody did by name.
const noCaller = "without credentials"

// readOpenly writes one row; addresses narrow its claims, nil does not.
func (in *inquiry) readOpenly(t *taken, bucket string, addresses []string, who, where string) {
	filter := claim.Filter{"action": "s3:GetObject", "request.bucketName": bucket, "userIdentity.accountId": list(keys(t.accounts)), "outcome": "success"}
	if addresses != nil {
		filter["source_ip"] = list(keys(t.from))
	}
	if who != noCaller {
		who += ", which the intruder's policy lets in,"
	}
	if where != "" {
		where = " " + where
	}
	window := &claim.Interval{From: stamp(t.first), To: stamp(t.last.Add(time.Second))}
	n, refs := len(t.ids), cite(t.ids[:min(len(t.ids), maxEvidence)]...)
	text := fmt.Sprintf("Objects of bucket `%s` were taken %s by %d %s%s, %s.", bucket, who, n, plural("calls", int64(n)), where, span(t.first, t.last))
	in.claims.add(text, claim.Predicate{Op: "count", Filter: filter, Window: window, Value: n}, refs, "A")
	if t.bytes > 0 {
		more := fmt.Sprintf("The calls %s%s for bucket `%s` were sent %d bytes.", who, where, bucket, t.bytes)
		in.claims.add(more, claim.Predicate{Op: "sum", Filter: filter, Window: window, Field: "record.additionalEventData.bytesTransferredOut", Value: t.bytes}, refs, "A")
		text += " " + more
	}
	in.res.Impact = append(in.res.Impact, Impact{Class: "data", Level: "confirmed", Text: text, Quantity: &Quantity{int64(n), "calls"}, Evidence: refs, Coverage: []string{}})
}
