package investigation

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/access"
	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/claim/wording"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/intake/known"
	"github.com/trailhound/trailhound/internal/intake/origin"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
)

// Content is what analysts contribute, loaded.
// It is read once at the start and shared by all runs: nothing here writes to it.
type Content struct {
	Rules     *detection.Pack
	Noise     *detection.Pack // nil: what was harmless is explained without its marks
	Ledger    *ledger.Table
	Weights   *attribution.Weights
	Questions []intake.Template
	Access    *access.Content // nil: nothing is said of what principals could do
	Wording   *wording.Table  // nil: sentences say what was called, and not what for
}

// Options is one case to investigate.
// Two runs with the same options over the same evidence give the same Result.
type Options struct {
	Text    string                   // what a person wrote
	ID      string                   // case id; may be empty
	Answers map[string]intake.Answer // by question id
	Now     time.Time                // zero: the end of the evidence
	Opened  time.Time                // zero: not given
	Content Content
	Known   *known.List                    // a team's own list of what is known to it; may be nil
	Origin  func(netip.Addr) origin.Origin // where an address is said to be; may be nil

	Export Export // what the case tells of an export's clock, and what came of it

	// Ask puts questions to a person and returns the answers given, by id. Nil
	// means that nobody is there: defaults hold.
	Ask func(context.Context, []intake.Question) (map[string]intake.Answer, error)
	// Progress is told what the run is doing; may be nil.
	Progress func(string)
}

// Result is everything that a report is made from.
type Result struct {
	Case        intake.Case
	Verdict     Verdict
	Scope       intake.Scope
	Questions   []intake.Question
	Attribution []attribution.Row
	Credentials []lineage.Credential
	Principals  []Principal
	Findings    []Finding
	Claims      []claim.Claim
	Struck      []claim.Struck
	Timeline    []Entry
	Resources   []ledger.Resource
	Persistence []ledger.Persistence
	Doubtful    []Doubtful
	Impact      []Impact
	Recovery    []Recovery
	Origins     []Origin
	Indicators  []Indicator
	Supplied    []SuppliedAlert
	Benign      []Benign
	Limits      []Limit
	Siblings    []Sibling
	Coverage    []Coverage
	Open        []string
	Queries     []Query

	Events     []evidence.Event   // without bodies; index i is Attribution[i]
	Terminated time.Time          // when the right to use what the case names ended; zero if the case is not about that
	Statements []intake.Statement // what the case text and the answers say
	Graph      *lineage.Graph
	Accounts   []string // the case's own
	Region     string   // the busiest, for commands that need one
	OwnerUse   map[string]string
	Builds     []Build           // in which the intruder's code ran; for the playbook
	RolledOut  []Rollout         // of what is in doubt, what was made for it; for the explanations
	RegionOf   map[string]string // region by event, of the events that conclusions rest on
}

// Query is one question asked of the evidence.
type Query struct {
	Purpose string
	Rows    int
}

// inquiry is one run in progress. Each step reads what the ones before it left.
// The fields stand in the order in which they are filled; what is cached says so. It is used
// by one goroutine.
type inquiry struct {
	q    evidence.Querier
	o    *Options
	pass *pass
	g    *lineage.Graph
	now  time.Time

	reading      intake.Reading
	answers      map[string]intake.Reading
	seeds        []intake.Seed
	input        attribution.Input
	at           *attribution.Result
	judged       judged // reckoned from at
	cands        []candidate
	assumed      []intake.Assumption
	asked        []intake.Question
	subjects     []detection.Subject // touched events with bodies, in order
	byID         map[string]*detection.Subject
	matches      map[string]detection.Match // by event
	ledger       ledger.Ledger
	claims       claimBook
	contradicted []string
	gone         []string        // who is said to have left by their first name, as seeds name them
	leads        []string        // how accounts that are not ours came in, in sentences
	replies      []reply         // to questions of who did something
	departed     int             // sorts of serious acts of somebody who left, before they left
	taken        []burst         // what is gone by the case, and was taken away in one go
	meant        int             // such calls that are held to be the owner's
	short        time.Time       // what the case is about began then, before the evidence has any history; zero if not
	swept        bool            // whoever stands out was looked for already
	vouchedFor   bool            // nobody is suspected, and those whom the case vouches for are examined
	unseen       bool            // the evidence does not cover when it is said to have happened
	created      map[string]bool // ids of what the intruder made
	volumes      map[dayOf]*volume
	past         *past
	outflow      outbound
	moreSiblings int // than are told of
	policies     *policies
	guessed      []string  // persons whom the case only guesses at
	owned        []string  // calls that somebody owns to, and that are not what the case is about
	brought      []brought // what the case tells of and who was found to have done it
	rises        []*price  // what the bills show to have cost more than usual, and what began it
	signs        []symptom // what the case says came about, looked for where nothing hostile was found
	observed     *observed
	chains       map[trailOf][]link // digest files of trails, by time
	spent        spending           // what the bills say
	moved        traffic            // what flow and access logs say
	res          *Result
}

