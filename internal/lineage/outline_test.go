package lineage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

// A key seen once with a whole record and once in an export that knows but the name is
// one of those that tell the account, whichever came first and whether or not a digest
// was kept of it.
func TestTheAccountOfKeysDoesNotDependOnOrder(t *testing.T) {
	at := time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)
	const key = "AKIAQ3EGRT4WJ6CJQ7XM" // carries an account in itself
	whole := evidence.Event{ID: "a", Time: at, Name: "ListUsers", SourceIP: "203.0.113.7", Identity: evidence.Identity{
		Type: "IAMUser", AccessKey: key, PrincipalID: "AIDAEXAMPLEEXAMPLE23", ARN: "arn:aws:iam::111122223333:user/bob", UserName: "bob"}}
	bare := evidence.Event{ID: "b", Time: at, Name: "ListUsers", SourceIP: "203.0.113.7", Lossy: true, Identity: evidence.Identity{AccessKey: key, UserName: "bob"}}
	want := evidence.AccountOfKey(key)
	if want == "" {
		t.Fatal("the key carries no account")
	}
	for name, events := range map[string][]*evidence.Event{"whole first": {&whole, &bare}, "bare first": {&bare, &whole}} {
		o := lineage.NewOutline()
		for _, e := range events {
			o.Add(e)
		}
		kept := lineage.NewOutline()
		kept.Merge(o.Digest())
		if o.Account() != want || kept.Account() != want {
			t.Errorf("%s: %q, from a digest %q, want %q", name, o.Account(), kept.Account(), want)
		}
	}
}

// Calls that name a user by name alone were held against every user of the evidence, and
// every deletion against every credential.
func TestManyUsersCostLittle(t *testing.T) {
	const users = 20_000
	at := time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)
	var events []evidence.Event
	for i := range users {
		name := fmt.Sprint("u", i)
		events = append(events, evidence.Event{ID: fmt.Sprint("a", i), Time: at, Source: "iam.amazonaws.com", Name: "ListUsers", SourceIP: "203.0.113.7", Account: "111122223333", Identity: evidence.Identity{
			Type: "IAMUser", Account: "111122223333", AccessKey: fmt.Sprintf("AKIAEXAMPLE%09d", i), PrincipalID: fmt.Sprintf("AIDAEXAMPLE%09d", i), ARN: "arn:aws:iam::111122223333:user/" + name, UserName: name}},
			evidence.Event{ID: fmt.Sprint("b", i), Time: at.Add(time.Hour), Source: "iam.amazonaws.com", Name: "DeleteUser", SourceIP: "203.0.113.7", Account: "111122223333",
				Body: []byte(`{"requestParameters":{"userName":"` + name + `"}}`), Identity: evidence.Identity{Type: "Root", Account: "111122223333"}})
	}
	begun := time.Now()
	g := link(t, events)
	if took := time.Since(begun); took > 20*time.Second { // by comparison it was minutes
		t.Errorf("it took %v", took)
	}
	if state, _ := g.Node("AKIAEXAMPLE000000007").StateAt(at.Add(2 * time.Hour)); state != "deleted" {
		t.Errorf("the key of a deleted user is %s", state)
	}
}
