package claim

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/trailhound/trailhound/internal/evidence"
)

// planter makes claims about a corpus, true ones and ones that somebody bent.
type planter struct {
	*rand.Rand
	w      *World
	events []evidence.Event
}

func (p *planter) any() *evidence.Event { return &p.events[p.IntN(len(p.events))] }

func (p *planter) who(e *evidence.Event) string {
	for _, s := range []string{e.Identity.ARN, e.Identity.AccessKey, e.Identity.InvokedBy, e.Identity.PrincipalID, e.Source} {
		if s != "" {
			return s
		}
	}
	return "?"
}

// truth makes a true claim in the manner of the report's templates.
func (p *planter) truth() Claim {
	e := p.any()
	switch p.IntN(7) {
	default:
		return p.eventClaim(e)
	case 1:
		return p.countClaim(e, "count")
	case 2:
		return p.countClaim(e, []string{"first", "last"}[p.IntN(2)])
	case 3:
		f := p.any()
		if e.Time.Equal(f.Time) {
			return p.eventClaim(e)
		}
		if f.Time.Before(e.Time) {
			e, f = f, e
		}
		return Claim{Text: fmt.Sprintf("%s by %s came before %s at %s.", e.Name, p.who(e), f.Name, stamp(f.Time)), Evidence: []string{e.CitedAs(), f.CitedAs()},
			Predicate: Predicate{Op: "order", Before: e.ID, After: f.ID}, Grade: "A"}
	case 4:
		return p.lineageClaim(e)
	case 5:
		return p.absenceClaim(e)
	case 6:
		return p.sumClaim(e)
	}
}

func (p *planter) eventClaim(e *evidence.Event) Claim {
	said := "called"
	if e.Outcome() == evidence.Failure {
		said = []string{"tried to call", "was denied", "attempted"}[p.IntN(3)]
	}
	text := fmt.Sprintf("%s %s %s from %s at %s.", p.who(e), said, e.Action(), e.SourceIP, stamp(e.Time))
	equals := map[string]any{"event_name": e.Name, "outcome": string(e.Outcome()), "source_ip": e.SourceIP, "time": stamp(e.Time)}
	switch p.IntN(3) {
	case 0:
		equals["credential"] = e.Identity.AccessKey
		text = fmt.Sprintf("On %s at %s UTC, %s %s %s with key %s.", e.Time.Format("2 January 2006"), e.Time.Format("15:04"), p.who(e), said, e.Name, e.Identity.AccessKey)
	case 1:
		equals["principal_id"], equals["region"], equals["account"] = e.Identity.PrincipalID, e.Region, e.Account
		equals["actor"] = p.w.Actors[e.ID]
		text = fmt.Sprintf("The %s %s %s in %s (account %s, event %s).", p.w.Actors[e.ID], said, e.Name, e.Region, e.Account, e.ID)
		if p.w.Actors[e.ID] == "service" {
			text = "An AWS " + text[4:]
		}
	}
	return Claim{Text: text, Evidence: []string{e.CitedAs()}, Predicate: Predicate{Op: "event", Event: e.ID, Equals: equals}, Grade: "A"}
}

func (p *planter) matching(f func(*evidence.Event) bool) (out []*evidence.Event) {
	for i := range p.events {
		if f(&p.events[i]) {
			out = append(out, &p.events[i])
		}
	}
	return out
}

