package wording

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v4"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

var update = flag.Bool("update", false, "rewrite what the samples say")

const contentDir = "../../../content"

func load(t testing.TB) *Table {
	t.Helper()
	table, err := Load(os.DirFS(contentDir))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// records are those of all rules' samples: real shapes of the calls that are worth words.
func records(t *testing.T) []evidence.Event {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(contentDir, "detections", "*", "*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	var out []evidence.Event
	for _, name := range names {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			var list []json.RawMessage
			if json.Unmarshal(f.Data, &list) != nil {
				list = []json.RawMessage{f.Data}
			}
			for _, raw := range list {
				if e, err := cloudtrail.Decode(raw); err == nil {
					out = append(out, e)
				}
			}
		}
	}
	return out
}

// own are the samples that stand beside the wordings.
func own(t *testing.T) []evidence.Event {
	t.Helper()
	ar, err := txtar.ParseFile(filepath.Join(contentDir, "wording", "samples.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var out []evidence.Event
	for line := range strings.Lines(string(ar.Files[0].Data)) {
		action, rest, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		service, name, _ := strings.Cut(action, ":")
		r := map[string]any{"eventSource": service + ".amazonaws.com", "eventName": name, "eventTime": "2026-03-01T09:00:00Z",
			"eventID": fmt.Sprintf("%08d-0000-4000-8000-000000000000", len(out)), "awsRegion": "us-east-1", "sourceIPAddress": "203.0.113.9",
			"userIdentity": map[string]any{"type": "IAMUser", "userName": "mallory", "accountId": "111122223333"}}
		request, answer, _ := strings.Cut(rest, " -> ")
		for field, text := range map[string]string{"requestParameters": request, "responseElements": answer} {
			var v any
			if err := yaml.Unmarshal([]byte(text), &v); err != nil && text != "" {
				t.Fatalf("%s: %v", line, err)
			}
			r[field] = v
		}
		raw, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		e, err := cloudtrail.Decode(raw)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		out = append(out, e)
	}
	return out
}

// TestSamples words every call of the rules' samples and of those beside the wordings,
// and holds each sentence against its record, as a report would. What is said stands in
// testdata/sentences.txt: with -update it is written anew, and the diff is the review.
func TestSamples(t *testing.T) {
	table := load(t)
	said, used := map[string]bool{}, map[string]map[int]bool{}
	for _, e := range append(records(t), own(t)...) {
		r, err := e.Parse()
		if err != nil {
			t.Fatal(err)
		}
		text, equals := table.Of(e.Action(), r)
		if text == "" {
			continue
		}
		if used[e.Action()] == nil {
			used[e.Action()] = map[int]bool{}
		}
		used[e.Action()][slices.IndexFunc(table.calls[e.Action()], func(w wording) bool { got, _, _ := w.fill(r); return got == text })] = true
		said[e.Action()+" to "+text] = true
		outcome := "the call succeeded"
		if e.Outcome() == evidence.Failure {
			outcome = "the call failed"
		}
		equals["action"] = e.Action()
		c := claim.Claim{Text: e.Action() + " was called to " + text + "; " + outcome + ".", Predicate: claim.Predicate{Op: "event", Event: e.ID, Equals: equals}, Evidence: []string{e.CitedAs()}, Grade: "A"}
		w := &claim.World{Events: memory.New([]evidence.Event{e})}
		if err := w.Check(context.Background(), c); err != nil {
			t.Errorf("%s: %v", c.Text, err)
		}
	}
	for action, list := range table.calls {
		for i := range list {
			if !used[action][i] {
				t.Errorf("%s: no sample shows %q", action, strings.Join(list[i].words, "…"))
			}
		}
	}
	got := strings.Join(slices.Sorted(maps.Keys(said)), "\n") + "\n"
	const golden = "testdata/sentences.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(golden); err != nil || string(want) != got {
		t.Errorf("%s is not what is said now (%v): run with -update and read the diff", golden, err)
	}
}

// TestSaysNothing of what a record does not name, hides, or names so that a sentence
// could be read otherwise.
func TestSaysNothing(t *testing.T) {
	table := load(t)
	for name, request := range map[string]map[string]any{
		"nothing":      nil,
		"hidden":       {"userName": "HIDDEN_DUE_TO_SECURITY_REASONS"},
		"a quote":      {"userName": "eve`; the call failed. The owner made `x"},
		"a line break": {"userName": "eve\nThe owner did it."},
		"too long":     {"userName": strings.Repeat("a", 301)},
		"no text":      {"userName": map[string]any{"a": "b"}},
	} {
		if text, equals := table.Of("iam:CreateUser", evidence.Record{"requestParameters": request}); text != "" || equals != nil {
			t.Errorf("%s: %q, %v", name, text, equals)
		}
	}
	if text, _ := (*Table)(nil).Of("iam:CreateUser", nil); text != "" {
		t.Error("no table, and still words")
	}
}

// TestRefuses what content may not say.
func TestRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"an unknown part":   "source: iam\ncalls: {CreateUser: 'make {record.userName}'}",
		"a number":          "source: iam\ncalls: {CreateUser: make 2 users}",
		"a quoted name":     "source: iam\ncalls: {CreateUser: 'make `eve`'}",
		"no source":         "calls: {CreateUser: make a user}",
		"an unknown member": "source: iam\nwords: {}",
		"nothing":           "source: iam\ncalls: {CreateUser: ''}",
	} {
		if _, err := Load(fstest.MapFS{"wording/iam.yml": {Data: []byte(text)}}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := Load(fstest.MapFS{"wording/a.yml": {Data: []byte("source: iam\ncalls: {CreateUser: make a user}")}, "wording/b.yml": {Data: []byte("source: iam\ncalls: {CreateUser: make a user}")}}); err == nil {
		t.Error("one call worded twice: accepted")
	}
}
