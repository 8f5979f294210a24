package investigation

import (
	"cmp"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
)

// Indicator is a place that the intruder's calls came from, a tool they were made
// with, or somebody outside whom they named in a change: what to block, to look for
// elsewhere, or to report.
type Indicator struct {
	Kind   string   `json:"kind"` // address, tool (family and platform), account, domain, email
	Value  string   `json:"value"`
	First  string   `json:"first"` // of the intruder's calls with it, RFC 3339
	Last   string   `json:"last"`
	Calls  int      `json:"calls"`  // of the intruder's
	Shared bool     `json:"shared"` // somebody else's calls of this case have it too: to block it would hit them
	Claims []string `json:"claims"`
}

// maxIndicators bounds each kind, the most used first: who changes address with
// every call is not stopped by a list of them.
const maxIndicators = 40

// indicatorKinds in the order of a report.
var indicatorKinds = []string{"address", "tool", "account", "domain", "email"}

// contact gathers an indicator's calls, in order of time.
// Where calls come from is counted over all rows, as the claim does; what calls name is
// counted by the calls that name it.
type contact struct {
	kind, value string
	events      []*evidence.Event
	named       *detection.Subject // the first call that names it; nil for where calls come from
	calls       int                // of the intruder's, as a claim counts them, also through AWS; not of what is named
	first, last *evidence.Event    // of those calls
	shared      bool
}

// indicators lists them. Of what a call says only changes count: what somebody looks
// at is not theirs.
func (in *inquiry) indicators() {
	seen := map[[2]string]*contact{}
	see := func(kind, value string, s *detection.Subject, named bool) {
		if !claim.Quotable(value) {
			return
		}
		k := [2]string{kind, value}
		x := seen[k]
		if x == nil {
			x = &contact{kind: kind, value: value}
			if seen[k] = x; named {
				x.named = s
			}
		}
		if n := len(x.events); n == 0 || x.events[n-1].ID != s.Event.ID {
			x.events = append(x.events, s.Event)
		}
	}
	for i := range in.subjects {
		s := &in.subjects[i]
		e := s.Event
		if !s.Actor.Hostile() {
			continue
		}
		// The record of an account that was entered shows no more of the caller than this.
		if a := e.Identity.Account; e.Identity.Type == "AWSAccount" && len(a) == 12 && !slices.Contains(in.res.Accounts, a) {
			see("account", a, s, true) // whose caller it was
		}
		if direct(e) {
			see("address", e.SourceIP, s, false)
			see("tool", evidence.AgentFamily(e.UserAgent), s, false)
		}
		if !e.ReadOnly {
			in.outsiders(s, func(kind, value string) { see(kind, value, s, true) })
		}
	}
	for i, r := range in.at.Rows { // how many they are, and whose else
		e := &in.at.Events[i]
		for _, k := range [][2]string{{"address", e.SourceIP}, {"tool", evidence.AgentFamily(e.UserAgent)}} {
			switch x := seen[k]; {
			case x == nil:
			case !r.Actor.Hostile():
				x.shared = x.shared || direct(e)
			case !in.again(i):
				if x.calls++; x.first == nil {
					x.first = e
				}
				x.last = e
			}
		}
	}
	// The map's order is put right below, by kind, number and value.
	list := make([]*contact, 0, len(seen))
	for _, x := range seen {
		list = append(list, x)
	}
	slices.SortFunc(list, func(a, b *contact) int {
		return cmp.Or(cmp.Compare(slices.Index(indicatorKinds, a.kind), slices.Index(indicatorKinds, b.kind)), cmp.Compare(len(b.events), len(a.events)), cmp.Compare(a.value, b.value))
	})
	n := map[string]int{}
	for _, x := range list {
		if n[x.kind]++; n[x.kind] > maxIndicators {
			continue
		}
		if row := in.indicator(x); row.Calls > 0 { // none are counted where copies of the event disagree
			in.res.Indicators = append(in.res.Indicators, row)
		}
	}
}

// direct says whether somebody outside AWS made the call from an address.
func direct(e *evidence.Event) bool {
	_, err := netip.ParseAddr(e.SourceIP)
	return err == nil && !e.FromAWS() && e.Identity.InvokedBy == ""
}

