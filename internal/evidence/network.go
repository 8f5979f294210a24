package evidence

import (
	"net/netip"
	"regexp"
	"strings"
)

// dotted is anything shaped like an IPv4 address, also the impossible ones that
// anonymisers write (075.050.255.67, 253.300.1.1).
var dotted = regexp.MustCompile(`^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.\d{1,3}$`)

// Network is the network a source address belongs to: a /24 for IPv4, a /48
// for IPv6, and the text itself for a service name or junk, lower-cased.
// Addresses that cannot exist keep their first three numbers, so that they
// still group. An event that came through a VPC endpoint is told apart by
// Event.Network.
func Network(sourceIP string) string {
	if a, err := netip.ParseAddr(sourceIP); err == nil {
		a = a.Unmap().WithZone("")
		bits := 48
		if a.Is4() {
			bits = 24
		}
		p, _ := a.Prefix(bits)
		return p.String()
	}
	if m := dotted.FindStringSubmatch(sourceIP); m != nil {
		return m[1] + "." + m[2] + "." + m[3] + ".0/24"
	}
	return strings.ToLower(sourceIP)
}

// Network is the network the call came from: the VPC endpoint where one is
// named, since private addresses repeat between VPCs, else Network(SourceIP).
func (e *Event) Network() string {
	if e.VPCEndpoint != "" {
		return e.VPCEndpoint
	}
	return Network(e.SourceIP)
}

// IsAddress says whether s is an IP address, or shaped like one.
func IsAddress(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil || dotted.MatchString(s)
}

// FromAWS says whether the call reached the API from inside AWS: a service
// name, "AWS Internal", or no source at all. Such an address says nothing
// about where a person sat.
func (e *Event) FromAWS() bool { return !IsAddress(e.SourceIP) }
