package detection

import (
	"fmt"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

const ours, outside = "111122223333", "444455556666"

// subject makes an event of a record's distinguishing part.
func subject(t testing.TB, fields string) Subject {
	t.Helper()
	const base = `"eventVersion":"1.11","eventTime":"2025-11-03T09:00:00Z","eventSource":"iam.amazonaws.com","eventName":"AttachUserPolicy",
		"awsRegion":"us-east-1","sourceIPAddress":"203.0.113.7","eventType":"AwsApiCall","recipientAccountId":"` + ours + `",
		"userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLE","accountId":"` + ours + `","accessKeyId":"AKIAIOSFODNN7EXAMPLE","userName":"svc","arn":null}`
	// The last of two members of one name counts, so fields override the base.
	e, err := cloudtrail.Decode([]byte("{" + base + "," + fields + "}"))
	if err != nil {
		t.Fatalf("%s: %v", fields, err)
	}
	rec, err := e.Parse()
	if err != nil {
		t.Fatal(err)
	}
	return Subject{Event: &e, Record: rec, Actor: attribution.Undetermined, Credential: e.Identity.AccessKey}
}

// pack makes a pack of rules written for a test.
func pack(t testing.TB, rules ...*Rule) *Pack {
	t.Helper()
	p := &Pack{byID: map[string]*Rule{}, byName: map[string][]*Rule{}}
	for _, r := range rules {
		var err error
		if r.cond, err = compile(r.When); err != nil {
			t.Fatalf("%s: %v", r.When, err)
		}
		if r.Severity == (Severity{}) {
			r.Severity = Severity{"medium", "high"}
		}
		if r.Events == nil {
			r.Events = []EventName{{Source: "*", Names: names{"*"}}}
		}
		p.Rules = append(p.Rules, r)
		p.byID[r.ID] = r
	}
	p.index()
	return p
}

// eval runs one condition on one event.
func eval(t testing.TB, when string, s Subject, env Env) ([]Match, Report) {
	t.Helper()
	r := &Rule{ID: "XX-001", When: when, NeedsSuccess: true, Events: []EventName{{Source: s.Event.Source, Names: names{s.Event.Name}}}}
	m, report, err := pack(t, r).Run(t.Context(), []Subject{s}, env)
	if err != nil {
		t.Fatal(err)
	}
	return m, report
}

func TestConditions(t *testing.T) {
	const policy = `"requestParameters":{"userName":"bob","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess","n":null,"count":"60","big":7,"list":[{"a":"x"},{"a":"y"}],"flag":true}`
	tests := []struct {
		name, when, record string
		want               bool
	}{
		{"plain", `params.userName == "bob"`, policy, true},
		{"the record itself", `event.requestParameters.userName == "bob"`, policy, true},
		{"variables", `name == "AttachUserPolicy" && source == "iam.amazonaws.com" && outcome == "success" && actor == "undetermined" && account == "111122223333" && !attributed`, policy, true},
		{"absent is false", `params.nothing == "bob"`, policy, false},
		{"absent is false, also when compared for difference", `params.nothing != "bob"`, policy, false},
		{"absent is false, also when negated", `!(params.nothing == "bob")`, policy, false},
		{"absent deep below", `params.a.b.c == "x"`, policy, false},
		{"null is absent", `params.n == "x" || has(params.n)`, policy, false},
		{"null in the identity is absent", `has(caller.arn)`, policy, false},
		{"absent beside something true", `params.nothing == "x" || params.userName == "bob"`, policy, true},
		{"an index out of range is absent", `params.list[7].a == "x"`, policy, false},
		{"a number for a text is absent", `num(params.userName) > 1.0`, policy, false},
		{"a number written as text", `num(params.count) >= 60.0 && num(params.big) < 8.0`, policy, true},
		{"any spelling of true", `says(params, "flag", "TRUE")`, policy, true},
		{"every element of a list", `at(params, "list.a") == ["x", "y"]`, policy, true},
		{"any depth", `under(params, "A").size() == 2`, policy, true},
		{"all scalars", `strs(params.list) == ["x", "y"]`, policy, true},
		{"a key anywhere", `mentions(params, "a") && !mentions(params, "b")`, policy, true},
		{"re2", `params.policyArn.matches(":policy/(.*/)?AdministratorAccess$")`, policy, true},
		{"no parameters on success are an empty object", `!has(params.x) && at(params, "x").size() == 0`, `"requestParameters":null`, true},
		{"the user named", `target_user == "bob"`, policy, true},
		{"the caller where none is named", `target_user == "svc"`, `"requestParameters":null`, true},
		{"the user a refusal names", `target_user == "bob"`, `"requestParameters":null,"errorCode":"AccessDenied","errorMessage":"User: arn:aws:iam::111122223333:user/svc is not authorized to perform: iam:CreateAccessKey on resource: arn:aws:iam::111122223333:user/team/bob because no identity-based policy allows it"`, true},
		{"the bucket a refusal names", `bucket == "b1"`, `"requestParameters":null,"errorCode":"AccessDenied","errorMessage":"User: arn:aws:iam::111122223333:user/svc is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::b1/k/1\" because no identity-based policy allows it"`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, report := eval(t, tt.when, subject(t, tt.record), Env{})
			if got := len(m) == 1; got != tt.want {
				t.Errorf("%s = %v, want %v", tt.when, got, tt.want)
			}
			if len(report.NotEvaluable) > 0 {
				t.Errorf("not evaluable: %+v", report.NotEvaluable)
			}
		})
	}
}

