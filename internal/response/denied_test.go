package response

import (
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/lineage"
)

// TestIfDenied: one question a principal, only about credentials that are known, and
// nothing in it that cannot be undone.
func TestIfDenied(t *testing.T) {
	user := iam + "user/u"
	in := Input{Account: "111122223333", Region: "eu-west-1", Credentials: []lineage.Credential{
		{ID: root, Kind: "access_key", Principal: user, HeldBy: "owner"},
		{ID: mint, Kind: "access_key", Principal: user, HeldBy: "owner"},
		{ID: chain, Kind: "session", Principal: "arn:aws:sts::111122223333:assumed-role/r/s", HeldBy: "owner"},
	}}
	got := IfDenied(load(t), in, []string{root, chain, mint, "AKIAUNKNOWNUNKNOWN00"})
	if len(got) != 2 {
		t.Fatalf("want a question for the user and one for the role, got %q", got)
	}
	for _, want := range []string{user, root + ", " + mint, "--access-key-id " + root + " --status Inactive"} {
		if !strings.Contains(got[0], want) {
			t.Errorf("%q lacks %q", got[0], want)
		}
	}
	if !strings.Contains(got[1], "ROLE_REVOKE") || strings.Contains(strings.Join(got, ""), "KEY_DEL") {
		t.Errorf("%q", got)
	}
	if in.Credentials[0].HeldBy != "owner" {
		t.Error("the input was changed")
	}
	if steps := Plan(load(t), Input{Status: "suspicious", Credentials: in.Credentials, Account: in.Account}); len(steps) == 0 || steps[len(steps)-1].Action != "MONITOR" {
		t.Errorf("a suspicion is watched, and the logs are kept: %v", steps)
	}
}
