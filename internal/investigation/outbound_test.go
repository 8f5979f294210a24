package investigation

import (
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
)

// TestWhatIsOutbound holds which lines of a machine's flow log count as sent out.
func TestWhatIsOutbound(t *testing.T) {
	m := &sender{own: map[string]bool{"2001:db8::5": true, "8.8.4.4": true}}
	for _, c := range []struct {
		what string
		line evidence.Record
		want int64
	}{
		{"private to public", evidence.Record{"srcaddr": "10.0.0.5", "dstaddr": "1.1.1.1", "bytes": "9"}, 9},
		{"the way back", evidence.Record{"srcaddr": "1.1.1.1", "dstaddr": "10.0.0.5", "bytes": "9"}, 0},
		{"within", evidence.Record{"srcaddr": "10.0.0.5", "dstaddr": "100.64.3.3", "bytes": "9"}, 0},
		{"to a group", evidence.Record{"srcaddr": "10.0.0.5", "dstaddr": "224.0.0.1", "bytes": "9"}, 0},
		{"refused", evidence.Record{"srcaddr": "10.0.0.5", "dstaddr": "1.1.1.1", "bytes": "9", "action": "REJECT"}, 0},
		{"its own address of the sixth version", evidence.Record{"srcaddr": "2001:db8::5", "dstaddr": "2606:4700::1", "bytes": "9"}, 9},
		{"another's, of which nothing says whose", evidence.Record{"srcaddr": "2606:4700::1", "dstaddr": "2001:db8::5", "bytes": "9"}, 0},
		{"a network of public addresses, its own known", evidence.Record{"srcaddr": "8.8.4.4", "dstaddr": "1.1.1.1", "bytes": "9"}, 9},
		{"the log says the way", evidence.Record{"srcaddr": "9.9.9.9", "dstaddr": "1.1.1.1", "bytes": "9", "flow-direction": "egress"}, 9},
		{"the log says the other way", evidence.Record{"srcaddr": "10.0.0.5", "dstaddr": "1.1.1.1", "bytes": "9", "flow-direction": "ingress"}, 0},
		{"through a gateway of ours", evidence.Record{"srcaddr": "10.0.0.5", "dstaddr": "10.0.0.1", "pkt-dstaddr": "1.1.1.1", "bytes": "9"}, 9},
		{"a line without a flow", evidence.Record{"log-status": "NODATA"}, 0},
		{"no number", evidence.Record{"srcaddr": "10.0.0.5", "dstaddr": "1.1.1.1", "bytes": "-9"}, 0},
	} {
		if got := m.out(c.line); got != c.want {
			t.Errorf("%s: %d bytes, not %d", c.what, got, c.want)
		}
	}
}

// TestSumsDoNotTurnRound: lines of a log may say anything, and so many of them add up to more than a number holds.
func TestSumsDoNotTurnRound(t *testing.T) {
	m := &sender{days: map[string]int64{}}
	for range 9000 {
		m.add("2026-11-02", 1<<50)
	}
	if got := m.days["2026-11-02"]; got != maxDaySent || got+1<<30 < got {
		t.Errorf("%d bytes", got)
	}
	p := &pair{}
	for _, bytes := range []string{"9", "9223372036854775807"} {
		p.add(&evidence.Observation{}, bytes)
	}
	if p.bytes != 9 {
		t.Errorf("%d bytes between two addresses", p.bytes)
	}
}
