package stix

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/report/exchange"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// maxNumber is the largest number_observed and count that the standard allows.
const maxNumber = 999_999_999

// span is when a set of events happened, as far as the timeline says.
type span struct {
	first, last time.Time
	n           int
}

func (s *span) add(t time.Time) {
	if s.n == 0 || t.Before(s.first) {
		s.first = t
	}
	if s.n == 0 || t.After(s.last) {
		s.last = t
	}
	s.n = min(s.n+1, maxNumber)
}

// observed writes one observed-data for each credential the intruder used: the account, and the
// networks where nobody else used it from. Events that are not the intruder's are not counted.
func (b *builder) observed() {
	b.data = map[string]string{}
	spans := map[string]*span{}
	for _, row := range b.Attribution {
		at, ok := b.At(row.Event)
		if !ok || !row.Actor.Hostile() || row.Credential == "" {
			continue
		}
		if spans[row.Credential] == nil {
			spans[row.Credential] = new(span)
		}
		spans[row.Credential].add(at)
	}
	for _, c := range b.Credentials {
		s := spans[c.ID]
		if s == nil || b.data[c.ID] != "" {
			continue
		}
		user := c.PrincipalID
		if user == "" {
			user = c.Principal
		}
		if user == "" {
			user = c.ID
		}
		refs := []string{b.sco(object{Type: "user-account", UserID: user, Display: c.Principal}, "user_id", user)}
		if c.HeldBy == "intruder" {
			for _, n := range c.Networks {
				if p, ok := exchange.Prefix(n); ok {
					refs = append(refs, b.address(p))
				}
			}
		}
		slices.Sort(refs)
		o := object{Type: "observed-data", FirstObserved: stamp(s.first), LastObserved: stamp(s.last), Number: s.n, ObjectRefs: slices.Compact(refs)}
		// The key id is no secret, and the way back to the report.
		o.External = []external{{SourceName: "aws-" + strings.ReplaceAll(strings.ToLower(c.Kind), "_", "-"), ExternalID: c.ID}}
		if c.Kind == "" {
			o.External[0].SourceName = "aws-credential"
		}
		b.data[c.ID] = b.add(o, c.ID)
	}
}

func (b *builder) address(p netip.Prefix) string {
	kind := "ipv6-addr"
	if p.Addr().Is4() {
		kind = "ipv4-addr"
	}
	return b.sco(object{Type: kind, Value: exchange.Value(p)}, "value", exchange.Value(p))
}

// sco adds an observable, whose id follows from the property that section 6 of the standard
// names for its type.
func (b *builder) sco(o object, property, value string) string {
	var name bytes.Buffer // canonical JSON (RFC 8785): one member, and no escapes of HTML
	enc := json.NewEncoder(&name)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(map[string]string{property: value}); err != nil {
		return "" // a map of strings always encodes
	}
	o.ID = o.Type + "--" + exchange.UUID(scoNamespace, strings.TrimSuffix(name.String(), "\n"))
	return b.put(o)
}

// techniques writes each ATT&CK technique, and one sighting of it for each finding: the sighting
// says whether it succeeded.
func (b *builder) techniques() {
	for i, f := range b.Findings {
		var s span
		var refs []string
		for _, id := range exchange.Events(f.Evidence) {
			if at, ok := b.At(id); ok {
				s.add(at)
			}
			if data := b.data[b.Row(id).Credential]; data != "" {
				refs = append(refs, data)
			}
		}
		slices.Sort(refs)
		refs = slices.Compact(refs)
		for _, a := range f.Attack {
			if !exchange.IsTechnique(a.Technique) {
				continue
			}
			o := object{
				Type: "sighting", SightingOf: b.pattern(a.Technique), Confidence: confidence(f.Confidence),
				Description:  strings.TrimSpace(fmt.Sprintf("%s %s: %s (%s, severity %s)", f.ID, f.Outcome, f.Title, f.Technique, f.Severity)),
				ObservedRefs: refs, WhereSighted: []string{b.identity},
			}
			if f.Outcome != "" {
				o.Labels = []string{f.Outcome}
			}
			if s.n > 0 {
				o.FirstSeen, o.LastSeen, o.Count = stamp(s.first), stamp(s.last), s.n
			}
			b.add(o, fmt.Sprint(i), f.ID, a.Technique)
		}
	}
}