func (p *planter) countClaim(e *evidence.Event, op string) Claim {
	f := Filter{"event_name": e.Name, "credential": e.Identity.AccessKey}
	if p.IntN(2) == 0 {
		f["event_name"] = []any{e.Name, "CreateStack"}
		f["region"] = e.Region
	}
	same := p.matching(func(x *evidence.Event) bool {
		return (x.Name == e.Name || f["region"] != nil && x.Name == "CreateStack") && x.Identity.AccessKey == e.Identity.AccessKey && (f["region"] == nil || x.Region == e.Region)
	})
	cite := []string{e.CitedAs()}
	if op != "count" {
		at := same[0].Time
		if op == "last" {
			at = same[len(same)-1].Time
		}
		for _, x := range same {
			if x.Time.Equal(at) {
				cite = append(cite, x.CitedAs())
			}
		}
		return Claim{Text: fmt.Sprintf("%s was %s called by %s at %s.", e.Name, map[string]string{"first": "first", "last": "last"}[op], p.who(e), stamp(at)),
			Evidence: cite, Predicate: Predicate{Op: op, Filter: f, Time: stamp(at)}, Grade: "A"}
	}
	networks, failed := map[string]bool{}, 0
	for _, x := range same {
		networks[x.Network()] = true
		if x.Outcome() == evidence.Failure {
			failed++
		}
	}
	text := fmt.Sprintf("%s called %s %d times from %d networks between %s and %s.", p.who(e), e.Name, len(same), len(networks), stamp(same[0].Time), stamp(same[len(same)-1].Time))
	if failed > 0 {
		text = strings.TrimSuffix(text, ".") + fmt.Sprintf("; %d were denied.", failed)
	}
	return Claim{Text: text, Evidence: cite, Predicate: Predicate{Op: "count", Filter: f, Value: json.Number(fmt.Sprint(len(same)))}, Grade: "A"}
}

func (p *planter) lineageClaim(e *evidence.Event) Claim {
	for range 200 {
		x := p.any()
		sub := &subject{e: x}
		for _, child := range sub.issued() {
			parent := x.Identity.AccessKey
			if by, ok := p.w.Links.Linked(child, parent, ""); ok && parent != "" && slices.Contains(by, x.ID) {
				return Claim{Text: fmt.Sprintf("%s was issued by %s through %s at %s.", child, parent, x.Name, stamp(x.Time)), Evidence: []string{x.CitedAs()},
					Predicate: Predicate{Op: "lineage", Child: child, Parent: parent}, Grade: "B"}
			}
		}
	}
	return p.eventClaim(e)
}

func (p *planter) absenceClaim(e *evidence.Event) Claim {
	from := e.Time.Truncate(24 * time.Hour)
	to := from.Add(24 * time.Hour)
	return Claim{Text: fmt.Sprintf("No CreateHostedZone call in account %s and region %s was recorded on %s.", e.Account, e.Region, from.Format("2006-01-02")),
		Predicate: Predicate{Op: "absence", Filter: Filter{"event_name": "CreateHostedZone", "account": e.Account, "region": e.Region},
			Window: &Interval{stamp(from), stamp(to)}, Coverage: []string{e.Account + "/" + e.Region + "/" + from.Format("2006-01-02")}}, Grade: "E"}
}

const bytesOut = "record.additionalEventData.bytesTransferredOut"

func (p *planter) sumClaim(e *evidence.Event) Claim {
	total := new(big.Rat)
	var last *evidence.Event
	f, _ := fieldOf(bytesOut)
	for i := range p.events {
		x := &p.events[i]
		if x.Identity.AccessKey != e.Identity.AccessKey {
			continue
		}
		for _, v := range f.values(&subject{e: x}) {
			if n, ok := number(v); ok {
				total.Add(total, n)
				last = x
			}
		}
	}
	if last == nil || e.Identity.AccessKey == "" { // keyless events are of many callers
		return p.eventClaim(e)
	}
	return Claim{Text: fmt.Sprintf("%s took out %s bytes.", p.who(e), total.RatString()), Evidence: []string{last.CitedAs()},
		Predicate: Predicate{Op: "sum", Filter: Filter{"credential": e.Identity.AccessKey}, Field: bytesOut, Value: json.Number(total.RatString())}, Grade: "A"}
}

// other is an event that differs from e in what get returns.
func (p *planter) other(e *evidence.Event, get func(*evidence.Event) string) *evidence.Event {
	for range 5000 {
		if x := p.any(); get(x) != get(e) && get(x) != "" {
			return x
		}
	}
	return nil
}

// lie bends a true claim so that it is false; what names how. The predicate,
// the citation or the sentence is bent, or predicate and sentence alike.
func (p *planter) lie() (c Claim, what string) {
	for {
		c, what = p.bend()
		if what != "" {
			return c, what
		}
	}
}

