package stix

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/report/exchange"
)

// maxNumber is the largest number_observed and count that the standard allows.
const maxNumber = 999_999_999

// span is when a set of events happened, as far as the timeline says.
type span struct {
	first, last time.Time
	n           int // events, at most maxNumber
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
		// Used by nobody hostile, or an id that stands twice in a report from elsewhere.
		if s == nil || b.data[c.ID] != "" {
			continue
		}
		// The unique id stays with one user though the name is used again; a report may lack it.
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

// address adds an address or a network, which STIX writes alike.
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
