package investigation

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
)

// These tests are about time: what an intruder can have as many of as they like must not be
// walked once for each of them.

const busy = 40_000

var morning = time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)

// soon fails where something takes longer than any machine needs for it that does it in one walk.
func soon(t *testing.T, what string, do func()) {
	t.Helper()
	begun := time.Now()
	do()
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("%s of %d took %s", what, busy, took)
	}
}

// busyCase is a case of many calls, all of one actor.
func busyCase(actor attribution.Actor, name string) *inquiry {
	at := &attribution.Result{}
	for i := range busy {
		e := evidence.Event{ID: fmt.Sprintf("e%d", i), Time: morning.Add(time.Duration(i) * time.Second), Source: "s3.amazonaws.com", Name: name,
			Identity: evidence.Identity{Type: "IAMUser", AccessKey: "AKIA1", ARN: "arn:aws:iam::111122223333:user/a", PrincipalID: "AIDA1"}}
		at.Events, at.Rows = append(at.Events, e), append(at.Rows, attribution.Row{Event: e.ID, Actor: actor, Credential: "AKIA1"})
	}
	at.Rows[busy-1].Actor = attribution.Intruder
	return &inquiry{at: at, res: &Result{}, pass: newPass()}
}

func TestWhatCannotBeToldApartIsCountedInOneWalk(t *testing.T) {
	in := busyCase(attribution.Undetermined, "GetObject")
	soon(t, "counting the undetermined reads", in.undecided)
	if len(in.res.Impact) != 1 || in.res.Impact[0].Quantity.Value != 3600 {
		t.Errorf("%+v, want one row of the hour before the hostile call", in.res.Impact)
	}
}

func TestRenewalsAreGatheredInOneWalk(t *testing.T) {
	in := busyCase(attribution.Intruder, "AssumeRole")
	soon(t, "asking for the pace of each renewal", func() {
		for i := range in.at.Events {
			if fits, known := in.periodic(&in.at.Events[i]); fits || !known {
				t.Fatal("a call every second is no keep-alive")
			}
		}
	})
}

func TestDeletionsAreGatheredInOneWalk(t *testing.T) {
	var events []evidence.Event
	for i := range busy {
		events = append(events, evidence.Event{ID: fmt.Sprintf("e%d", i), Time: morning.Add(time.Duration(i) * time.Millisecond), Source: "s3.amazonaws.com", Name: "DeleteObject",
			Account: "111122223333", SourceIP: "203.0.113.7", Identity: evidence.Identity{Type: "IAMUser", ARN: "arn:aws:iam::111122223333:user/a", PrincipalID: "AIDA1"}})
	}
	in := &inquiry{q: memory.New(events), pass: newPass(), o: &Options{Content: Content{Weights: &attribution.Weights{}}}}
	in.o.Content.Weights.Baseline.MinDays = 3
	in.o.Content.Weights.Volume = attribution.Volume{BurstCalls: 10, BurstMinutes: 10}
	soon(t, "gathering the deletions", func() {
		found, err := in.bursts(context.Background(), morning, morning.Add(time.Hour))
		if err != nil || len(found) != 1 || len(found[0].events) != maxBursts || !found[0].more {
			t.Errorf("%d bursts, %v", len(found), err)
		}
	})
}

func TestSilencesAreMeasuredInOneWalk(t *testing.T) {
	p := newPass()
	p.measures = attribution.Coverage{QuietHours: 4, ExpectedEvents: 20, BusyHours: 12, DaysOfHours: 5, DaysToKnow: 5, CallsToKnow: 3}
	for d := range 1500 {
		for _, region := range []string{"us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1", "ap-south-1", "sa-east-1"} {
			k := dayKey{"111122223333", region, morning.Add(-time.Duration(d) * day).Format("2006-01-02")}
			p.coverage[k] = &daySeen{events: 24, classes: map[string]bool{}}
			for h := range 24 {
				p.coverage[k].hours[h] = 1
			}
		}
	}
	begin := morning.Add(-day).Truncate(day)
	soon(t, "measuring silences", func() {
		for range busy / 4 {
			p.eventsBetween("111122223333", begin.Add(30*time.Minute), begin.Add(5*time.Hour+59*time.Minute))
		}
	})
	for _, c := range []struct {
		from, to time.Duration
		want     int
	}{{0, 2 * time.Hour, 20}, {30 * time.Minute, 2 * time.Hour, 10}, {0, 90 * time.Minute, 10}, {time.Minute, time.Hour, 0}, {0, 0, 0}, {2 * time.Hour, time.Hour, 0}, {-9000 * day, day, 1499 * 240}} {
		if n := p.eventsBetween("111122223333", begin.Add(c.from), begin.Add(c.to)); n != c.want {
			t.Errorf("from %s to %s: %d events, want %d", c.from, c.to, n, c.want)
		}
	}
}
