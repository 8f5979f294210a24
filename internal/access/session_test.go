package access

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/access/policy"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
)

// sessionScene is an account whose role may do all of S3, and objects of the
// caller's team.
const sessionScene = `
user broker: Allow s3:* on *
role app: Allow s3:* on *
role app: Allow dynamodb:GetItem on arn:aws:dynamodb:us-east-1:$account:table/${aws:PrincipalTag/team}
role app trusts $account
policy reads: Allow s3:GetObject on *
`

const (
	appARN  = "arn:aws:iam::" + sceneAccount + ":role/app"
	given   = " -> {credentials: {accessKeyId: ASIAGIVEN}, assumedRoleUser: {arn: 'arn:aws:sts::" + sceneAccount + ":assumed-role/app/s', assumedRoleId: 'AROA:s'}"
	asRole  = "sts:AssumeRole {roleArn: '" + appARN + "', roleSessionName: s"
	fedUser = "arn:aws:sts::" + sceneAccount + ":federated-user/f"
)

// TestWhatIsPassedNarrowsTheSession asks of a session, by its key, what the role
// alone would always be allowed.
func TestWhatIsPassedNarrowsTheSession(t *testing.T) {
	reads := "arn:aws:iam::" + sceneAccount + ":policy/reads"
	quoted := func(line string) string { return "'" + doc(t, line) + "'" }
	for _, c := range []struct {
		name, call         string
		get, put, bob, own Effect // s3:GetObject, s3:PutObject, and the tables of team bob and of team alice
	}{
		{"nothing passed", asRole + "}" + given + "}", Allow, Allow, Deny, Deny},
		{"a policy", asRole + ", policy: " + quoted("Allow s3:GetObject on *") + "}" + given + "}", Allow, Deny, Deny, Deny},
		{"a policy that denies", asRole + ", policy: " + strings.Replace(quoted("Allow * on *"), `"Statement":[`, `"Statement":[{"Effect":"Deny","Action":"s3:PutObject","Resource":"*"},`, 1) + "}" + given + "}", Allow, Deny, Deny, Deny},
		{"a managed policy of the account", asRole + ", policyArns: [{arn: '" + reads + "'}]}" + given + "}", Allow, Deny, Deny, Deny},
		{"a managed policy that nobody brought", asRole + ", policyArns: [{arn: 'arn:aws:iam::aws:policy/Unknown'}]}" + given + "}", CannotTell, CannotTell, Deny, Deny},
		{"a policy and a managed one: either allows", asRole + ", policy: " + quoted("Allow s3:PutObject on *") + ", policyArns: [{arn: '" + reads + "'}]}" + given + "}", Allow, Allow, Deny, Deny},
		{"a policy cut off", asRole + ", policy: '{\"Version\":\"2012-10-17\",\"Stat'}" + given + "}", CannotTell, CannotTell, Deny, Deny},
		{"the request left out", "sts:AssumeRole {omitted: true, reason: requestParameters too large}" + given + "}", "", "", "", ""}, // not even the role is known
		{"packed and not shown", asRole + "}" + given + ", packedPolicySize: 6}", CannotTell, CannotTell, CannotTell, CannotTell},
		{"tags", asRole + ", tags: [{key: Team, value: alice}], transitiveTagKeys: [Team]}" + given + ", packedPolicySize: 1}", Allow, Allow, Deny, Allow},
		{"tags that came along", asRole + ", incomingTransitiveTags: {team: alice}}" + given + "}", Allow, Allow, Deny, Allow},
		{"tags of a token", "sts:AssumeRoleWithWebIdentity {roleArn: '" + appARN + "', roleSessionName: s, principalTags: {team: bob}}" + given + "}", Allow, Allow, Allow, Deny},
		{"tags and a policy", asRole + ", tags: [{key: team, value: alice}], policy: " + quoted("Allow dynamodb:* on *") + "}" + given + "}", Deny, Deny, Deny, Allow},
	} {
		t.Run(c.name, func(t *testing.T) {
			seen, err := scene(sessionScene)
			must(t, err)
			h := Of(seen, []evidence.Event{write(t, 5, c.call)}, nil)
			w := h.At(h.Latest())
			p := w.Principal("ASIAGIVEN")
			if c.get == "" {
				if p != nil {
					t.Fatalf("%+v", p)
				}
				return
			}
			if p == nil || p.Made == "" || p.Key != "ASIAGIVEN" {
				t.Fatalf("%+v", p)
			}
			table := "arn:aws:dynamodb:us-east-1:" + sceneAccount + ":table/"
			for _, q := range []struct {
				action, on string
				want       Effect
			}{{"s3:GetObject", "arn:aws:s3:::b/k", c.get}, {"s3:PutObject", "arn:aws:s3:::b/k", c.put}, {"dynamodb:GetItem", table + "bob", c.bob}, {"dynamodb:GetItem", table + "alice", c.own}} {
				if d := w.Decide(p, q.action, q.on, policy.Context{}); d.Effect != q.want {
					t.Errorf("%s on %s: %s, want %s: %v", q.action, q.on, d.Effect, q.want, d.Reasons)
				}
			}
			if d := w.Decide(w.Principal("app"), "s3:PutObject", "arn:aws:s3:::b/k", policy.Context{}); d.Effect != Allow {
				t.Error("the role itself is not narrowed")
			}
			if named := w.Principal("arn:aws:sts::" + sceneAccount + ":assumed-role/app/s"); named == nil || named.Made != p.Made {
				t.Errorf("by its ARN: %+v", named)
			}
		})
	}
}

