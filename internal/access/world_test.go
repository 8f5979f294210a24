package access

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/access/policy"
	"github.com/trailhound/trailhound/internal/evidence"
)

func contentFS() fs.FS { return os.DirFS("../../content") }

func worldOf(t testing.TB, text string) *World {
	t.Helper()
	seen, err := scene(text)
	must(t, err)
	h := Of(seen, nil, managedForTest(t))
	return h.At(h.Latest())
}

func TestWhoCan(t *testing.T) {
	w := worldOf(t, `
user alice: Allow sts:AssumeRole on *
user bob
role app: Allow s3:* on *
role app trusts $account,444455556666,lambda.amazonaws.com,federated:accounts.google.com
`)
	got := w.WhoCan("sts:AssumeRole", "arn:aws:iam::111122223333:role/app")
	var rows []string
	for _, r := range got.Who {
		rows = append(rows, r.Effect+" "+r.Kind+" "+r.Principal)
	}
	want := []string{
		"allow service lambda.amazonaws.com", "allow federated accounts.google.com", "cannot tell outside account 444455556666", "allow user arn:aws:iam::111122223333:user/alice",
		"deny role arn:aws:iam::111122223333:role/app", "deny root arn:aws:iam::111122223333:root", "deny user arn:aws:iam::111122223333:user/bob",
	}
	slices.Sort(rows)
	slices.Sort(want)
	if !slices.Equal(rows, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
}

// TestUnknownRole: the trust policy of a role that the evidence does not have is
// no empty one.
func TestUnknownRole(t *testing.T) {
	w := worldOf(t, "user alice: Allow sts:AssumeRole on *")
	if d := w.Decide(w.Principal("alice"), "sts:AssumeRole", "arn:aws:iam::111122223333:role/unseen", policy.Context{}); d.Effect != CannotTell {
		t.Errorf("%s: %v", d.Effect, d.Reasons)
	}
}

func TestWhatCan(t *testing.T) {
	w := worldOf(t, `
user alice: Allow s3:GetObject on arn:aws:s3:::b/*
user alice: Allow not iam:*,sts:* on *
user alice: Deny s3:DeleteObject on *
user alice: Allow ec2:RunInstances on * if StringEquals ec2:InstanceType t3.micro
user alice attached arn:aws:iam::aws:policy/Nobody
`)
	classes, err := LoadClasses(contentFS())
	must(t, err)
	got := w.WhatCan(w.Principal("alice"), classes)
	if got.Administrator != string(CannotTell) { // the policy nobody has seen may allow everything
		t.Errorf("administrator: %s", got.Administrator)
	}
	if len(got.Grants) != 3 || got.Grants[0].Effect != string(CannotTell) || len(got.Unreadable) != 1 {
		t.Errorf("%d grants, %d unreadable: %+v", len(got.Grants), len(got.Unreadable), got.Grants)
	}
	if g := got.Grants[1]; !slices.Equal(g.NotActions, []string{"iam:*", "sts:*"}) || len(g.Actions) != 0 {
		t.Errorf("%+v", g)
	}
	if g := got.Grants[2]; len(g.Conditions) != 1 || !strings.Contains(g.Conditions[0], "t3.micro") {
		t.Errorf("%+v", g)
	}
}

// TestPathOfSeveralHops goes from a user over a group and a role to the top, and
// stops where a boundary stands.
func TestPathOfSeveralHops(t *testing.T) {
	const ways = `
user alice: Allow iam:AddUserToGroup on *
group makers: Allow iam:PassRole,lambda:* on *
role work: Allow iam:PutRolePolicy on *
role work trusts lambda.amazonaws.com
`
	primitives, err := LoadPrimitives(contentFS())
	must(t, err)
	w := worldOf(t, ways)
	got := NewGraph(w, primitives).From(w.Principal("alice"))
	if got.Administrator != string(Allow) {
		t.Fatalf("administrator: %s", got.Administrator)
	}
	var ids []string
	for _, h := range got.Paths[0].Hops {
		ids = append(ids, h.Primitive)
		if len(h.Needs) == 0 || len(h.Needs[0].Reasons) == 0 {
			t.Errorf("%s gives no reason", h.Primitive)
		}
	}
	if want := []string{"iam.add-user-to-group", "lambda.create-function", "iam.put-own-role-policy"}; !slices.Equal(ids, want) {
		t.Errorf("%v, want %v", ids, want)
	}
	w = worldOf(t, ways+"role work bounded by edge\npolicy edge: Allow iam:*,s3:* on *\n")
	if got := NewGraph(w, primitives).From(w.Principal("alice")); got.Administrator == string(Deny) {
		t.Error("the boundary can be taken away by iam:* and was not") // iam:DeleteRolePermissionsBoundary is inside it
	}
	w = worldOf(t, ways+"role work bounded by edge\npolicy edge: Allow s3:* on *\n")
	if got := NewGraph(w, primitives).From(w.Principal("alice")); got.Administrator != string(Deny) {
		t.Errorf("administrator through a boundary: %+v", got.Paths)
	}
}

func TestExposure(t *testing.T) {
	seen, err := scene(`
user alice: Allow s3:GetObject,s3:ListBucket,iam:PutUserPolicy,kms:Decrypt on *
`)
	must(t, err)
	classes, err := LoadClasses(contentFS())
	must(t, err)
	primitives, err := LoadPrimitives(contentFS())
	must(t, err)
	x := Examiner{History: Of(seen, nil, nil), Classes: classes, Primitives: primitives}
	e, ok := x.Exposure("arn:aws:iam::111122223333:user/alice", x.History.Latest(), []string{"s3:GetObject", "s3:GetObject"})
	if !ok || !slices.Equal(e.Used, []string{"s3:GetObject"}) || e.Reachable.Administrator != string(Allow) {
		t.Fatalf("%v %+v", ok, e)
	}
	if slices.ContainsFunc(e.Residual, func(r Residual) bool { return r.Class == "data-read" }) {
		t.Error("what was used is not residual")
	}
	for class, via := range map[string]string{"secrets-read": "", "log-write": "administrator of 111122223333"} {
		if !slices.ContainsFunc(e.Residual, func(r Residual) bool { return r.Class == class && r.Via == via }) {
			t.Errorf("%s is not residual via %q: %+v", class, via, e.Residual)
		}
	}
	about := map[string]bool{}
	for _, s := range e.Sentences() {
		about[s.About] = true
		if len(s.Evidence) == 0 || !strings.HasPrefix(s.Evidence[0], "snapshot:") {
			t.Errorf("%q cites %v", s.Text, s.Evidence)
		}
		for _, claim := range []string{" did ", " used ", " has ", " took "} {
			if s.About != "limit" && strings.Contains(s.Text, claim) {
				t.Errorf("%q claims use from capability", s.Text)
			}
		}
	}
	for _, want := range []string{"usable", "reachable", "residual", "limit"} {
		if !about[want] {
			t.Errorf("nothing is said of %s", want)
		}
	}
	if _, ok := x.Exposure("arn:aws:iam::111122223333:user/nobody", x.History.Latest(), nil); ok {
		t.Error("of somebody who is not there nothing can be said")
	}
}

func TestListsOfNamesTellNothingOfPolicies(t *testing.T) {
	o := evidence.Observation{Kind: "iam_user", ID: "arn:aws:iam::111122223333:user/alice", Account: "111122223333", Snapshot: "1",
		Body: []byte(`{"UserName":"alice","UserId":"AIDAALICE","Arn":"arn:aws:iam::111122223333:user/alice","CreateDate":"2026-01-01T00:00:00Z"}`)}
	o.Complete()
	h := Of([]evidence.Observation{o}, nil, nil)
	w := h.At(h.Latest())
	if p := w.Principal("alice"); p == nil || p.Missing == "" {
		t.Errorf("%+v: an element of list-users was taken for the whole user", p)
	}
}

// A policy that is not in the evidence opens the question whether its holder may do
// everything. It is no way there.
func TestMissingPoliciesAreNoPaths(t *testing.T) {
	seen, err := scene(`
		user lost attached arn:aws:iam::aws:policy/NobodyKnowsIt
		user lost: Allow s3:* on *
		user fenced: Allow * on * if StringEquals aws:RequestedRegion eu-west-1`)
	must(t, err)
	w := Of(seen, nil, nil).At(time.Time{})
	g := NewGraph(w, nil)
	lost := g.From(w.Principal("lost"))
	if lost.Administrator != string(CannotTell) || len(lost.Paths) > 0 || len(lost.Open) == 0 || !strings.Contains(lost.Open[0].Text, "its document is not in the evidence") {
		t.Errorf("%+v", lost)
	}
	fenced := g.From(w.Principal("fenced"))
	if fenced.Administrator != string(CannotTell) || len(fenced.Paths) != 1 || len(fenced.Open) > 0 || !strings.Contains(fenced.Paths[0].Hops[0].Title, "where the reason below holds") {
		t.Errorf("%+v", fenced)
	}
}

// TestAssumptionsAreToldOnce: of control policies there is one sentence, however many
// are known; what only one answer takes for granted is added to it.
func TestAssumptionsAreToldOnce(t *testing.T) {
	both := []string{"no further service control policy and no further resource control policy stands against it: none is in the evidence"}
	one := []string{"no service control policy stands against it: none is in the evidence"}
	for _, c := range []struct {
		list    []string
		assumed string
		want    bool
	}{
		{both, "no further service control policy stands against it: none is in the evidence", true},
		{both, "no resource control policy stands against it: none is in the evidence", true},
		{one, "no resource control policy stands against it: none is in the evidence", false},
		{both, "no resource policy denies it: none of the resource is in the evidence", false},
		{[]string{"x"}, "x", true},
	} {
		if got := told(c.list, c.assumed); got != c.want {
			t.Errorf("%q on %q: %v", c.assumed, c.list, got)
		}
	}
}
