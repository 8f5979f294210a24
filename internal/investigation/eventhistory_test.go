package investigation_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

// history writes the console's download of the event history: no account, no ARN, what
// was asked and answered only as types and names of resources. The keys are those of
// three weeks of a job and of its administrator, and of a night.
func history(t *testing.T, job, second, session string) *memory.Store {
	t.Helper()
	var b strings.Builder
	b.WriteString("Event name,Event time,User name,Event source,Resource type,Resource name,AWS access key,AWS region,Error code,Source IP address,Request ID,Event ID,Read-only\n")
	n := 0
	row := func(when, user, action, types, names, key, ip string) {
		service, name, _ := strings.Cut(action, ":")
		n++
		fmt.Fprintf(&b, "%s,%s,%s,%s.amazonaws.com,%q,%q,%s,eu-west-1,,%s,R%d,%08d-0000-4000-8000-000000000000,%t\n",
			name, when, user, service, types, names, key, ip, n, n, strings.HasPrefix(name, "List"))
	}
	for d := 1; d <= 20; d++ {
		for h := range 3 {
			row(fmt.Sprintf("2026-03-%02dT0%d:00:05Z", d, 2+h), "report-bot", "s3:ListBuckets", "", "", job, "192.0.2.10")
		}
	}
	const night = "2026-03-21T23:"
	row(night+"00:00Z", "ada", "iam:ListUsers", "", "", session, "203.0.113.7")
	row(night+"01:00Z", "ada", "iam:CreateAccessKey", "AWS::IAM::AccessKey, AWS::IAM::User", second+", report-bot", session, "203.0.113.7")
	row(night+"10:00Z", "report-bot", "s3:ListBuckets", "", "", second, "203.0.113.7")
	row(night+"11:00Z", "report-bot", "rds:DeleteDBSnapshot", "AWS::RDS::DBSnapshot", "orders-weekly", second, "203.0.113.7")
	row(night+"12:00Z", "report-bot", "rds:DeleteDBSnapshot", "AWS::RDS::DBSnapshot, AWS::RDS::DBInstance", "which-is-which", second, "203.0.113.7")
	row("2026-03-22T02:00:05Z", "report-bot", "s3:ListBuckets", "", "", job, "192.0.2.10")
	var events []evidence.Event
	_, err := cloudtrail.Decoder{}.Decode(context.Background(), strings.NewReader(b.String()), source.Emit{Event: func(e *evidence.Event) error {
		e.Fingerprint = cloudtrail.Fingerprint(e.Body)
		events = append(events, *e)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return memory.New(events)
}

func TestEventHistoryNamesWhatItLists(t *testing.T) {
	// The ids carry 111122223333.
	const job, second, session = "AKIARTX3GSDSQFDGB5QF", "AKIARTX3GSDSQJGWWAYF", "ASIARTX3GSDSQNKHMEAF"
	o := investigation.Options{Content: content(t), Text: "Snapshots of our database vanished on 2026-03-21. " + second + " was stolen or made by somebody, nobody here knows it."}
	q := history(t, job, second, session)
	r := run(t, q, o)
	holds(t, q, r, o)
	if got := r.Accounts; !slices.Equal(got, []string{"111122223333"}) {
		t.Errorf("accounts %v", got)
	}
	if !strings.Contains(r.Verdict.Headline, "user `report-bot`") {
		t.Errorf("headline %q", r.Verdict.Headline)
	}
	for _, c := range r.Credentials {
		if c.ID == second && (c.IssuedBy == nil || c.IssuedBy.Credential != session || c.Principal != "arn:aws:iam::111122223333:user/report-bot") {
			t.Errorf("the second key: %+v", c)
		}
	}
	var things []string
	for _, x := range r.Resources {
		things = append(things, x.ID)
	}
	want := []string{second, "arn:aws:iam::111122223333:user/report-bot", "arn:aws:rds:eu-west-1:111122223333:snapshot:orders-weekly"}
	if !slices.Equal(things, want) {
		t.Errorf("resources %q, want %q", things, want)
	}
	if len(r.Persistence) != 1 || r.Persistence[0].ID != second || r.Persistence[0].Technique != "PR-002" {
		t.Errorf("persistence %+v", r.Persistence)
	}
}

// Keys of the older form do not carry the account: then nobody knows it, and nothing is made up.
func TestEventHistoryWithoutAccount(t *testing.T) {
	const job, second, session = "AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE", "ASIAIOSFODNN7EXAMPLE"
	o := investigation.Options{Content: content(t), Text: second + " was stolen."}
	q := history(t, job, second, session)
	r := run(t, q, o)
	holds(t, q, r, o)
	if len(r.Accounts) > 0 || !strings.Contains(r.Verdict.Headline, "`report-bot`") {
		t.Errorf("accounts %v, headline %q", r.Accounts, r.Verdict.Headline)
	}
}
