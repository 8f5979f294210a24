package live_test

import (
	"flag"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"testing"

	"github.com/trailhound/trailhound/internal/posture/pipeline/live"
)

var update = flag.Bool("update", false, "write the role templates anew")

// deployed are the templates that users take.
var deployed = map[string]string{
	"cloudformation": "../../../../deploy/trailhound-pipeline-audit.cfn.yaml",
	"terraform":      "../../../../deploy/trailhound-pipeline-audit.tf",
}

func TestRoleTemplatesAreThoseOfTheProgram(t *testing.T) {
	for _, format := range live.RoleFormats() {
		want, err := live.Role(format)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(deployed[format], []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(deployed[format])
		if err != nil || string(got) != want {
			t.Errorf("%s is not what the program prints (go test ./internal/posture/pipeline/live -run Templates -update): %v", deployed[format], err)
		}
		// Whatever in the file looks like an action is one of ours, and all of ours are there.
		granted := regexp.MustCompile(`\b[a-z0-9]+:(?:Get|List|Describe|BatchGet)\w+`).FindAllString(string(got), -1)
		if !slices.Equal(granted, live.Actions()) {
			t.Errorf("%s grants %v", format, granted)
		}
		if regexp.MustCompile(`\w:\*|"\*:`).Match(got) {
			t.Errorf("%s grants by pattern", format)
		}
	}
	if _, err := live.Role("pulumi"); err == nil {
		t.Error("a format that there is not")
	}
}

// What others made to check such templates finds nothing wrong with them.
func TestRoleTemplatesPassTheLinters(t *testing.T) {
	for _, lint := range [][]string{{"cfn-lint", deployed["cloudformation"]}, {"terraform", "fmt", "-check", deployed["terraform"]}} {
		t.Run(lint[0], func(t *testing.T) {
			path, err := exec.LookPath(lint[0])
			if err != nil {
				t.Skipf("SKIPPED, NOT PASSED: %s is not installed", lint[0])
			}
			if out, err := exec.CommandContext(t.Context(), path, lint[1:]...).CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}
