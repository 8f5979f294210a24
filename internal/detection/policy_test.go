package detection

import (
	"encoding/json"
	"net/url"
	"testing"
)

func TestPolicies(t *testing.T) {
	allow := func(rest string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow",` + rest + `}}`
	}
	tests := []struct {
		name, doc                                string
		admin, public, external, trusts, hasDeny bool
	}{
		{name: "everything", doc: allow(`"Action":"*","Resource":"*"`), admin: true},
		{name: "all of IAM, as lists", doc: allow(`"Action":["s3:GetObject","IAM:*"],"Resource":["*"]`), admin: true},
		{name: "one escalating call", doc: allow(`"Action":"iam:CreateAccessKey","Resource":"*"`), admin: true},
		{name: "a family of escalating calls", doc: allow(`"Action":"iam:Attach*","Resource":"*"`), admin: true},
		{name: "all but a few", doc: allow(`"NotAction":"organizations:*","Resource":"*"`), admin: true},
		{name: "reading IAM", doc: allow(`"Action":["iam:Get*","iam:List*"],"Resource":"*"`)},
		{name: "everything on one bucket", doc: allow(`"Action":"*","Resource":"arn:aws:s3:::b/*"`)},
		{name: "everything denied", doc: `{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`, hasDeny: true},
		{name: "everybody denied", doc: `{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*"}]}`, hasDeny: true},
		{name: "everybody", doc: allow(`"Principal":"*","Action":"s3:GetObject"`), public: true, external: true},
		{name: "everybody, as a map", doc: allow(`"Principal":{"AWS":["*"]},"Action":"sts:AssumeRole"`), public: true, external: true},
		{name: "everybody but one", doc: allow(`"NotPrincipal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"s3:*"`), public: true, external: true},
		{name: "everybody of the organization", doc: allow(`"Principal":"*","Action":"s3:*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`)},
		{name: "everybody of whatever organization", doc: allow(`"Principal":"*","Action":"s3:*","Condition":{"StringLike":{"aws:PrincipalOrgID":"o-*"}}`), public: true, external: true},
		{name: "everybody of a part of the organization", doc: allow(`"Principal":"*","Action":"s3:*","Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/r-1/*"}}`)},
		{name: "everybody by whatever endpoint", doc: allow(`"Principal":"*","Action":"s3:*","Condition":{"StringLike":{"aws:SourceVpce":"vpce-*"}}`), public: true, external: true},
		{name: "everybody from one address", doc: allow(`"Principal":"*","Action":"s3:*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`)},
		{name: "everybody from every address", doc: allow(`"Principal":"*","Action":"s3:*","Condition":{"IpAddress":{"aws:SourceIp":["0.0.0.0/0"]}}`), public: true, external: true},
		{name: "everybody not of the organization", doc: allow(`"Principal":"*","Action":"s3:*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}`), public: true, external: true},
		{name: "everybody of the organization, and whoever says nothing of one", doc: allow(`"Principal":"*","Action":"s3:*","Condition":{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}`), public: true, external: true},
		{name: "the same, as a set that may be empty", doc: allow(`"Principal":"*","Action":"s3:*","Condition":{"ForAllValues:StringEquals":{"aws:PrincipalOrgID":"o-1"}}`), public: true, external: true},
		{name: "one address, where the call has one", doc: allow(`"Principal":"*","Action":"s3:*","Condition":{"IpAddressIfExists":{"aws:SourceIp":"192.0.2.0/24"}}`)},
		{name: "roles of whatever account", doc: allow(`"Principal":"*","Action":"s3:*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}`), public: true, external: true},
		{name: "roles of an account", doc: allow(`"Principal":"*","Action":"s3:*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}}`)},
		{name: "everybody but services", doc: allow(`"Principal":"*","Action":"s3:*","Condition":{"Bool":{"aws:PrincipalIsAWSService":"false"}}`), public: true, external: true},
		{name: "services alone", doc: allow(`"Principal":"*","Action":"s3:*","Condition":{"Bool":{"aws:PrincipalIsAWSService":"true"}}`)},
		{name: "everybody over TLS", doc: allow(`"Principal":"*","Action":"s3:*","Condition":{"Bool":{"aws:SecureTransport":"true"}}`), public: true, external: true},
		{name: "a password is no name", doc: allow(`"Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x"}}`), public: true, external: true},
		{name: "another account", doc: allow(`"Principal":{"AWS":"444455556666"},"Action":"sts:AssumeRole"`), external: true},
		{name: "a role of another account", doc: allow(`"Principal":{"AWS":["arn:aws:iam::111122223333:root","arn:aws-us-gov:iam::444455556666:role/x"]},"Action":"sts:AssumeRole"`), external: true, trusts: true},
		{name: "another account is denied", doc: `{"Statement":[{"Effect":"Deny","Principal":{"AWS":"444455556666"},"Action":"*"}]}`, hasDeny: true},
		{name: "the own account", doc: allow(`"Principal":{"AWS":"arn:aws:iam::111122223333:user/a"},"Action":"sts:AssumeRole"`), trusts: true},
		{name: "a service", doc: allow(`"Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"`)},
		{name: "an orphaned id", doc: allow(`"Principal":{"AWS":"AROAEXAMPLE"},"Action":"sts:AssumeRole"`)},
		{name: "no policy", doc: `{"a":1}`},
		{name: "broken", doc: `{"Statement":[{"Effect":`},
		{name: "junk in the fields", doc: `{"Statement":[{"Effect":"Allow","Principal":7,"Action":{"a":1},"Resource":null,"Condition":3}]}`},
	}
	own := []string{ours}
	for _, tt := range tests {
		forms := map[string]any{"text": tt.doc, "encoded": url.QueryEscape(tt.doc)}
		var object any
		if json.Unmarshal([]byte(tt.doc), &object) == nil {
			forms["object"] = object
		}
		for form, doc := range forms {
			for _, check := range []struct {
				what      string
				got, want bool
			}{
				{"admin", policyAdmin(doc), tt.admin}, {"public", policyPublic(doc), tt.public},
				{"external", policyExternal(doc, own), tt.external}, {"trusts", policyTrusts(doc, own), tt.trusts},
				{"deny", policyHasDeny(doc), tt.hasDeny},
			} {
				if check.got != check.want {
					t.Errorf("%s, as %s: %s = %v", tt.name, form, check.what, check.got)
				}
			}
		}
	}
}

