package claim

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
)

// dataEvents are operations that trails record only where data events are
// selected, by the service of the class that must then be covered.
// The list is of operations by which data leave or are destroyed; an operation that
// is missing here would be taken for a management event, and its absence be shown by
// coverage that could not have recorded it.
var dataEvents = map[string]string{
	"GetObject": "s3", "PutObject": "s3", "DeleteObject": "s3", "DeleteObjects": "s3", "CopyObject": "s3", "HeadObject": "s3",
	"ListObjects": "s3", "ListObjectsV2": "s3", "ListObjectVersions": "s3", "RestoreObject": "s3", "UploadPart": "s3",
	"CreateMultipartUpload": "s3", "CompleteMultipartUpload": "s3", "GetObjectAcl": "s3", "PutObjectAcl": "s3", "GetObjectTagging": "s3",
	"Invoke": "lambda", "InvokeFunction": "lambda", "InvokeFunctionUrl": "lambda",
	"GetItem": "dynamodb", "PutItem": "dynamodb", "BatchGetItem": "dynamodb", "BatchWriteItem": "dynamodb", "Scan": "dynamodb",
	"UpdateItem": "dynamodb", "DeleteItem": "dynamodb",
	"Publish": "sns", "PublishBatch": "sns", "SendMessage": "sqs", "ReceiveMessage": "sqs", "SendEmail": "ses", "SendRawEmail": "ses",
	"GetSnapshotBlock": "ec2", "ListSnapshotBlocks": "ec2", "ListChangedBlocks": "ec2", "PutSnapshotBlock": "ec2",
	"InvokeModel": "bedrock", "InvokeModelWithResponseStream": "bedrock", "Converse": "bedrock", "ConverseStream": "bedrock",
}

// managed are names of the table above that are management events all the
// same where Bedrock runs models: CloudTrail records those calls as such.
var managed = map[string]bool{"InvokeModel": true, "InvokeModelWithResponseStream": true, "Converse": true, "ConverseStream": true}

// readVerbs begin the names of calls that a write-only trail leaves out;
// AssumeRole and its kind among them.
var readVerbs = []string{"Get", "List", "Describe", "Lookup", "Search", "Head", "BatchGet", "Query", "Select", "View", "AssumeRole", "Simulate", "Generate"}

// ClassesOf says which class of events must be recorded for the absence of an
// operation to mean anything: "management_read", "management_write" or "data:s3".
func ClassesOf(eventName string) []string {
	return classesNeeded(&selection{conds: []cond{{byName["event_name"], []string{eventName}}}})
}

// classesNeeded says which classes of events must be covered for the absence
// of the selection to mean anything. It asks for more rather than less.
func classesNeeded(s *selection) []string {
	const read, write = "management_read", "management_write"
	// Without an operation only what the filter says of the class itself can narrow.
	if len(s.wants("event_name")) == 0 {
		switch ro := s.wants("read_only"); {
		case slices.Equal(s.wants("event_category"), []string{"Data"}):
			var out []string
			for _, src := range s.wants("event_source") {
				service, _, _ := strings.Cut(src, ".")
				out = append(out, "data:"+service)
			}
			if len(out) == 0 {
				out = []string{"data:*"} // no row says that, so it never holds
			}
			return out
		case slices.Equal(ro, []string{"true"}):
			return []string{read}
		case slices.Equal(ro, []string{"false"}):
			return []string{write}
		}
		return []string{read, write}
	}
	var out []string
	for _, n := range s.wants("event_name") {
		// A name that begins like neither is held to change something: management_write
		// is recorded by more trails, but a report that wants it where only reads are missing
		// fails, and never holds wrongly.
		class := write
		switch service := dataEvents[n]; {
		case service != "" && !managed[n]:
			class = "data:" + service
		case service != "" || slices.ContainsFunc(readVerbs, func(v string) bool { return strings.HasPrefix(n, v) }):
			class = read
		}
		if !slices.Contains(out, class) {
			out = append(out, class)
		}
	}
	return out
}

