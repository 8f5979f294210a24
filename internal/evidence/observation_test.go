package evidence_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

func TestCompleteBoundsWhatHostileEvidenceFills(t *testing.T) {
	o := evidence.Observation{Kind: "alert", ID: strings.Repeat("é", 3000), Keys: []string{"b", "", "a", "b", "x\xff"}}
	for i := range 200 {
		o.Keys = append(o.Keys, fmt.Sprint("k", i))
	}
	o.Complete()
	if len(o.ID) > 2048 || !strings.HasPrefix(o.ID, "éé") || strings.ContainsRune(o.ID, '\uFFFD') {
		t.Errorf("the id has %d bytes", len(o.ID))
	}
	if len(o.Keys) != evidence.MaxKeys || !slices.IsSorted(o.Keys) || o.Keys[0] != "a" || slices.Contains(o.Keys, "") {
		t.Errorf("keys %q", o.Keys)
	}
	again := o
	again.Keys, again.Ref = slices.Clone(o.Keys), evidence.Ref{Artifact: "elsewhere", Index: 7}
	if again.Complete(); again.Fingerprint != o.Fingerprint {
		t.Error("the place changed the fingerprint")
	}
	for name, change := range map[string]func(*evidence.Observation){
		"kind": func(o *evidence.Observation) { o.Kind = "cost" }, "snapshot": func(o *evidence.Observation) { o.Snapshot = "s" },
		"time": func(o *evidence.Observation) { o.Time = time.Unix(1, 0) }, "until": func(o *evidence.Observation) { o.Until = time.Unix(1, 0) },
		"body": func(o *evidence.Observation) { o.Body = []byte("{}") }, "account and region": func(o *evidence.Observation) { o.Account = "1" },
	} {
		other := o
		change(&other)
		if other.Complete(); other.Fingerprint == o.Fingerprint {
			t.Errorf("another %s, the same fingerprint", name)
		}
	}
}

// A time of the year 19391, which any line of a flow log may have, ended the program:
// no form of text that times are written in has it.
func TestTimesThatCannotBeWrittenAreNone(t *testing.T) {
	o := evidence.Observation{Kind: "flow", Time: time.Unix(1<<39, 0), Until: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)}
	if o.Complete(); !o.Time.IsZero() || !o.Until.IsZero() {
		t.Errorf("%v, %v", o.Time, o.Until)
	}
	for _, s := range []string{"9999-12-31T23:59:59-14:00", "0000-01-01T00:00:00+14:00"} {
		if at := evidence.ParseTime(s); !at.IsZero() {
			t.Errorf("%s is %v", s, at)
		}
	}
	a, err := evidence.ReadAlert(evidence.Record{"finding_info": map[string]any{"uid": "f", "first_seen_time": json.Number("9223372036854775807")}})
	if err != nil || !a.First.IsZero() {
		t.Errorf("%v, %v", a.First, err)
	}
}

func TestCitations(t *testing.T) {
	hash := strings.Repeat("0123456789abcdef", 4)
	for _, c := range []struct {
		o    evidence.Observation
		want string
	}{
		{evidence.Observation{Kind: "iam_user", ID: "arn:aws:iam::111122223333:user/a", Snapshot: hash}, "snapshot:0123456789abcdef#arn:aws:iam::111122223333:user/a"},
		{evidence.Observation{Kind: "alert", ID: "f1", Snapshot: hash}, "alert:f1"},
		{evidence.Observation{Kind: "cost", ID: "x", Snapshot: hash, Ref: evidence.Ref{Index: 4}}, "cost:0123456789abcdef#5"},
		{evidence.Observation{Kind: "flow", ID: "x", Fingerprint: hash, Ref: evidence.Ref{Index: 4}}, "flow:0123456789abcdef#1"},
		{evidence.Observation{Kind: "s3_access", ID: "x", Fingerprint: hash}, "flow:0123456789abcdef#1"},
	} {
		if got := c.o.CitedAs(); got != c.want {
			t.Errorf("%s: %s, want %s", c.o.Kind, got, c.want)
		}
	}
}

func TestObservationQuery(t *testing.T) {
	at := func(h int) time.Time { return time.Date(2026, 11, 2, h, 0, 0, 0, time.UTC) }
	lasting := evidence.Observation{Kind: "alert", ID: "a", Account: "1", Keys: []string{"k"}, Time: at(3), Until: at(6)}
	timeless := evidence.Observation{Kind: "iam_user", ID: "u"}
	for _, c := range []struct {
		name string
		q    evidence.ObservationQuery
		o    evidence.Observation
		want bool
	}{
		{"everything", evidence.ObservationQuery{}, lasting, true},
		{"kind", evidence.ObservationQuery{Kinds: []string{"cost"}}, lasting, false},
		{"key", evidence.ObservationQuery{Keys: []string{"x", "k"}}, lasting, true},
		{"no key at all", evidence.ObservationQuery{Keys: []string{"x"}}, timeless, false},
		{"begins in the window", evidence.ObservationQuery{From: at(2), To: at(4)}, lasting, true},
		{"ends in the window", evidence.ObservationQuery{From: at(5), To: at(9)}, lasting, true},
		{"covers the window", evidence.ObservationQuery{From: at(4), To: at(5)}, lasting, true},
		{"before", evidence.ObservationQuery{To: at(3)}, lasting, false},
		{"after", evidence.ObservationQuery{From: at(7)}, lasting, false},
		{"may have been then", evidence.ObservationQuery{From: at(7), To: at(8)}, timeless, true},
		{"account", evidence.ObservationQuery{Accounts: []string{"1"}}, timeless, false},
	} {
		if got := c.q.Match(&c.o); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
