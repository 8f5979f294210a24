package runner_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/content"
	"github.com/trailhound/trailhound/internal/posture/pipeline"
	"github.com/trailhound/trailhound/internal/posture/pipeline/check"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
	"github.com/trailhound/trailhound/internal/posture/pipeline/runner"
)

func old() *model.Project {
	return &model.Project{Name: model.Of("app"), Source: model.Source{Type: model.Of("GITHUB"), Location: model.Of("https://github.com/acme/app"),
		Buildspec: model.Of(model.Hide("version: 0.2\nphases:\n  build:\n    commands:\n      - make test\n"))},
		Env: model.Environment{Privileged: model.Of(true), Variables: model.Of([]model.Variable{{Name: model.Of("KEY"), Value: model.Of(model.Hide("canary"))}})}}
}

// TestGeneratedPassesTheAudit reads the generated project and workflow back: the
// audit has nothing to say but what a runner cannot help.
func TestGeneratedPassesTheAudit(t *testing.T) {
	plan, err := runner.For(old())
	if err != nil {
		t.Fatal(err)
	}
	pack, err := check.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"runner.yml": plan.CloudFormation, "runner.tf": plan.Terraform} {
		dir := t.TempDir()
		for file, body := range map[string]string{name: text, "ci.yml": plan.Workflow, "approval.json": `{"approval_policy":"all_external_contributors"}`} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(body), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		in, err := read.Files(t.Context(), []string{dir})
		if err != nil {
			t.Fatal(err)
		}
		if len(in.Inventory.Projects) != 1 || len(in.Inventory.Workflows) != 1 || len(in.Inventory.Gaps) > 0 {
			t.Fatalf("%s: read %d projects, %d workflows, gaps %v", name, len(in.Inventory.Projects), len(in.Inventory.Workflows), in.Inventory.Gaps)
		}
		r, err := pipeline.Audit(pipeline.Input{Inventory: in.Inventory, Settings: in.Settings, Pack: pack, Now: time.Unix(0, 0)})
		if err != nil {
			t.Fatal(err)
		}
		p := r.Projects[0]
		if p.Verdict.String() != "APPROVED" {
			t.Errorf("%s: verdict %s", name, p.Verdict)
		}
		for _, f := range append(p.Findings, r.Findings...) {
			t.Errorf("%s: %s %s", name, f.Check, f.Says)
		}
	}
	if strings.Contains(plan.CloudFormation+plan.Terraform+plan.Workflow+strings.Join(plan.Notes, ""), "canary") || !strings.Contains(plan.Workflow, `- run: "make test"`) {
		t.Errorf("workflow:\n%s", plan.Workflow)
	}
}

// TestLinterHasNothingToSay holds the generated template against cfn-lint.
func TestLinterHasNothingToSay(t *testing.T) {
	lint, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Skip("SKIPPED, NOT PASSED: cfn-lint is not on the PATH")
	}
	plan, err := runner.For(old())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "runner.yaml")
	if err := os.WriteFile(file, []byte(plan.CloudFormation), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), lint, "--regions", "eu-west-1", "--", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestRefused(t *testing.T) {
	other := old()
	other.Source.Type = model.Of("BITBUCKET")
	hostile := old()
	hostile.Name = model.Of("a\nb: ${{ x }}")
	for _, p := range []*model.Project{other, hostile} {
		if _, err := runner.For(p); err == nil {
			t.Errorf("a runner was drawn for %q", p.Name.V)
		}
	}
}
