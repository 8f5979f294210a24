package investigation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"iter"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/source/scenetest"
)

// sliced is evidence that keeps digests of slices, cut before the given events.
type sliced struct {
	*memory.Store
	cuts []int
}

func (s sliced) Digests(ctx context.Context, _ string, derive func(iter.Seq2[evidence.Event, error]) ([]byte, error)) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for i := 0; i+1 < len(s.cuts); i++ {
			if !yield(derive(s.part(ctx, s.cuts[i], s.cuts[i+1]))) {
				return
			}
		}
	}
}

func (s sliced) part(ctx context.Context, from, to int) iter.Seq2[evidence.Event, error] {
	return func(yield func(evidence.Event, error) bool) {
		i := 0
		for e, err := range s.Events(ctx, evidence.Query{}) {
			if i >= from && i < to && !yield(e, err) {
				return
			}
			i++
		}
	}
}

func everyEvent(t testing.TB) []evidence.Event {
	var events []evidence.Event
	for _, s := range scenetest.Scenes(t, "testdata/*.txt") {
		events = append(events, s.Events...)
	}
	events, _ = evidence.Dedupe(events)
	return events
}

func passText(t interface{ Fatal(...any) }, q evidence.Querier) string {
	p, err := survey(context.Background(), q, attribution.Coverage{})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(p.digest())
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestDigestsSayWhatTheEventsSay: whatever the slices, what was kept of them
// makes the very pass that reading every event makes.
func TestDigestsSayWhatTheEventsSay(t *testing.T) {
	events := everyEvent(t)
	if len(events) < 100 {
		t.Fatalf("only %d events", len(events))
	}
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, len(events)-1).Draw(t, "from")
		part := events[from:min(from+400, len(events))]
		store := memory.New(part)
		cuts := append([]int{0, len(part)}, rapid.SliceOfN(rapid.IntRange(0, len(part)), 0, 6).Draw(t, "cuts")...)
		slices.Sort(cuts)
		if got, want := passText(t, sliced{store, cuts}), passText(t, store); got != want {
			t.Fatalf("from digests\n%s\nfrom the events\n%s", got, want)
		}
	})
}

// TestDigestIsTheOneThatIsKept fails when a digest of the same events comes out
// otherwise than before. Stores keep old ones: give digestKind a new number, then
// put the new sum here.
func TestDigestIsTheOneThatIsKept(t *testing.T) {
	const kind, sum = "profile-9", "29fba21d1fb108c9"
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	user := evidence.Identity{Type: "IAMUser", PrincipalID: "AIDAEXAMPLEEXAMPLEEXA", ARN: "arn:aws:iam::111122223333:user/ci", Account: "111122223333", AccessKey: "AKIAEXAMPLE", UserName: "ci"}
	role := evidence.Identity{
		Type: "AssumedRole", PrincipalID: "AROAEXAMPLEEXAMPLEEXA:i-0123456789abcdef0", ARN: "arn:aws:sts::111122223333:assumed-role/app/i-0123456789abcdef0",
		Account: "111122223333", AccessKey: "ASIAEXAMPLE", IssuerARN: "arn:aws:iam::111122223333:role/app", IssuerName: "app",
	}
	git := user
	git.AccessKey = "" // a key for SSH is in no record
	fixed := []evidence.Event{
		{ID: "1", Time: at, Source: "s3.amazonaws.com", Name: "CreateBucket", Account: "111122223333", Region: "eu-west-1", SourceIP: "203.0.113.7", UserAgent: "aws-cli/2.1", Identity: user, Resources: []string{"arn:aws:s3:::bucket"}},
		{ID: "2", Time: at.Add(time.Hour), Source: "cloudtrail.amazonaws.com", Name: "StopLogging", Account: "111122223333", Region: "eu-west-1", SourceIP: "198.51.100.4", ErrorCode: "AccessDenied", Identity: role, Resources: []string{"trail"}},
		{ID: "3", Time: at.Add(30 * time.Hour), Source: "s3.amazonaws.com", Name: "GetObject", Category: "Data", ReadOnly: true, Account: "111122223333", Region: "us-east-1", SourceIP: "s3.amazonaws.com", Identity: role},
		{ID: "4", Time: at.Add(31 * time.Hour), Source: "codecommit.amazonaws.com", Name: "GitPush", Account: "111122223333", Region: "us-east-1", SourceIP: "203.0.113.7", UserAgent: "SSH-2.0-OpenSSH_9.6", Identity: git},
	}
	var kept [32]byte
	q := sliced{memory.New(fixed), []int{0, len(fixed)}}
	for data, err := range q.Digests(context.Background(), kind, derive) {
		if err != nil {
			t.Fatal(err)
		}
		kept = sha256.Sum256(data)
	}
	if got := hex.EncodeToString(kept[:8]); digestKind != kind || got != sum {
		t.Errorf("digest %s has sum %s, this test knows %s with %s", digestKind, got, kind, sum)
	}
}
