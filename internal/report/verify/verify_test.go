package verify

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/playbook"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/response"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
	"pgregory.net/rapid"
)

const (
	stolen = "AKIAEXAMPLEEXAMPLE01"
	minted = "AKIAEXAMPLEEXAMPLE02"
	bot    = "arn:aws:iam::111122223333:user/deploy-bot"
)

func id(n int) string    { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }
func ref(n int) string   { return "event:" + id(n) }
func clock(n int) string { return fmt.Sprintf("2026-11-02T10:%02d:00Z", n) }

// record is the n-th event of the story, at 10:n.
func record(t testing.TB, n int, key, source, name, ip string, more string) evidence.Event {
	t.Helper()
	user, uid := "deploy-bot", "AIDAEXAMPLEEXAMPLE01"
	if key == minted {
		user, uid = "svc", "AIDAEXAMPLEEXAMPLE02"
	}
	e, err := cloudtrail.Decode([]byte(fmt.Sprintf(`{"eventVersion":"1.10","eventID":%q,"eventTime":%q,"eventSource":"%s.amazonaws.com","eventName":%q,"awsRegion":"us-east-1",
	"sourceIPAddress":%q,"userAgent":"aws-cli/2.1 os/linux","recipientAccountId":"111122223333","eventType":"AwsApiCall",%s
	"userIdentity":{"type":"IAMUser","principalId":%q,"arn":"arn:aws:iam::111122223333:user/%s","accountId":"111122223333","accessKeyId":%q,"userName":%q}}`,
		id(n), clock(n), source, name, ip, more, uid, user, key, user)))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func story(t testing.TB) *claim.World {
	t.Helper()
	q := memory.New([]evidence.Event{
		record(t, 0, stolen, "s3", "ListBuckets", "192.0.2.4", `"readOnly":true,`),
		record(t, 1, stolen, "sts", "GetCallerIdentity", "203.0.113.9", `"readOnly":true,`),
		record(t, 2, stolen, "iam", "CreateUser", "203.0.113.9", `"requestParameters":{"userName":"svc"},"responseElements":{"user":{"userName":"svc","arn":"arn:aws:iam::111122223333:user/svc","userId":"AIDAEXAMPLEEXAMPLE02"}},`),
		record(t, 3, stolen, "iam", "CreateAccessKey", "203.0.113.9", `"requestParameters":{"userName":"svc"},"responseElements":{"accessKey":{"accessKeyId":"`+minted+`","userName":"svc","status":"Active"}},`),
		record(t, 4, minted, "cloudtrail", "StopLogging", "203.0.113.9", `"errorCode":"AccessDenied","errorMessage":"User: arn:aws:iam::111122223333:user/svc is not authorized to perform: cloudtrail:StopLogging",`),
		record(t, 5, minted, "iam", "CreateRole", "203.0.113.9", `"errorCode":"AccessDenied","errorMessage":"denied",`),
	})
	c := lineage.NewCollector()
	for e, err := range q.Events(t.Context(), evidence.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		c.Add(&e)
	}
	g, err := lineage.Link(t.Context(), q, c)
	if err != nil {
		t.Fatal(err)
	}
	q.Observe(evidence.Observation{Kind: "alert", ID: "g1"})
	return &claim.World{Events: q, Observed: q, Links: g, Coverage: func(id string) (claim.Covered, bool) {
		from := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
		return claim.Covered{Account: "111122223333", Region: "us-east-1", From: from, To: from.AddDate(0, 0, 1), Classes: []string{"management_read", "management_write"}},
			id == "111122223333/us-east-1/2026-11-02"
	}}
}

// honest is a report in which everything holds.
func honest() *report.Report {
	r := &report.Report{
		Schema: report.Schema,
		Case:   intake.Case{Text: "deploy-bot's key " + stolen + " leaked"},
		Verdict: investigation.Verdict{Status: "incident", Severity: "high", Confidence: "high", Claims: []string{"C1"},
			Headline: stolen + " was used by an intruder from 203.0.113.0/24 between 2026-11-02T10:01:00Z and 2026-11-02T10:05:00Z."},
		Scope:     intake.Scope{Seeds: []intake.Seed{{Kind: "access_key", Value: stolen, From: "case text", Span: [2]int{17, 37}}}},
		Questions: []intake.Question{{ID: "rotated_at", Status: "answered", Answer: "rotated at ten", ContradictedBy: []string{ref(1)}}},
		Principals: []investigation.Principal{{ARN: bot, RoleInCase: "entry", Claims: []string{"C1"}},
			{ARN: "arn:aws:iam::111122223333:user/amira", RoleInCase: "responder", Claims: []string{}}},
		Findings: []investigation.Finding{
			{ID: "F1", Outcome: "succeeded", First: clock(2), Last: clock(3), Evidence: []string{ref(2), ref(3)}, Claims: []string{"C1", "C2"}},
			{ID: "F2", Outcome: "attempted", First: clock(4), Last: clock(4), Evidence: []string{ref(4)}, Claims: []string{"C3"}}},
		Claims: []claim.Claim{
			{ID: "C1", Text: "At " + clock(2) + " user `deploy-bot` (" + stolen + ") called iam:CreateUser from 203.0.113.9; the call succeeded.", Evidence: []string{ref(2)}, Grade: "A", Verified: true,
				Predicate: claim.Predicate{Op: "event", Event: id(2), Equals: map[string]any{"action": "iam:CreateUser", "credential": stolen, "outcome": "success", "actor": "intruder"}}},
			{ID: "C2", Text: minted + " was issued by " + stolen + ".", Evidence: []string{ref(3)}, Grade: "B", Verified: true,
				Predicate: claim.Predicate{Op: "lineage", Child: minted, Parent: stolen, Rule: "create_access_key"}},
			{ID: "C3", Text: "Both calls of " + minted + " failed: 2 calls.", Evidence: []string{ref(4)}, Grade: "A", Verified: true,
				Predicate: claim.Predicate{Op: "count", Filter: claim.Filter{"credential": minted, "outcome": "failure"}, Value: 2}},
			{ID: "C4", Text: "No DeleteTrail call was recorded on 2026-11-02.", Evidence: []string{}, Grade: "E", Verified: true,
				Predicate: claim.Predicate{Op: "absence", Filter: claim.Filter{"event_name": "DeleteTrail"}, Window: &claim.Interval{From: "2026-11-02T00:00:00Z", To: "2026-11-03T00:00:00Z"}, Coverage: []string{"111122223333/us-east-1/2026-11-02"}}},
			{ID: "C5", Text: "The owner stated: \"rotated at ten\".", Evidence: []string{}, Grade: "D", Verified: true, Predicate: claim.Predicate{Op: "statement", Answer: "rotated_at"}},
		},
		Timeline: []investigation.Entry{
			{At: clock(2), Event: id(2), Actor: "intruder", Text: "iam:CreateUser: IAM user created", Outcome: "success", Finding: "F1", Grade: "A"},
			{At: clock(4), Event: id(4), Actor: "intruder", Text: "cloudtrail:StopLogging (attempted, failed with AccessDenied)", Outcome: "failure", Finding: "F2", Grade: "B"}},
		AffectedResources: []ledger.Resource{
			{ID: "arn:aws:iam::111122223333:user/svc", Effect: []string{"created"}, ByEvent: []string{id(2)}, StateNow: "present", StateEvidence: []string{ref(2)}},
			{ID: "role/x", Effect: []string{"attempted"}, ByEvent: []string{id(5)}}},
		Persistence: []ledger.Persistence{
			{Kind: "iam_user", Status: "live", Events: []string{id(2)}, Evidence: []string{ref(2)}, Undo: "USER_RM"},
			{Kind: "role", Status: "attempted", Events: []string{id(5)}, Evidence: []string{ref(5)}}},
		Impact:   []investigation.Impact{{Class: "identity", Level: "confirmed", Text: minted + " was issued by " + stolen + ".", Evidence: []string{ref(2)}, Coverage: []string{"L1"}}, {Class: "data", Level: "not_covered", Coverage: []string{"L1"}}},
		Alerts:   []report.Alert{{Title: "key made for another user", Events: []string{ref(3), ref(0)}}},
		Supplied: []investigation.SuppliedAlert{{Ref: "alert:g1", Answer: investigation.AlertHostile, Findings: []string{"F1"}, Events: []string{id(4), id(5)}}, {Ref: "alert:g1", Answer: investigation.AlertHeldOwn, Events: []string{id(0)}}},
		Benign:   []investigation.Benign{{Text: "the owner's listing", Events: []string{id(0)}}},
		Limits:   []investigation.Limit{{ID: "L1", Kind: "no_data_events"}},
		Playbook: playbook.Outcome{Kind: "leaked_access_key", Evidence: []playbook.Wanted{{Present: "yes", Refs: []string{"limit:L1"}}},
			Decisions: []playbook.Decision{{Answer: "yes", Refs: []string{ref(2)}}}, Criteria: []playbook.Criterion{{ID: "entry", Status: "met", Refs: []string{"limit:L1", ref(0)}}}},
		Hypotheses:  []playbook.Hypothesis{{ID: "new_laptop", Verdict: "possible", For: []playbook.Point{{Refs: []string{ref(0)}}}, Against: []playbook.Point{{Refs: []string{ref(2)}}}, SetAside: []string{id(0)}}},
		Coverage:    []investigation.Coverage{{Account: "111122223333", Region: "us-east-1", Day: "2026-11-02", Classes: []string{"management_read"}}},
		Containment: []response.Step{{Step: 1, Phase: "contain", Action: "USER_DENY", Target: bot, Why: []string{"C1"}}},
		Credentials: []lineage.Credential{
			{ID: stolen, FirstSeen: clock(0), LastSeen: clock(3), Networks: []string{"192.0.2.0/24", "203.0.113.0/24"}, State: "active"},
			{ID: minted, FirstSeen: clock(4), LastSeen: clock(5), Networks: []string{"203.0.113.0/24"}, State: "active",
				IssuedBy: &lineage.Issue{Credential: stolen, Event: id(3), Rule: "create_access_key", Tier: 5, Confidence: "exact"}}},
	}
	for n := range 6 {
		a := attribution.Row{Event: id(n), Actor: attribution.Intruder, Credential: stolen, Because: "score:105"}
		if n == 0 {
			a.Actor = attribution.Owner
		}
		if n >= 4 {
			a.Credential = minted
		}
		r.Attribution = append(r.Attribution, a)
	}
	return r
}

func TestHonestReportHolds(t *testing.T) {
	problems, stats, err := Report(t.Context(), honest(), story(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(problems) > 0 {
		t.Errorf("problems: %+v", problems)
	}
	if stats.Claims != 5 || stats.Failed != 0 || stats.Broken != 0 || stats.Citations < 25 || stats.Events != 6 {
		t.Errorf("stats: %+v", stats)
	}
}

// TestTamperedReports: each tampering is found where it was done, and nothing
// else is complained of.
func TestTamperedReports(t *testing.T) {
	ghost := "00000000-0000-4000-8000-0000000000ff"
	for _, c := range []struct {
		name   string
		tamper func(*report.Report)
		where  []string // pointers of the problems, in order
		what   string   // part of the first
	}{
		{"schema", func(r *report.Report) { r.Schema = "x/v9" }, []string{"/schema"}, "x/v9"},
		{"verdict claim", func(r *report.Report) { r.Verdict.Claims = []string{"C9"} }, []string{"/verdict/claims/0"}, "C9"},
		{"verdict turned", func(r *report.Report) { r.Verdict.Status = "no_incident" }, []string{"/verdict/status", "/containment"}, "no incident"},
		{"verdict unknown", func(r *report.Report) { r.Verdict.Status = "fine" }, []string{"/verdict/status"}, "none of the format"},
		{"headline key", func(r *report.Report) { r.Verdict.Headline = "AKIAEXAMPLEEXAMPLE77 was stolen." }, []string{"/verdict/headline"}, "AKIAEXAMPLEEXAMPLE77"},
		{"indicator of nobody's", func(r *report.Report) {
			r.Indicators = append(r.Indicators, investigation.Indicator{Kind: "account", Value: "210987654321", Claims: []string{r.Claims[0].ID}})
		}, []string{"/indicators/0/value"}, "no claim of the row names it"},
		{"headline open to others", func(r *report.Report) { r.Verdict.Headline = "77 things still stand open to others." }, []string{"/verdict/headline"}, "77"},
		{"headline left behind", func(r *report.Report) { r.Verdict.Headline = "One thing left behind goes on by itself." }, []string{"/verdict/headline"}, "left behind"},
		{"headline ways back", func(r *report.Report) { r.Verdict.Headline = "77 ways back in are still open." }, []string{"/verdict/headline"}, "77"},
		{"headline time", func(r *report.Report) { r.Verdict.Headline = stolen + " was stolen at 2026-11-02T11:11:00Z." }, []string{"/verdict/headline"}, "11:11"},
		{"seed span", func(r *report.Report) { r.Scope.Seeds[0].Span = [2]int{5, 999} }, []string{"/scope/seeds/0/span"}, "outside"},
		{"question", func(r *report.Report) { r.Questions[0].ContradictedBy[0] = "event:" + ghost }, []string{"/questions/0/contradicted_by/0"}, ghost},
		{"attribution event", func(r *report.Report) { r.Attribution[3].Event = ghost }, []string{"/attribution/3/event"}, ghost},
		{"attribution key", func(r *report.Report) { r.Attribution[3].Credential = minted }, []string{"/attribution/3/credential"}, minted},
		{"attribution actor", func(r *report.Report) { r.Attribution[3].Actor = "martian" }, []string{"/attribution/3/actor"}, "martian"},
		{"actor under a claim", func(r *report.Report) { r.Attribution[2].Actor = "owner" }, []string{"/claims/0", "/timeline/0/actor"}, "actor"},
		{"first seen", func(r *report.Report) { r.Credentials[0].FirstSeen = "2026-11-02T09:00:00Z" }, []string{"/credentials/0/first_seen"}, "09:00"},
		{"last before first", func(r *report.Report) { r.Credentials[0].FirstSeen, r.Credentials[0].LastSeen = clock(3), clock(0) }, []string{"/credentials/0/last_seen"}, "before the first"},
		{"network", func(r *report.Report) { r.Credentials[0].Networks[0] = "198.51.100.0/24" }, []string{"/credentials/0/networks/0"}, "198.51"},
		{"issuer", func(r *report.Report) { r.Credentials[1].IssuedBy.Credential = "AKIAEXAMPLEEXAMPLE55" }, []string{"/credentials/1/issued_by"}, "AKIAEXAMPLEEXAMPLE55"},
		{"issuing event", func(r *report.Report) { r.Credentials[1].IssuedBy.Event = id(2) }, []string{"/credentials/1/issued_by/event"}, id(2)},
		{"disabled by nothing", func(r *report.Report) { r.Credentials[0].State = "disabled" }, []string{"/credentials/0/state"}, "no evidence"},
		{"principal claim", func(r *report.Report) { r.Principals[0].Claims[0] = "C0" }, []string{"/principals/0/claims/0"}, "C0"},
		{"finding evidence", func(r *report.Report) { r.Findings[0].Evidence = nil }, []string{"/findings/0/evidence"}, "names no evidence"},
		{"finding invented", func(r *report.Report) { r.Findings[1].Evidence = []string{ref(4), "event:" + ghost} }, []string{"/findings/1/evidence/1"}, ghost},
		{"finding snapshot", func(r *report.Report) { r.Findings[1].Evidence = append(r.Findings[1].Evidence, "snapshot:x#y") }, []string{"/findings/1/evidence/1"}, "leads to nothing"},
		{"finding first", func(r *report.Report) { r.Findings[0].First = clock(1) }, []string{"/findings/0/first"}, clock(2)},
		{"finding outcome", func(r *report.Report) { r.Findings[1].Outcome = "succeeded" }, []string{"/findings/1/outcome"}, "failed"},
		{"claim id twice", func(r *report.Report) { r.Claims[1].ID = "C1" }, []string{"/findings/0/claims/1", "/claims/1/id"}, ""},
		{"claim sentence", func(r *report.Report) {
			r.Claims[0].Text = strings.Replace(r.Claims[0].Text, "203.0.113.9", "203.0.113.8", 1)
		}, []string{"/claims/0"}, "marked as verified"},
		{"claim predicate", func(r *report.Report) { r.Claims[2].Predicate.Value = 3 }, []string{"/claims/2"}, "selects 2 events"},
		{"claim grade", func(r *report.Report) { r.Claims[0].Grade = "E" }, []string{"/claims/0/grade"}, "grade E"},
		{"claim struck", func(r *report.Report) { r.StruckClaims = []claim.Struck{{Text: r.Claims[4].Text}} }, []string{"/claims/4/text"}, "struck"},
		{"statement", func(r *report.Report) { r.Questions[0].Answer = "never rotated" }, []string{"/claims/4"}, "rotated at ten"},
		{"timeline time", func(r *report.Report) { r.Timeline[0].At = clock(3) }, []string{"/timeline/0/at"}, clock(2)},
		{"timeline outcome", func(r *report.Report) { r.Timeline[1].Outcome = "success" }, []string{"/timeline/1/outcome"}, "failure"},
		{"timeline text", func(r *report.Report) { r.Timeline[1].Text = "cloudtrail:DeleteTrail (attempted)" }, []string{"/timeline/1/text"}, "DeleteTrail"},
		{"timeline finding", func(r *report.Report) { r.Timeline[1].Finding = "F7" }, []string{"/timeline/1/finding"}, "F7"},
		{"timeline actor", func(r *report.Report) { r.Timeline[1].Actor = "owner" }, []string{"/timeline/1/actor"}, "owner"},
		{"resource without event", func(r *report.Report) { r.AffectedResources[0].ByEvent = nil }, []string{"/affected_resources/0/by_event"}, "names no evidence"},
		{"attempt counted as effect", func(r *report.Report) { r.AffectedResources[1].Effect = []string{"created"} }, []string{"/affected_resources/1/effect"}, "attempted"},
		{"attempt counted as live", func(r *report.Report) { r.Persistence[1].Status = "live" }, []string{"/persistence/1/status"}, "failed"},
		{"live counted as attempt", func(r *report.Report) { r.Persistence[0].Status = "attempted" }, []string{"/persistence/0/status"}, "succeeded"},
		{"a state passed over", func(r *report.Report) {
			r.Verdict.Headline = "Of 2 things more that were left the state is not known."
		}, []string{"/verdict/headline"}, "counts 2"},
		{"nobody's things passed over", func(r *report.Report) {
			r.Verdict.Headline = "One thing that could be put down to nobody is open beside that."
		}, []string{"/verdict/headline"}, "lists 0"},
		{"the intruder's thing put down to nobody", func(r *report.Report) {
			r.Doubtful = []investigation.Doubtful{{ID: "x", Status: "live", Events: []string{id(3)}}}
		}, []string{"/doubtful/0/events/0"}, "intruder"},
		{"taken away by a call of the owner's", func(r *report.Report) {
			r.Recovery = []investigation.Recovery{{ID: "x", Outcome: "unknown", Events: []string{id(0)}}}
		}, []string{"/recovery/0/events/0"}, "not attributed"},
		{"had back by no claim", func(r *report.Report) {
			r.Recovery = []investigation.Recovery{{ID: "x", Outcome: "copy", Events: []string{id(3)}}}
		}, []string{"/recovery/0/outcome"}, "no claim"},
		{"pending for ever", func(r *report.Report) {
			r.Recovery = []investigation.Recovery{{ID: "x", Outcome: "pending", Until: clock(3), Events: []string{id(3)}}}
		}, []string{"/recovery/0/until"}, "pending"},
		{"put back by nobody", func(r *report.Report) {
			r.Recovery = []investigation.Recovery{{ID: "x", Outcome: "restored", Events: []string{id(3)}}}
		}, []string{"/recovery/0/outcome"}, "row of the resource"},
		{"impact of an attempt", func(r *report.Report) { r.Impact[0].Evidence = []string{ref(4)} }, []string{"/impact/0/level"}, "failed"},
		{"impact that no claim says", func(r *report.Report) { r.Impact[0].Text = "Nothing was taken." }, []string{"/impact/0/text"}, "no claim"},
		{"impact with a sentence more", func(r *report.Report) { r.Impact[0].Text += " Nothing else was taken." }, []string{"/impact/0/text"}, "no claim"},
		{"impact that is only possible", func(r *report.Report) { r.Impact[0].Level, r.Impact[0].Text = "possible", "It could have done more." }, nil, ""},
		{"severity", func(r *report.Report) { r.Findings[0].Severity = "critical" }, []string{"/verdict/severity"}, "critical"},
		{"severity unknown", func(r *report.Report) { r.Verdict.Severity = "none" }, []string{"/verdict/severity"}, "none"},
		{"hostile credential of its owner", func(r *report.Report) { r.Credentials[1].HeldBy = "owner" }, []string{"/credentials/1/held_by"}, "intruder"},
		{"shared credential of the intruder", func(r *report.Report) { r.Credentials[0].HeldBy = "intruder" }, []string{"/credentials/0/held_by"}, "others"},
		{"removed by nothing", func(r *report.Report) { r.Persistence[0].Status = "removed" }, []string{"/persistence/0/status"}, "no evidence"},
		{"removed by a call that shows nothing", func(r *report.Report) {
			r.Persistence[0].Later = []ledger.Later{{What: "removed", At: clock(3), Actor: "intruder", Events: []string{id(3)}}}
		}, []string{"/persistence/0/later/0/events"}, id(3)},
		{"used by the owner", func(r *report.Report) {
			r.Persistence[0].Later = []ledger.Later{{What: "used", At: clock(0), Calls: 1, Events: []string{id(0)}}}
		}, []string{"/persistence/0/later/0/events"}, "not attributed"},
		{"used by the intruder", func(r *report.Report) {
			r.Persistence[0].Later = []ledger.Later{{What: "used", At: clock(3), Calls: 1, Events: []string{id(3)}}}
		}, nil, ""},
		{"step against a stranger", func(r *report.Report) { r.Containment[0].Target = bot + "2" }, []string{"/containment/0/target"}, bot + "2"},
		{"impact without evidence", func(r *report.Report) { r.Impact[0].Evidence = nil }, []string{"/impact/0/evidence"}, "names no evidence"},
		{"impact limit", func(r *report.Report) { r.Impact[1].Coverage = []string{"L9"} }, []string{"/impact/1/coverage/0"}, "L9"},
		{"alert event", func(r *report.Report) { r.Alerts[0].Events[1] = "event:" + ghost }, []string{"/alerts/0/events/1"}, ghost},
		{"hostile network", func(r *report.Report) { r.Credentials[0].Hostile = []string{"198.51.100.0/24"} }, []string{"/credentials/0/hostile_networks/0"}, "198.51"},
		{"time of use", func(r *report.Report) { r.Credentials[0].LastSeen = "yesterday" }, []string{"/credentials/0/last_seen"}, "no time"},
		{"alert that nobody raised", func(r *report.Report) { r.Supplied[0].Ref = "alert:g9" }, []string{"/supplied_alerts/0/ref"}, "leads to nothing"},
		{"alert's event", func(r *report.Report) { r.Supplied[1].Events[0] = ghost }, []string{"/supplied_alerts/1/events/0"}, ghost},
		{"alert's finding", func(r *report.Report) { r.Supplied[0].Findings[0] = "F9" }, []string{"/supplied_alerts/0/findings/0"}, "F9"},
		{"alert explained away", func(r *report.Report) { r.Supplied[0].Answer = investigation.AlertHeldOwn }, []string{"/supplied_alerts/0/answer"}, "some are attributed"},
		{"alert blown up", func(r *report.Report) { r.Supplied[1].Answer = investigation.AlertHostile }, []string{"/supplied_alerts/1/answer"}, "none is attributed"},
		{"benign event", func(r *report.Report) { r.Benign[0].Events[0] = ghost }, []string{"/benign/0/events/0"}, ghost},
		{"criterion event", func(r *report.Report) { r.Playbook.Criteria[0].Refs[1] = "event:" + ghost }, []string{"/playbook/criteria/0/evidence/1"}, ghost},
		{"criterion limit", func(r *report.Report) { r.Playbook.Criteria[0].Refs[0] = "limit:L9" }, []string{"/playbook/criteria/0/evidence/0"}, "L9"},
		{"criterion status", func(r *report.Report) { r.Playbook.Criteria[0].Status = "done" }, []string{"/playbook/criteria/0/status"}, "done"},
		{"decision event", func(r *report.Report) { r.Playbook.Decisions[0].Refs[0] = "event:" + ghost }, []string{"/playbook/decisions/0/evidence/0"}, ghost},
		{"wanted evidence", func(r *report.Report) { r.Playbook.Evidence[0].Refs[0] = "cost:x#1" }, []string{"/playbook/evidence/0/evidence/0"}, "leads to nothing"},
		{"hypothesis for", func(r *report.Report) { r.Hypotheses[0].For[0].Refs[0] = "event:" + ghost }, []string{"/hypotheses/0/for/0/evidence/0"}, ghost},
		{"hypothesis against", func(r *report.Report) { r.Hypotheses[0].Against[0].Refs[0] = "event:" + ghost }, []string{"/hypotheses/0/against/0/evidence/0"}, ghost},
		{"hypothesis set aside", func(r *report.Report) { r.Hypotheses[0].SetAside[0] = ghost }, []string{"/hypotheses/0/set_aside/0"}, ghost},
		{"hypothesis verdict", func(r *report.Report) { r.Hypotheses[0].Verdict = "proven" }, []string{"/hypotheses/0/verdict"}, "proven"},
		{"coverage day", func(r *report.Report) { r.Coverage[0].Day = "2026-11-05" }, []string{"/coverage/0"}, "2026-11-05"},
		{"coverage class", func(r *report.Report) { r.Coverage[0].Classes = []string{"data:s3"} }, []string{"/coverage/0/classes"}, "data:s3"},
		{"step reason", func(r *report.Report) { r.Containment[0].Why = []string{"C8"} }, []string{"/containment/0/why/0"}, "C8"},
		{"step against a responder", func(r *report.Report) { r.Containment[0].Target = r.Principals[1].ARN }, []string{"/containment/0/target"}, "responder"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := honest()
			c.tamper(r)
			problems, _, err := Report(t.Context(), r, story(t))
			if err != nil {
				t.Fatal(err)
			}
			var where []string
			for _, p := range problems {
				where = append(where, p.Where)
			}
			if diff := cmp.Diff(c.where, where); diff != "" {
				t.Fatalf("problems at (-want +got):\n%s%+v", diff, problems)
			}
			if len(problems) > 0 && !strings.Contains(problems[0].What+problems[0].Ref, c.what) {
				t.Errorf("said %q of %q, want %q in it", problems[0].What, problems[0].Ref, c.what)
			}
		})
	}
}

// TestSentencesInARow: an impact may be told in several claims, in any order, and in
// nothing else. A text that can be cut in very many ways is no trap.
func TestSentencesInARow(t *testing.T) {
	c := &check{sentences: map[string]bool{"": true, "a": true, "a a": true, "He read it.": true, "She did not.": true}}
	for text, want := range map[string]bool{
		"a": true, "a a a": true, "He read it. She did not.": true, "She did not. a He read it.": true,
		"": true, "b": false, "a b": false, "He read it.She did not.": false, "He read it. ": true, "He read it": false,
		strings.Repeat("a ", 5000) + "b": false, strings.Repeat("a ", 5000) + "a": true,
	} {
		if got := c.saidBy(text); got != want {
			t.Errorf("%.40q: said %v", text, got)
		}
	}
}

// TestSaidIsBounded: many sentences that begin alike, and texts that could be cut
// everywhere, cost about their length; where they are made to cost more, the report stops
// at its bound and nobody is said to have said it.
func TestSaidIsBounded(t *testing.T) {
	many := &check{sentences: map[string]bool{"He read it.": true}}
	for i := range 10_000 {
		many.sentences[fmt.Sprintf("He read it %d.", i)] = true
	}
	if text := strings.Repeat("He read it. ", 10_000); many.saidBy(text + "No.") {
		t.Error("nobody said no")
	}
	if many.starts.work > 64<<20 { // 100 million comparisons of sentences, each with each
		t.Errorf("%d bytes compared", many.starts.work)
	}
	nested := &check{sentences: map[string]bool{}}
	for i := range 1000 {
		nested.sentences[strings.Repeat("a ", i)+"a"] = true
	}
	if nested.saidBy(strings.Repeat("a ", 500_000) + "b") {
		t.Error("nobody said b")
	}
	if nested.starts.work > maxCompared+1<<20 {
		t.Errorf("%d bytes compared", nested.starts.work)
	}
}

// BenchmarkSaid: the time must not grow with the square of the size.
func BenchmarkSaid(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		set := map[string]bool{"He read it.": true}
		for i := range n {
			set[fmt.Sprintf("He read it %d.", i)] = true
		}
		text := strings.Repeat("He read it. ", n) + "No."
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				(&check{sentences: set}).saidBy(text)
			}
		})
	}
}