// Run investigates. It never blocks on a question, and returns an error only
// where the evidence could not be read.
// A cancelled context ends it with that error. It writes nothing, neither to the evidence nor
// anywhere else, and a second run over the same evidence gives the same Result to the byte.
func Run(ctx context.Context, q evidence.Querier, o Options) (*Result, error) {
	in := &inquiry{q: q, o: &o, byID: map[string]*detection.Subject{}, matches: map[string]detection.Match{}, past: &past{ctx: ctx, read: map[string]bool{}, seen: map[string]map[string]bool{}, most: map[string]int{}}, res: &Result{OwnerUse: map[string]string{}, RegionOf: map[string]string{}}}
	var err error
	in.say("reading the evidence")
	if in.pass, err = survey(ctx, q, o.Content.Weights.Coverage); err != nil {
		return nil, err
	}
	in.note("every event, light columns: accounts, networks, names, coverage", in.pass.survey.Events)
	if err := in.observe(ctx); err != nil {
		return nil, err
	}
	if err := in.readChains(ctx); err != nil {
		return nil, err
	}
	// Credentials are traced only when somebody asks for one: an account has thousands, and a
	// case leads to a few.
	in.g = lineage.ByNeed(ctx, q, in.pass.outline)
	// Without a clock "now" is the end of the evidence: an old log must give the same report
	// next year.
	in.now = o.Now
	if in.now.IsZero() {
		in.now = in.pass.survey.Last
	}
	in.say("attributing")
	if err := in.scope(ctx); err != nil {
		return nil, err
	}
	if err := in.questions(ctx); err != nil {
		return nil, err
	}
	// The answers are in now, whether asked for or given: what they say of snapshots and of the
	// list of what is known can be told.
	in.statedMoments()
	in.expiredEntries()
	in.say("examining what the intruder did")
	if err := in.load(ctx); err != nil {
		return nil, err
	}
	if in.ledger, err = in.keepLedger(ctx); err != nil { // before the rules: they ask what the intruder made
		return nil, err
	}
	if err := in.detect(ctx); err != nil {
		return nil, err
	}
	if err := in.conclude(ctx); err != nil {
		return nil, err
	}
	if err := in.exposure(ctx); err != nil {
		return nil, err
	}
	if err := in.g.Err(); err != nil {
		return nil, err
	}
	// Renderings show statements as they were understood, so that a reader sees a
	// misunderstanding.
	in.res.Events, in.res.Terminated = in.at.Events, in.input.Terminated
	for _, r := range in.readings() {
		in.res.Statements = append(in.res.Statements, r.Statements...)
	}
	return in.res, nil
}

// say tells whoever waits what goes on; it is no part of the result.
func (in *inquiry) say(what string) {
	if in.o.Progress != nil {
		in.o.Progress(what)
	}
}

// note keeps for the method section what was asked of the evidence: a person who repeats the
// work by hand must know every question, and how much came back.
func (in *inquiry) note(purpose string, rows int) {
	in.res.Queries = append(in.res.Queries, Query{purpose, rows})
}

// load fetches the whole records of the events that conclusions rest on: all
// hostile ones, and the other events of touched credentials that changed
// something while the intruder was active.
// It is the one step that reads bodies of many events; what it does not load no rule sees and
// no sentence quotes.
func (in *inquiry) load(ctx context.Context) error {
	// Keys and not ids: of two contents of one event id each is judged by itself.
	want := map[string]bool{}
	creds := map[string]bool{}
	var keyless []string
	for i, row := range in.at.Rows {
		e := &in.at.Events[i]
		if !in.wanted(row, e) {
			continue
		}
		want[e.Key()] = true
		if e.Identity.AccessKey != "" {
			creds[e.Identity.AccessKey] = true
		} else {
			keyless = append(keyless, e.ID)
		}
	}
	// By credential, as most of what is wanted is some few credentials' own; ids find what shows
	// no key.
	for _, q := range []evidence.Query{{Credentials: keys(creds), Body: true}, {IDs: keyless, Body: true}} {
		if len(q.Credentials)+len(q.IDs) == 0 {
			continue
		}
		if err := in.fetch(ctx, q, want); err != nil {
			return err
		}
	}
	// In the order of evidence, which every section relies on; an event that both questions
	// found stands once.
	slices.SortFunc(in.subjects, func(a, b detection.Subject) int { return evidence.Compare(a.Event, b.Event) })
	in.subjects = slices.CompactFunc(in.subjects, func(a, b detection.Subject) bool { return evidence.Compare(a.Event, b.Event) == 0 })
	for i := range in.subjects {
		s := &in.subjects[i]
		in.res.RegionOf[s.Event.ID] = s.Event.Region
		// Of two contents of one id the hostile one speaks for it, so that no finding loses its
		// event.
		if prev := in.byID[s.Event.ID]; prev == nil || !prev.Actor.Hostile() {
			in.byID[s.Event.ID] = s
		}
	}
	in.note("records of the events that conclusions rest on", len(in.subjects))
	return nil
}

