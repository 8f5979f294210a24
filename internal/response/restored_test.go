package response

import (
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
)

// TestRestoredIsRestored: what somebody switched on again needs no step, and neither do the
// logs of the account, of which nothing was off. What is still off is switched on as what it
// is, and a detector that is gone cannot be updated.
func TestRestoredIsRestored(t *testing.T) {
	const alarm = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:errors"
	plan := func(now string, detector string) string {
		return small(t, Input{
			Findings: []investigation.Finding{
				{Outcome: "succeeded", Technique: "DE-013", Resources: []string{alarm}},
				{Outcome: "succeeded", Technique: "DE-005", Resources: []string{"d1"}},
			},
			Resources: []ledger.Resource{
				{ID: alarm, Type: "AWS::CloudWatch::Alarm", Effect: []string{ledger.Modified}, StateNow: now},
				{ID: "d1", Type: "AWS::GuardDuty::Detector", Effect: []string{ledger.Deleted}, StateNow: detector},
			},
			Rules: map[string]RuleActions{"DE-013": {Contain: []string{"LOGS_ON", "CW_ON"}, Eradicate: []string{"LOGS_ON"}}, "DE-005": {Contain: []string{"GD_ON"}}},
		})
	}
	if got := plan(ledger.Restored, ledger.Restored); strings.Contains(got, "_ON ") {
		t.Errorf("all is on, and the plan says\n%s", got)
	}
	if got := plan(ledger.Present, ledger.Removed); !strings.Contains(got, "CW_ON "+alarm) || strings.Contains(got, "LOGS_ON") || !strings.Contains(got, "GD_ON 111122223333") {
		t.Errorf("an alarm is mute and a detector gone, and the plan says\n%s", got)
	}
}
