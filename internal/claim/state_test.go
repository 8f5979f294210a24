package claim

import (
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
)

const snap = "0123456789abcdef"

// stateWorld holds a key, a user and two days of cost.
func stateWorld() *World {
	hash := strings.Repeat(snap, 4)
	at := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	list := []evidence.Observation{
		{Kind: "access_key", ID: "AKIAIOSFODNN7EXAMPLE", Snapshot: hash, Time: at(3), Body: []byte(`{"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","Status":"Inactive","UserName":"bob"}`)},
		{Kind: "iam_user", ID: "arn:aws:iam::111122223333:user/bob", Snapshot: hash, Body: []byte(`{"Arn":"arn:aws:iam::111122223333:user/bob","AttachedManagedPolicies":[{"PolicyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}]}`)},
		{Kind: "cost", ID: "1", Snapshot: hash, Time: at(1), Ref: evidence.Ref{Index: 0}, Body: []byte(`{"Metrics":{"UnblendedCost":{"Amount":"1.10","Unit":"USD"}}}`)},
		{Kind: "cost", ID: "2", Snapshot: hash, Time: at(2), Ref: evidence.Ref{Index: 1}, Body: []byte(`{"Metrics":{"UnblendedCost":{"Amount":"2.20","Unit":"USD"}}}`)},
	}
	for i := range list {
		list[i].Complete()
	}
	store := memory.New(nil).Observe(list...)
	return &World{Events: store, Observed: store}
}

func TestState(t *testing.T) {
	key, user := "snapshot:"+snap+"#AKIAIOSFODNN7EXAMPLE", "snapshot:"+snap+"#arn:aws:iam::111122223333:user/bob"
	gone := "snapshot:" + snap + "#arn:aws:iam::111122223333:user/eve"
	costs := []string{"cost:" + snap + "#1", "cost:" + snap + "#2"}
	amount := "Metrics.UnblendedCost.Amount"
	for _, c := range []struct {
		name, text string
		p          Predicate
		cites      []string
		fails      string // "" if the claim holds
	}{
		{"a value", "The snapshot of 2026-11-03 shows key `AKIAIOSFODNN7EXAMPLE` as Inactive.", Predicate{Snapshot: key, Path: "Status", Value: "Inactive"}, []string{key}, ""},
		{"another value", "The snapshot shows it.", Predicate{Snapshot: key, Path: "Status", Value: "Active"}, []string{key}, "is not"},
		{"another day", "The snapshot of 2026-11-04 shows key `AKIAIOSFODNN7EXAMPLE`.", Predicate{Snapshot: key, Path: "Status", Value: "Inactive"}, []string{key}, "2026-11-04"},
		{"another name", "It belongs to `alice`.", Predicate{Snapshot: key, Path: "Status", Value: "Inactive"}, []string{key}, "alice"},
		{"a number from nowhere", "It was off for 17 days.", Predicate{Snapshot: key, Path: "Status", Value: "Inactive"}, []string{key}, "17"},
		{"not cited", "It is off.", Predicate{Snapshot: key, Path: "Status", Value: "Inactive"}, []string{user}, "not among"},
		{"no such thing", "It is off.", Predicate{Snapshot: gone, Path: "Status", Value: "Inactive"}, []string{gone}, "leads to nothing"},
		{"another snapshot", "It is gone.", Predicate{Snapshot: "snapshot:ffff#x", Value: Absent}, []string{"snapshot:ffff#x"}, "leads to nothing"},
		{"no path", "It is off.", Predicate{Snapshot: key, Value: "Inactive"}, []string{key}, "no path"},
		{"absent", "The snapshot does not list `arn:aws:iam::111122223333:user/eve`.", Predicate{Snapshot: gone, Value: Absent}, []string{gone}, ""},
		{"absent and there", "The snapshot does not list it.", Predicate{Snapshot: user, Value: Absent}, []string{user}, "not absent"},
		{"not in the list", "It does not show `arn:aws:iam::aws:policy/AdministratorAccess`.", Predicate{Snapshot: user, Path: "AttachedManagedPolicies.PolicyArn", Field: "arn:aws:iam::aws:policy/AdministratorAccess", Value: Absent}, []string{user}, ""},
		{"in the list", "It does not show it.", Predicate{Snapshot: user, Path: "AttachedManagedPolicies.PolicyArn", Field: "arn:aws:iam::aws:policy/ReadOnlyAccess", Value: Absent}, []string{user}, "not absent"},
		{"a total", "It cost 3.3 USD.", Predicate{Path: amount, Value: "3.3"}, costs, ""},
		{"a wrong total", "It cost 3.4 USD.", Predicate{Path: amount, Value: "3.4"}, costs, "the total"},
		{"a total of a day", "It cost 2.2 USD.", Predicate{Path: amount, Value: "2.2", Window: &Interval{"2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z"}}, costs, ""},
		{"a total of nothing", "It cost 0 USD.", Predicate{Path: amount, Value: "0", Window: &Interval{"2026-12-02T00:00:00Z", "2026-12-03T00:00:00Z"}}, costs, "the total"},
		{"a total of one thing cited twice", "It cost 2.2 USD.", Predicate{Path: amount, Value: "2.2"}, []string{costs[0], costs[0]}, "the total"},
		{"a field that nothing is held against", "It belongs to `alice`.", Predicate{Snapshot: key, Path: "Status", Value: "Inactive", Field: "alice"}, []string{key}, "does not take: field"},
		{"a window of a single value", "It is off.", Predicate{Snapshot: key, Path: "Status", Value: "Inactive", Window: &Interval{"2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z"}}, []string{key}, "does not take: window"},
		{"a total of no window", "It cost 3.3 USD.", Predicate{Path: amount, Value: "3.3", Window: &Interval{"some day", "2026-11-03T00:00:00Z"}}, costs, "not an interval"},
		{"a total of what is no number", "It is 1.", Predicate{Path: "Status", Value: "1"}, []string{key}, "no number"},
		{"an unknown kind of reference", "It is.", Predicate{Snapshot: "rumour:x", Path: "a", Value: "b"}, []string{"rumour:x"}, "no known kind"},
	} {
		c.p.Op = "state"
		err := stateWorld().Check(t.Context(), Claim{ID: "C1", Text: c.text, Predicate: c.p, Evidence: c.cites, Grade: "A"})
		switch {
		case c.fails == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)):
			t.Errorf("%s: %v, want %q in it", c.name, err, c.fails)
		}
	}
	w := stateWorld()
	w.Observed = nil
	if err := w.Check(t.Context(), Claim{Text: "It is off.", Predicate: Predicate{Op: "state", Snapshot: key, Path: "Status", Value: "Inactive"}, Evidence: []string{key}}); err == nil {
		t.Error("without snapshots a state holds")
	}
}
