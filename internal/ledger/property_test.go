package ledger

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/evidence"
)

// TestOrderDoesNotMatter plays every story with its lines shuffled and some of
// them told twice: the ledger is that of the set of events.
func TestOrderDoesNotMatter(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(err, len(files))
	}
	for _, name := range files {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			s := readScript(t, f.Data)
			order := make([]int, len(s.lines))
			for i := range order {
				order[i] = i
			}
			want := s.build(t, order)
			t.Run(f.Name, func(t *testing.T) {
				rapid.Check(t, func(rt *rapid.T) {
					shuffled := rapid.Permutation(order).Draw(rt, "order")
					twice := rapid.SliceOf(rapid.SampledFrom(order)).Draw(rt, "twice")
					got := s.build(t, append(slices.Clone(shuffled), twice...))
					if !reflect.DeepEqual(got, want) {
						rt.Fatalf("got %+v\nwant %+v", got, want)
					}
				})
			})
		}
	}
}

// TestRows holds what every row of every story must satisfy, by the rules of
// the report: each names evidence, attempted stands alone in its meaning, and
// nothing live was only tried.
func TestRows(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range files {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			s := readScript(t, f.Data)
			order := make([]int, len(s.lines))
			byID := map[string]evidence.Event{}
			for i, l := range s.lines {
				order[i] = i
				byID[l.event.ID] = l.event
			}
			l := s.build(t, order)
			for _, p := range l.Persistence {
				if len(p.Events) == 0 || len(p.Evidence) == 0 || len(p.StateEvidence) == 0 || p.ID == "" {
					t.Errorf("%s: %+v: no evidence", f.Name, p)
				}
				for _, id := range p.Events {
					e := byID[id]
					if (e.Outcome() == evidence.Failure) != (p.Status == Attempted) {
						t.Errorf("%s: %s %s rests on %s, a %s", f.Name, p.Status, p.ID, e.Name, e.Outcome())
					}
				}
			}
			for _, r := range l.Resources {
				if len(r.ByEvent) == 0 || len(r.Effect) == 0 || r.ID == "" || r.Type == "" || r.StateEvidence == nil {
					t.Errorf("%s: %+v: incomplete", f.Name, r)
				}
			}
		}
	}
}

// FuzzEffects feeds records of any shape to the table: whatever stands where a
// path looks, there is no panic and nothing unbounded.
func FuzzEffects(f *testing.F) {
	table := load(f)
	calls := sortedKeys(table.calls)
	f.Add(uint16(0), `{"requestParameters":{"userName":"eve"}}`)
	f.Add(uint16(9), `{"requestParameters":{"userName":["a",{"b":null}],"policyDocument":"%7B"},"responseElements":[]}`)
	f.Add(uint16(77), `{"requestParameters":{"ipPermissions":{"items":[{"ipRanges":{"items":"x"}}]},"instancesSet":7}}`)
	f.Fuzz(func(t *testing.T, n uint16, body string) {
		var r evidence.Record
		if json.Unmarshal([]byte(body), &r) != nil {
			return
		}
		call := calls[int(n)%len(calls)]
		source, name, _ := strings.Cut(call, ":")
		for _, code := range []string{"", "AccessDenied"} {
			e := evidence.Event{ID: "1", Source: source, Name: name, Account: account, Region: "us-east-1", ErrorCode: code, Body: []byte(body)}
			for _, eff := range table.Effects(&e, r) {
				if len(eff.ID) > 4*maxID || eff.Effect != "" && eff.Type == "" {
					t.Fatalf("%s: %+v", call, eff)
				}
				if code != "" && eff.Effect != Attempted && eff.Effect != "" {
					t.Fatalf("%s failed and yet %s %s", call, eff.Effect, eff.ID)
				}
			}
		}
	})
}
