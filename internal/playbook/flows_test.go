package playbook_test

import (
	"slices"
	"testing"

	"github.com/trailhound/trailhound/internal/playbook"
)

// points are the decisions without which the flow of a kind is not that flow, and what else
// decides when it is over: what a responder of that kind of case must settle. A line that is
// taken out of a playbook must be taken out here as well, with a reason.
var points = map[string]struct{ decisions, criteria []string }{
	playbook.Common: {[]string{"iam_writes", "secrets_read", "logging_attacked", "contained"},
		[]string{"entry", "exposure", "lineage", "credential", "children", "planted", "way_back", "impact", "recovery", "quiet", "undetermined", "statements", "anchors", "doubt", "owner_confirms"}},
	"leaked_access_key":         {[]string{"outside_use", "tokens", "other_identities", "money"}, nil},
	"console_takeover":          {[]string{"new_login", "first_password", "reset_before", "federated", "mfa_changed", "spread"}, []string{"idp"}},
	"instance_credential_theft": {[]string{"off_host", "shared_use", "imds", "commanded", "other_hosts"}, []string{"host"}},
	"suspicious_source":         {[]string{"shared_egress", "vendor", "spray", "wrote"}, []string{"source_known"}},
	"departed_employee":         {[]string{"after_end", "automation", "hand_over", "return_path", "taken"}, []string{"identities"}},
	"s3_exfiltration_or_ransom": {[]string{"read", "rewritten", "protections", "locked", "saved", "note"}, []string{"object_log", "assets"}},
	"cost_spike":                {[]string{"launched", "unmatched", "probed", "protected", "first_use"}, []string{"regions", "cost_back", "compute_gone"}},
	"pipeline_compromise":       {[]string{"override", "source_token", "many_projects", "off_fleet", "artefact", "given"}, []string{"source_side"}},
	"root_activity":             {[]string{"mailbox", "root_acted", "root_key", "by_management", "taken_over"}, []string{"planned"}},
	"model_abuse":               {[]string{"invoked", "which", "resale", "api_key", "invocation_log_off", "bought"}, []string{"models_cost", "regions"}},
	"logging_tampered":          {[]string{"by_intruder", "inside_gap"}, []string{"logging_on", "gap"}},
}

// TestFlowsDecide: each flow has every point at which its kind of case turns.
func TestFlowsDecide(t *testing.T) {
	p := load(t)
	for id := range p.Playbooks {
		if _, ok := points[id]; !ok {
			t.Errorf("nobody says what the flow of %s must decide", id)
		}
	}
	for id, want := range points {
		b := p.Playbooks[id]
		has := func(list []playbook.Step, step string) bool {
			return slices.ContainsFunc(list, func(s playbook.Step) bool { return s.ID == step })
		}
		for _, step := range want.decisions {
			if !has(b.Decisions, step) {
				t.Errorf("the flow of %s does not decide %s", id, step)
			}
		}
		for _, step := range want.criteria {
			if !has(b.Criteria, step) {
				t.Errorf("the flow of %s does not ask for %s", id, step)
			}
		}
	}
}
