package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
)

var someKinds = []string{"iam_user", "flow", "cost", "alert"}

// observed makes an artifact of n observations; small numbers make many of them
// repeat those of other artifacts.
func observed(name string, n int, draw func(max int) int) ([]evidence.Observation, evidence.Artifact) {
	sum := sha256.Sum256([]byte(name))
	art := evidence.Artifact{ID: hex.EncodeToString(sum[:]), URI: name, Kind: "test", Records: n}
	var list []evidence.Observation
	for i := range n {
		v := draw(30)
		o := evidence.Observation{
			Kind: someKinds[draw(len(someKinds))], ID: fmt.Sprintf("id-%d", v), Account: fmt.Sprintf("%012d", v%3),
			Keys: []string{fmt.Sprintf("key-%d", v%7), "b"}, Body: fmt.Appendf(nil, `{"v":%d}`, v),
			Ref: evidence.Ref{Artifact: art.ID, Index: int64(i), Offset: int64(i) * 10},
		}
		if v%4 > 0 {
			o.Time = time.Unix(int64(1_700_000_000+v*3600), 0)
			o.Until = o.Time.Add(time.Duration(v) * time.Minute)
		}
		o.Complete()
		list = append(list, o)
	}
	return list, art
}

type observedFile struct {
	art  evidence.Artifact
	list []evidence.Observation
}

// observing hands files over in pieces.
func observing(files []observedFile, piece int) readFunc {
	return func(_ context.Context, _ []string, known func(string) bool, _ ImportOptions, emit func(batch) error) error {
		for _, f := range files {
			list := f.list
			if known(f.art.ID) {
				list = nil
			}
			for len(list) > piece {
				if err := emit(batch{Artifact: f.art, Observations: slices.Clone(list[:piece])}); err != nil {
					return err
				}
				list = list[piece:]
			}
			if err := emit(batch{Artifact: f.art, Observations: slices.Clone(list), Done: true}); err != nil {
				return err
			}
		}
		return nil
	}
}

func observationsOf(t interface{ Fatal(...any) }, o evidence.Observer, q evidence.ObservationQuery) []evidence.Observation {
	var out []evidence.Observation
	for v, err := range o.Observations(context.Background(), q) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// TestObservationsAgreeWithMemory: whatever the order, repetition, division and
// number of imports, the store answers as the plainest reading does, counts every
// record, and a lost manifest can be rebuilt.
func TestObservationsAgreeWithMemory(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(max int) int { return rapid.IntRange(0, max-1).Draw(rt, "n") }
		dir, err := os.MkdirTemp(t.TempDir(), "s")
		if err != nil {
			rt.Fatal(err)
		}
		s, err := Create(t.Context(), dir)
		if err != nil {
			rt.Fatal(err)
		}
		defer s.Close()
		s.limits = tiny
		s.limits.batch = 4 << 10
		oracle := memory.New(nil)
		var files []observedFile
		records := int64(0)
		for i := range 1 + draw(3) {
			list, art := observed(fmt.Sprint("f", i), draw(30), draw)
			files = append(files, observedFile{art, list})
			oracle.Observe(slices.Clone(list)...)
			records += int64(len(list))
		}
		cut := draw(len(files) + 1)
		var sum Summary
		for _, part := range [][]observedFile{files[:cut], files[cut:], files[:cut]} {
			if sum, err = s.importFrom(t.Context(), observing(part, 1+draw(9)), nil, ImportOptions{}); err != nil {
				rt.Fatal(err)
			}
		}
		want := observationsOf(rt, oracle, evidence.ObservationQuery{})
		if sum.Observations != int64(len(want)) {
			rt.Errorf("the summary counts %d observations, there are %d", sum.Observations, len(want))
		}
		check := func(s *Store) {
			for _, q := range []evidence.ObservationQuery{
				{}, {Kinds: []string{"cost", "nothing"}}, {Keys: []string{"key-3"}}, {IDs: []string{"id-5", "id-6"}},
				{Accounts: []string{"000000000001"}, From: time.Unix(1_700_000_000+9*3600, 0)},
				{From: time.Unix(1_700_000_000+4*3600, 0), To: time.Unix(1_700_000_000+9*3600+1, 0)},
			} {
				if diff := cmp.Diff(observationsOf(rt, oracle, q), observationsOf(rt, s, q)); diff != "" {
					rt.Fatalf("%+v: memory and store differ (-memory +store):\n%s", q, diff)
				}
			}
			arts, err := s.Artifacts(t.Context())
			if err != nil {
				rt.Fatal(err)
			}
			distinct := int64(0)
			for _, a := range arts {
				distinct += int64(a.Records - a.Duplicates)
			}
			if distinct != int64(len(want)) {
				rt.Errorf("records less duplicates are %d, observations %d", distinct, len(want))
			}
		}
		check(s)
		if err := s.Check(t.Context()); err != nil {
			rt.Error(err)
		}
		s.Close()
		if draw(4) > 0 { // rebuilding waits for the disk
			return
		}
		if err := os.Remove(filepath.Join(dir, manifestName)); err != nil {
			rt.Fatal(err)
		}
		again, err := Create(t.Context(), dir)
		if err != nil {
			rt.Fatal(err)
		}
		defer again.Close()
		check(again)
	})
}

// TestObservationFilesDependOnContentAlone: the files of a kind are the same
// however the evidence came, and a kind that an import did not touch is left be.
func TestObservationFilesDependOnContentAlone(t *testing.T) {
	draw := func(i int) func(int) int {
		return func(max int) int { i = (i*7919 + 13) % 1_000_003; return (i / 7) % max }
	}
	var files []observedFile
	for i := range 6 {
		list, art := observed(fmt.Sprint("f", i), 50, draw(i))
		files = append(files, observedFile{art, list})
	}
	var want []fileEntry
	for round, order := range [][]observedFile{files, {files[5], files[4], files[3], files[2], files[1], files[0]}} {
		s := create(t, t.TempDir())
		s.limits.partRows = 10
		for _, f := range order {
			if _, err := s.importFrom(t.Context(), observing([]observedFile{f}, 7), nil, ImportOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		if round == 0 {
			want = s.state().Observations
		} else if diff := cmp.Diff(want, s.state().Observations); diff != "" {
			t.Error(diff)
		}
	}
	if len(want) < 5 {
		t.Errorf("only %d files: partRows is not heeded", len(want))
	}
}

// TestObservationsOfNoArtifactAreDropped: observations of an artifact without its table were
// never committed, and rebuilding must not bring them to life.
func TestObservationsOfNoArtifactAreDropped(t *testing.T) {
	dir := t.TempDir()
	s := create(t, dir)
	list, art := observed("kept", 20, func(max int) int { return max - 1 })
	if _, err := s.importFrom(t.Context(), observing([]observedFile{{art, list}}, 100), nil, ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	// A run that a killed import placed before its table.
	orphan, _ := observed("aaa", 20, func(max int) int { return max / 2 })
	run := &spilled{}
	c := newCommitter(t.Context(), s)
	if err := c.spillObservations(run, append(orphan, list[0])); err != nil {
		t.Fatal(err)
	}
	if err := c.stop(nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.place(run.staged, runsDir+"/observations-"+run.hash()+".parquet"); err != nil {
		t.Fatal(err)
	}
	want := observationsOf(t, s, evidence.ObservationQuery{})
	s.Close()
	if err := os.Remove(filepath.Join(dir, manifestName)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, observationsOf(t, create(t, dir), evidence.ObservationQuery{})); diff != "" {
		t.Error(diff)
	}
}
