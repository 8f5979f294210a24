package investigation

import (
	"testing"

	"github.com/trailhound/trailhound/internal/intake"
)

func TestSpeaksOfItself(t *testing.T) {
	bob, place := intake.Seed{Kind: "principal", Value: "bob"}, intake.Seed{Kind: "ip", Value: "192.0.2.7"}
	for name, c := range map[string]struct {
		st   intake.Statement
		want bool
	}{
		"me, behind a name":     {intake.Statement{Relation: intake.Owner, Seeds: []intake.Seed{bob}, English: "user bob is disabled, that was me from home"}, true},
		"nobody named":          {intake.Statement{Relation: intake.Owner, English: "it was our own migration"}, true},
		"somebody else":         {intake.Statement{Relation: intake.Owner, Seeds: []intake.Seed{bob}, English: "bob is our build user"}, false},
		"me, from an address":   {intake.Statement{Relation: intake.Owner, Seeds: []intake.Seed{place}, English: "that was me from 192.0.2.7"}, false},
		"me, with a tool":       {intake.Statement{Relation: intake.Owner, Agents: []string{"terraform"}, English: "that was me with terraform"}, false},
		"a test, whoever tells": {intake.Statement{Relation: intake.AuthorizedTest, English: "I ordered the pentest"}, false},
	} {
		if got := speaksOfItself(c.st); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
