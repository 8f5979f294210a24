package investigation

import (
	"strings"
	"testing"
)

// TestOnlyFor: a trust speaks for a workload if it lets in that one subject and nobody else.
func TestOnlyFor(t *testing.T) {
	const subject = "system:serviceaccount:jobs:loader"
	statement := func(principal, condition string) string {
		return `{"Effect": "Allow", "Principal": ` + principal + `, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": ` + condition + `}`
	}
	federated := `{"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.example.com/id/1"}`
	exact := `{"StringEquals": {"oidc.example.com/id/1:sub": "` + subject + `", "oidc.example.com/id/1:aud": "sts.amazonaws.com"}}`
	for name, c := range map[string]struct {
		statements []string
		want       bool
	}{
		"one subject":               {[]string{statement(federated, exact)}, true},
		"another subject":           {[]string{statement(federated, strings.ReplaceAll(exact, "loader", "web"))}, false},
		"a pattern":                 {[]string{statement(federated, strings.ReplaceAll(exact, "StringEquals", "StringLike"))}, false},
		"several subjects":          {[]string{statement(federated, `{"StringEquals": {"oidc.example.com/id/1:sub": ["`+subject+`", "x"]}}`)}, false},
		"the audience alone":        {[]string{statement(federated, `{"StringEquals": {"oidc.example.com/id/1:aud": "`+subject+`"}}`)}, false},
		"the account as well":       {[]string{statement(`{"Federated": "p", "AWS": "arn:aws:iam::111122223333:root"}`, exact)}, false},
		"somebody else as well":     {[]string{statement(federated, exact), statement(`{"AWS": "*"}`, `{}`)}, false},
		"no condition":              {[]string{statement(federated, `{}`)}, false},
		"what is no policy at all":  {[]string{`{"Effect":`}, false},
		"nobody, for it is refused": {[]string{strings.Replace(statement(federated, exact), "Allow", "Deny", 1)}, false},
	} {
		if got := onlyFor(`{"Version": "2012-10-17", "Statement": [`+strings.Join(c.statements, ", ")+`]}`, subject); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
