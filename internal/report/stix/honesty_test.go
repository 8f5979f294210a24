package stix

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/reporttest"
)

// TestSpan: first and last whatever the order, and a count that the standard allows.
func TestSpan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.SliceOfN(rapid.Int64Range(0, 1000), 1, 20).Draw(t, "at")
		s := new(span)
		for _, n := range at {
			s.add(time.Unix(n, 0))
		}
		if s.first.Unix() != slices.Min(at) || s.last.Unix() != slices.Max(at) || s.n != len(at) {
			t.Fatalf("%v became %+v", at, s)
		}
	})
	s := &span{n: maxNumber}
	if s.add(time.Unix(0, 0)); s.n != maxNumber {
		t.Errorf("counted %d", s.n)
	}
}

// TestCopiesAreHostileOnce: of two rows on one event the hostile one counts, wherever it
// stands: an address is an indicator whichever comes first.
func TestCopiesAreHostileOnce(t *testing.T) {
	r := reporttest.Sample(t, "leaked-ci-key")
	want := len(objects(t, r)["indicator"])
	var own []attribution.Row
	for _, c := range r.Claims {
		if c.Predicate.Op == "event" {
			own = append(own, attribution.Row{Event: c.Predicate.Event, Actor: "undetermined"})
		}
	}
	all := r.Attribution
	for _, rows := range [][]attribution.Row{slices.Concat(own, all), slices.Concat(all, own)} {
		r.Attribution = rows
		if got := len(objects(t, r)["indicator"]); got != want || want == 0 {
			t.Errorf("%d indicators, want %d", got, want)
		}
	}
}

// TestNoNetworkIsAnIndicator: a claim may name anything; only a whole address of a
// verified claim on the intruder's event becomes a pattern.
func TestNoNetworkIsAnIndicator(t *testing.T) {
	for _, tc := range []struct {
		ip   any
		edit func(*claim.Claim)
		want string
	}{
		{ip: "203.0.113.5", want: "[ipv4-addr:value = '203.0.113.5']"},
		{ip: "::ffff:203.0.113.5", want: "[ipv4-addr:value = '203.0.113.5']"},
		{ip: "2001:db8::7", want: "[ipv6-addr:value = '2001:db8::7']"},
		{ip: "203.0.113.0/24"},
		{ip: "fe80::1%eth0"},
		{ip: "' OR '1'='1"},
		{ip: "AWS Internal"},
		{ip: 7.0},
		{ip: "203.0.113.5", edit: func(c *claim.Claim) { c.Verified = false }},
		{ip: "203.0.113.5", edit: func(c *claim.Claim) { c.Predicate.Op = "count" }},
		{ip: "203.0.113.5", edit: func(c *claim.Claim) { c.Predicate.Event = "unknown" }},
	} {
		t.Run(fmt.Sprint(tc.ip, tc.want), func(t *testing.T) {
			r := reporttest.Sample(t, "leaked-ci-key")
			c := claim.Claim{ID: "C1", Verified: true, Predicate: claim.Predicate{Op: "event", Event: r.Claims[0].Predicate.Event, Equals: map[string]any{"source_ip": tc.ip}}}
			if tc.edit != nil {
				tc.edit(&c)
			}
			r.Claims = []claim.Claim{c}
			var got []string
			for _, o := range objects(t, r)["indicator"] {
				got = append(got, o.Pattern)
			}
			if strings.Join(got, " ") != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// TestIDsFollowTheCase: the same case gives the same ids, another case none of them but
// those of what is the same everywhere.
func TestIDsFollowTheCase(t *testing.T) {
	ids := func(r *report.Report) map[string]string {
		out := map[string]string{}
		for kind, list := range objects(t, r) {
			for _, o := range list {
				out[o.ID] = kind
			}
		}
		return out
	}
	r := reporttest.Sample(t, "leaked-ci-key")
	one := ids(r)
	r.Case.ID = "another"
	for id, kind := range ids(r) {
		everywhere := slices.Contains([]string{"identity", "attack-pattern", "user-account", "ipv4-addr", "ipv6-addr"}, kind)
		if _, same := one[id]; same != everywhere {
			t.Errorf("%s of another case is the same: %t", id, same)
		}
	}
}