func (b *builder) pattern(id string) string {
	o := object{
		Type: "attack-pattern", Name: b.Attack.Name(id),
		External: []external{{SourceName: "mitre-attack", ExternalID: id, URL: exchange.URL(id)}},
	}
	for _, tactic := range b.Attack.Techniques[id].Tactics {
		o.KillChain = append(o.KillChain, phase{"mitre-attack", tactic})
	}
	return b.fixed(o, "attack-pattern:"+b.Attack.Version+":"+id)
}

// indicators writes a pattern for an address only where that is honest: a verified claim shows
// the exact address on an event that is certainly the intruder's, no claim shows it on an event of
// anybody else, and no credential that anybody else held was used from around it. A network is
// never an indicator.
func (b *builder) indicators() {
	if b.Verdict.Status != "incident" {
		return
	}
	first := map[netip.Addr]*span{}
	others := map[netip.Addr]bool{}
	for _, c := range b.Claims {
		addr, ok := c.Predicate.Equals["source_ip"].(string)
		ip, err := netip.ParseAddr(addr)
		if !ok || err != nil || ip.Zone() != "" || c.Predicate.Op != "event" {
			continue
		}
		actor := b.Row(c.Predicate.Event).Actor
		if !actor.Hostile() {
			others[ip] = true
		}
		at, known := b.At(c.Predicate.Event)
		if !c.Verified || actor != attribution.Intruder || !known || b.othersUse(ip) {
			continue
		}
		if first[ip] == nil {
			first[ip] = new(span)
		}
		first[ip].add(at)
	}
	var ips []netip.Addr
	for ip := range first {
		if !others[ip] {
			ips = append(ips, ip)
		}
	}
	slices.SortFunc(ips, netip.Addr.Compare)
	for _, ip := range ips {
		p, _ := exchange.Prefix(ip.String())
		sco := b.address(p)
		kind, _, _ := strings.Cut(sco, "--")
		id := b.add(object{
			Type: "indicator", Name: "Address used by the intruder: " + ip.String(), Description: "Seen on " + outline.Count(first[ip].n, "event") + " of the intruder that a verified claim names.", IndicatorTypes: []string{"malicious-activity"},
			Pattern: fmt.Sprintf("[%s:value = '%s']", kind, exchange.Value(p)), PatternType: "stix",
			ValidFrom: stamp(first[ip].first), Confidence: confidence(b.Verdict.Confidence),
		}, ip.String())
		for _, data := range b.dataWith(ip) {
			b.relate(id, "based-on", data)
		}
	}
}

// othersUse says whether a credential that the owner or nobody known held was used from around
// an address. A shared one says nothing: its networks are those of both.
func (b *builder) othersUse(ip netip.Addr) bool {
	for _, c := range b.Credentials {
		if outline.Held(c) {
			continue
		}
		for _, n := range c.Networks {
			if p, ok := exchange.Prefix(n); ok && p.Contains(ip.Unmap()) {
				return true
			}
		}
	}
	return false
}

// dataWith returns the observed-data of credentials the intruder alone held, used from around an
// address, sorted.
func (b *builder) dataWith(ip netip.Addr) []string {
	var out []string
	for _, c := range b.Credentials {
		for _, n := range c.Networks {
			if p, ok := exchange.Prefix(n); ok && p.Contains(ip.Unmap()) && c.HeldBy == "intruder" && b.data[c.ID] != "" {
				out = append(out, b.data[c.ID])
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// actions writes the plan as courses of action, each related to the techniques whose findings
// rest on the claims that the step is taken for.
func (b *builder) actions() {
	for i, st := range b.Containment {
		text := []string{st.Command}
		for _, p := range [][2]string{{"Side effects: ", st.SideEffects}, {"Check: ", st.Verify}, {"Undo: ", st.Undo}} {
			if p[1] != "" {
				text = append(text, p[0]+p[1])
			}
		}
		if st.Irreversible {
			text = append(text, "Cannot be undone.")
		}
		id := b.add(object{
			Type: "course-of-action", Name: fmt.Sprintf("%d. %s: %s %s", st.Step, st.Phase, st.Action, st.Target),
			Description: strings.TrimSpace(strings.Join(text, "\n")),
		}, fmt.Sprint(i))
		for _, f := range b.Findings {
			if !slices.ContainsFunc(f.Claims, func(c string) bool { return slices.Contains(st.Why, c) }) {
				continue
			}
			for _, a := range f.Attack {
				if exchange.IsTechnique(a.Technique) {
					b.relate(id, "mitigates", b.pattern(a.Technique))
				}
			}
		}
	}
}
