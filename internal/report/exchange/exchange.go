// Package exchange holds what the renderings for other programs share: the report made inert,
// its own instants, ATT&CK as pinned, identifiers that two runs agree on, and the encoding. What
// each field becomes in which format is documented in docs/formats/exchange.md.
//
// exchange.go has the case and its times, addresses and encoding, attack.go the pinned
// techniques, uuid.go the ids. A format adds only its own structures.
package exchange

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/report"
	reportjson "github.com/trailhound/trailhound/internal/report/json"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// Case is a report, inert and indexed for export.
type Case struct {
	*outline.Outline
	Attack *Attack

	at map[string]time.Time // event id to when the timeline says it was, the earliest if it says so twice
}

// New prepares r and leaves it alone. Every string of the case went through package inert:
// programs show what they import.
func New(r *report.Report) (*Case, error) {
	ref, err := Pinned()
	if err != nil {
		return nil, err
	}
	c := &Case{Outline: outline.New(r), Attack: ref, at: map[string]time.Time{}}
	for _, e := range c.Timeline {
		if t, ok := Time(e.At); ok {
			if old, seen := c.at[e.Event]; !seen || t.Before(old) {
				c.at[e.Event] = t
			}
		}
	}
	return c, nil
}

// At returns when the timeline says that an event happened.
func (c *Case) At(event string) (time.Time, bool) {
	t, ok := c.at[event]
	return t, ok
}

// Made returns the instant that stands for the report where a format demands one: the end of the
// window investigated, else the last event, else the epoch. Never the clock and never run: two
// runs over the same evidence must give the same bytes.
func (c *Case) Made() time.Time {
	if t, ok := Time(c.Scope.Window.To); ok {
		return t
	}
	last := time.Unix(0, 0).UTC()
	for _, t := range c.at {
		if t.After(last) {
			last = t
		}
	}
	return last
}

// Name returns the title of the case, or its id, or a word where it has neither.
func (c *Case) Name() string {
	for _, s := range []string{c.Case.Title, c.Case.ID} {
		if strings.TrimSpace(s) != "" {
			return s
		}
	}
	return "untitled case"
}

// Headline returns the answer in one sentence, never empty.
func (c *Case) Headline() string {
	if strings.TrimSpace(c.Verdict.Headline) != "" {
		return c.Verdict.Headline
	}
	return c.Name()
}

// Networks returns the addresses and networks of credentials that only the intruder held, as
// prefixes, sorted; what is no address is left out.
func (c *Case) Networks() []netip.Prefix {
	var out []netip.Prefix
	for _, s := range c.Outline.Networks() {
		if p, ok := Prefix(s); ok {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, netip.Prefix.Compare)
	return slices.Compact(out)
}

// Prefix reads an address or a network; host bits are cut off. An IPv4 address in IPv6 dress
// (::ffff:192.0.2.1) is the IPv4 address, and a zone is dropped: it means nothing elsewhere.
func Prefix(s string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(s); err == nil {
		a = a.Unmap().WithZone("")
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, false
	}
	return p.Masked(), true
}

// Value writes a prefix the way tools expect it: an address alone has no "/32".
func Value(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

// Time reads an RFC 3339 time of years 1970 to 9999: earlier ones are broken clocks, and several
// formats count from 1970; later ones have five digits, which no format's grammar takes.
func Time(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, s)
	t = t.UTC()
	return t, err == nil && t.Year() >= 1970 && t.Year() <= 9999
}

// Events returns the event ids among typed references, in their order, each once.
func Events(refs []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, ref := range refs {
		if id, ok := outline.EventID(ref); ok && id != "" && !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

// WriteJSON writes v indented, with every character that could act on a screen, a page or a
// spreadsheet as a \u escape.
func WriteJSON(w io.Writer, v any) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("encode report: %w", err)
	}
	return Out(w, reportjson.Inert(buf.Bytes()))
}

// Out writes a finished document.
func Out(w io.Writer, data []byte) error {
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
