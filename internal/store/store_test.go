package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/evidence"
)

// tempDir is a fresh folder for one run of a property.
func tempDir(t *rapid.T, base string) string {
	dir, err := os.MkdirTemp(base, "store")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// scratch makes a store for one run of a property, and takes it away after it.
func scratch(t *rapid.T, base string) *Store {
	dir := tempDir(t, base)
	s, err := Create(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		os.RemoveAll(dir)
	})
	return s
}

func sameEvents(t interface {
	Helper()
	Fatalf(string, ...any)
}, what string, want, got []evidence.Event) {
	t.Helper()
	for i := range max(len(want), len(got)) {
		if i >= len(want) || i >= len(got) {
			t.Fatalf("%s: %d events, want %d, the same up to there", what, len(got), len(want))
		}
		// A store gives fingerprints only to what nothing else tells apart; that
		// shows in the order, which is compared.
		w, g := want[i], got[i]
		w.Fingerprint, g.Fingerprint = "", ""
		// Comparing by reflection first: cmp is made for showing differences.
		if reflect.DeepEqual(w, g) {
			continue
		}
		if d := cmp.Diff(w, g, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("%s: %d events, want %d; number %d differs (-want +got):\n%s", what, len(got), len(want), i, d)
		}
	}
}

func gather(t *rapid.T, q evidence.Querier, query evidence.Query) []evidence.Event {
	var out []evidence.Event
	for e, err := range q.Events(context.Background(), query) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// TestAnyOrderAnySplit is the contract of Import: every event with every field,
// exactly as evidence.Dedupe has it, whatever the order, the repetition and the
// division of the input into imports and commits, and with equal files.
func TestAnyOrderAnySplit(t *testing.T) {
	base := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		files := drawFiles(t)
		want := oracle(files)
		conflicts, _ := want.Conflicts(context.Background())
		var layout [2][]string
		var arts [2][]evidence.Artifact
		for i := range layout {
			s := scratch(t, base)
			if rapid.Bool().Draw(t, "tiny") {
				s.limits = tiny
				s.limits.batch = rapid.Int64Range(1, 100<<10).Draw(t, "batch")
			}
			s.limits.volatile = true
			s.limits.partRows = tiny.partRows // these decide the files, so the same in both
			s.limits.accountRows, s.limits.accounts, s.limits.partitions = tiny.accountRows, tiny.accounts, tiny.partitions
			var todo []file
			for _, j := range rapid.Permutation(upTo(len(files)+1)).Draw(t, "order") {
				todo = append(todo, files[j%len(files)])
			}
			for len(todo) > 0 {
				n := rapid.IntRange(1, len(todo)).Draw(t, "part")
				if _, err := s.importFrom(context.Background(), reader(todo[:n], rapid.Uint64().Draw(t, "seed")), nil, ImportOptions{}); err != nil {
					t.Fatal(err)
				}
				todo = todo[n:]
			}
			sameEvents(t, "import", gather(t, want, evidence.Query{Body: true}), gather(t, s, evidence.Query{Body: true}))
			got, err := s.Conflicts(context.Background())
			if err != nil || !slices.Equal(conflicts, got) {
				t.Fatalf("conflicts %v, want %v (%v)", got, conflicts, err)
			}
			s.man.Conflicts = nil // the list is found the same when asked for
			if got, err := s.Conflicts(context.Background()); err != nil || !slices.Equal(conflicts, got) {
				t.Fatalf("conflicts when asked %v, want %v (%v)", got, conflicts, err)
			}
			for _, f := range s.man.Events {
				layout[i] = append(layout[i], f.Path)
			}
			if arts[i], err = s.Artifacts(context.Background()); err != nil {
				t.Fatal(err)
			}
			checkDuplicates(t, s, arts[i])
			reopened, err := Open(context.Background(), s.dir)
			if err != nil {
				t.Fatal(err)
			}
			sameEvents(t, "reopened", gather(t, s, evidence.Query{}), gather(t, reopened, evidence.Query{}))
			reopened.Close()
		}
		if !slices.Equal(layout[0], layout[1]) {
			t.Fatalf("two stores of one evidence have different files:\n%v\n%v", layout[0], layout[1])
		}
		if d := cmp.Diff(arts[0], arts[1]); d != "" {
			t.Fatalf("two stores of one evidence list different artifacts:\n%s", d)
		}
	})
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// checkDuplicates: what an artifact's records say first, and what they repeat,
// is all of them.
func checkDuplicates(t *rapid.T, s *Store, arts []evidence.Artifact) {
	kept := map[string]int{}
	for _, e := range gather(t, s, evidence.Query{}) {
		kept[e.Ref.Artifact]++
	}
	for _, a := range arts {
		if a.Records != kept[a.ID]+a.Duplicates {
			t.Fatalf("artifact %s: %d records, %d kept, %d duplicates", a.URI, a.Records, kept[a.ID], a.Duplicates)
		}
	}
}