// TestOrderIsOfTheDocument: problems come in the order of the report's
// sections and elements, not of the checks, and the same each time.
func TestOrderIsOfTheDocument(t *testing.T) {
	r := honest()
	for range 12 {
		r.Benign = append(r.Benign, investigation.Benign{Events: []string{"no"}})
	}
	r.Claims[3].Grade, r.Schema, r.Timeline[0].At = "Z", "", "x"
	a, _, err := Report(t.Context(), r, story(t))
	if err != nil {
		t.Fatal(err)
	}
	b, _, _ := Report(t.Context(), r, story(t))
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("two runs differ: %s", diff)
	}
	i := slices.IndexFunc(a, func(p Problem) bool { return p.Where == "/benign/2/events/0" })
	k := slices.IndexFunc(a, func(p Problem) bool { return p.Where == "/benign/10/events/0" })
	if a[0].Where != "/schema" || a[1].Where != "/claims/3/grade" || i < 0 || k < i {
		t.Errorf("order: %+v", a)
	}
}

// TestAnyReport: whatever a report from elsewhere holds, checking it ends, and
// without a panic.
func TestAnyReport(t *testing.T) {
	w := story(t)
	base, err := json.Marshal(honest())
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		var doc any
		if err := json.Unmarshal(base, &doc); err != nil {
			t.Fatal(err)
		}
		doc = mangle(t, doc, 0)
		out, _ := json.Marshal(doc)
		var r report.Report
		if json.Unmarshal(out, &r) != nil {
			t.Skip("no report any more")
		}
		if _, _, err := Report(t.Context(), &r, w); err != nil {
			t.Fatal(err)
		}
	})
}

