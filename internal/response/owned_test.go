package response

import (
	"os"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
)

// A key that the intruder made for a user and that is at work in the user's own hands is taken away together
// with them, and each step says so; one that the intruder used is taken away at once.
func TestKeyAtWorkInItsOwnersHands(t *testing.T) {
	actions, err := LoadActions(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	for held, want := range map[string]bool{"owner": true, "shared": false, "intruder": false} {
		in := Input{
			Status: "incident", Account: "111122223333", Region: "eu-west-1",
			Credentials: []lineage.Credential{{ID: mint, Kind: "access_key", Principal: iam + "user/till", HeldBy: held, State: "active", Networks: []string{"198.51.100.0/24"},
				IssuedBy: &lineage.Issue{Credential: "x", Event: "e5", Rule: "create_access_key"}}},
			Persistence: []ledger.Persistence{{Kind: "access_key", ID: mint, Status: ledger.Live, Events: []string{"e5"}, Undo: "KEY_DEL"}},
		}
		seen := 0
		for _, s := range Plan(actions, in) {
			if s.Action != "KEY_OFF" && s.Action != "KEY_DEL" {
				continue
			}
			seen++
			if got := strings.HasPrefix(s.Command, "# In use by its owner from 198.51.100.0/24: rotate together with them") && s.Disruption == "high"; got != want {
				t.Errorf("held by %s: %s: %q, disruption %s", held, s.Action, s.Command, s.Disruption)
			}
		}
		if seen != 2 {
			t.Errorf("held by %s: %d steps for the key, want 2", held, seen)
		}
	}
}
