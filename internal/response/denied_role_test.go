package response

import "testing"

func TestWhoIsAsked(t *testing.T) {
	for principal, want := range map[string]string{
		"arn:aws:sts::111122223333:assumed-role/collector/run-7f":                          "arn:aws:sts::111122223333:assumed-role/collector",
		"arn:aws:sts::111122223333:assumed-role/collector":                                 "arn:aws:sts::111122223333:assumed-role/collector",
		"arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ann": "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ann",
		"arn:aws:sts::111122223333:assumed-role/admin/ann@example.com":                     "arn:aws:sts::111122223333:assumed-role/admin/ann@example.com",
		"arn:aws:iam::111122223333:user/ann":                                               "arn:aws:iam::111122223333:user/ann",
	} {
		if got := roleOf(principal); got != want {
			t.Errorf("%s: %s, want %s", principal, got, want)
		}
	}
	if got := some([]string{"a", "b", "c"}, 2); got != "a, b and 1 more" {
		t.Error(got)
	}
}
