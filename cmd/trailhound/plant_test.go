package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/eval"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/datasettest"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/report"
	reportjson "github.com/trailhound/trailhound/internal/report/json"
	"github.com/trailhound/trailhound/internal/report/verify"
	"github.com/trailhound/trailhound/internal/simulator"
	"github.com/trailhound/trailhound/internal/store"
)

// TestPlantedLies plants 500 false claims in whole reports, in the shape that
// the report's own claims have, and verifies each report as if it came from
// elsewhere: every planted one must be struck, and none of the report's own.
func TestPlantedLies(t *testing.T) {
	const lies = 500
	for name, c := range plantable(t) {
		t.Run(name, func(t *testing.T) {
			a := &app{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard, now: time.Now, host: func() string { return "" }, width: 100, quiet: true}
			q, done, err := a.openEvidence(t.Context(), c.Evidence)
			if err != nil {
				t.Fatal(err)
			}
			defer done()
			data := wholeReport(t, a, q, c.Truth)
			w, err := investigation.World(t.Context(), q, measures(t))
			if err != nil {
				t.Fatal(err)
			}
			r := readReport(t, data)
			if problems := verified(t, r, w); len(problems) > 0 {
				t.Fatalf("%d problems before anything was planted, first %v", len(problems), problems[0])
			}
			own := len(r.Claims)
			p := newPlanter(t, q, r, own)
			var kinds []string
			for len(kinds) < lies {
				c, kind := p.lie()
				if kind == "" {
					continue
				}
				c.ID = fmt.Sprintf("P%d", len(kinds))
				r.Claims = append(r.Claims, c)
				kinds = append(kinds, kind)
			}
			struck := map[string]bool{}
			for _, problem := range verified(t, r, w) {
				if strings.HasPrefix(problem.Where, "/claims/") {
					struck[strings.Split(problem.Where, "/")[2]] = true
				} else {
					t.Errorf("a planted claim spoils %s: %s", problem.Where, problem.What)
				}
			}
			caught := map[string]int{}
			for i := range r.Claims {
				c, is := &r.Claims[i], struck[fmt.Sprint(i)]
				switch {
				case i < own && is:
					t.Errorf("true claim struck: %s", c.Text)
				case i >= own && !is:
					pred, _ := json.Marshal(c.Predicate)
					t.Errorf("false claim (%s) holds:\n\t%s\n\t%s %v", kinds[i-own], c.Text, pred, c.Evidence)
				case i >= own:
					caught[kinds[i-own]]++
				}
			}
			if len(caught) < 14 {
				t.Errorf("only %d kinds of lie were told: %v", len(caught), caught)
			}
			t.Logf("%d true claims stand, %d lies of %d kinds are struck: %v", own, len(struck), len(caught), caught)
		})
	}
}

// plantable are the built-in incident and the largest real one.
func plantable(t *testing.T) map[string]eval.Case {
	t.Helper()
	dir := t.TempDir()
	sim, err := simulator.Generate(t.Context(), "leaked-ci-key", simulator.Options{Out: dir, Seed: 1, Events: 6000})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]eval.Case{"built in": {Truth: eval.Truth{Sentence: sim.Truth.Sentence, Answers: sim.Truth.Answers}, Evidence: []string{filepath.Join(dir, "AWSLogs")}}}
	t.Run("real data", func(t *testing.T) {
		cases, err := eval.Real(datasettest.Dir(t))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			if c.Truth.Name == "invictus" {
				out["invictus"] = c
			}
		}
	})
	return out
}