// indicator is one row, with the claim that its numbers rest on.
func (in *inquiry) indicator(x *contact) Indicator {
	first, last := x.events[0], x.events[len(x.events)-1]
	out := Indicator{Kind: x.kind, Value: x.value, First: stamp(first.Time), Last: stamp(last.Time), Calls: x.calls, Shared: x.shared}
	if x.named != nil {
		out.Calls = len(x.events)
		text := fmt.Sprintf("At %s %s named %s in %s", stamp(first.Time), by(first), x.value, first.Action())
		if x.kind == "account" && first.Identity.Account == x.value {
			text = fmt.Sprintf("At %s %s of %s called %s", stamp(first.Time), by(first), x.value, first.Action())
		}
		if first.Outcome() == evidence.Failure {
			text += "; the call failed"
		}
		out.Claims = []string{in.claims.add(text+".", claim.Predicate{Op: "event", Event: first.ID, Equals: map[string]any{
			"action": first.Action(), "time": stamp(first.Time), "outcome": string(first.Outcome()),
		}}, []string{first.CitedAs()}, in.grade(first.ID))}
		return out
	}
	field, from := "source_ip", "from "+x.value
	if x.kind == "tool" {
		field, from = "agent_family", "with `"+x.value+"`"
	}
	if out.Calls == 0 {
		return out
	}
	first, last = x.first, x.last // the sentence tells when all were that it counts
	out.First, out.Last = stamp(first.Time), stamp(last.Time)
	text := fmt.Sprintf("The intruder called %s %s %s.", from, times(out.Calls), span(first.Time, last.Time))
	filter := claim.Filter{"actor": hostileActors, field: x.value}
	out.Claims = []string{in.claims.add(text, claim.Predicate{Op: "count", Filter: filter, Value: out.Calls}, cite(first.ID, last.ID), in.grade(first.ID))}
	return out
}

// times is how often, in words that read well for one.
func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// Outsiders as requests write them: account numbers by themselves or in ARNs, also
// within policies; hosts of URLs; mail addresses.
var (
	accountShape = regexp.MustCompile(`(?:^|"|:)(\d{12})(?:$|"|:)`)
	hostShape    = regexp.MustCompile(`https?://([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)`)
	entityShape  = regexp.MustCompile(`(?:entityID|Location)="https?://([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)`)
	mailShape    = regexp.MustCompile(`[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`)
)

// maxTold bounds what is looked at of one text of a request.
const maxTold = 64 << 10

// outsiders gives the accounts, hosts and mail addresses that a request names and
// that are neither the case's own nor AWS's.
func (in *inquiry) outsiders(s *detection.Subject, give func(kind, value string)) {
	for _, text := range texts(s.Record["requestParameters"], nil, 0) {
		text = text[:min(len(text), maxTold)]
		for _, m := range accountShape.FindAllStringSubmatch(text, -1) {
			if a := m[1]; !slices.Contains(in.res.Accounts, a) && a != s.Event.Account && a != s.Event.Identity.Account {
				give("account", a)
			}
		}
		host := hostShape
		if strings.Contains(text, "<") { // of XML, mostly names of its own schemas
			host = entityShape
		}
		for _, m := range host.FindAllStringSubmatch(text, -1) {
			if h := strings.ToLower(m[1]); !ofAWS(h) {
				give("domain", m[1])
			}
		}
		for _, m := range mailShape.FindAllString(text, -1) {
			give("email", m)
		}
	}
}

// ofAWS says whether a host is the provider's own: to block it would stop the account.
func ofAWS(host string) bool {
	return slices.ContainsFunc([]string{"amazonaws.com", "amazonaws.com.cn", "amazon.com", "awsapps.com"}, func(d string) bool {
		return host == d || strings.HasSuffix(host, "."+d)
	})
}

// texts collects the strings of a value, as deep as records go.
func texts(v any, out []string, depth int) []string {
	switch x := v.(type) {
	case string:
		out = append(out, x)
	case []any:
		for _, e := range x {
			if depth < 16 {
				out = texts(e, out, depth+1)
			}
		}
	case map[string]any:
		for _, k := range keys(x) {
			if depth < 16 {
				out = texts(x[k], out, depth+1)
			}
		}
	}
	return out
}
