package ledger

import (
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
)

// A call that the table does not name is an attempt by the same rules as one that it does.
func TestWhatWasLookedForInVainByVerb(t *testing.T) {
	table := load(t)
	for _, c := range []struct {
		name, code string
		effects    int
		looked     bool
	}{
		{"GetNovelty", "", 1, false},
		{"GetNovelty", "ResourceNotFoundException", 0, false},
		{"GetNovelty", "AccessDeniedException", 1, true},
		{"DeleteNovelty", "AccessDeniedException", 1, false},
		{"DeleteNovelty", "ResourceNotFoundException", 1, false}, // to want it gone is more than a look
	} {
		arn := "arn:aws:novel:eu-west-1:" + account + ":thing/x"
		e := evidence.Event{ID: "e", Source: "novel.amazonaws.com", Name: c.name, ErrorCode: c.code, Account: account, Resources: []string{arn}}
		got := table.Effects(&e, evidence.Record{"requestParameters": map[string]any{}, "resources": []any{map[string]any{"ARN": arn}}})
		if len(got) != c.effects || len(got) > 0 && (got[0].looked != c.looked || (got[0].Effect == Attempted) != (c.code != "")) {
			t.Errorf("%s %s: %+v", c.name, c.code, got)
		}
	}
}
