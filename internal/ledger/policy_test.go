package ledger

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestAdmitted(t *testing.T) {
	own := []string{account, "444455556666"}
	for _, tt := range []struct{ name, statement, want string }{
		{"everybody", `{"Effect":"Allow","Principal":"*"}`, "public"},
		{"everybody, long form", `{"Effect":"Allow","Principal":{"AWS":["*"]}}`, "public"},
		{"another account", `{"Effect":"Allow","Principal":{"AWS":"999988887777"}}`, "outside"},
		{"another account's role", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999988887777:role/x"}}`, "outside"},
		{"a second account of the case", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"}}`, "account"},
		{"one of us", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/bob"}}`, "named"},
		{"a service", `{"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com","lambda.amazonaws.com"]}}`, "service service"},
		{"a service and a stranger", `{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com","AWS":"arn:aws:iam::999988887777:root"}}`, "outside service"},
		{"an identity provider", `{"Effect":"Allow","Principal":{"Federated":"accounts.google.com"}}`, "idp"},
		{"all but one", `{"Effect":"Allow","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:root"}}`, "public"},
		{"a deleted principal", `{"Effect":"Allow","Principal":{"AWS":"AROAEXAMPLEID"}}`, ""},
		{"denied", `{"Effect":"Deny","Principal":"*"}`, ""},
		{"CloudFront's own identity", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}}`, "service"},
		{"our organisation", `{"Effect":"Allow","Principal":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}`, ""},
		{"whatever organisation", `{"Effect":"Allow","Principal":"*","Condition":{"StringLike":{"aws:PrincipalOrgID":"o-*"}}}`, "public"},
		{"a part of our organisation", `{"Effect":"Allow","Principal":"*","Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/r-1/*"}}}`, ""},
		{"our account as source", `{"Effect":"Allow","Principal":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:us-east-1:111122223333:t"}}}`, ""},
		{"their account as source", `{"Effect":"Allow","Principal":"*","Condition":{"StringEquals":{"aws:SourceAccount":"999988887777"}}}`, "public"},
		{"not our organisation", `{"Effect":"Allow","Principal":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}}`, "public"},
		{"whoever names no organisation", `{"Effect":"Allow","Principal":"*","Condition":{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}}`, "public"},
		{"the same, as a set that may be empty", `{"Effect":"Allow","Principal":"*","Condition":{"ForAllValues:StringEquals":{"aws:PrincipalOrgID":"o-1"}}}`, "public"},
		{"from an address", `{"Effect":"Allow","Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}`, "public"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[%s]}`, tt.statement)
			for form, doc := range map[string]string{
				"as it is": doc, "encoded": url.QueryEscape(doc), "one statement": fmt.Sprintf(`{"Statement":%s}`, tt.statement),
			} {
				in, ok := admitted(doc, own)
				var got []string
				for _, p := range in {
					got = append(got, p.class)
				}
				if !ok || strings.TrimSpace(strings.Join(slices.DeleteFunc(got, func(s string) bool { return s == "" }), " ")) != tt.want {
					t.Errorf("%s: lets in %q, want %q (read: %v)", form, got, tt.want, ok)
				}
			}
		})
	}
}

func TestNoPolicy(t *testing.T) {
	for _, doc := range []string{"", "{", `{"Statement":7}`, `{"Statement":[7]}`, "%7B", `"Allow"`, strings.Repeat(" ", maxPolicy+1)} {
		if in, ok := admitted(doc, nil); ok || len(in) > 0 {
			t.Errorf("%.20q is a policy: %v", doc, in)
		}
	}
}

func TestGrants(t *testing.T) {
	for _, tt := range []struct {
		statement string
		want      int
	}{
		{`{"Effect":"Allow","Action":"*","Resource":"*"}`, grantsBroad},
		{`{"Effect":"Allow","Action":["s3:GetObject","iam:CreateAccessKey"],"Resource":"arn:aws:iam::111122223333:user/x"}`, grantsBroad},
		{`{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`, grantsBroad},
		{`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, grantsBroad},
		{`{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}`, grantsBroad},
		{`{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::111122223333:role/x"}`, grantsSome},
		{`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b"}`, grantsSome},
		{`{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}`, grantsSome},
		{`{"Effect":"Allow","Action":["iam:GetUser","iam:ListUsers"],"Resource":"*"}`, grantsSome},
		{`{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/x"}`, grantsSome},
		{`{"Effect":"Deny","Action":"*","Resource":"*"}`, grantsNothing},
	} {
		if got := grants(`{"Statement":[` + tt.statement + `]}`); got != tt.want {
			t.Errorf("%s grants %d, want %d", tt.statement, got, tt.want)
		}
	}
}

func TestOpen(t *testing.T) {
	for rule, want := range map[string]bool{
		"tcp/22/0.0.0.0/0": true, "-1//::/0": true, "tcp/22/203.0.113.7/32": true, "tcp/22/2001:db8::/32": true,
		"tcp/22/10.0.0.0/8": false, "tcp/22/192.168.1.0/24": false, "tcp/22/100.64.0.0/10": false, "tcp/22/fd00::/8": false,
		"tcp/22/10.0.0.0/1": true, "tcp/22/172.16.0.0/8": true, "-1//192.168.0.0/4": true, "tcp/22/fd00::/3": true, // read as what they begin in, they would be private
		"tcp/22/172.31.0.0/16": false, "tcp/22/127.0.0.1/32": false, "tcp/22/169.254.0.0/16": false,
		"tcp/22/pl-123": false, "0.0.0.0/0": true, "junk": false, "": false,
		"tcp/22/253.300.1.1/32": false, // an anonymised address says nothing
	} {
		if got := open(rule); got != want {
			t.Errorf("open(%q) = %v", rule, got)
		}
	}
}
