package ledger

import (
	"fmt"
	"testing"
	"time"
)

// Who is refused fifty thousand times and did five thousand things costs time in
// proportion: each refusal was held against everything that was done.
func TestManyAttemptsCostLittle(t *testing.T) {
	b, done := newBook(), map[string]*item{}
	for i := range 5000 {
		k := fmt.Sprintf("user-%d", i)
		done[k] = &item{kind: "iam_user", id: k, parents: []string{"p" + k}}
	}
	for i := range 50_000 {
		b.tries = append(b.tries, step{ref: ref{event: fmt.Sprint("e", i)}, eff: Effect{Plants: &Planted{Kind: "iam_user", ID: fmt.Sprintf("user-%d", i)}}})
	}
	begun := time.Now()
	if rows := b.attempts(done); len(rows) != 45_000 {
		t.Errorf("%d rows", len(rows))
	}
	if took := time.Since(begun); took > 10*time.Second { // by comparison it was minutes
		t.Errorf("it took %v", took)
	}
}