func (p *planter) bend() (Claim, string) {
	e := p.any()
	c := p.eventClaim(e)
	eq := c.Predicate.Equals
	both := p.IntN(2) == 0
	swap := func(old, new string) {
		if both {
			c.Text = strings.ReplaceAll(c.Text, old, new)
		}
	}
	switch p.IntN(16) {
	case 0: // wrong actor: another credential
		x := p.other(e, func(e *evidence.Event) string { return e.Identity.AccessKey })
		if x == nil || e.Identity.AccessKey == "" {
			return c, ""
		}
		eq["credential"] = x.Identity.AccessKey
		swap(e.Identity.AccessKey, x.Identity.AccessKey)
		return c, "actor"
	case 1: // wrong actor: attributed to somebody else
		eq["actor"] = map[string]string{"intruder": "owner", "owner": "intruder", "service": "intruder"}[p.w.Actors[e.ID]]
		return c, "attribution"
	case 2: // wrong action
		x := p.other(e, func(e *evidence.Event) string { return e.Name })
		eq["event_name"] = x.Name
		swap(e.Name, x.Name)
		return c, "action"
	case 3: // wrong time
		at := e.Time.Add(time.Duration(1+p.IntN(7200)) * time.Second)
		eq["time"] = stamp(at)
		swap(stamp(e.Time), stamp(at))
		return c, "time"
	case 4: // wrong address
		x := p.other(e, func(e *evidence.Event) string { return e.SourceIP })
		eq["source_ip"] = x.SourceIP
		swap(e.SourceIP, x.SourceIP)
		return c, "ip"
	case 5: // wrong outcome
		eq["outcome"] = map[string]string{"success": "failure", "failure": "success"}[string(e.Outcome())]
		return c, "outcome"
	case 6: // swapped id
		x := p.other(e, func(e *evidence.Event) string { return e.Name + stamp(e.Time) })
		c.Predicate.Event = x.ID
		c.Evidence = []string{x.CitedAs()}
		return c, "swapped id"
	case 7: // invented id
		id := "deadbeef" + e.ID[8:]
		c.Predicate.Event, c.Evidence = id, []string{"event:" + id}
		swap(e.ID, id)
		return c, "invented id"
	case 8: // invented id among the evidence only
		c.Evidence = append(c.Evidence, "event:0000dead"+e.ID[8:])
		return c, "invented citation"
	case 9: // wrong count
		c = p.countClaim(e, "count")
		n, _ := whole(c.Predicate.Value)
		bent := n + 1 + int64(p.IntN(9))
		c.Predicate.Value = json.Number(fmt.Sprint(bent))
		c.Text = strings.Replace(c.Text, fmt.Sprintf(" %d times", n), fmt.Sprintf(" %d times", bent), 1)
		return c, "count"
	case 10: // false absence
		c = p.absenceClaim(e)
		c.Predicate.Filter["event_name"] = e.Name
		c.Text = strings.ReplaceAll(c.Text, "CreateHostedZone", e.Name)
		return c, "false absence"
	case 11: // absence without cover
		c = p.absenceClaim(e)
		c.Predicate.Coverage = [][]string{nil, {e.Account + "/" + e.Region + "/2019-01-01"}, {"nowhere"}}[p.IntN(3)]
		return c, "uncovered absence"
	case 12: // order turned round
		f := p.any()
		if e.Time.Equal(f.Time) {
			return c, ""
		}
		if f.Time.After(e.Time) {
			e, f = f, e
		}
		return Claim{Text: fmt.Sprintf("%s came before %s.", e.Name, f.Name), Evidence: []string{e.CitedAs(), f.CitedAs()},
			Predicate: Predicate{Op: "order", Before: e.ID, After: f.ID}}, "order"
	case 13: // lineage turned round or invented
		c = p.lineageClaim(e)
		if c.Predicate.Op != "lineage" {
			return c, ""
		}
		c.Predicate.Child, c.Predicate.Parent = c.Predicate.Parent, c.Predicate.Child
		return c, "lineage"
	case 14: // first and last mixed up
		c = p.countClaim(e, "first")
		at := evidence.ParseTime(c.Predicate.Time).Add(time.Second)
		c.Predicate.Time = stamp(at)
		return c, "first"
	}
	return p.bendText(e, c)
}

