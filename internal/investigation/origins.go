package investigation

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/intake/origin"
)

// Origin is what lists that a person supplied say of a network that the report
// names. It is shown and decides nothing.
type Origin struct {
	Network      string `json:"network"` // as credentials list it
	Known        string `json:"known"`   // the entry of the team's own list, "" if none
	Country      string `json:"country"`
	ASN          uint   `json:"asn"` // 0 if not known
	Organization string `json:"organization"`
	AWS          string `json:"aws"` // service and region, if AWS hands the address out
}

// listed adds the team's list to what people stated, and says what of it has run
// out and was not used.
func (in *inquiry) listed() intake.Reading {
	if in.o.Known == nil {
		return intake.Reading{}
	}
	list, _ := in.o.Known.Statements(in.now)
	return intake.Reading{Statements: list}
}

// expiredEntries says what of the team's list was not used because its day has passed: who
// wrote it believes that it still holds.
func (in *inquiry) expiredEntries() {
	if in.o.Known == nil {
		return
	}
	if _, expired := in.o.Known.Statements(in.now); len(expired) > 0 {
		in.assume("", "Entries of the list of what is known have expired and were not used: "+strings.Join(first(expired, 10), "; ")+".")
	}
}

// origins looks up every network of the report's credentials. An address of it
// stands for the network: lists are made for networks no smaller.
func (in *inquiry) origins() {
	if in.o.Known == nil && in.o.Origin == nil {
		return
	}
	// The lowest address of each network, so that the look-up does not vary with the calls'
	// order.
	address := map[string]netip.Addr{}
	for i := range in.at.Events {
		e := &in.at.Events[i]
		a, err := netip.ParseAddr(e.SourceIP)
		if n := e.Network(); err == nil && (!address[n].IsValid() || a.Less(address[n])) {
			address[n] = a
		}
	}
	seen := map[string]bool{}
	for _, c := range in.res.Credentials {
		for _, n := range c.Networks {
			seen[n] = true
		}
	}
	for _, n := range keys(seen) {
		a, ok := address[n]
		if !ok {
			continue
		}
		var from origin.Origin
		if in.o.Origin != nil {
			from = in.o.Origin(a)
		}
		o := Origin{Network: n, Country: from.Country, ASN: from.ASN, Organization: from.Organization, AWS: from.AWS}
		if in.o.Known != nil {
			o.Known = in.o.Known.Of(a, in.now)
		}
		if o != (Origin{Network: n}) {
			in.res.Origins = append(in.res.Origins, o)
		}
	}
	slices.SortFunc(in.res.Origins, func(a, b Origin) int { return strings.Compare(a.Network, b.Network) })
}
