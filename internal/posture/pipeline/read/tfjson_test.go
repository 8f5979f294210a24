package read

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
)

// TestPlanIsAsTerraformSpellsIt writes a plan with HashiCorp's own types and reads
// it, and hands them the plan that the other tests read: were a member spelled
// otherwise, one of the two would lose it.
func TestPlanIsAsTerraformSpellsIt(t *testing.T) {
	var theirs tfjson.Plan
	if err := theirs.UnmarshalJSON([]byte(plan)); err != nil {
		t.Fatalf("the plan of these tests is none: %v", err)
	}
	if len(theirs.ResourceChanges) == 0 || theirs.ResourceChanges[0].Change == nil {
		t.Error("Terraform's types find no change in the plan of these tests")
	}
	made := tfjson.Plan{FormatVersion: "1.2", TerraformVersion: "1.9.0", ResourceChanges: []*tfjson.ResourceChange{
		{Address: "module.ci.aws_codebuild_project.app", Mode: tfjson.ManagedResourceMode, Type: "aws_codebuild_project", Name: "app", Change: &tfjson.Change{
			Actions:      tfjson.Actions{tfjson.ActionCreate},
			After:        map[string]any{"name": "app", "source": []any{map[string]any{"type": "GITHUB", "location": "https://github.com/acme/app"}}},
			AfterUnknown: map[string]any{"arn": true, "service_role": true}}},
		{Address: "aws_codebuild_webhook.app", Mode: tfjson.ManagedResourceMode, Type: "aws_codebuild_webhook", Name: "app", Change: &tfjson.Change{
			Actions: tfjson.Actions{tfjson.ActionUpdate},
			After: map[string]any{"project_name": "app", "filter_group": []any{map[string]any{"filter": []any{
				map[string]any{"type": "EVENT", "pattern": "PUSH", "exclude_matched_pattern": false}, map[string]any{"type": "HEAD_REF"}}}}},
			AfterUnknown: map[string]any{"filter_group": []any{map[string]any{"filter": []any{map[string]any{}, map[string]any{"pattern": true}}}}}}},
		{Address: "aws_codebuild_project.gone", Mode: tfjson.ManagedResourceMode, Type: "aws_codebuild_project", Name: "gone", Change: &tfjson.Change{
			Actions: tfjson.Actions{tfjson.ActionDelete}, Before: map[string]any{"name": "gone"}}},
	}}
	data, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "plan.json")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := Files(t.Context(), []string{file})
	if err != nil || len(in.Inventory.Gaps) > 0 || len(in.Inventory.Projects) != 1 {
		t.Fatalf("%v, gaps %+v, %d projects", err, in.Inventory.Gaps, len(in.Inventory.Projects))
	}
	p := in.Inventory.Projects[0]
	groups := p.Webhook.V.Groups.V
	if p.Name.V != "app" || !p.Role.Unknown() || len(groups) != 1 || len(groups[0].Filters.V) != 2 || !groups[0].Filters.V[1].Pattern.Unknown() {
		t.Errorf("%+v", p)
	}
}
