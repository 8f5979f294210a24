package policy

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const ownAccount = "111122223333"

// trustDoc makes a trust policy of statements "Effect principals [conditions]",
// as JSON of their members.
func trustDoc(t testing.TB, statements ...string) *Document {
	t.Helper()
	d, err := Parse([]byte(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`))
	if err != nil {
		t.Fatalf("%v: %s", err, statements)
	}
	return d
}

func allow(principal string, more ...string) string {
	action := `"sts:AssumeRole"`
	if strings.Contains(principal, "oidc-provider") {
		action = `"sts:AssumeRoleWithWebIdentity"`
	}
	return `{"Effect":"Allow","Action":` + action + `,"Principal":` + principal + strings.Join(more, "") + `}`
}

func aws(names ...string) string { return fmt.Sprintf(`{"AWS":["%s"]}`, strings.Join(names, `","`)) }

func when(operator, key string, values ...string) string {
	return fmt.Sprintf(`,"Condition":{"%s":{"%s":["%s"]}}`, operator, key, strings.Join(values, `","`))
}

// TestLetIn: who may come in now who could not before.
func TestLetIn(t *testing.T) {
	const (
		root, role = "arn:aws:iam::444455556666:root", "arn:aws:iam::444455556666:role/x"
		mine       = "arn:aws:iam::" + ownAccount + ":user/ann"
		github     = `{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}`
		sub        = "token.actions.githubusercontent.com:sub"
		provider   = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
	)
	list := func(s ...string) []string { return s }
	for _, c := range []struct {
		name        string
		before, now []string
		want        string // principals; "?" after one that is not sure
		because     string
	}{
		{"the same", list(allow(aws(root))), list(allow(aws(root))), "", ""},
		{"an account by its number", list(allow(aws(root))), list(allow(aws("444455556666"))), "", ""},
		{"everyone, put otherwise", list(allow(`"*"`)), list(allow(aws("*"))), "", ""},
		{"one statement made two", list(allow(aws(root, mine))), list(allow(aws(mine)), allow(aws(root))), "", ""},
		{"two statements made one", list(allow(github, when("StringEquals", sub, "a")), allow(github, when("StringEquals", sub, "b"))), list(allow(github, when("StringEquals", sub, "b", "a"))), "", ""},
		{"another account", list(allow(aws(root))), list(allow(aws(root, "777788889999"))), "777788889999", "not let in before"},
		{"everyone", list(allow(aws(root))), list(allow(`"*"`)), "*", "not let in before"},
		{"fewer", list(allow(aws(root, mine))), list(allow(aws(mine))), "", ""},
		{"a role of an account that was let in", list(allow(aws(root))), list(allow(aws(role))), "", ""},
		{"a session of a role that was let in", list(allow(aws(role))), list(allow(aws("arn:aws:sts::444455556666:assumed-role/x/s"))), "", ""},
		{"an account for one of its roles", list(allow(aws(role))), list(allow(aws(root))), root, "not let in before"},
		{"one's own user, whose account was let in", list(allow(aws(ownAccount))), list(allow(aws(mine))), mine + "?", "no policy of its own"},
		{"a service", list(allow(`{"Service":"ec2.amazonaws.com"}`)), list(allow(`{"Service":["ec2.amazonaws.com","lambda.amazonaws.com"]}`)), "lambda.amazonaws.com", "not let in before"},
		{"no policy before", nil, list(allow(aws(root))), root, "not let in before"},
		{"denials let nobody in", list(allow(aws(root))), list(`{"Effect":"Deny","Action":"sts:AssumeRole","Principal":"*"}`), "", ""},

		{"the external id dropped", list(allow(aws(root), when("StringEquals", "sts:ExternalId", "x"))), list(allow(aws(root))), root, "condition on sts:ExternalId is gone"},
		{"an external id asked for now", list(allow(aws(root))), list(allow(aws(root), when("StringEquals", "sts:ExternalId", "x"))), "", ""},
		{"another external id", list(allow(aws(root), when("StringEquals", "sts:ExternalId", "x"))), list(allow(aws(root), when("StringEquals", "sts:ExternalId", "y"))), root, "lets through"},
		{"the key in other case", list(allow(aws(root), when("StringEquals", "sts:ExternalId", "x"))), list(allow(aws(root), when("stringequals", "STS:externalid", "x"))), "", ""},
		{"one repository of many", list(allow(github, when("StringLike", sub, "repo:acme/*"))), list(allow(github, when("StringEquals", sub, "repo:acme/app:ref:refs/heads/main"))), "", ""},
		{"all repositories for one", list(allow(github, when("StringEquals", sub, "repo:acme/app:ref:refs/heads/main"))), list(allow(github, when("StringLike", sub, "repo:acme/*"))), provider, "lets through"},
		{"a star that is no pattern", list(allow(github, when("StringEquals", sub, "repo:acme/*"))), list(allow(github, when("StringLike", sub, "repo:acme/*"))), provider, "lets through"},
		{"a narrower network", list(allow(aws(root), when("IpAddress", "aws:SourceIp", "203.0.113.0/24"))), list(allow(aws(root), when("IpAddress", "aws:SourceIp", "203.0.113.7"))), "", ""},
		{"a wider network", list(allow(aws(root), when("IpAddress", "aws:SourceIp", "203.0.113.0/24"))), list(allow(aws(root), when("IpAddress", "aws:SourceIp", "203.0.0.0/16"))), root, "lets through"},
		{"fewer ruled out", list(allow(aws(root), when("StringNotEquals", "aws:PrincipalArn", "a", "b"))), list(allow(aws(root), when("StringNotEquals", "aws:PrincipalArn", "a"))), root, "lets through"},
		{"more ruled out", list(allow(aws(root), when("StringNotEquals", "aws:PrincipalArn", "a"))), list(allow(aws(root), when("StringNotEquals", "aws:PrincipalArn", "a", "b"))), "", ""},
		{"only if it is there", list(allow(aws(root), when("Bool", "aws:MultiFactorAuthPresent", "true"))), list(allow(aws(root), when("BoolIfExists", "aws:MultiFactorAuthPresent", "true"))), root, "lets through"},
		{"put so that they cannot be compared", list(allow(aws(root), when("NumericLessThan", "aws:MultiFactorAuthAge", "300"))), list(allow(aws(root), when("NumericLessThan", "aws:MultiFactorAuthAge", "200"))), root + "?", "put otherwise"},

		{"a denial is gone", list(allow(aws(root)), `{"Effect":"Deny","Action":"sts:AssumeRole","Principal":`+aws(role)+`}`, allow(aws(role))), list(allow(aws(root)), allow(aws(role))), role, "denied it is gone"},
		{"a denial put otherwise", list(allow(aws(root)), `{"Effect":"Deny","Action":"sts:AssumeRole","Principal":`+aws(root)+`}`), list(allow(aws(root)), `{"Effect":"Deny","Action":"sts:*","Principal":"*"}`), "", ""},
		{"tags that may come along", list(allow(aws(root))), list(`{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],"Principal":` + aws(root) + `}`), "", ""},
		{"all but one", list(allow(aws(root))), list(`{"Effect":"Allow","Action":"sts:AssumeRole","NotPrincipal":` + aws(mine) + `}`), "NotPrincipal", "not let in before"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, o := range LetIn(trustDoc(t, c.before...), trustDoc(t, c.now...), ownAccount) {
				mark := "?"
				if o.Sure {
					mark = ""
				}
				got = append(got, o.Principal+mark)
				if !strings.Contains(o.Why, c.because) {
					t.Errorf("%s: %q", o.Principal, o.Why)
				}
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("%q, want %q", s, c.want)
			}
		})
	}
}

// Whoever the one evaluation refuses for certain and the other allows for certain
// must have been let in; and a document lets nobody in beyond itself.
func TestLetInAgreesWithEvaluation(t *testing.T) {
	callers := map[string]Caller{
		"arn:aws:iam::444455556666:role/x": {Kind: Role, ARN: "arn:aws:iam::444455556666:role/x", SessionARN: "arn:aws:sts::444455556666:assumed-role/x/s", Account: "444455556666"},
		"arn:aws:iam::444455556666:root":   {Kind: User, ARN: "arn:aws:iam::444455556666:user/other", Account: "444455556666"},
		"arn:aws:iam::777788889999:user/u": {Kind: User, ARN: "arn:aws:iam::777788889999:user/u", Account: "777788889999"},
	}
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(label string) *Document {
			var list []string
			for range rapid.IntRange(1, 3).Draw(rt, label) {
				who := rapid.SampledFrom([]string{`"*"`, aws("arn:aws:iam::444455556666:role/x"), aws("444455556666"), aws("arn:aws:iam::777788889999:user/u")}).Draw(rt, "who")
				asks := rapid.SampledFrom([]string{"", "", when("StringEquals", "sts:ExternalId", "a"), when("StringLike", "sts:ExternalId", "a*"), when("StringNotEquals", "sts:ExternalId", "a"), when("StringEqualsIfExists", "sts:ExternalId", "a", "b")}).Draw(rt, "asks")
				list = append(list, strings.Replace(allow(who, asks), "Allow", rapid.SampledFrom([]string{"Allow", "Allow", "Allow", "Deny"}).Draw(rt, "effect"), 1))
			}
			return trustDoc(t, list...)
		}
		before, now := draw("before"), draw("now")
		if got := LetIn(now, now, ownAccount); len(got) > 0 {
			rt.Fatalf("a document lets in beyond itself: %+v", got)
		}
		opened := LetIn(before, now, ownAccount)
		for _, c := range callers {
			for _, id := range []string{"", "a", "ab", "b"} {
				var ctx Context
				if ctx.Close(""); id != "" {
					ctx.Set("sts:ExternalId", id)
				}
				r := NewRequest(c, "sts:AssumeRole", "", ctx)
				if !comesIn(before, r) && comesIn(now, r) && len(opened) == 0 {
					rt.Fatalf("%s with id %q comes in now, and nobody was let in", c.ARN, id)
				}
			}
		}
	})
}

// comesIn is what a trust policy alone decides.
func comesIn(d *Document, r *Request) bool {
	in := false
	for i := range d.Statements {
		if _, a := d.Statements[i].MatchFor(r); a.Truth == Yes {
			if d.Statements[i].Effect == Deny {
				return false
			}
			in = true
		}
	}
	return in
}