func TestFederatedUsers(t *testing.T) {
	call := func(policy string) evidence.Event {
		e := write(t, 5, "sts:GetFederationToken {name: f"+policy+"} -> {credentials: {accessKeyId: ASIAFED}, federatedUser: {arn: '"+fedUser+"'}}")
		e.Identity.ARN = "arn:aws:iam::" + sceneAccount + ":user/broker"
		return e
	}
	for want, passed := range map[Effect]string{Deny: "", Allow: ", policy: '" + doc(t, "Allow s3:* on *") + "'", CannotTell: ", policy: '{'"} {
		seen, err := scene(sessionScene)
		must(t, err)
		h := Of(seen, []evidence.Event{call(passed)}, nil)
		w := h.At(h.Latest())
		if d := w.Decide(w.Principal(fedUser), "s3:GetObject", "arn:aws:s3:::b/k", policy.Context{}); d.Effect != want {
			t.Errorf("passed %q: %s, want %s: %v", passed, d.Effect, want, d.Reasons)
		}
	}
}

// TestSessionsOfOneName: a name that was used again with other policies answers
// for none of them.
func TestSessionsOfOneName(t *testing.T) {
	narrow := asRole + ", policy: '" + doc(t, "Allow s3:GetObject on *") + "'}"
	second := strings.ReplaceAll(given, "ASIAGIVEN", "ASIASECOND")
	for name, c := range map[string]struct {
		calls []string
		want  Effect
	}{
		"alike":     {[]string{narrow + given + "}", narrow + second + "}"}, Deny},
		"different": {[]string{narrow + given + "}", asRole + "}" + second + "}"}, CannotTell},
	} {
		seen, err := scene(sessionScene)
		must(t, err)
		var events []evidence.Event
		for i, call := range c.calls {
			events = append(events, write(t, i+1, call))
		}
		h := Of(seen, events, nil)
		w := h.At(h.Latest())
		if d := w.Decide(w.Principal("arn:aws:sts::"+sceneAccount+":assumed-role/app/s"), "s3:PutObject", "arn:aws:s3:::b/k", policy.Context{}); d.Effect != c.want {
			t.Errorf("%s: %s, want %s: %v", name, d.Effect, c.want, d.Reasons)
		}
		if same := h.Narrowing("ASIAGIVEN") == h.Narrowing("ASIASECOND"); same != (name == "alike") {
			t.Errorf("%s: %q and %q", name, h.Narrowing("ASIAGIVEN"), h.Narrowing("ASIASECOND"))
		}
	}
}

// TestExposureOfASession: what a narrowed session could do, what its role could
// and it could not, and that without the making nothing is narrowed.
func TestExposureOfASession(t *testing.T) {
	seen, err := scene("role app: Allow s3:*,iam:PutRolePolicy,kms:Decrypt on *\nrole app trusts $account\nuser eve")
	must(t, err)
	call := write(t, 5, asRole+", policy: '"+doc(t, "Allow s3:GetObject on *")+"'}"+given+"}")
	h := Of(seen, nil, nil)
	if h.Narrowing("ASIAGIVEN") != "" || h.At(h.Latest()).Principal("ASIAGIVEN") != nil {
		t.Error("nothing was read of sessions yet")
	}
	must(t, h.ReadSessions(context.Background(), memory.New([]evidence.Event{call}), call.ID))
	classes, err := LoadClasses(contentFS())
	must(t, err)
	primitives, err := LoadPrimitives(contentFS())
	must(t, err)
	x := Examiner{History: h, Classes: classes, Primitives: primitives}
	open := func(name string) (ids []string, e Exposure) {
		e, ok := x.Exposure(name, h.Latest(), nil)
		if !ok {
			t.Fatal(name)
		}
		for _, c := range e.Usable {
			if c.Effect == string(Allow) {
				ids = append(ids, c.Class)
			}
		}
		return ids, e
	}
	all, role := open("app")
	some, session := open("ASIAGIVEN")
	if !slices.Contains(all, "secrets-read") || slices.Contains(some, "secrets-read") || !slices.Contains(some, "data-read") {
		t.Errorf("the role %v, the session %v", all, some)
	}
	if role.Reachable.Administrator != string(Allow) || session.Reachable.Administrator != string(Deny) {
		t.Errorf("administrator: the role %s, the session %s", role.Reachable.Administrator, session.Reachable.Administrator)
	}
	text := session.Sentences()[0]
	if !strings.Contains(text.Text, "role/app in session ASIAGIVEN could by its policies") || !slices.Contains(text.Evidence, call.CitedAs()) {
		t.Errorf("%+v", text)
	}
	for _, l := range session.Limits {
		if strings.Contains(l, "session policy") {
			t.Errorf("what was passed is known, and yet %q", l)
		}
	}
	if !slices.ContainsFunc(role.Limits, func(l string) bool { return strings.Contains(l, "no session policy narrows") }) {
		t.Errorf("%v", role.Limits)
	}
}