func wholeReport(t *testing.T, a *app, q *store.Store, truth eval.Truth) []byte {
	t.Helper()
	pack, err := loadContent("")
	if err != nil {
		t.Fatal(err)
	}
	o := investigation.Options{Text: truth.Sentence, Content: pack.Content, Answers: map[string]intake.Answer{}}
	for id, text := range truth.Answers {
		o.Answers[id] = intake.Answer{ID: id, Text: text}
	}
	r, err := a.runCase(t.Context(), q, o, pack)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := reportjson.Write(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func readReport(t *testing.T, data []byte) *report.Report {
	t.Helper()
	r, err := reportjson.Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func verified(t *testing.T, r *report.Report, w *claim.World) []verify.Problem {
	t.Helper()
	problems, _, err := verify.Report(t.Context(), r, w)
	if err != nil {
		t.Fatal(err)
	}
	return problems
}

// planter bends the claims of a report.
type planter struct {
	*rand.Rand
	own    []claim.Claim
	events map[string]evidence.Event
	actor  map[string]string
	all    []evidence.Event // of the attributed ones
	cover  []investigation.Coverage
}

func newPlanter(t *testing.T, q evidence.Querier, r *report.Report, own int) *planter {
	t.Helper()
	p := &planter{Rand: rand.New(rand.NewPCG(5, 8)), own: slices.Clone(r.Claims[:own]), events: map[string]evidence.Event{}, actor: map[string]string{}, cover: r.Coverage}
	for _, row := range r.Attribution {
		p.actor[row.Event] = string(row.Actor)
	}
	for e, err := range q.Events(t.Context(), evidence.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		if p.actor[e.ID] != "" {
			p.events[e.ID] = e
			p.all = append(p.all, e)
		}
	}
	return p
}

// of draws a true claim of an op; false if the report has none.
func (p *planter) of(op string) (claim.Claim, bool) {
	var list []claim.Claim
	for _, c := range p.own {
		if c.Predicate.Op == op {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		return claim.Claim{}, false
	}
	c := list[p.IntN(len(list))]
	// A deep copy: the original stays in the report.
	data, _ := json.Marshal(c)
	c = claim.Claim{}
	_ = json.Unmarshal(data, &c)
	c.Verified = true
	return c, true
}

// other is an attributed event that differs from e in what get returns.
func (p *planter) other(e evidence.Event, get func(evidence.Event) string) evidence.Event {
	for {
		if x := p.all[p.IntN(len(p.all))]; get(x) != get(e) && get(x) != "" {
			return x
		}
	}
}

// lie bends one true claim; kind is "" where nothing was bent.
func (p *planter) lie() (c claim.Claim, kind string) {
	kinds := []func() (claim.Claim, string){p.lieAboutEvent, p.lieAboutEvent, p.lieAboutEvent, p.lieInText, p.lieAboutNumber, p.lieAboutLineage, p.lieOfAbsence, p.lieAboutEnds}
	return kinds[p.IntN(len(kinds))]()
}

func (p *planter) lieAboutEvent() (claim.Claim, string) {
	c, ok := p.of("event")
	if !ok {
		return c, ""
	}
	e, eq := p.events[c.Predicate.Event], c.Predicate.Equals
	both := p.IntN(2) == 0 // bend the sentence too
	swap := func(old, new string) {
		if both && old != "" {
			c.Text = strings.ReplaceAll(c.Text, old, new)
		}
	}
	key := func(e evidence.Event) string { return e.Identity.AccessKey }
	switch p.IntN(8) {
	case 0:
		if key(e) == "" {
			return c, ""
		}
		x := p.other(e, key)
		eq["credential"] = key(x)
		swap(key(e), key(x))
		return c, "actor: credential"
	case 1:
		eq["actor"] = "owner"
		if p.actor[e.ID] == "owner" {
			eq["actor"] = "intruder"
		}
		return c, "actor: attribution"
	case 2:
		x := p.other(e, func(e evidence.Event) string { return e.Action() })
		eq["action"] = x.Action()
		swap(e.Action(), x.Action())
		return c, "action"
	case 3:
		at := e.Time.Add(time.Duration(1+p.IntN(7200)) * time.Second)
		eq["time"] = stampOf(at)
		swap(stampOf(e.Time), stampOf(at))
		return c, "time"
	case 4:
		x := p.other(e, func(e evidence.Event) string { return e.SourceIP })
		eq["source_ip"] = x.SourceIP
		swap(e.SourceIP, x.SourceIP)
		return c, "address"
	case 5:
		eq["outcome"] = map[bool]string{true: "failure", false: "success"}[e.Outcome() == evidence.Success]
		return c, "outcome"
	case 6:
		x := p.other(e, func(e evidence.Event) string { return e.Action() + stampOf(e.Time) })
		c.Predicate.Event, c.Evidence = x.ID, []string{x.CitedAs()}
		return c, "swapped id"
	}
	id := "deadbeef" + fmt.Sprint(p.Uint64())
	if c.Evidence = append(c.Evidence, "event:"+id); both {
		c.Predicate.Event = id
	}
	return c, "invented id"
}

// lieInText leaves the predicate as true as it was.
func (p *planter) lieInText() (claim.Claim, string) {
	c, ok := p.of("event")
	if !ok {
		return c, ""
	}
	e, old, kind := p.events[c.Predicate.Event], c.Text, ""
	replace := func(from, to string) {
		if from != "" {
			c.Text = strings.Replace(c.Text, from, to, 1)
		}
	}
	switch p.IntN(6) {
	case 0:
		kind = "text: credential"
		replace(e.Identity.AccessKey, "AKIAQQQQQQQQQQQQQQQQ")
	case 1:
		kind = "text: address"
		replace(e.SourceIP, "192.0.2.77")
	case 2:
		kind = "text: time"
		replace(stampOf(e.Time), stampOf(e.Time.Add(-time.Minute)))
	case 3:
		kind = "text: action"
		replace(e.Action(), "route53:DeleteHostedZone")
	case 4:
		kind = "text: outcome"
		if e.Outcome() == evidence.Success {
			replace("the call succeeded", "the call failed")
		} else {
			replace("the call failed", "the call succeeded")
		}
	case 5:
		kind = "text: name"
		replace("user `"+e.Identity.UserName+"`", "user `somebody-else`")
		replace("role `"+e.Identity.IssuerName+"`", "role `somebody-else`")
	}
	if c.Text == old {
		return c, ""
	}
	return c, kind
}

func (p *planter) lieAboutNumber() (claim.Claim, string) {
	op := []string{"count", "sum"}[p.IntN(2)]
	c, ok := p.of(op)
	if !ok {
		return c, ""
	}
	n, err := c.Predicate.Value.(json.Number).Int64()
	if f, isFloat := c.Predicate.Value.(float64); isFloat {
		n, err = int64(f), nil
	}
	if err != nil {
		return c, ""
	}
	bent := n + 1 + p.Int64N(9)
	old := c.Text
	c.Text = strings.ReplaceAll(c.Text, fmt.Sprintf(" %d ", n), fmt.Sprintf(" %d ", bent))
	c.Text = strings.ReplaceAll(c.Text, fmt.Sprintf("(%d ", n), fmt.Sprintf("(%d ", bent))
	if p.IntN(2) == 0 { // the sentence alone
		if c.Text == old {
			return c, ""
		}
		return c, "text: " + op
	}
	c.Predicate.Value = json.Number(fmt.Sprint(bent))
	return c, op
}

func (p *planter) lieAboutLineage() (claim.Claim, string) {
	c, ok := p.of("lineage")
	if !ok {
		return c, ""
	}
	switch p.IntN(3) {
	case 0:
		if c.Predicate.Parent == "" {
			return c, ""
		}
		c.Predicate.Child, c.Predicate.Parent = c.Predicate.Parent, c.Predicate.Child
		return c, "lineage: turned round"
	case 1:
		x := p.all[p.IntN(len(p.all))].Identity.AccessKey
		if x == "" || x == c.Predicate.Parent || x == c.Predicate.Child {
			return c, ""
		}
		c.Text = strings.ReplaceAll(c.Text, c.Predicate.Child, x)
		c.Predicate.Child = x
		if p.issued(x) {
			return c, ""
		}
		return c, "lineage: another child"
	}
	if c.Predicate.Rule == "assume_root" {
		return c, ""
	}
	c.Text = strings.ReplaceAll(c.Text, c.Predicate.Rule, "assume_root")
	c.Predicate.Rule = "assume_root"
	return c, "lineage: another rule"
}

// issued says whether the report tells where a credential came from: a lie about
// that one might come out true.
func (p *planter) issued(key string) bool {
	return slices.ContainsFunc(p.own, func(c claim.Claim) bool { return c.Predicate.Op == "lineage" && c.Predicate.Child == key })
}

func (p *planter) lieOfAbsence() (claim.Claim, string) {
	e := p.all[p.IntN(len(p.all))]
	day := e.Time.Truncate(24 * time.Hour)
	c := claim.Claim{
		Text:     fmt.Sprintf("No %s was recorded in account %s and region %s on %s.", e.Name, e.Account, e.Region, day.Format("2006-01-02")),
		Evidence: []string{e.CitedAs()}, Grade: "E", Verified: true,
		Predicate: claim.Predicate{Op: "absence", Filter: claim.Filter{"event_name": e.Name, "account": e.Account, "region": e.Region},
			Window: &claim.Interval{From: stampOf(day), To: stampOf(day.Add(24 * time.Hour))}, Coverage: []string{e.Account + "/" + e.Region + "/" + day.Format("2006-01-02")}},
	}
	if p.IntN(2) == 0 {
		return c, "false absence"
	}
	// True as far as anybody knows, and nothing covers it.
	c.Text = strings.Replace(c.Text, e.Name, "CreateHostedZone", 1)
	c.Predicate.Filter["event_name"] = "CreateHostedZone"
	c.Text = strings.Replace(c.Text, day.Format("2006-01-02"), "2019-01-01", 1)
	c.Predicate.Window = &claim.Interval{From: "2019-01-01T00:00:00Z", To: "2019-01-02T00:00:00Z"}
	return c, "absence without cover"
}

// lieAboutEnds says that something began or ended when it did not.
func (p *planter) lieAboutEnds() (claim.Claim, string) {
	e := p.all[p.IntN(len(p.all))]
	if e.Identity.AccessKey == "" {
		return claim.Claim{}, ""
	}
	op := []string{"first", "last"}[p.IntN(2)]
	at := e.Time.Add(time.Duration(1+p.IntN(50)) * time.Second)
	if slices.ContainsFunc(p.all, func(x evidence.Event) bool { return x.Identity.AccessKey == e.Identity.AccessKey && x.Time.Equal(at) }) {
		return claim.Claim{}, ""
	}
	return claim.Claim{
		Text: fmt.Sprintf("Credential `%s` was %s used at %s.", e.Identity.AccessKey, op, stampOf(at)), Evidence: []string{e.CitedAs()}, Grade: "A", Verified: true,
		Predicate: claim.Predicate{Op: op, Filter: claim.Filter{"credential": e.Identity.AccessKey}, Time: stampOf(at)},
	}, op
}

func stampOf(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// measures are those of coverage that are built in.
func measures(t *testing.T) attribution.Coverage {
	t.Helper()
	w, err := attribution.LoadWeights(overlay(""))
	if err != nil {
		t.Fatal(err)
	}
	return w.Coverage
}

// TestTamperedReports bends what stands outside the claims, one thing at a time.
func TestTamperedReports(t *testing.T) {
	c := plantable(t)["built in"]
	a := &app{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard, now: time.Now, host: func() string { return "" }, width: 100, quiet: true}
	q, done, err := a.openEvidence(t.Context(), c.Evidence)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	data := wholeReport(t, a, q, c.Truth)
	w, err := investigation.World(context.Background(), q, measures(t))
	if err != nil {
		t.Fatal(err)
	}
	const nowhere = "event:deadbeef-0000-4000-8000-000000000000"
	for what, bend := range map[string]func(*report.Report){
		"attribution of an event that never was": func(r *report.Report) { r.Attribution[0].Event = nowhere[6:] },
		"attribution under another credential":   func(r *report.Report) { r.Attribution[0].Credential = "AKIAQQQQQQQQQQQQQQQQ" },
		"a credential issued by another call":    func(r *report.Report) { issued(r).IssuedBy.Event = r.Attribution[0].Event },
		"a credential of another parent":         func(r *report.Report) { issued(r).IssuedBy.Credential = "AKIAQQQQQQQQQQQQQQQQ" },
		"a credential by another rule":           func(r *report.Report) { issued(r).IssuedBy.Rule = "assume_root" },
		"a finding that cites nothing real":      func(r *report.Report) { r.Findings[0].Evidence[0] = nowhere },
		"a finding with a claim there is not":    func(r *report.Report) { r.Findings[0].Claims = append(r.Findings[0].Claims, "C99999") },
		"a finding earlier than its evidence":    func(r *report.Report) { r.Findings[0].First = "2019-01-01T00:00:00Z" },
		"a timeline entry at another time":       func(r *report.Report) { r.Timeline[0].At = "2019-01-01T00:00:00Z" },
		"a timeline entry that came out otherwise": func(r *report.Report) {
			r.Timeline[0].Outcome = map[string]string{"success": "failure", "failure": "success"}[r.Timeline[0].Outcome]
		},
		"persistence without an event": func(r *report.Report) { r.Persistence[0].Events = []string{nowhere[6:]} },
		"persistence out of nothing": func(r *report.Report) {
			r.Persistence = append(r.Persistence, ledger.Persistence{Kind: "iam_user", ID: "arn:aws:iam::111122223333:user/ghost", Status: "live",
				Events: []string{nowhere[6:]}, Evidence: []string{nowhere}, StateEvidence: []string{}})
		},
		"an impact that cites nothing real": func(r *report.Report) { r.Impact[0].Evidence = []string{nowhere} },
		"a resource touched by nothing":     func(r *report.Report) { r.AffectedResources[0].ByEvent = []string{nowhere[6:]} },
		"a plan for a claim there is not":   func(r *report.Report) { r.Containment[0].Why = []string{"C99999"} },
		"a verdict on a claim there is not": func(r *report.Report) { r.Verdict.Claims = []string{"C99999"} },
	} {
		t.Run(what, func(t *testing.T) {
			r := readReport(t, data)
			bend(r)
			if len(verified(t, r, w)) == 0 {
				t.Error("nobody noticed")
			}
		})
	}
}

// issued is a credential of the report whose issuing call and parent are known.
func issued(r *report.Report) *lineage.Credential {
	for i := range r.Credentials {
		if c := &r.Credentials[i]; c.IssuedBy != nil && c.IssuedBy.Credential != "" {
			return c
		}
	}
	return nil
}
