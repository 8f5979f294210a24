package lineage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

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