// wanted says whether a conclusion may rest on the whole record of a row. The owner's reads
// are most of all rows and no conclusion needs their parameters; their changes are needed near
// the intrusion, as look-alikes and for what a step of containment will interrupt, and before
// somebody left, since those were theirs to make and may not have been rightly made.
func (in *inquiry) wanted(row attribution.Row, e *evidence.Event) bool {
	switch row.Actor {
	case attribution.Intruder, attribution.LikelyIntruder, attribution.Undetermined, attribution.Responder:
		return true
	}
	return !e.ReadOnly && (in.during(e.Time) || in.leaving(e.Time))
}

// fetch reads the records of a query that are wanted and gives each its row.
func (in *inquiry) fetch(ctx context.Context, q evidence.Query, want map[string]bool) error {
	rows := map[string]attribution.Row{}
	for i, row := range in.at.Rows {
		rows[in.at.Events[i].Key()] = row
	}
	for e, err := range in.q.Events(ctx, q) {
		if err != nil {
			return fmt.Errorf("read records: %w", err)
		}
		if !want[e.Key()] {
			continue
		}
		r, err := e.Parse()
		if err != nil {
			r = evidence.Record{} // counted as unreadable by the decoder already; columns still speak
		}
		row := rows[e.Key()]
		in.subjects = append(in.subjects, detection.Subject{Event: &e, Record: r, Actor: row.Actor, Credential: row.Credential})
	}
	return nil
}

// hostile are the loaded events of the intruder, certain or likely, in order of time. An event
// id with two contents may stand twice: who counts must count ids.
func (in *inquiry) hostile() (out []detection.Subject) {
	for _, s := range in.subjects {
		if s.Actor.Hostile() {
			out = append(out, s)
		}
	}
	return out
}

// detect runs the rules over every loaded event. Matches on events of the
// intruder become findings; those on others are look-alikes, kept with the
// reason why they are not.
func (in *inquiry) detect(ctx context.Context) error {
	// What the rules could not see for want of a fact is told by no section: most ask for habits, and
	// that a log is too short for those is a limit by itself.
	found, _, err := in.o.Content.Rules.Run(ctx, in.subjects, detection.Env{Accounts: in.res.Accounts, Facts: in})
	if err != nil {
		return fmt.Errorf("run the rules: %w", err)
	}
	if in.past.err != nil {
		return fmt.Errorf("read what was usual before: %w", in.past.err)
	}
	for _, m := range found {
		in.matches[m.Event] = m
	}
	in.note("rule matches on those events", len(found))
	if in.outflow.lines > 0 {
		in.note("flows of the machines that those events name", in.outflow.lines)
	}
	return nil
}

// keepLedger follows what the intruder made, changed or took away through its later life,
// whoever touched it then. The end of the evidence bounds what can be said of "still there",
// and a time in which the account was blind takes the certainty from it.
func (in *inquiry) keepLedger(ctx context.Context) (ledger.Ledger, error) {
	var events []evidence.Event
	hostile := map[string]bool{}
	for _, s := range in.hostile() {
		events = append(events, *s.Event)
		hostile[s.Event.ID] = true
	}
	if len(events) == 0 {
		return ledger.Ledger{}, nil
	}
	l, err := in.o.Content.Ledger.Build(ctx, in.q, events, ledger.Input{
		Hostile: func(e *evidence.Event) bool { return hostile[e.ID] }, Accounts: in.res.Accounts, End: in.now, Blind: in.pass.blind,
	})
	if err != nil {
		return l, fmt.Errorf("keep the ledger: %w", err)
	}
	in.note("later life of what was made or changed", len(l.Resources))
	return l, nil
}

// keys is the only way in which maps are walked where the order could show.
func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
