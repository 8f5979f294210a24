package evidence_test

import (
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
)

// What sentences call a caller, and who stands behind the identity, are two
// things: the same name may be two people, and one role many.
func TestIdentityNames(t *testing.T) {
	for _, c := range []struct {
		name           string
		id             evidence.Identity
		called, person string
	}{
		{"a user", evidence.Identity{Type: "IAMUser", UserName: "jo", PrincipalID: "AIDAEXAMPLEEXAMPLE001", ARN: "arn:aws:iam::111122223333:user/jo"}, "user `jo`", "AIDAEXAMPLEEXAMPLE001"},
		{"root", evidence.Identity{Type: "Root", Account: "111122223333", PrincipalID: "111122223333", UserName: "alias"}, "the root user of 111122223333", "111122223333"},
		{"a role", evidence.Identity{Type: "AssumedRole", IssuerName: "deploy", PrincipalID: "AROAEXAMPLEEXAMPLE001:run-7"}, "role `deploy`", "AROAEXAMPLEEXAMPLE001"},
		{"a person of Identity Center", evidence.Identity{Type: "AssumedRole", IssuerName: "AWSReservedSSO_Admin_0123456789abcdef", PrincipalID: "AROAEXAMPLEEXAMPLE001:jo"},
			"role `AWSReservedSSO_Admin_0123456789abcdef`", "AROAEXAMPLEEXAMPLE001:jo"},
		{"a federated user whose id is the account's", evidence.Identity{Type: "FederatedUser", PrincipalID: "111122223333:jo", ARN: "arn:aws:sts::111122223333:federated-user/jo"},
			"arn:aws:sts::111122223333:federated-user/jo", "111122223333:jo"},
		{"a sign-in of a directory's user, whose id is the account's", evidence.Identity{Type: "Unknown", Account: "111122223333", PrincipalID: "111122223333", UserName: "jo"}, "user `jo`", "111122223333:jo"},
		{"the same with a user id", evidence.Identity{Type: "IdentityCenterUser", Account: "111122223333", PrincipalID: "111122223333", OnBehalfOf: "90676f1d-0001"}, "111122223333", "111122223333:90676f1d-0001"},
		{"nobody known, whose id is the account's", evidence.Identity{Type: "Unknown", PrincipalID: "111122223333"}, "111122223333", "111122223333:unknown"},
		{"a log whose ids were replaced", evidence.Identity{Type: "IAMUser", PrincipalID: "REDACTED", ARN: "arn:aws:iam::111122223333:user/jo"}, "arn:aws:iam::111122223333:user/jo", "arn:aws:iam::111122223333:user/jo"},
		{"a service", evidence.Identity{Type: "AWSService", InvokedBy: "ec2.amazonaws.com"}, "ec2.amazonaws.com", ""},
		{"another account's record", evidence.Identity{Type: "AWSAccount", PrincipalID: "AIDAEXAMPLEEXAMPLE002"}, "AIDAEXAMPLEEXAMPLE002", "AIDAEXAMPLEEXAMPLE002"},
		{"a person in a role of another account", evidence.Identity{Type: "AWSAccount", PrincipalID: "AROAEXAMPLEEXAMPLE001:jo@ext.example"}, "AROAEXAMPLEEXAMPLE001:jo@ext.example", "AROAEXAMPLEEXAMPLE001:jo@ext.example"},
		{"an export that tells but the name", evidence.Identity{UserName: "jo", AccessKey: "AKIAEXAMPLE000000001"}, "user `jo`", "name:jo"},
		{"nothing", evidence.Identity{}, "an unnamed caller", ""},
	} {
		if got := c.id.Called(); got != c.called {
			t.Errorf("%s is called %q, want %q", c.name, got, c.called)
		}
		if got := c.id.Person(); got != c.person {
			t.Errorf("%s is the person %q, want %q", c.name, got, c.person)
		}
	}
}
