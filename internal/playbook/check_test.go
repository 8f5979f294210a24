package playbook

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
)

var day = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// made is a result built by hand, an event at a time.
type made struct{ investigation.Result }

func result() *made {
	m := &made{}
	m.Verdict.Status = "incident"
	m.Scope.Window.To = day.AddDate(0, 0, 7).Format(time.RFC3339)
	return m
}

func (m *made) sibling(instance string) *made {
	m.Siblings = append(m.Siblings, investigation.Sibling{Instance: instance, Role: "web", Of: "i-0123456789abcdef0", Refs: []string{"snapshot:5555555555555555#" + instance}})
	return m
}

// act adds an event: "iam:CreateUser", with "!" before it if it failed.
func (m *made) act(actor attribution.Actor, after time.Duration, action string, with ...func(*evidence.Event)) *made {
	e := evidence.Event{ID: fmt.Sprintf("e%d", len(m.Events)), Time: day.Add(after), SourceIP: "203.0.113.7", UserAgent: "aws-cli/2.15.0 md/linux"}
	e.Identity = evidence.Identity{Type: "IAMUser", PrincipalID: "AIDAEXAMPLEEXAMPLE11", AccessKey: "AKIAEXAMPLEEXAMPLE11"}
	if bare, failed := strings.CutPrefix(action, "!"); failed {
		action, e.ErrorCode = bare, "AccessDenied"
	}
	service, name, _ := strings.Cut(action, ":")
	e.Source, e.Name = service+".amazonaws.com", name
	e.ReadOnly = strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "List") || strings.HasPrefix(name, "Describe")
	for _, f := range with {
		f(&e)
	}
	m.Events = append(m.Events, e)
	m.Attribution = append(m.Attribution, attribution.Row{Event: e.ID, Actor: actor, Credential: e.Identity.AccessKey, Because: "score:105"})
	return m
}

func (m *made) hostile(action string, with ...func(*evidence.Event)) *made {
	return m.act(attribution.Intruder, time.Duration(len(m.Events))*time.Minute, action, with...)
}

func (m *made) limit(kind, text string) *made {
	m.Limits = append(m.Limits, investigation.Limit{ID: fmt.Sprintf("L%d", len(m.Limits)+1), Kind: kind, Text: text})
	return m
}

func (m *made) says(r intake.Relation, negated bool, at time.Time, ip string) *made {
	s := intake.Statement{Relation: r, Negated: negated, Text: "as said", From: "case text"}
	if r == intake.Terminated && !negated {
		m.Terminated = at
	}
	if !at.IsZero() {
		s.When = []intake.Span{{From: at, To: at.Add(24 * time.Hour), Grain: "minute"}}
	}
	if ip != "" {
		s.Seeds = []intake.Seed{{Kind: "ip", Value: ip}}
	}
	m.Statements = append(m.Statements, s)
	return m
}

func (m *made) holds(id, parent, state string) *made {
	c := lineage.Credential{ID: id, HeldBy: "intruder", State: state}
	if parent != "" {
		c.IssuedBy = &lineage.Issue{Credential: parent}
	}
	m.Credentials = append(m.Credentials, c)
	return m
}

func (m *made) spends(text string) *made {
	m.Impact = append(m.Impact, investigation.Impact{Class: "money", Level: "possible", Text: text})
	return m
}

// offBy is a case whose key was disabled by an event; e0 is the intruder's.
func offBy(event string) *made {
	m := result().hostile("iam:UpdateAccessKey").holds("AKIAEXAMPLEEXAMPLE11", "", "disabled")
	m.Credentials[0].StateEvidence = []string{event}
	return m
}

func (m *made) covers(classes ...string) *made {
	m.Coverage = append(m.Coverage, investigation.Coverage{Region: "eu-west-1", Classes: classes})
	return m
}

func (m *made) leaves(id, status string) *made {
	m.Persistence = append(m.Persistence, ledger.Persistence{ID: id, Status: status, Evidence: []string{"event:e0"}})
	return m
}

func (m *made) creates(id, state string, by string, evidence ...string) *made {
	m.Resources = append(m.Resources, ledger.Resource{ID: id, Effect: []string{"created"}, ByEvent: []string{by}, StateNow: state, StateEvidence: evidence})
	return m
}

