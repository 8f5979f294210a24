package investigation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/lineage"
)

// pass is what one reading of all light columns yields, or of the digests of
// them that a store keeps. It is the only part of an investigation whose work
// grows with the store rather than with the case.
// It must come out the same from the events and from digests of slices of them, in whatever
// way the store is cut: see digest.go.
type pass struct {
	survey   *attribution.Survey
	outline  *lineage.Outline
	coverage map[dayKey]*daySeen
	names    map[intake.Entry]bool
	logBase  []logChange
	accounts map[string]int
	buckets  map[string]bool
	assumed  int                          // AssumeRole calls of any sort
	stops    *[]stoppage                  // see stopped
	hourly   map[string]map[int64]int     // account → hour → events; see eventsBetween
	people   []*attribution.PrincipalSeen // see everybody
	measures attribution.Coverage         // by which silences are told
}

// dayKey is one cell's place: a day is one of UTC, "2006-01-02".
type dayKey struct{ account, region, day string }

// daySeen is one cell of the coverage table.
// Hours are of UTC as well; classes are those of class, which is what claims of absence ask
// for.
type daySeen struct {
	events  int
	classes map[string]bool
	hours   [24]int
}

// logChange is a call that changed what is recorded.
type logChange struct {
	event, name, account, region string
	at                           time.Time
	failed                       bool
	resources                    []string
}

// maxNames bounds the lexicon: names beyond it are still found when typed as
// ARN or id, only no longer by bare name.
const maxNames = 50_000

// newPass is one that has seen nothing.
func newPass() *pass {
	return &pass{
		survey: attribution.NewSurvey(), outline: lineage.NewOutline(), coverage: map[dayKey]*daySeen{},
		names: map[intake.Entry]bool{}, accounts: map[string]int{}, buckets: map[string]bool{},
	}
}

// survey learns what must be known of the whole evidence: from what was kept of
// it where the evidence keeps such, else by reading every event.
func survey(ctx context.Context, q evidence.Querier, m attribution.Coverage) (*pass, error) {
	if d, ok := q.(evidence.Digester); ok {
		return surveyDigests(ctx, d, m)
	}
	p := newPass()
	p.measures = m
	for e, err := range q.Events(ctx, evidence.Query{}) {
		if err != nil {
			return nil, fmt.Errorf("read the evidence: %w", err)
		}
		p.add(&e)
	}
	return p, nil
}

// add takes in one event. Events come in order of time, which the survey relies on.
func (p *pass) add(e *evidence.Event) {
	p.survey.Add(e)
	p.outline.Add(e)
	p.cover(e)
	p.name(e)
	if e.Account != "" {
		p.accounts[e.Account]++
	}
	if strings.HasPrefix(e.Name, "AssumeRole") {
		p.assumed++
	}
	if e.Source == "cloudtrail.amazonaws.com" && loggingCalls[e.Name] {
		p.logBase = append(p.logBase, logChange{e.ID, e.Name, e.Account, e.Region, e.Time, e.Outcome() == evidence.Failure, e.Resources})
	}
}

// loggingCalls are those of CloudTrail by which what is recorded changes.
var loggingCalls = map[string]bool{
	"StopLogging": true, "StartLogging": true, "DeleteTrail": true, "UpdateTrail": true, "PutEventSelectors": true, "CreateTrail": true,
	"DeleteEventDataStore": true, "StopEventDataStoreIngestion": true,
}

// cover counts an event in its cell. Times are of UTC already.
func (p *pass) cover(e *evidence.Event) {
	d := p.day(dayKey{e.Account, e.Region, e.Time.Format("2006-01-02")})
	d.events++
	d.hours[e.Time.Hour()]++
	d.classes[class(e)] = true
}

// day is a cell, made when it is first spoken of.
func (p *pass) day(k dayKey) *daySeen {
	d := p.coverage[k]
	if d == nil {
		d = &daySeen{classes: map[string]bool{}}
		p.coverage[k] = d
	}
	return d
}

// class is what kind of record an event is, as coverage counts it.
// AssumeRole counts as a read although it hands out a credential: CloudTrail marks it so, and
// a write-only trail loses it.
func class(e *evidence.Event) string {
	service, _, _ := strings.Cut(e.Source, ".")
	switch {
	case e.Category == "Data" || e.Category == "" && dataCalls[service+":"+e.Name]:
		return "data:" + service
	case e.Category == "NetworkActivity":
		return "network_activity"
	case e.Type == "AwsServiceEvent":
		return "service_events"
	case e.ReadOnly:
		return "management_read"
	}
	return "management_write"
}

// dataCalls are data events by name, for records older than eventCategory.
var dataCalls = map[string]bool{
	"s3:GetObject": true, "s3:PutObject": true, "s3:DeleteObject": true, "s3:DeleteObjects": true, "s3:CopyObject": true, "s3:HeadObject": true,
	"s3:ListObjects": true, "s3:ListObjectsV2": true, "lambda:Invoke": true, "dynamodb:GetItem": true, "dynamodb:PutItem": true,
	"dynamodb:Query": true, "dynamodb:Scan": true, "dynamodb:BatchGetItem": true, "sns:Publish": true,
}

// everybody is every principal of the evidence, by unique id. Names of the case, of statements
// and of alerts are each looked up among them: they are put in order once.
func (p *pass) everybody() []*attribution.PrincipalSeen {
	if p.people == nil {
		p.people = p.survey.Principals()
	}
	return p.people
}

// sortedCells are the cells in the order in which a digest keeps them.
func sortedCells(m map[dayKey]*daySeen) []dayKey {
	out := make([]dayKey, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b dayKey) int {
		return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.region, b.region), cmp.Compare(a.day, b.day))
	})
	return out
}

// lexicon is what the evidence knows by name, in a fixed order: of two readings of a word the
// first wins.
func (p *pass) lexicon() intake.Lexicon {
	var l intake.Lexicon
	for e := range p.names {
		l.Entries = append(l.Entries, e)
	}
	slices.SortFunc(l.Entries, func(a, b intake.Entry) int {
		return strings.Compare(a.Name+"\x00"+a.Kind+"\x00"+a.Value, b.Name+"\x00"+b.Kind+"\x00"+b.Value)
	})
	return l
}

// ownAccounts are those that recorded events here: an account that only occurs as a caller's
// is somebody else's until its own records are given.
func (p *pass) ownAccounts() []string {
	out := make([]string, 0, len(p.accounts))
	for a := range p.accounts {
		out = append(out, a)
	}
	sort.Strings(out)
	return out
}

// stamp is how the report writes a moment; "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

const day = 24 * time.Hour
