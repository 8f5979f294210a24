package detection

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/datasettest"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

var update = flag.Bool("update", false, "rewrite golden files")

// stratusWants is the rule of the catalogue that says what each detonation is.
// Where a detonation is several acts, each is listed.
var stratusWants = map[string][]string{
	"aws.credential-access.ec2-get-password-data":                {"CA-003"},
	"aws.credential-access.ec2-steal-instance-credentials":       {"CA-007", "IA-009"},
	"aws.credential-access.secretsmanager-retrieve-secrets":      {"CA-001"},
	"aws.credential-access.ssm-retrieve-securestring-parameters": {"CA-002"},
	"aws.defense-evasion.cloudtrail-delete":                      {"DE-002"},
	"aws.defense-evasion.cloudtrail-event-selectors":             {"DE-004"},
	"aws.defense-evasion.cloudtrail-stop":                        {"DE-001"},
	"aws.defense-evasion.organizations-leave":                    {"DE-014"},
	"aws.defense-evasion.vpc-remove-flow-logs":                   {"DE-011"},
	"aws.discovery.ec2-download-user-data":                       {"DS-014"},
	"aws.execution.ec2-launch-unusual-instances":                 {"IM-001"},
	"aws.exfiltration.ec2-security-group-open-port-22-ingress":   {"PR-033"},
	"aws.exfiltration.ec2-share-ami":                             {"XF-002"},
	"aws.exfiltration.ec2-share-ebs-snapshot":                    {"XF-001"},
	"aws.exfiltration.rds-share-snapshot":                        {"XF-003"},
	"aws.initial-access.console-login-without-mfa":               {"IA-002"},
	"aws.persistence.iam-backdoor-role":                          {"PR-007"},
	"aws.persistence.iam-backdoor-user":                          {"PR-002"},
	"aws.persistence.iam-create-admin-user":                      {"PE-001", "PR-001", "PR-002"},
	"aws.persistence.iam-create-user-login-profile":              {"PR-004"},
	"aws.persistence.lambda-backdoor-function":                   {"PR-015"},
	"aws.persistence.lambda-overwrite-code":                      {"PE-010"},
	"aws.persistence.rolesanywhere-create-trust-anchor":          {"PR-011"},
}

type stratusCase struct {
	ID         string `json:"stratus_id"`
	File       string `json:"file"`
	Techniques []struct {
		ID string `json:"id"`
	} `json:"techniques"`
}

// TestStratus runs the rules over real recordings of known techniques. Nothing
// is given but that the events are the intruder's: no baseline, no inventory.
func TestStratus(t *testing.T) {
	dir := datasettest.Dir(t)
	p, err := Load(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	var labels struct{ Cases []stratusCase }
	data, err := os.ReadFile(filepath.Join(dir, "ground_truth", "stratus_detonation_logs.dev.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &labels); err != nil {
		t.Fatal(err)
	}
	if len(labels.Cases) != len(stratusWants) {
		t.Errorf("%d cases, and %d are expected", len(labels.Cases), len(stratusWants))
	}
	var rows []string
	for _, c := range labels.Cases {
		matches, report, err := p.Run(t.Context(), stratusSubjects(t, filepath.Join(dir, c.File)), Env{})
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range report.NotEvaluable {
			t.Errorf("%s: rule %s: %s", c.ID, g.Rule, g.Reason)
		}
		raised := map[string][2]int{} // successes, failures
		for _, m := range matches {
			n := raised[m.Rule.ID]
			if m.Outcome == evidence.Failure {
				n[1]++
			} else {
				n[0]++
			}
			raised[m.Rule.ID] = n
		}
		for _, want := range stratusWants[c.ID] {
			if raised[want] == [2]int{} {
				t.Errorf("%s: %s is not raised; raised are %v", c.ID, want, raised)
			}
		}
		rows = append(rows, stratusRow(p, c, raised))
	}
	golden(t, "../../docs/reference/stratus-map.md", stratusPage(rows))
}

func stratusSubjects(t *testing.T, file string) []Subject {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var records []json.RawMessage
	if err := json.Unmarshal(data, &records); err != nil {
		t.Fatal(err)
	}
	var out []Subject
	for _, raw := range records {
		e, err := cloudtrail.Decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		rec, err := e.Parse()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, Subject{Event: &e, Record: rec, Actor: attribution.Intruder, Credential: e.Identity.AccessKey})
	}
	return out
}

func stratusRow(p *Pack, c stratusCase, raised map[string][2]int) string {
	var labels, rules, others, attack []string
	for _, l := range c.Techniques {
		labels = append(labels, l.ID)
	}
	ids := make([]string, 0, len(raised))
	for id := range raised {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if !slices.Contains(stratusWants[c.ID], id) {
			others = append(others, id)
			continue
		}
		r := p.Rule(id)
		how := fmt.Sprintf("%d succeeded", raised[id][0])
		if raised[id][0] == 0 {
			how = fmt.Sprintf("%d attempted", raised[id][1])
		}
		rules = append(rules, fmt.Sprintf("%s %s (%s)", id, r.Title, how))
		for _, a := range r.Attack {
			if !slices.Contains(attack, a.Technique) {
				attack = append(attack, a.Technique)
			}
		}
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s |", c.ID, strings.Join(labels, ", "), strings.Join(rules, "; "), strings.Join(attack, ", "), strings.Join(others, ", "))
}

func stratusPage(rows []string) string {
	return `# Stratus Red Team techniques and our rules

Each row is one recorded detonation of Stratus Red Team, run through the rules with nothing known but that
the events are the intruder's: no baseline, no inventory, no other log. The table is written by
` + "`go test ./internal/detection -run TestStratus -update`" + `, and the test fails when a rule of the third column is not raised.

The second column is what the recording is labelled with; ids with a letter (T1496.A008) come from AWS's own
threat catalogue and are no ATT&CK ids. "Attempted" means that AWS refused every call of that kind. The last
column lists what else the events show: how the operator looked around and got into the role.

| Stratus technique | label | rule raised | ATT&CK of the rule | also raised |
|---|---|---|---|---|
` + strings.Join(rows, "\n") + "\n"
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is out of date: run with -update and read the difference\n%s", file, got)
	}
}