// TestQueriesAgree holds every query to its definition, on settled stores and
// on ones whose import was interrupted.
func TestQueriesAgree(t *testing.T) {
	base := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		files := drawFiles(t)
		want := oracle(files)
		s := scratch(t, base)
		s.limits = tiny
		if rapid.Bool().Draw(t, "interrupted") {
			s.limits.batch = 1
			leave := errors.New("unplugged")
			_, err := s.importFrom(context.Background(), func(ctx context.Context, p []string, k func(string) bool, o ImportOptions, emit func(batch) error) error {
				if err := reader(files, 1)(ctx, p, k, o, emit); err != nil {
					return err
				}
				return leave
			}, nil, ImportOptions{})
			if !errors.Is(err, leave) {
				t.Fatal(err)
			}
			if s.man.settled() {
				t.Fatal("the store is settled: the test tests nothing")
			}
		} else if _, err := s.importFrom(context.Background(), reader(files, 1), nil, ImportOptions{}); err != nil {
			t.Fatal(err)
		}
		for range 10 {
			q := drawQuery(t)
			sameEvents(t, "query", gather(t, want, q), gather(t, s, q))
		}
	})
}

func drawQuery(t *rapid.T) evidence.Query {
	some := func(name string, from ...string) []string {
		if rapid.IntRange(0, 3).Draw(t, name+"?") > 0 {
			return nil
		}
		return rapid.SliceOfN(rapid.SampledFrom(append(from, "", "nowhere")), 1, 3).Draw(t, name)
	}
	q := evidence.Query{
		IDs:         some("ids", "e1", "e2", "e3"),
		Credentials: some("keys", "AKIAEXAMPLE1", "ASIAEXAMPLE2"),
		Principals:  some("principals", "AROAX:one", "AROAX", "AIDAY", "arn:aws:iam::1:user/a", "arn:aws:iam::1:role/r"),
		IPs:         some("ips", "192.0.2.1", "ec2.amazonaws.com"),
		Sources:     some("sources", "iam.amazonaws.com"),
		Names:       some("names", "GetUser", "PutObject"),
		Resources:   some("resources", "arn:aws:s3:::b", "i-0abc"),
		Accounts:    some("accounts", "111111111111", "222222222222", "333333333333", "../../x"),
		Regions:     some("regions", "eu-west-1"),
		SharedIDs:   some("shared", "sh1", "sh2"),
		Body:        rapid.Bool().Draw(t, "body"),
	}
	if rapid.Bool().Draw(t, "from?") {
		q.From = day0.Add(time.Duration(rapid.IntRange(-1, 6000).Draw(t, "from")) * time.Millisecond)
	}
	if rapid.Bool().Draw(t, "to?") {
		q.To = day0.Add(time.Duration(rapid.IntRange(-1, 6000).Draw(t, "to")) * time.Millisecond)
	}
	return q
}

