package exchange_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/exchange"
	"github.com/trailhound/trailhound/internal/report/reporttest"
)

func TestUUID(t *testing.T) {
	// RFC 9562, appendix A.4: "www.example.com" in the namespace of DNS names.
	if got := exchange.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com"); got != "2ed6657d-e927-568b-95e1-2665a8aea6a2" {
		t.Errorf("got %s", got)
	}
}

func TestMade(t *testing.T) {
	c, err := exchange.New(reporttest.Sample(t, "leaked-ci-key"))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Made().Format(time.RFC3339); got != "2026-11-02T11:00:00Z" {
		t.Errorf("made %s, want the end of the window", got)
	}
	if c, err = exchange.New(new(report.Report)); err != nil || !c.Made().Equal(time.Unix(0, 0)) {
		t.Errorf("an empty report was made %v, %v", c.Made(), err)
	}
}

func TestNetworks(t *testing.T) {
	c, err := exchange.New(&report.Report{Credentials: []lineage.Credential{
		{HeldBy: "intruder", Networks: []string{"2001:db8::1/64", "203.0.113.7", "no address", "198.51.100.0/24", "203.0.113.7"}},
		{HeldBy: "shared", Networks: []string{"192.0.2.0/24"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range c.Networks() {
		got = append(got, exchange.Value(p))
	}
	if d := cmp.Diff([]string{"198.51.100.0/24", "203.0.113.7", "2001:db8::/64"}, got); d != "" {
		t.Error(d)
	}
}

func TestAttack(t *testing.T) {
	a, err := exchange.Pinned()
	if err != nil {
		t.Fatal(err)
	}
	if a.Version == "" || len(a.Tactics) < 10 || a.Name("T1136.003") != "Cloud Account" || a.Name("T9999") != "T9999" {
		t.Errorf("got %+v", a)
	}
	for id := range a.Techniques {
		if !exchange.IsTechnique(id) {
			t.Errorf("%q is refused", id)
		}
	}
	for _, s := range []string{"", "T1", "T10980", "T1098.1", "t1098", "T1098\n", "XT1098"} {
		if exchange.IsTechnique(s) {
			t.Errorf("%q is accepted", s)
		}
	}
	if exchange.URL("T1098.001") != "https://attack.mitre.org/techniques/T1098/001" {
		t.Error(exchange.URL("T1098.001"))
	}
}
