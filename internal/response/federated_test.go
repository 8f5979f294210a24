package response

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/trailhound/trailhound/internal/lineage"
)

// TestAFederationSessionEndsWithWhoAskedForIt: what GetFederationToken names is no user of
// IAM, so a denial goes to the user whose key asked, also where that key is off already, and
// also for the console that the session signed in to.
func TestAFederationSessionEndsWithWhoAskedForIt(t *testing.T) {
	const federatedUser = "arn:aws:sts::111122223333:federated-user/news"
	asked := func(state string) []lineage.Credential {
		return []lineage.Credential{
			{ID: root, Kind: "access_key", Principal: iam + "user/press/jo", HeldBy: "intruder", State: state, IssuedBy: &lineage.Issue{Credential: "x", Rule: "create_access_key"}},
			{ID: token, Kind: "session", Principal: federatedUser, HeldBy: "intruder", State: "active", IssuedBy: &lineage.Issue{Credential: root, Rule: "get_federation_token"}},
			{ID: chain, Kind: "console_session", Principal: federatedUser, HeldBy: "intruder", State: "active", IssuedBy: &lineage.Issue{Credential: token, Rule: "signin_token"}},
		}
	}
	cuts := func(in Input) (out []string) {
		in.Status, in.Account = "incident", "111122223333"
		for _, s := range Plan(load(t), in) {
			if s.Phase == "contain" && s.Action != "MONITOR" {
				out = append(out, s.Action+" "+s.Target)
			}
		}
		return out
	}
	deny := "USER_DENY " + iam + "user/press/jo"
	if d := cmp.Diff([]string{deny}, cuts(Input{Credentials: asked("disabled")})); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{deny, "KEY_OFF " + root}, cuts(Input{Credentials: asked("active")})); d != "" {
		t.Error(d)
	}
	alone := asked("active")[1:]
	alone[0].IssuedBy.Credential = token // a cycle, as only a report from elsewhere has
	if got := cuts(Input{Credentials: alone}); got != nil {
		t.Errorf("nobody is known to have asked, and yet: %v", got)
	}
	byRoot := asked("disabled")
	byRoot[0].Principal = iam + "root"
	if got := strings.Join(cuts(Input{Credentials: byRoot}), ", "); got != "ROOT_FIX "+iam+"root" {
		t.Error(got)
	}
	if got := IfDenied(load(t), Input{Account: "111122223333", Credentials: asked("active")}, []string{chain}); len(got) != 1 || !strings.Contains(got[0], "USER_DENY") || strings.Contains(got[0], "KEY_OFF") {
		t.Errorf("%q", got)
	}
}