// place is where trails record: each is covered, or not, by itself. A row of the
// report's coverage table is of one place and one day.
type place struct{ account, region string }

// covered says whether the named coverage covers the selection's whole window,
// in every account and region that the filter names; where it names none, in
// every one that the coverage speaks of.
func (w *World) covered(s *selection, ids []string) error {
	if len(ids) == 0 {
		return fmt.Errorf("an absence without coverage proves nothing")
	}
	if len(ids) > MaxEvidence {
		return fmt.Errorf("the claim names more than %d coverage ids", MaxEvidence)
	}
	if w.Coverage == nil {
		return fmt.Errorf("no coverage is known, so an absence cannot be shown")
	}
	rows := map[place][]Covered{}
	for _, id := range ids {
		c, ok := w.Coverage(id)
		if !ok {
			return fmt.Errorf("coverage %q is not known", brief(id))
		}
		rows[place{c.Account, c.Region}] = append(rows[place{c.Account, c.Region}], c)
	}
	classes := classesNeeded(s)
	for _, p := range placesOf(s, rows) {
		for _, class := range classes {
			if at, ok := uncovered(rows[p], class, s.from, s.to); !ok {
				return fmt.Errorf("nothing shows that %s events of account %s in %s were recorded at %s",
					class, orUnnamed(p.account), orUnnamed(p.region), stamp(at))
			}
		}
	}
	return nil
}

// placesOf lists where the selection looks, in order. A filter of several accounts
// and several regions looks in each region of each account, so every pair of them is
// a place. The list ends at the first pair that no row speaks of: that one fails the
// claim, and a hostile filter could name millions of them.
func placesOf(s *selection, rows map[place][]Covered) []place {
	accounts, regions := distinct(s.wants("account")), distinct(s.wants("region"))
	var out []place
	if len(accounts) > 0 && len(regions) > 0 {
		for _, a := range accounts {
			for _, r := range regions {
				out = append(out, place{a, r})
				if rows[place{a, r}] == nil {
					return out
				}
			}
		}
		return out
	}
	for p := range rows {
		if (len(accounts) == 0 || slices.Contains(accounts, p.account)) && (len(regions) == 0 || slices.Contains(regions, p.region)) {
			out = append(out, p)
		}
	}
	// What the filter names must be covered even if no row speaks of it.
	for _, a := range accounts {
		if !slices.ContainsFunc(out, func(p place) bool { return p.account == a }) {
			out = append(out, place{a, ""})
		}
	}
	for _, r := range regions {
		if !slices.ContainsFunc(out, func(p place) bool { return p.region == r }) {
			out = append(out, place{"", r})
		}
	}
	sort.Slice(out, func(i, j int) bool {
		return out[i].account+"\x00"+out[i].region < out[j].account+"\x00"+out[j].region
	})
	return out
}

// uncovered returns the first moment of [from, to) that no row covers for the
// class; ok if there is none.
// Rows are days with their gaps taken out; laid end to end they must leave no hole.
// It costs a sort of the rows for each class.
func uncovered(rows []Covered, class string, from, to time.Time) (at time.Time, ok bool) {
	type span struct{ from, to time.Time }
	var spans []span
	for _, r := range rows {
		if !slices.Contains(r.Classes, class) {
			continue
		}
		gaps := slices.Clone(r.Gaps)
		slices.SortFunc(gaps, func(a, b Gap) int { return a.From.Compare(b.From) })
		start := r.From
		for _, g := range gaps {
			if g.From.After(start) {
				spans = append(spans, span{start, g.From})
			}
			if g.To.After(start) {
				start = g.To
			}
		}
		if r.To.After(start) {
			spans = append(spans, span{start, r.To})
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
	at = from
	for _, s := range spans {
		if s.from.After(at) {
			break
		}
		if s.to.After(at) {
			at = s.to
		}
		if !at.Before(to) {
			return at, true
		}
	}
	return at, !at.Before(to)
}

// distinct is the list without repetitions, sorted; the given one stays as it is.
func distinct(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

func orUnnamed(s string) string {
	if s == "" {
		return "(not named)"
	}
	return s
}