func (m *made) loses(id, outcome string) *made {
	m.Recovery = append(m.Recovery, investigation.Recovery{ID: id, Outcome: outcome, Events: []string{"e0"}})
	return m
}

func (m *made) builds(project string, known bool) *made {
	m.Builds = append(m.Builds, investigation.Build{Project: project, Known: known, Events: []string{"e0"}})
	return m
}

func (m *made) doubtful(id string) *made {
	m.Doubtful = append(m.Doubtful, investigation.Doubtful{ID: id, Status: ledger.Live, Events: []string{"e0"}})
	return m
}

func from(ip string) func(*evidence.Event)  { return func(e *evidence.Event) { e.SourceIP = ip } }
func agent(ua string) func(*evidence.Event) { return func(e *evidence.Event) { e.UserAgent = ua } }
func person(id string) func(*evidence.Event) {
	return func(e *evidence.Event) { e.Identity.PrincipalID = id }
}
func identity(t string) func(*evidence.Event) { return func(e *evidence.Event) { e.Identity.Type = t } }
func delivered(v string) func(*evidence.Event) {
	return func(e *evidence.Event) { e.Identity.RoleDelivery = v }
}
func mfa(e *evidence.Event) { e.Identity.MFA = "true" }

// TestChecks has each answer that each check can give.
func TestChecks(t *testing.T) {
	gap := func(m *made, from, to time.Duration) *made {
		m.limit("logging_stopped", "A trail was stopped.")
		m.Limits[len(m.Limits)-1].Interval = &investigation.Interval{From: day.Add(from).Format(time.RFC3339), To: day.Add(to).Format(time.RFC3339)}
		return m
	}
	response := func(m *made, after time.Duration) *made {
		m.Timeline = append(m.Timeline, investigation.Entry{At: day.Add(after).Format(time.RFC3339), Event: "r1", Phase: "response", Outcome: "success", Text: "iam:UpdateAccessKey."})
		return m
	}
	everywhere := result()
	for _, r := range defaultRegions {
		everywhere.Coverage = append(everywhere.Coverage, investigation.Coverage{Region: r})
	}
	answeredQ := result()
	answeredQ.Questions = []intake.Question{{ID: "owner", Status: "answered"}, {ID: "vendors", Status: "defaulted"}, {ID: "exposed_at", Status: "answered"}, {ID: "terminated_at", Status: "answered"}}
	contradicted := result()
	contradicted.Questions = []intake.Question{{ID: "rotated_at", Answer: "at ten", ContradictedBy: []string{"event:e7"}}}
	found := result()
	found.Findings = []investigation.Finding{{ID: "F1", Technique: "IA-009", Evidence: []string{"event:e1"}}, {ID: "F2", Technique: "PR-001", Also: []string{"PR-002"}}, {ID: "F3", Technique: "PR-009", Outcome: "attempted"}}
	unseen := result()
	unseen.Impact = []investigation.Impact{{Level: "not_covered", Text: "Not recorded.", Coverage: []string{"L1"}}}
	harm := result()
	harm.Impact = []investigation.Impact{{Level: "confirmed"}}
	for _, c := range []struct {
		check string
		args  []string
		m     *made
		want  string
	}{
		{"entry_explained", nil, result().hostile("iam:ListUsers").holds("K1", "", "active").says(intake.Exposed, false, day, ""), yes},
		{"entry_explained", nil, result().holds("K1", "", "active").says(intake.Terminated, false, day, ""), yes},
		{"entry_explained", nil, result().holds("K1", "", "active"), unknown},
		{"entry_explained", nil, result(), unknown},
		{"entry_explained", nil, result().holds("K1", "", "active").limit("orphan_session", "No beginning."), no},
		{"exposure_known", nil, result().says(intake.Exposed, false, day, ""), yes},
		{"exposure_known", nil, answeredQ, yes},
		{"exposure_known", nil, result().says(intake.Exposed, false, time.Time{}, ""), unknown},
		{"lineage_fixpoint_all_states_known", nil, result().holds("K1", "", "active"), yes},
		{"lineage_fixpoint_all_states_known", nil, result().holds("K1", "", "unknown"), unknown},
		{"lineage_fixpoint_all_states_known", nil, result().holds("K1", "", "active").limit("account_missing", "Elsewhere."), unknown},
		{"lineage_fixpoint_all_states_known", nil, result(), unknown},
		{"credential_disabled", nil, result().holds("K1", "", "disabled").holds("K2", "K1", "active"), yes},
		{"credential_disabled", nil, result().holds("K1", "", "active"), no},
		{"credential_disabled", nil, result().holds("K1", "", "unknown"), unknown},
		{"credential_disabled", nil, cameIn("oidc_federation", ""), unknown}, // the trust gives out the next session
		{"credential_disabled", nil, cameIn("assume_role", ""), yes},
		{"children_dead", nil, result().holds("K1", "", "disabled").holds("K2", "K1", "active"), no},
		{"children_dead", nil, result().holds("K1", "", "active").holds("K2", "K1", "expired"), yes},
		{"every_planted_thing_has_state", nil, result().leaves("u", "live").creates("r", "present", "e0"), yes},
		{"every_planted_thing_has_state", nil, result().leaves("u", "unknown"), unknown},
		{"every_planted_thing_has_state", nil, result().creates("r", "unknown", "e0"), unknown},
		{"no_way_back_live", nil, result().leaves("u", "live"), no},
		{"no_way_back_live", nil, result().leaves("u", "unknown"), unknown},
		{"no_way_back_live", nil, result().leaves("u", "removed").leaves("v", "attempted"), yes},
		{"impact_stated_with_coverage", nil, harm, yes},
		{"impact_stated_with_coverage", nil, unseen, unknown},
		{"no_success_after_containment_24h", nil, result(), no},
		{"no_success_after_containment_24h", nil, response(result().hostile("iam:ListUsers"), time.Hour), yes},
		{"no_success_after_containment_24h", nil, response(result().act(attribution.Intruder, 2*time.Hour, "iam:ListUsers"), time.Hour), no},
		{"no_success_after_containment_24h", nil, response(result().act(attribution.Intruder, 2*time.Hour, "!iam:ListUsers"), time.Hour), yes},
		{"no_success_after_containment_24h", nil, response(result(), 7*24*time.Hour-time.Hour), unknown},
		{"no_success_after_containment_24h", nil, gap(response(result(), time.Hour), 2*time.Hour, 3*time.Hour), unknown},
		{"no_success_after_containment_24h", nil, result().says(intake.Disabled, false, day, ""), yes},
		{"containment_seen", nil, result().says(intake.Disabled, true, day, ""), no},
		{"containment_seen", nil, response(result(), time.Hour), yes},
		{"nothing_undetermined", nil, result().hostile("iam:CreateUser"), yes},
		{"nothing_undetermined", nil, result().act(attribution.Undetermined, 0, "iam:CreateUser"), no},
		{"nothing_undetermined", nil, result().act(attribution.Undetermined, 0, "iam:ListUsers"), unknown},
		{"nothing_undetermined", nil, result(), unknown}, // nothing examined is no comfort
		{"statements_hold", nil, contradicted, no},
		{"statements_hold", nil, result().says(intake.Owner, false, day, ""), yes},
		{"statements_hold", nil, result(), unknown},
		{"anchors_found", nil, result().hostile("iam:ListUsers"), yes},
		{"anchors_found", nil, result().limit("other", "The case names access key K."), no},
		{"anchors_found", nil, result(), unknown},
		{"regions_all_covered", nil, everywhere, yes},
		{"regions_all_covered", nil, result().covers("management_read"), unknown},
		{"cost_data_present", nil, result().limit("no_cost_data", "None."), no},
		{"cost_data_present", nil, result(), yes},
		{"termination_known", nil, result().says(intake.Terminated, false, day, ""), yes},
		{"termination_known", nil, answeredQ, yes},
		{"termination_known", nil, result(), unknown},
		{"limit_absent", []string{"no_snapshot"}, result().limit("no_snapshot", "None."), no},
		{"limit_absent", []string{"no_snapshot"}, result().limit("other", "X."), yes},
		{"class_covered", []string{"data:s3"}, result().covers("data:s3"), yes},
		{"class_covered", []string{"data:s3"}, result().covers("management_read"), no},
		{"class_covered", []string{"data:s3"}, result(), unknown},
		{"answered", []string{"owner"}, answeredQ, yes},
		{"answered", []string{"owner", "vendors"}, answeredQ, no},
		{"answered", []string{"vendors"}, result().says(intake.Vendor, false, time.Time{}, ""), yes},
		{"intruder_succeeded", []string{"iam:Create*"}, result().hostile("iam:CreateUser"), yes},
		{"intruder_succeeded", []string{"iam:Create*"}, result().hostile("!iam:CreateUser"), no},
		{"intruder_succeeded", []string{"iam:Create*"}, result().act(attribution.Owner, 0, "iam:CreateUser"), no},
		{"intruder_succeeded", []string{"iam:CreateUser"}, result().hostile("sso:CreateUser"), no},
		{"intruder_tried", []string{"iam:CreateUser"}, result().hostile("!iam:CreateUser"), yes},
		{"intruder_tried", []string{"iam:CreateUser"}, result(), no},
		{"seen", []string{"iam:*"}, result().act(attribution.Owner, 0, "iam:CreateUser"), yes},
		{"seen", []string{"iam:*"}, result(), no},
		{"technique_found", []string{"IA-009"}, found, yes},
		{"technique_found", []string{"PR-002"}, found, yes},
		{"technique_found", []string{"PR-003"}, found, no},
		{"technique_found", []string{"PR-009"}, found, no}, // an attempt is no result
		{"identity_type_hostile", []string{"Root"}, result().hostile("iam:CreateUser", identity("Root")), yes},
		{"identity_type_hostile", []string{"Root"}, result().act(attribution.Owner, 0, "iam:CreateUser", identity("Root")), no},
		{"several_identities", nil, result().hostile("iam:ListUsers").hostile("iam:ListUsers", person("AIDAEXAMPLEEXAMPLE22")), yes},
		{"several_identities", nil, result().hostile("iam:ListUsers").hostile("iam:ListRoles"), no},
		{"several_identities", nil, result(), unknown},
		{"several_networks", nil, result().hostile("iam:ListUsers").hostile("iam:ListUsers", from("198.51.100.9")), yes},
		{"several_networks", nil, result().hostile("iam:ListUsers").hostile("iam:ListUsers", from("ec2.amazonaws.com")), no},
		{"network_shared", nil, result().hostile("iam:ListUsers").limit("attribution_ambiguous", "The intruder used networks that unrelated principals use too: x."), yes},
		{"network_shared", nil, result().hostile("iam:ListUsers"), no},
		{"network_shared", nil, result(), unknown},
		{"metadata_v1", nil, result().hostile("s3:GetObject", delivered("2.0")).hostile("s3:GetObject", delivered("1.0")), yes},
		{"metadata_v1", nil, result().hostile("s3:GetObject", delivered("2.0")), no},
		{"metadata_v1", nil, result().hostile("s3:GetObject").act(attribution.Service, time.Hour, "s3:GetObject", delivered("1.0")), unknown},
		{"role_on_other_hosts", nil, result().sibling("i-0123456789abcdef1"), yes},
		{"role_on_other_hosts", nil, result().hostile("s3:GetObject"), unknown},
		{"logging_restored", nil, gap(result(), 0, time.Hour), yes},
		{"logging_restored", nil, gap(result(), 0, 7*24*time.Hour), no},
		{"logging_restored", nil, result(), unknown},
		{"acts_in_gap", nil, gap(result().hostile("cloudtrail:StopLogging").hostile("iam:ListUsers"), 0, time.Hour), yes},
		{"acts_in_gap", nil, gap(result().hostile("cloudtrail:StopLogging"), 0, time.Hour), unknown}, // the stop itself
		{"intruder_changed", nil, result().hostile("iam:ListRoles").hostile("rds:CreateDBSnapshot"), yes},
		{"intruder_changed", nil, result().hostile("iam:ListRoles").hostile("signin:ConsoleLogin"), no},
		{"intruder_changed", nil, result().hostile("!ec2:RunInstances"), no},
		{"cost_back", nil, result(), yes},
		{"cost_back", nil, result().spends("`EC2` cost 9 USD on 2026-03-02, on days that cost over three times the usual."), unknown},
		{"cost_back", nil, result().limit("no_cost_data", "None."), no},
		{"every_planted_thing_has_state", nil, result().hostile("ssm:SendCommand"), unknown},
		{"every_planted_thing_has_state", nil, result().hostile("!ssm:SendCommand"), yes},
		{"no_way_back_live", nil, result().hostile("ssm:StartSession"), unknown},
		{"no_way_back_live", nil, result().hostile("iam:ListUsers").doubtful("arn:aws:iam::111122223333:user/x"), unknown},
		{"containment_seen", nil, offBy("event:e7"), yes},
		{"containment_seen", nil, offBy("event:e0"), no}, // the intruder's own call
		{"no_success_after_containment_24h", nil, offBy("event:e7"), unknown},
		{"acts_in_gap", nil, gap(result().hostile("iam:ListUsers"), time.Hour, 2*time.Hour), unknown},
		{"acts_in_gap", nil, result(), unknown},
		{"intruder_after_termination", nil, result().hostile("iam:ListUsers").says(intake.Terminated, false, day, ""), yes},
		{"intruder_after_termination", nil, result().hostile("iam:ListUsers").says(intake.Terminated, false, day.Add(time.Hour), ""), no},
		{"intruder_after_termination", nil, result().hostile("iam:ListUsers"), unknown},
		{"recovery_known", nil, result(), yes},
		{"recovery_known", nil, result().loses("r", "copy").loses("s", "gone").loses("t", "pending"), yes},
		{"recovery_known", nil, result().loses("r", "copy").loses("s", "unknown"), unknown},
		{"recovery_known", nil, result().loses("r", "partly"), unknown},
		{"spend_explained", nil, result(), yes},
		{"spend_explained", nil, result().limit("no_cost_data", "No cost data was given."), unknown},
		{"spend_explained", nil, result().limit("other", "EC2 in x cost 10 USD more than the usual, and no call that would have caused it is in the evidence."), no},
		{"spend_explained", nil, result().limit("region_missing", "EC2 in x cost 10 USD more, and the evidence holds no events of that region."), no},
		{"spend_explained", nil, result().limit("region_missing", "The evidence holds events of one region only."), yes},
		{"several_builds", nil, result(), unknown},
		{"several_builds", nil, result().builds("p", true), no},
		{"several_builds", nil, result().builds("p", true).builds("q", true), yes},
		{"build_reach_known", nil, result(), unknown},
		{"build_reach_known", nil, result().builds("p", true), yes},
		{"build_reach_known", nil, result().builds("p", true).builds("q", false), unknown},
		{"resources_all_gone", nil, result().creates("r", "removed", "e0"), yes},
		{"resources_all_gone", nil, result().creates("r", "present", "e0"), no},
		{"resources_all_gone", nil, result().creates("r", "unknown", "e0"), unknown},
	} {
		a := checks[c.check].run(look(&c.m.Result), c.args)
		if a.is != c.want {
			t.Errorf("%s %v says %s (%s), want %s", c.check, c.args, a.is, a.because, c.want)
		}
		if a.because == "" {
			t.Errorf("%s %v says %s and not why", c.check, c.args, a.is)
		}
		tested[c.check+a.is] = true
	}
	for _, name := range CheckNames() {
		if !tested[name+yes] || !tested[name+no] && !tested[name+unknown] {
			t.Errorf("no test makes %s say both yes and something else", name)
		}
	}
}

