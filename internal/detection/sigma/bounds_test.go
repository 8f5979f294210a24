package sigma

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
)

// many are n events named a, one a second.
func many(t *testing.T, n int) []evidence.Event {
	out := make([]evidence.Event, n)
	for i := range out {
		out[i] = event(t, fmt.Sprintf("%06d", i), i, `{"eventName":"a","user":"u"}`)
	}
	return out
}

// TestBoundsAreSaid: what is beyond a bound is counted, not lost in silence.
func TestBoundsAreSaid(t *testing.T) {
	p := mustLoad(t, base+"  type: event_count\n  rules: [a]\n  group-by: [user]\n  timespan: 1h\n  condition: {gte: 3}\n  generate: true\n")
	res := run(t, p, many(t, MaxAlerts+50)...)
	if n := res.Dropped[p.plain[0]]; n != 50 || len(res.Alerts) != MaxAlerts+1 {
		t.Errorf("%d alerts, %d dropped", len(res.Alerts), n)
	}
	for _, a := range res.Alerts {
		if a.Rule.IsCorrelation() && (a.Total != MaxAlerts+50 || len(a.Events) != MaxAlertEvents || a.Events[0] != "000000") {
			t.Errorf("the burst: %d of %d events", len(a.Events), a.Total)
		}
	}
}

// TestCorrelationsOfCorrelations overlap without end: the walk is bounded, and
// so is the time.
func TestCorrelationsOfCorrelations(t *testing.T) {
	text := base + "  type: event_count\n  rules: [a]\n  timespan: 1h\n  condition: {gte: 2}\nname: x0\n"
	for i := 1; i < maxChain; i++ {
		text += fmt.Sprintf("---\ntitle: X%d\nname: x%d\ncorrelation: {type: event_count, rules: [x%d], timespan: 1h, condition: {gte: 2}}\n", i, i, i-1)
	}
	res := run(t, mustLoad(t, text), many(t, 400)...)
	if len(res.Alerts) != 1 || res.Alerts[0].Total < 300 {
		t.Errorf("%d alerts: %+v", len(res.Alerts), res.Alerts)
	}
	if _, err := load(text + fmt.Sprintf("---\ntitle: Y\ncorrelation: {type: event_count, rules: [x%d], timespan: 1h, condition: {gte: 2}}\n", maxChain-1)); err == nil {
		t.Error("a longer chain loads")
	}
}

func TestUnreadableRecords(t *testing.T) {
	p := mustLoad(t, head+"detection: {sel: {eventName: a}, condition: not sel}\n")
	broken := evidence.Event{ID: "broken", RawName: "a", Body: []byte(`{"eventName":`)}
	if res := run(t, p, broken, event(t, "fine", 0, `{"eventName":"b"}`)); res.Unread != 1 || res.Unreadable[0] != "broken" || len(res.Alerts) != 1 || res.Events != 2 {
		t.Errorf("%+v", res)
	}
	failing := func(yield func(evidence.Event, error) bool) { yield(evidence.Event{}, errors.New("disk gone")) }
	if _, err := p.Run(context.Background(), failing); err == nil {
		t.Error("an error of the evidence is lost")
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := p.Run(ctx, seq(many(t, 2000)...)); !errors.Is(err, context.Canceled) {
		t.Errorf("a run that was stopped goes on: %v", err)
	}
}
