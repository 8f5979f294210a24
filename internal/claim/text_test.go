package claim

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

const (
	created = `{"eventID":"aaaaaaaa-0000-4000-8000-000000000001","eventTime":"2026-11-02T10:04:05Z","eventSource":"iam.amazonaws.com","eventName":"CreateAccessKey",
	"awsRegion":"us-east-1","sourceIPAddress":"203.0.113.9","userAgent":"Boto3/1.40.1","recipientAccountId":"111122223333",
	"userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLEEXAMPLE01","arn":"arn:aws:iam::111122223333:user/deploy-bot","accountId":"111122223333","accessKeyId":"AKIAEXAMPLEEXAMPLE01","userName":"deploy-bot"},
	"requestParameters":{"userName":"backup-svc"},"responseElements":{"accessKey":{"accessKeyId":"AKIAEXAMPLEEXAMPLE02","userName":"backup-svc","status":"Active"}}}`
	stopped = `{"eventID":"aaaaaaaa-0000-4000-8000-000000000002","eventTime":"2026-11-02T10:06:00Z","eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging",
	"awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.9","recipientAccountId":"111122223333","errorCode":"AccessDenied",
	"errorMessage":"User: arn:aws:iam::111122223333:user/deploy-bot is not authorized to perform: cloudtrail:StopLogging on resource: arn:aws:cloudtrail:eu-west-1:111122223333:trail/main with an explicit deny",
	"userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLEEXAMPLE01","arn":"arn:aws:iam::111122223333:user/deploy-bot","accountId":"111122223333","accessKeyId":"AKIAEXAMPLEEXAMPLE01","userName":"deploy-bot"}}`
	launched = `{"eventID":"aaaaaaaa-0000-4000-8000-000000000003","eventTime":"2026-11-02T11:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"RunInstances",
	"awsRegion":"eu-west-1","sourceIPAddress":"2001:db8::7","recipientAccountId":"111122223333",
	"userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLEEXAMPLE01","arn":"arn:aws:iam::111122223333:user/deploy-bot","accountId":"111122223333","accessKeyId":"AKIAEXAMPLEEXAMPLE01","userName":"deploy-bot"},
	"requestParameters":{"instanceType":"p4d.24xlarge"},"responseElements":{"instancesSet":{"items":[{"instanceId":"i-0123456789abcdef0"},{"instanceId":"i-0123456789abcdef1"},{"instanceId":"i-0123456789abcdef2"}]}}}`
	keyless = `{"eventID":"aaaaaaaa-0000-4000-8000-000000000004","eventTime":"2026-11-03T08:30:00Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin",
	"awsRegion":"us-east-1","sourceIPAddress":"198.51.100.4","recipientAccountId":"111122223333","additionalEventData":{"MFAUsed":"No"},
	"userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLEEXAMPLE09","arn":"arn:aws:iam::111122223333:user/amira","accountId":"111122223333","userName":"amira"}}`
)

func about(t *testing.T, body string) (Claim, []evidence.Event) {
	e := event(t, []byte(body))
	return Claim{Predicate: Predicate{Op: "event", Event: e.ID, Equals: map[string]any{"event_name": e.Name}}, Evidence: []string{e.CitedAs()}}, []evidence.Event{e}
}

