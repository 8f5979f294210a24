package stix

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/report/exchange"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// indicators writes a pattern for an address only where that is honest: a verified claim shows
// the exact address on an event that is certainly the intruder's, no claim shows it on an event of
// anybody else, and no credential that anybody else held was used from around it. A network is
// never an indicator.
func (b *builder) indicators() {
	if b.Verdict.Status != "incident" {
		return
	}
	// first has the addresses shown on the intruder's events, with when; others those that any
	// claim shows on an event of somebody else, verified or not: doubt is enough to leave one out.
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