// What is wrong with a rule rather than with a record must be told, not taken
// for false.
func TestBrokenConditionIsReported(t *testing.T) {
	for _, when := range []string{
		`params.count > 5`,                         // text and number
		`params.userName.matches(params.bad)`,      // an expression that is none
		`params.userName`,                          // no bool
		`[params.list][0].exists(x, x.a == x + 1)`, // an operator that does not exist
	} {
		m, report := eval(t, when, subject(t, `"requestParameters":{"userName":"bob","count":"7","bad":"(","list":[{"a":1}]}`), Env{})
		if len(m) != 0 || len(report.NotEvaluable) != 1 || report.NotEvaluable[0].Events != 1 {
			t.Errorf("%s: matches %d, report %+v", when, len(m), report.NotEvaluable)
		}
	}
}

func TestCostIsBounded(t *testing.T) {
	var list []string
	for i := range 400 {
		list = append(list, fmt.Sprint(i))
	}
	deep := `"requestParameters":{"l":[` + strings.Join(list, ",") + `]}`
	m, report := eval(t, `params.l.all(a, params.l.all(b, params.l.all(c, a + b + c >= 0)))`, subject(t, deep), Env{})
	if len(m) != 0 || len(report.NotEvaluable) != 1 || !strings.Contains(report.NotEvaluable[0].Reason, "cost") {
		t.Errorf("matches %d, report %+v", len(m), report)
	}
}

// A refused call mostly comes without its parameters. What depends on them is
// then undecided; what does not is decided as ever.
func TestRefusedCallWithoutParameters(t *testing.T) {
	refused := subject(t, `"requestParameters":null,"errorCode":"AccessDenied","errorMessage":"An unknown error occurred"`)
	tests := []struct {
		when            string
		match, undecide bool
	}{
		{`params.policyArn.contains("Admin")`, true, true},
		{`!has(params.policyArn)`, true, true},
		{`says(params, "x", "y") || policy_admin(params.doc)`, true, true},
		{`external_account(at(params, "principal"), account)`, true, true},
		{`params.policyArn.contains("Admin") && caller.type == "Root"`, false, false},
		{`params.policyArn.contains("Admin") && fact("actor.new_network")`, false, false},
		{`params.policyArn.contains("Admin") || caller.type == "IAMUser"`, true, false},
		{`caller.type == "IAMUser"`, true, false},
		{`target_user == "bob"`, true, true},
		{`bucket == "b1"`, false, false},
	}
	for _, tt := range tests {
		m, report := eval(t, tt.when, refused, Env{})
		if len(report.NotEvaluable) > 0 {
			t.Errorf("%s: %+v", tt.when, report.NotEvaluable)
		}
		if len(m) == 1 != tt.match {
			t.Errorf("%s: %d matches", tt.when, len(m))
			continue
		}
		if tt.match && (m[0].Undecided != tt.undecide || !m[0].Attempt) {
			t.Errorf("%s: %+v", tt.when, m[0])
		}
	}
	// A rule on any call may not be matched on the call's name alone.
	wide := &Rule{ID: "XX-001", When: `params.x == "y"`, NeedsSuccess: true}
	if m, _, _ := pack(t, wide).Run(t.Context(), []Subject{refused}, Env{}); len(m) != 0 {
		t.Errorf("a rule on any call matched a call nobody knows: %+v", m)
	}
}

type facts map[string]bool

func (f facts) Fact(name string, _ *evidence.Event) (value, known bool) {
	value, known = f[name]
	return value, known
}

func TestUnknownFactIsNotCovered(t *testing.T) {
	s := subject(t, `"requestParameters":{}`)
	const when = `fact("actor.new_network") || fact("ua.new_for_principal")`
	for _, tt := range []struct {
		facts   facts
		matches int
		gaps    int
	}{
		{nil, 0, 2},
		{facts{"actor.new_network": false}, 0, 1},
		{facts{"actor.new_network": false, "ua.new_for_principal": false}, 0, 0},
		{facts{"ua.new_for_principal": true}, 1, 0},
	} {
		m, report := eval(t, when, s, Env{Facts: tt.facts})
		if len(m) != tt.matches || len(report.NotCovered) != tt.gaps {
			t.Errorf("%v: %d matches, gaps %+v", tt.facts, len(m), report.NotCovered)
		}
	}
	_, report := eval(t, when, s, Env{})
	if g := report.NotCovered[0]; g.Rule != "XX-001" || g.First != s.Event.ID || g.Events != 1 || !strings.Contains(g.Reason, "actor.new_network") {
		t.Errorf("gap = %+v", g)
	}
}

func TestCompileRefuses(t *testing.T) {
	for _, when := range []string{
		`params.x ==`, `nothing == "x"`, `fact("actor.new_netwrok")`, `fact(name)`, `"text"`,
		`distinct_ops(6)`, `distinct_ops(6, "soon")`, `distinct_ops(name, "5m")`, `distinct_ops(1, "5m")`, `burst(5, "400h")`,
		`!distinct_ops(6, "5m")`, `distinct_ops(6, "5m") == false`, `[1].exists(x, x == 1 && burst(5, "5m"))`,
		`same_actor_sequence(["A"], "5m")`, `same_actor_sequence([name, "B"], "5m")`, `followed_by("IA-001", "5m", "moon")`,
	} {
		if _, err := compile(when); err == nil {
			t.Errorf("%s compiles", when)
		}
	}
}