// TestHonestSentences: none of these may be struck.
func TestHonestSentences(t *testing.T) {
	for _, c := range []struct{ about, text string }{
		{created, "deploy-bot created access key AKIAEXAMPLEEXAMPLE02 for user backup-svc."},
		{created, "The intruder used AKIAEXAMPLEEXAMPLE01 from 203.0.113.9 (203.0.113.0/24) to call iam:CreateAccessKey at 2026-11-02T10:04:05Z."},
		{created, "A key for 'backup-svc' was created on 2 November 2026 at 10:04 UTC by arn:aws:iam::111122223333:user/deploy-bot, using Boto3."},
		{created, "On 2026-11-02 an access key was created; such keys live until they are deleted (see rule 22, tier 5)."},
		{created, "CreateAccessKey succeeded: the new key is `AKIAEXAMPLEEXAMPLE02`, which CloudTrail shows in full."},
		{created, "AKIAEXAMP… created AKIAEXAMPLEEXAMPLE02 from a network never seen before for it."},
		{created, "The owner's key AKIAEXAMPLEEXAMPLE01 made a second key that lives on for up to 90 days without MFA."},
		{created, "IAM user deploy-bot (AIDAEXAMPLEEXAMPLE01) made 1 key; the key was not created by the owner of “backup-svc”."},
		{stopped, "An attempt to stop logging of trail arn:aws:cloudtrail:eu-west-1:111122223333:trail/main was refused."},
		{stopped, "cloudtrail:StopLogging failed with AccessDenied: \"not authorized to perform: cloudtrail:StopLogging\"."},
		{stopped, "deploy-bot tried StopLogging in eu-west-1, in vain; it did not succeed."},
		{launched, "3 instances (i-0123456789abcdef0, i-0123456789abcdef1, i-0123456789abcdef2) were launched as p4d.24xlarge from 2001:db8::7."},
		{launched, "Three instances were launched with RunInstances, 2026-11-02 11:00:00Z."},
		{keyless, "The user amira logged in to the console without MFA on Nov 3, 2026."},
		{keyless, "amira signed in; the password was not used before."},
	} {
		cl, events := about(t, c.about)
		cl.Text = c.text
		if err := textAgrees(cl, events, &World{Actors: map[string]string{events[0].ID: "intruder"}}); err != nil {
			t.Errorf("%q: %v", c.text, err)
		}
	}
}

// TestBentSentences: each says one thing that its event does not.
func TestBentSentences(t *testing.T) {
	for _, c := range []struct{ about, text, because string }{
		{created, "deploy-bot created access key AKIAEXAMPLEEXAMPLE03.", "key"},
		{created, "deploy-bot created AKIAEXAMPLEEXAMPLE\u200b03 and AKIAEXAMPLEEXAMPLE02.", "key"},
		{created, "AKIAEXAMQ… created a key.", "key"},
		{created, "deploy-bot created an access key from 203.0.113.10.", "network"},
		{created, "deploy-bot created an access key from 2001:db8::8.", "network"},
		{created, "arn:aws:iam::111122223333:user/deploy created an access key.", "arn"},
		{created, "arn:aws:iam::111122223333:user/deploy-bot2 created an access key.", "arn"},
		{created, "deploy-bot created an access key for 'amira'.", "quoted"},
		{created, "deploy-bot created an access key for `backup`.", "quoted"},
		{created, "deploy-bot created an access key in account 111122223334.", "account"},
		{created, "deploy-bot created an access key in eu-central-1.", "region"},
		{created, "deploy-bot created an access key at 2026-11-02T10:04:06Z.", "time"},
		{created, "deploy-bot created an access key on 3 Nov.", "time"},
		{created, "deploy-bot created an access key at 10:40.", "time"},
		{created, "deploy-bot called CreateUser.", "event name"},
		{created, "deploy-bot called iam:CreateLoginProfile.", "action"},
		{created, "deploy-bot created 2 access keys.", "bear out"},
		{created, "deploy-bot created two access keys.", "bear out"},
		{created, "deploy-bot tried to create an access key.", "failed or was only tried"},
		{created, "deploy-bot was denied CreateAccessKey.", "failed or was only tried"},
		{created, "deploy-bot deleted an access key.", "opposite"},
		{created, "deploy-bot never created an access key with CreateAccessKey.", "did not happen"},
		{created, "CreateAccessKey was called by the owner.", "attributed"},
		{created, "The responder called CreateAccessKey.", "attributed"},
		{created, "All customer data was stolen.", "names nothing"},
		{created, "CreateAccessKey was called 5 hours later.", "bear out"},
		{created, "Event aaaaaaaa-0000-4000-8000-000000000007 shows the key.", "id"},
		{stopped, "The intruder stopped logging with StopLogging.", "does not say that the call failed"},
		{stopped, "The attempt at StopLogging succeeded.", "every event under it failed"},
		{launched, "4 instances were launched with RunInstances.", "bear out"},
		{launched, "i-0123456789abcdef9 was launched with RunInstances.", "native id"},
		{"", "   ", "no sentence"},
		{"", strings.Repeat("x ", MaxText), "longer than"},
	} {
		if c.about == "" {
			c.about = created
		}
		cl, events := about(t, c.about)
		cl.Text = c.text
		err := textAgrees(cl, events, &World{Actors: map[string]string{events[0].ID: "intruder"}})
		if err == nil || !strings.Contains(err.Error(), c.because) {
			t.Errorf("%.80q: got %v, want an error with %q", c.text, err, c.because)
		}
	}
}

