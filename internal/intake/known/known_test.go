package known

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/intake"
)

const sample = `version: 1
entries:
  - {kind: vpn, name: office VPN, cidrs: [192.0.2.0/24, "2001:db8::/32"], owner: netops@example.com, expires: 2027-01-01}
  - {kind: ci_runner, name: build runners, cidrs: [198.51.100.7], principals: [deploy-bot], agents: [terraform], owner: platform, expires: 2027-01-01}
  - {kind: pentest, name: autumn test, principals: [redteam], from: 2026-11-01, to: 2026-11-05, owner: security, expires: 2026-12-31}
  - {kind: vendor, name: old scanner, cidrs: [203.0.113.0/24], owner: security, expires: 2026-06-30}
`

func TestStatements(t *testing.T) {
	l, err := Parse([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC)
	list, expired := l.Statements(now)
	if len(list) != 3 || len(expired) != 1 || !strings.Contains(expired[0], "old scanner") {
		t.Fatalf("%d statements, expired %q", len(list), expired)
	}
	if list[0].Relation != intake.UsualNetwork || list[1].Relation != intake.Owner || list[2].Relation != intake.AuthorizedTest {
		t.Errorf("relations %s %s %s", list[0].Relation, list[1].Relation, list[2].Relation)
	}
	if w := list[2].When[0]; !w.To.Equal(time.Date(2026, 11, 6, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("a test to the 5th ends at %s", w.To)
	}
	for addr, want := range map[string]string{"192.0.2.9": "office VPN", "2001:db8::1": "office VPN", "198.51.100.7": "build runners", "203.0.113.1": "", "198.51.100.8": ""} {
		if got := l.Of(netip.MustParseAddr(addr), now); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s is %q, want %q", addr, got, want)
		}
	}
	// On its last day an entry still holds.
	if !strings.Contains(l.Of(netip.MustParseAddr("203.0.113.1"), time.Date(2026, 6, 30, 23, 0, 0, 0, time.UTC)), "old scanner") {
		t.Error("an entry expired before its day was over")
	}
}

func TestRefused(t *testing.T) {
	entry := func(s string) string { return "version: 1\nentries:\n  - {" + s + "}\n" }
	for name, c := range map[string]struct{ in, want string }{
		"version":       {"version: 2\n", "version"},
		"unknown field": {"version: 1\nnetworks: []\n", "networks"},
		"kind":          {entry("kind: friend, name: x, cidrs: [192.0.2.0/24], owner: a, expires: 2027-01-01"), "none of"},
		"owner":         {entry("kind: vpn, name: x, cidrs: [192.0.2.0/24], expires: 2027-01-01"), "no owner"},
		"expiry":        {entry("kind: vpn, name: x, cidrs: [192.0.2.0/24], owner: a"), "no expires"},
		"bad expiry":    {entry("kind: vpn, name: x, cidrs: [192.0.2.0/24], owner: a, expires: soon"), "no day"},
		"network":       {entry("kind: vpn, name: x, cidrs: [192.0.2], owner: a, expires: 2027-01-01"), "no network"},
		"nothing":       {entry("kind: vendor, name: x, owner: a, expires: 2027-01-01"), "neither"},
		"no window":     {entry("kind: pentest, name: x, principals: [p], owner: a, expires: 2027-01-01"), "from and a to"},
		"backwards":     {entry("kind: pentest, name: x, principals: [p], from: 2026-02-01, to: 2026-01-01, owner: a, expires: 2027-01-01"), "ends before"},
		"not YAML":      {"\x00", "read the list"},
	} {
		if _, err := Parse([]byte(c.in)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q in it", name, err, c.want)
		}
	}
}