func TestPublicAndExternalValues(t *testing.T) {
	tests := []struct {
		doc              string
		public, external bool
	}{
		{`{"cidrIp":"0.0.0.0/0"}`, true, false},
		{`{"cidrIp":"198.51.100.7/0"}`, true, false},
		{`{"cidrIpv6":"::/0"}`, true, false},
		{`{"cidrIp":"10.0.0.0/8"}`, false, false},
		{`{"path":"/0"}`, false, false},
		{`{"add":{"items":[{"group":"all"}]}}`, true, false},
		{`{"name":"all"}`, false, false},
		{`{"valuesToAdd":["all"]}`, true, false},
		{`{"x-amz-acl":["public-read"]}`, true, false},
		{`{"x-amz-acl":["private"]}`, false, false},
		{`{"Grantee":{"URI":"http://acs.amazonaws.com/groups/global/AuthenticatedUsers"}}`, true, false},
		{`{"Grantee":{"URI":"http://acs.amazonaws.com/groups/s3/LogDelivery"}}`, false, false},
		{`{"principal":"*"}`, true, false},
		{`{"filter":"*"}`, false, false},
		{`{"policy":{"Statement":[{"Effect":"Deny","Principal":"*","Action":"*"}]}}`, false, false},
		{`{"attributes":{"Policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\"}]}"}}`, true, true},
		{`{"userId":"444455556666"}`, false, true},
		{`{"userId":"111122223333"}`, false, false},
		{`{"userId":444455556666}`, false, true},
		{`{"endpoint":"arn:aws:sqs:eu-west-1:444455556666:q"}`, false, true},
		{`{"bucket":"arn:aws:s3:::b"}`, false, false},
		{`{"phone":"+444455556666"}`, false, false},
	}
	for _, tt := range tests {
		s := subject(t, `"requestParameters":`+tt.doc)
		v := plain(s.Record["requestParameters"], 0)
		if got := anyPublic(v); got != tt.public {
			t.Errorf("anyPublic(%s) = %v", tt.doc, got)
		}
		if got := externalAccount(v, []string{ours}); got != tt.external {
			t.Errorf("externalAccount(%s) = %v", tt.doc, got)
		}
	}
}