// TestPiecesInsideNames: a date, a region or an account number inside a longer name
// is that name, however often it stands there.
func TestPiecesInsideNames(t *testing.T) {
	for text, want := range map[string][]string{
		"a123456789012-123456789012 was read":          {"a123456789012-123456789012"},
		"read backup-2026-11-01-2026-11-02 twice":      {"backup-2026-11-01-2026-11-02"},
		"copy-us-east-1-us-west-2 and then us-west-2.": {"copy-us-east-1-us-west-2", "us-west-2"},
	} {
		if got := Tokens(text); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestSentencesOfFilters runs whole checks, since what the sentence may say
// depends on what the filter selects.
func TestSentencesOfFilters(t *testing.T) {
	var events []evidence.Event
	for _, b := range []string{created, stopped, launched, keyless} {
		events = append(events, event(t, []byte(b)))
	}
	w := worldOf(t, events)
	key := Filter{"credential": "AKIAEXAMPLEEXAMPLE01"}
	day := &Interval{"2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z"}
	cover := []string{"111122223333/us-east-1/2026-11-02"}
	for _, c := range []struct {
		text    string
		p       Predicate
		because string // "" if it holds
	}{
		{"AKIAEXAMPLEEXAMPLE01 made 3 calls, one of them denied, from 2 networks in 2 regions on 2026-11-02.", Predicate{Op: "count", Filter: key, Value: 3}, ""},
		{"AKIAEXAMPLEEXAMPLE01 made 3 calls from 3 networks.", Predicate{Op: "count", Filter: key, Value: 3}, ""}, // 3 is also the count: a known blind spot
		{"AKIAEXAMPLEEXAMPLE01 made 3 calls from 4 networks.", Predicate{Op: "count", Filter: key, Value: 3}, "bear out"},
		{"AKIAEXAMPLEEXAMPLE01 made 3 calls; 2 were denied.", Predicate{Op: "count", Filter: key, Value: 3}, "bear out"},
		{"AKIAEXAMPLEEXAMPLE01 made 4 calls.", Predicate{Op: "count", Filter: key, Value: 3}, "bear out"},
		{"AKIAEXAMPLEEXAMPLE01 made 3 failed calls.", Predicate{Op: "count", Filter: key, Value: 3}, "bear out"},
		{"AKIAEXAMPLEEXAMPLE01 made 4 calls.", Predicate{Op: "count", Filter: key, Value: 4}, "selects 3 events"},
		{"AKIAEXAMPLEEXAMPLE01 made 3 calls.", Predicate{Op: "count", Filter: key, Value: 3, Window: day}, ""},
		{"AKIAEXAMPLEEXAMPLE01 made calls from 203.0.113.0/24 2 times.", Predicate{Op: "count", Filter: Filter{"ip": "203.0.113.0/24"}, Value: 2}, ""},
		{"AKIAEXAMPLEEXAMPLE01 called 0 times.", Predicate{Op: "count", Filter: Filter{"name": "Nothing"}, Value: 0}, "is an absence"},
		{"AKIAEXAMPLEEXAMPLE01 was used 1 time for this.", Predicate{Op: "count", Filter: Filter{"made_up": "x"}, Value: 1}, "no field"},
		{"StopLogging was called.", Predicate{Op: "count", Filter: Filter{"name": "StopLogging", "outcome": "failure"}, Value: 1}, "does not say that the calls failed"},
		{"StopLogging failed, 1 time.", Predicate{Op: "count", Filter: Filter{"name": "StopLogging", "outcome": "failure"}, Value: 1}, ""},
		{"No CreateUser call was recorded on 2026-11-02.", Predicate{Op: "absence", Filter: Filter{"name": "CreateUser", "region": "us-east-1"}, Window: day, Coverage: cover}, ""},
		{"A CreateUser call was recorded on 2026-11-02.", Predicate{Op: "absence", Filter: Filter{"name": "CreateUser", "region": "us-east-1"}, Window: day, Coverage: cover}, "absent"},
		{"No CreateUser call was recorded.", Predicate{Op: "absence", Filter: Filter{"name": "CreateUser", "region": "eu-west-1"}, Window: day, Coverage: cover}, "nothing shows"},
		{"No CreateUser call was recorded.", Predicate{Op: "absence", Filter: Filter{"name": "CreateUser", "account": []any{"111122223333"}, "region": []any{"eu-west-1", "us-east-1", "us-east-1"}},
			Window: day, Coverage: append([]string{"111122223333/eu-west-1/2026-11-02"}, cover...)}, ""},
		{"No CreateUser call was recorded.", Predicate{Op: "absence", Filter: Filter{"name": "CreateUser", "account": []any{"111122223333", "444455556666"}, "region": []any{"eu-west-1", "us-east-1"}},
			Window: day, Coverage: append([]string{"444455556666/eu-west-1/2026-11-02"}, cover...)}, "account 111122223333 in eu-west-1"}, // each is covered somewhere, the pair is not
		{"No GetObject call was recorded.", Predicate{Op: "absence", Filter: Filter{"name": "GetObject"}, Window: day, Coverage: cover}, "data:s3"},
		{"No CreateUser call was recorded.", Predicate{Op: "absence", Filter: Filter{"name": "CreateUser"}, Window: day}, "without coverage"},
		{"No CreateUser call was recorded.", Predicate{Op: "absence", Filter: Filter{"name": "CreateUser"}, Coverage: cover}, "needs a window"},
		{"The user deploy-bot is in state live, CreateAccessKey.", Predicate{Op: "state", Snapshot: "x", Path: "y"}, "no"},
		{"The owner stated: \"rotated on 2 Nov at 10:00\".", Predicate{Op: "statement", Answer: "rotated_at"}, ""},
		{"The owner stated: 'rotated on 5 Nov'.", Predicate{Op: "statement", Answer: "rotated_at"}, "quoted"},
		{"The owner stated a rotation.", Predicate{Op: "statement", Answer: "exposed_at"}, "nobody stated"},
		{"CreateAccessKey was called before StopLogging.", Predicate{Op: "order", Before: events[0].ID, After: events[1].ID}, ""},
		{"StopLogging was called after CreateAccessKey.", Predicate{Op: "order", Before: events[0].ID, After: events[1].ID}, ""},
		{"StopLogging was called before CreateAccessKey.", Predicate{Op: "order", Before: events[0].ID, After: events[1].ID}, "other way round"},
		{"CreateAccessKey was called after StopLogging.", Predicate{Op: "order", Before: events[1].ID, After: events[0].ID}, "not shown to be before"},
		{"AKIAEXAMPLEEXAMPLE01 created AKIAEXAMPLEEXAMPLE02.", Predicate{Op: "lineage", Child: "AKIAEXAMPLEEXAMPLE02", Parent: "AKIAEXAMPLEEXAMPLE01", Rule: "create_access_key"}, ""},
		{"AKIAEXAMPLEEXAMPLE01 was issued by AKIAEXAMPLEEXAMPLE02.", Predicate{Op: "lineage", Child: "AKIAEXAMPLEEXAMPLE02", Parent: "AKIAEXAMPLEEXAMPLE01"}, "child of the lineage"},
		{"AKIAEXAMPLEEXAMPLE01 created AKIAEXAMPLEEXAMPLE02.", Predicate{Op: "lineage", Child: "AKIAEXAMPLEEXAMPLE02", Parent: "AKIAEXAMPLEEXAMPLE01", Rule: "assume_role"}, "does not show"},
		{"AKIAEXAMPLEEXAMPLE01 was first seen at 2026-11-02T10:04:05Z.", Predicate{Op: "first", Filter: key, Time: "2026-11-02T10:04:05Z"}, ""},
		{"AKIAEXAMPLEEXAMPLE01 was last seen at 2026-11-02T10:06:00Z.", Predicate{Op: "last", Filter: key, Time: "2026-11-02T10:06:00Z"}, "last such event"},
		{"What CreateAccessKey did.", Predicate{Op: "believe"}, "not known"},
	} {
		cl := Claim{Text: c.text, Predicate: c.p, Evidence: []string{events[0].CitedAs(), events[1].CitedAs(), events[2].CitedAs()}}
		switch c.p.Op {
		case "absence", "statement":
			cl.Evidence = nil
		}
		err := w.Check(t.Context(), cl)
		switch {
		case c.because == "" && err != nil:
			t.Errorf("%q: %v", c.text, err)
		case c.because != "" && (err == nil || !strings.Contains(err.Error(), c.because)):
			t.Errorf("%q: got %v, want an error with %q", c.text, err, c.because)
		}
	}
}

// TestOneSecond: two events of one second are in no order unless one issued
// what the other was made with.
func TestOneSecond(t *testing.T) {
	issue := event(t, []byte(created))
	use := event(t, []byte(strings.NewReplacer("-000000000003", "-000000000005", "11:00:00", "10:04:05", "AKIAEXAMPLEEXAMPLE01", "AKIAEXAMPLEEXAMPLE02").Replace(launched)))
	if !issue.Time.Equal(use.Time) || issue.Time.Equal(time.Time{}) {
		t.Fatal("the events are not of one second")
	}
	w := worldOf(t, []evidence.Event{issue, use})
	cl := Claim{Text: "CreateAccessKey came before RunInstances.", Evidence: []string{issue.CitedAs(), use.CitedAs()}, Predicate: Predicate{Op: "order", Before: issue.ID, After: use.ID}}
	if err := w.Check(t.Context(), cl); err != nil {
		t.Error(err)
	}
	cl.Text = "RunInstances came before CreateAccessKey."
	cl.Predicate.Before, cl.Predicate.After = use.ID, issue.ID
	if w.Check(t.Context(), cl) == nil {
		t.Error("the use of a key was believed to come before its creation")
	}
}

// FuzzTextAgrees: no sentence, however made, may make the reader of sentences
// panic or hang.
func FuzzTextAgrees(f *testing.F) {
	for _, s := range []string{"'", "\"\\", "`a`b`", "1.2.3.4/99 at 10:00", "AKIA…", "2026-99-99T99:99:99+99:99 then 3 later", "３ calls", "a-2026-01-01-b", "i-0123456789abcdef0-x-", "::1 x::", "\xff\xfe", "'a' 'b'", "May 5"} {
		f.Add(s)
	}
	e := evidence.Event{ID: "x", Body: []byte(created), Name: "CreateAccessKey", Time: time.Unix(0, 0)}
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range []Predicate{{Op: "event", Event: "x"}, {Op: "count", Value: 3}, {Op: "order", Before: "x", After: "x"}, {Op: "lineage", Child: "x", Parent: "y"}} {
			_ = textAgrees(Claim{Text: text, Predicate: p}, []evidence.Event{e}, nil)
		}
	})
}

// textAgrees is the check of sentences alone, for a claim whose predicate is not run.
func textAgrees(c Claim, events []evidence.Event, w *World) error {
	j := &job{claim: &c}
	held := map[string][]*subject{}
	var all []*subject
	for i := range events {
		s := &subject{e: &events[i]}
		if w != nil {
			s.actor = w.Actors[s.e.ID]
		}
		held[s.e.ID] = append(held[s.e.ID], s)
		all = append(all, s)
	}
	if w == nil {
		w = &World{}
	}
	return w.textAgrees(j, held, all)
}
