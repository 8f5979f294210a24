package response

import (
	"slices"
	"testing"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
)

// One finding about three secrets gives three steps; each is explained by the
// reading of its own secret, not by the first of the finding.
func TestAStepIsExplainedByItsOwnTarget(t *testing.T) {
	secret := func(name string) string { return "arn:aws:secretsmanager:eu-west-1:111122223333:secret:" + name }
	in := Input{
		Status: "incident", VerdictClaims: []string{"C9"}, Account: "111122223333", Region: "eu-west-1",
		Rules: map[string]RuleActions{"CA-001": {Eradicate: []string{"SECRET_ROT"}}},
	}
	finding := investigation.Finding{ID: "F1", Outcome: "succeeded", Technique: "CA-001", Attack: []investigation.Attack{{Tactic: "credential-access"}}}
	want := map[string]string{}
	for i, name := range []string{"c-first", "b-second", "a-third"} {
		event, id := "e"+name, "C"+string(rune('1'+i))
		in.Claims = append(in.Claims, claim.Claim{ID: id, Evidence: []string{"event:" + event}})
		in.Resources = append(in.Resources, ledger.Resource{ID: secret(name), Type: "AWS::SecretsManager::Secret", Effect: []string{"read"}, ByEvent: []string{event}, StateNow: "unknown"})
		finding.Claims, finding.Resources = append(finding.Claims, id), append(finding.Resources, secret(name))
		want[secret(name)] = id
	}
	in.Findings = []investigation.Finding{finding}
	for _, s := range Plan(load(t), in) {
		switch {
		case s.Action == "SECRET_ROT":
			if s.Why[0] != want[s.Target] {
				t.Errorf("%s is explained by %v, its own claim is %s", s.Target, s.Why, want[s.Target])
			}
			delete(want, s.Target)
		case s.Action == "SAVE_IAM" && !slices.Equal(s.Why, []string{"C9"}):
			t.Errorf("what is done for the whole account is explained by %v, not by the verdict's first claim", s.Why)
		}
	}
	if len(want) > 0 {
		t.Errorf("no step for %v", want)
	}
}
