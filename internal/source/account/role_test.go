package account

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/trailhound/trailhound/internal/source/awsapi/awstest"
)

var update = flag.Bool("update", false, "write the role templates anew")

// deployed are the templates that users take.
var deployed = map[string]string{
	"cloudformation": "../../../deploy/trailhound-read-only.cfn.yaml",
	"terraform":      "../../../deploy/trailhound-read-only.tf",
}

func TestTemplatesAreThoseOfTheProgram(t *testing.T) {
	for _, format := range RoleFormats() {
		want, err := Role(format)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(deployed[format], []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(deployed[format]); err != nil || string(got) != want {
			t.Errorf("%s is not what the program prints (go test ./internal/source/account -update): %v", deployed[format], err)
		}
	}
	if _, err := Role("pulumi"); err == nil {
		t.Error("a format that there is not")
	}
}

// What others made to check such templates finds nothing wrong with them.
func TestTemplatesPassTheLinters(t *testing.T) {
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

// granted reads the actions of the first statement of a template the way AWS
// and Terraform would: by its structure, not by the list that it was made from.
func granted(t *testing.T, format string) (account, organisation []string) {
	t.Helper()
	data, err := os.ReadFile(deployed[format])
	if err != nil {
		t.Fatal(err)
	}
	if format == "terraform" {
		blocks := regexp.MustCompile(`(?s)sid\s+= "(\w+)".*?actions\s*=\s*\[(.*?)\]`).FindAllStringSubmatch(string(data), -1)
		of := map[string][]string{}
		for _, b := range blocks {
			for _, a := range regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(b[2], -1) {
				of[b[1]] = append(of[b[1]], a[1])
			}
		}
		return of["Gather"], of["KnowMembers"]
	}
	type policy struct {
		Statement []struct {
			Sid    string
			Action any `yaml:"Action"`
		} `yaml:"Statement"`
	}
	var doc struct {
		Resources struct {
			Role struct {
				Properties struct {
					Policies []struct {
						PolicyDocument policy `yaml:"PolicyDocument"`
					} `yaml:"Policies"`
				} `yaml:"Properties"`
			} `yaml:"Role"`
			OrganizationPolicy struct {
				Properties struct {
					PolicyDocument policy `yaml:"PolicyDocument"`
				} `yaml:"Properties"`
			} `yaml:"OrganizationPolicy"`
		} `yaml:"Resources"`
	}
	// CloudFormation's short tags mean nothing here.
	if err := yaml.Unmarshal(regexp.MustCompile(`!(Ref|Sub|GetAtt|If|Not|Equals) ?`).ReplaceAll(data, nil), &doc); err != nil {
		t.Fatal(err)
	}
	names := func(v any) (out []string) {
		list, _ := v.([]any)
		for _, a := range list {
			out = append(out, a.(string))
		}
		return out
	}
	if n := len(doc.Resources.Role.Properties.Policies); n != 1 {
		t.Fatalf("%d policies", n)
	}
	return names(doc.Resources.Role.Properties.Policies[0].PolicyDocument.Statement[0].Action),
		names(doc.Resources.OrganizationPolicy.Properties.PolicyDocument.Statement[0].Action)
}

// The templates allow what the program calls, as seen by a server that denies all
// else, and nothing beyond.
func TestTemplatesAreEnoughAndNoMore(t *testing.T) {
	for _, format := range RoleFormats() {
		account, org := granted(t, format)
		if !slices.Equal(account, Actions()) || !slices.Equal(org, OrgActions()) {
			t.Errorf("%s grants %q and %q", format, account, org)
		}
		s := awstest.New(t)
		s.Allowed = map[string]bool{}
		for _, a := range account {
			s.Allowed[a] = true
		}
		if r := gatherAll(t, options(s, filepath.Join(t.TempDir(), "out"))); len(r.Missing) > 0 {
			t.Errorf("the role of %s is not enough: %+v", format, r.Missing)
		}
		for _, a := range org {
			s.Allowed[a] = true
		}
		if r := gatherAll(t, organisationOptions(s, filepath.Join(t.TempDir(), "out"))); len(r.Missing) > 0 {
			t.Errorf("the role of %s is not enough for the organisation: %+v", format, r.Missing)
		}
	}
}