// someFiles are n files of m events each, a quarter of which repeat others.
func someFiles(n, m int) []file {
	rnd := rand.New(rand.NewPCG(7, 7))
	var files []file
	for i := range n {
		var events []evidence.Event
		for j := range m {
			k := i*m + j
			if rnd.IntN(4) == 0 {
				k = rnd.IntN(k + 1)
			}
			events = append(events, plainEvent(k))
		}
		files = append(files, newFile("logs/"+string(rune('a'+i%26))+"/"+strings.Repeat("x", i/26), events))
	}
	return files
}

// plainEvent is the k-th of an endless row of ordinary events over some days.
func plainEvent(k int) evidence.Event {
	rnd := rand.New(rand.NewPCG(uint64(k), 3))
	hex := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "0123456789abcdef"[rnd.IntN(16)]
		}
		return string(b)
	}
	who := rnd.IntN(50)
	e := evidence.Event{
		ID:      hex(8) + "-" + hex(4) + "-4" + hex(3) + "-8" + hex(3) + "-" + hex(12),
		Time:    day0.Add(time.Duration(rnd.IntN(5*24*3600)) * time.Second),
		Source:  []string{"s3.amazonaws.com", "ec2.amazonaws.com", "iam.amazonaws.com"}[rnd.IntN(3)],
		Name:    []string{"GetObject", "DescribeInstances", "ListUsers", "AssumeRole"}[rnd.IntN(4)],
		Type:    "AwsApiCall",
		Account: []string{"111111111111", "111111111111", "222222222222", "333333333333", "012345678901"}[who/10], Region: "eu-west-1",
		SourceIP:  "192.0.2." + string(rune('0'+who%10)),
		UserAgent: "aws-cli/2.13.0 Python/3.11 Linux/6.1",
		RequestID: hex(16),
		Identity: evidence.Identity{
			Type: "AssumedRole", PrincipalID: "AROAEXAMPLE" + hex(0) + string(rune('A'+who%26)) + ":s",
			AccessKey: "ASIAEXAMPLE" + string(rune('A'+who/26)) + string(rune('A'+who%26)),
			ARN:       "arn:aws:sts::111111111111:assumed-role/role/s",
		},
		Resources: []string{"arn:aws:s3:::bucket-" + string(rune('a'+rnd.IntN(26)))},
	}
	e.RawName = e.Name
	seal(&e)
	return e
}

func TestEmptyStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	s := create(t, dir)
	if got := allOf(t, s, evidence.Query{}); got != nil {
		t.Errorf("events of an empty store: %v", got)
	}
	arts, err := s.Artifacts(t.Context())
	if err != nil || len(arts) != 0 {
		t.Errorf("artifacts of an empty store: %v, %v", arts, err)
	}
	if !IsStore(dir) {
		t.Error("IsStore does not know an empty store")
	}
	if sum := load(t, s, nil, 1); sum != (Summary{}) {
		t.Errorf("importing nothing: %+v", sum)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "file")
	if err := os.WriteFile(plain, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	bad := func(manifest string) string {
		d := t.TempDir()
		if err := os.WriteFile(filepath.Join(d, manifestName), []byte(manifest), 0o600); err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, c := range []struct{ name, dir, want string }{
		{"missing", filepath.Join(dir, "nothing"), "does not exist"},
		{"file", plain, "is a file"},
		{"folder", dir, "not an evidence store"},
		{"cut", bad(`{"format":`), "is damaged"},
		{"other", bad(`{"format":"docker"}`), "not the manifest of an evidence store"},
		{"newer", bad(`{"format":"trailhound-evidence","version":9}`), "layout version 9"},
		{"outside", bad(`{"format":"trailhound-evidence","version":2,"events":[{"path":"../../etc/passwd"}]}`), "no file of an evidence store"},
		{"climbing", bad(`{"format":"trailhound-evidence","version":2,"events":[{"path":"events/v2/day=2023-11-02/../../../part-00.parquet"}]}`), "no file of an evidence store"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := Open(t.Context(), c.dir)
			if err == nil {
				s.Close()
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.dir) {
				t.Errorf("error %q: want %q and the path in it", err, c.want)
			}
		})
	}
	if _, err := Create(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "holds file") {
		t.Errorf("Create in a folder of somebody else's: %v", err)
	}
}
