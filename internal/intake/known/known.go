// Package known reads a team's own list of what is known to it: its networks, its
// build runners, vendors, responders and announced tests. The list speaks as an
// answer does: it moves a call to its owner only where the call fits, and proves
// nothing. docs/formats/known.md describes the file.
package known

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/trailhound/trailhound/internal/intake"
)

// List is the file.
type List struct {
	Version int     `yaml:"version"` // always 1
	Entries []Entry `yaml:"entries"`
}

// Entry is one thing that is known, by whom, and until when.
type Entry struct {
	Kind       string   `yaml:"kind"`       // one of Kinds
	Name       string   `yaml:"name"`       // what people call it
	CIDRs      []string `yaml:"cidrs"`      // networks or addresses
	Principals []string `yaml:"principals"` // ARNs, unique ids or bare names
	Agents     []string `yaml:"agents"`     // words of a user agent: "terraform"
	From       string   `yaml:"from"`       // of a test: RFC 3339 or a day
	To         string   `yaml:"to"`
	Owner      string   `yaml:"owner"`   // who answers for the entry
	Expires    string   `yaml:"expires"` // a day; the entry is not used after it
	Note       string   `yaml:"note"`
}

// Kinds are the kinds of entry and the relation that each states.
var Kinds = map[string]intake.Relation{
	"network": intake.UsualNetwork, "vpn": intake.UsualNetwork, "idp": intake.UsualNetwork, "ci_runner": intake.Owner,
	"vendor": intake.Vendor, "responder": intake.Responder, "pentest": intake.AuthorizedTest,
}

// Bounds of a list: it is written by hand.
const (
	maxBytes   = 4 << 20
	maxEntries = 10_000
)

// Parse reads a list strictly: what is not understood is an error that names the
// entry, since half a list would vouch for the wrong half.
func Parse(data []byte) (*List, error) {
	if len(data) > maxBytes {
		return nil, fmt.Errorf("the list is larger than %d MB", maxBytes>>20)
	}
	var l List
	// A member that is not known is an error: a misspelt "expires" would vouch for ever.
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&l); err != nil {
		return nil, fmt.Errorf("read the list: %w", err)
	}
	if l.Version != 1 {
		return nil, fmt.Errorf("version is %d, and this program reads version 1", l.Version)
	}
	if len(l.Entries) > maxEntries {
		return nil, fmt.Errorf("the list has more than %d entries", maxEntries)
	}
	for i := range l.Entries {
		if err := l.Entries[i].check(); err != nil {
			return nil, fmt.Errorf("entry %d (%s): %w", i+1, l.Entries[i].Name, err)
		}
	}
	return &l, nil
}

// check refuses an entry that would vouch for nothing, or for everything: without a name, an
// owner and a day of expiry nobody could be asked about it.
func (e *Entry) check() error {
	if _, ok := Kinds[e.Kind]; !ok {
		kinds := make([]string, 0, len(Kinds))
		for k := range Kinds {
			kinds = append(kinds, k)
		}
		slices.Sort(kinds)
		return fmt.Errorf("kind %q is none of %s", e.Kind, strings.Join(kinds, ", "))
	}
	for _, need := range []struct{ name, value string }{{"name", e.Name}, {"owner", e.Owner}, {"expires", e.Expires}} {
		if strings.TrimSpace(need.value) == "" {
			return fmt.Errorf("it has no %s", need.name)
		}
	}
	for _, day := range []struct{ name, value string }{{"expires", e.Expires}, {"from", e.From}, {"to", e.To}} {
		if _, ok := moment(day.value); day.value != "" && !ok {
			return fmt.Errorf("%s %q is no day and no time", day.name, day.value)
		}
	}
	for _, c := range e.CIDRs {
		if _, err := prefix(c); err != nil {
			return fmt.Errorf("%q is no network", c)
		}
	}
	from, _ := moment(e.From)
	to, _ := moment(e.To)
	switch {
	case len(e.CIDRs)+len(e.Principals) == 0:
		return fmt.Errorf("it names neither a network nor a principal")
	case e.Kind == "pentest" && (e.From == "" || e.To == ""):
		return fmt.Errorf("a pentest has a from and a to")
	case e.From != "" && e.To != "" && !from.Before(to):
		return fmt.Errorf("it ends before it begins")
	case Kinds[e.Kind] == intake.UsualNetwork && len(e.CIDRs) == 0:
		return fmt.Errorf("a %s has cidrs", e.Kind)
	}
	return nil
}

// moment reads a day or a time, as UTC.
func moment(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// prefix reads a network, or an address as the network of one.
func prefix(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	return netip.PrefixFrom(a, a.BitLen()), nil
}

// Label is the name and owner of an entry, as reports show it.
func (e *Entry) Label() string { return e.Name + " (" + e.Kind + ", " + e.Owner + ")" }

// Expired says whether the entry is no longer used at now: from the day after.
func (e *Entry) Expired(now time.Time) bool {
	end, _ := moment(e.Expires)
	if len(e.Expires) == len(time.DateOnly) {
		end = end.AddDate(0, 0, 1)
	}
	return !now.Before(end)
}

// Statements are what the entries state at now, and the labels of those that
// have expired and state nothing.
func (l *List) Statements(now time.Time) (list []intake.Statement, expired []string) {
	for i := range l.Entries {
		e := &l.Entries[i]
		if e.Expired(now) {
			expired = append(expired, e.Label())
			continue
		}
		s := intake.Statement{Relation: Kinds[e.Kind], Agents: e.Agents, Text: e.Note, English: e.Note, From: "known " + e.Label()}
		if s.Relation == intake.Owner && len(e.Principals) == 0 {
			s.Relation = intake.UsualNetwork // of a runner that nobody tied to a principal only the network is known
		}
		for _, c := range e.CIDRs {
			s.Seeds = append(s.Seeds, intake.Seed{Kind: "ip", Value: c, From: s.From})
		}
		for _, p := range e.Principals {
			s.Seeds = append(s.Seeds, intake.Seed{Kind: "principal", Value: p, From: s.From})
		}
		from, begins := moment(e.From)
		to, ends := moment(e.To)
		if ends && len(e.To) == len(time.DateOnly) {
			to = to.AddDate(0, 0, 1)
		}
		if begins && ends {
			s.When = []intake.Span{{From: from, To: to, Text: e.From + " to " + e.To, Grain: "range"}}
		}
		list = append(list, s)
	}
	return list, expired
}

// Of names the entry, not expired at now, whose network holds an address; ""
// if none does. Of several the narrowest counts, then the first.
func (l *List) Of(addr netip.Addr, now time.Time) string {
	best, bits := "", -1
	for i := range l.Entries {
		e := &l.Entries[i]
		if e.Expired(now) {
			continue
		}
		for _, c := range e.CIDRs {
			if p, err := prefix(c); err == nil && p.Contains(addr.Unmap()) && p.Bits() > bits {
				best, bits = e.Label(), p.Bits()
			}
		}
	}
	return best
}
