package evidence

import "testing"

// TestServiceLinked: an intruder may name a role as AWS names its own, but cannot give
// it the path.
func TestServiceLinked(t *testing.T) {
	const account = "arn:aws:iam::111122223333:role/"
	for _, c := range []struct {
		arn, name string
		want      bool
	}{
		{account + "aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport", "AWSServiceRoleForSupport", true},
		{account + "AWSServiceRoleForSupport", "AWSServiceRoleForSupport", false},
		{account + "team/aws-service-role/AWSServiceRoleForSupport", "AWSServiceRoleForSupport", false},
		{"", "AWSServiceRoleForSupport", true}, // a table without the issuer's ARN
		{"", "deployer", false},
		{account + "deployer", "deployer", false},
	} {
		if got := (Identity{IssuerARN: c.arn, IssuerName: c.name}).ServiceLinked(); got != c.want {
			t.Errorf("%q %q: %v", c.arn, c.name, got)
		}
	}
}