// mangle replaces some strings and numbers by odd ones of the same type.
func mangle(t *rapid.T, v any, depth int) any {
	switch v := v.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for k := range v {
			names = append(names, k)
		}
		slices.Sort(names)
		for _, k := range names {
			v[k] = mangle(t, v[k], depth+1)
		}
	case []any:
		for i := range v {
			v[i] = mangle(t, v[i], depth+1)
		}
	case string:
		if rapid.IntRange(0, 19).Draw(t, "odd") == 0 {
			return rapid.SampledFrom([]string{"", "event:", "\x00", "-1", "9999-99-99T99:99:99Z", "arn:", "A/B/C", id(3), ref(4), "«", "'a b' 7 denied", strings.Repeat("x", 300)}).Draw(t, "string")
		}
	case float64:
		if rapid.IntRange(0, 9).Draw(t, "odd") == 0 {
			return rapid.SampledFrom([]float64{-1, 0, 1e15}).Draw(t, "number")
		}
	}
	return v
}

func TestNoEvidence(t *testing.T) {
	if _, _, err := Report(t.Context(), honest(), &claim.World{}); err == nil {
		t.Error("a report was held against nothing")
	}
}

// TestPlaybookCountsItsCitations: what the playbook cites is followed and counted like any other.
func TestPlaybookCountsItsCitations(t *testing.T) {
	r := honest()
	_, before, err := Report(t.Context(), r, story(t))
	if err != nil {
		t.Fatal(err)
	}
	r.Playbook.Decisions[0].Refs = append(r.Playbook.Decisions[0].Refs, "alert:g1", "snapshot:0123456789abcdef#role/x")
	_, after, err := Report(t.Context(), r, story(t))
	if err != nil || after.Citations != before.Citations+2 || after.Broken != before.Broken+1 {
		t.Errorf("%+v, then %+v (%v)", before, after, err)
	}
}