var tested = map[string]bool{}

// TestNeeds: a "no" without the log that would show it is none.
func TestNeeds(t *testing.T) {
	s := Step{Check: "intruder_succeeded", Args: []string{"s3:GetObject"}, Needs: []string{"data:s3"}}
	if a := look(&result().covers("management_read").Result).run(s); a.is != unknown {
		t.Errorf("without data events it says %s", a.is)
	}
	if a := look(&result().covers("data:s3").Result).run(s); a.is != no {
		t.Errorf("with data events it says %s", a.is)
	}
	if a := look(&result().hostile("s3:GetObject").Result).run(s); a.is != yes {
		t.Errorf("with a read it says %s", a.is)
	}
}

// TestRefsAreBounded: a line cites a few, and its sentence counts all.
func TestRefsAreBounded(t *testing.T) {
	m := result()
	for range 100 {
		m.hostile("iam:CreateUser")
	}
	a := intruderSucceeded(look(&m.Result), []string{"*"})
	if len(a.refs) != maxRefs || !strings.Contains(a.because, "100 calls") || !slices.Contains(a.refs, "event:e0") {
		t.Errorf("%d references, %q", len(a.refs), a.because)
	}
}

// cameIn is a result with one session that is over, and what opened it.
func cameIn(rule, parent string) *made {
	m := result()
	m.Credentials = append(m.Credentials, lineage.Credential{ID: "K", HeldBy: "intruder", State: "expired", IssuedBy: &lineage.Issue{Rule: rule, Credential: parent}})
	return m
}