// bendText leaves the predicate true and bends the sentence.
func (p *planter) bendText(e *evidence.Event, c Claim) (Claim, string) {
	old := c.Text
	replace := func(from, to string) {
		if from != "" && to != "" && !strings.Contains(from, to) {
			c.Text = strings.Replace(c.Text, from, to, 1)
		}
	}
	what := ""
	switch p.IntN(8) {
	case 0:
		if x := p.other(e, func(e *evidence.Event) string { return e.Identity.AccessKey }); x != nil {
			replace(e.Identity.AccessKey, x.Identity.AccessKey)
		}
		what = "text: key"
	case 1:
		if x := p.other(e, func(e *evidence.Event) string { return e.Identity.ARN }); x != nil {
			replace(e.Identity.ARN, x.Identity.ARN)
		}
		what = "text: arn"
	case 2:
		replace(e.SourceIP, "192.0.2.77")
		what = "text: ip"
	case 3:
		replace(stamp(e.Time), stamp(e.Time.Add(-time.Minute)))
		replace(e.Time.Format("15:04"), e.Time.Add(17*time.Minute).Format("15:04"))
		what = "text: time"
	case 4:
		replace(e.Name, "DeleteHostedZone")
		what = "text: action"
	case 5:
		if e.Outcome() == evidence.Failure {
			for _, w := range []string{"tried to call", "was denied", "attempted"} {
				replace(w, "called")
			}
		} else {
			replace("called", "was denied")
		}
		what = "text: outcome"
	case 6:
		replace("("+"account "+e.Account, "(account 999988887777")
		replace(e.ID, "0badc0de"+e.ID[8:])
		what = "text: account or id"
	case 7:
		c = p.countClaim(e, "count")
		old = c.Text
		n, _ := whole(c.Predicate.Value)
		replace(fmt.Sprintf(" %d times", n), fmt.Sprintf(" %d times", n+3))
		what = "text: count"
	}
	if c.Text == old {
		return c, ""
	}
	return c, what
}

// TestFiveHundredLies is the demand: 500 false claims are all struck,
// and none of 500 true ones.
func TestFiveHundredLies(t *testing.T) {
	corpora := map[string]func(testing.TB) []evidence.Event{
		"made up": func(t testing.TB) []evidence.Event { return madeUp(t, 7, 1500) },
		"real":    realEvents,
	}
	for name, corpus := range corpora {
		t.Run(name, func(t *testing.T) {
			w := worldOf(t, corpus(t))
			var events []evidence.Event
			for e, err := range w.Events.Events(context.Background(), evidence.Query{Body: true}) {
				if err != nil {
					t.Fatal(err)
				}
				events = append(events, e)
			}
			p := &planter{rand.New(rand.NewPCG(11, 13)), w, events}
			var truths, lies []Claim
			var kinds []string
			ops := map[string]int{}
			for range 500 {
				c := p.truth()
				ops[c.Predicate.Op]++
				truths = append(truths, c)
				c, kind := p.lie()
				lies, kinds = append(lies, c), append(kinds, kind)
			}
			for _, op := range []string{"event", "count", "first", "last", "order", "lineage", "absence", "sum"} {
				if ops[op] == 0 && !(op == "sum" && name == "real") {
					t.Errorf("no true claim of op %s was made", op)
				}
			}
			results, err := w.CheckAll(t.Context(), append(slices.Clone(truths), lies...))
			if err != nil {
				t.Fatal(err)
			}
			caught := map[string]int{}
			for i, r := range results {
				switch {
				case i < len(truths) && r.Err != nil:
					t.Errorf("true claim struck: %v\n\t%s\n\t%+v", r.Err, truths[i].Text, truths[i].Predicate)
				case i >= len(truths) && r.Err == nil:
					c := lies[i-len(truths)]
					t.Errorf("false claim (%s) holds:\n\t%s\n\t%+v", kinds[i-len(truths)], c.Text, c.Predicate)
				case i >= len(truths):
					caught[kinds[i-len(truths)]]++
				}
			}
			if len(caught) < 18 {
				t.Errorf("only %d kinds of lie were told: %v", len(caught), caught)
			}
			// One at a time must agree with all at once.
			for i := 0; i < len(truths); i += 50 {
				one := func(c Claim) bool { return w.Check(t.Context(), c) == nil }
				if diff := cmp.Diff([]bool{true, false}, []bool{one(truths[i]), one(lies[i])}); diff != "" {
					t.Errorf("claim %d checked alone: %s", i, diff)
				}
			}
		})
	}
}
