package store

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/evidence"
)

// TestEventFileIsWhatTheLibraryWrites writes any events as a run or a settled file and with
// the library: what the library reads of the two is equal, row by row, and so is the schema.
func TestEventFileIsWhatTheLibraryWrites(t *testing.T) {
	s := create(t, t.TempDir())
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.Just(""), rapid.SampledFrom([]string{"a", "b", "AKIAEXAMPLE", "ünïcode", string(make([]byte, 300))}), rapid.StringN(0, 40, 80))
		events := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) evidence.Event {
			var e evidence.Event
			for _, c := range textColumns {
				if rapid.Bool().Draw(t, "has") {
					*c.field(&e) = text.Draw(t, c.name)
				}
			}
			e.Time = time.Unix(rapid.Int64Range(-1e10, 1e10).Draw(t, "time"), 0).UTC()
			e.Lossy, e.ReadOnly, e.ReadOnlySaid = rapid.Bool().Draw(t, "lossy"), rapid.Bool().Draw(t, "read"), rapid.Bool().Draw(t, "said")
			e.Identity.FromConsole = rapid.Bool().Draw(t, "console")
			if rapid.Bool().Draw(t, "created") {
				e.Identity.SessionCreated = time.Unix(rapid.Int64Range(1, 1e10).Draw(t, "created at"), 0).UTC()
			}
			e.Resources = rapid.SliceOfN(text, 0, 4).Draw(t, "resources")
			e.Ref.Index, e.Ref.Offset = rapid.Int64().Draw(t, "index"), rapid.Int64Min(-1).Draw(t, "offset")
			e.Body = rapid.SliceOf(rapid.Byte()).Draw(t, "body")
			if rapid.Bool().Draw(t, "empty id") {
				e.Body = []byte(`{"eventID":"","requestID":""}`)
			}
			return e
		}), 0, 60).Draw(t, "events")
		slices.SortStableFunc(events, func(a, b evidence.Event) int { return a.Time.Compare(b.Time) })
		sh := rapid.SampledFrom([]shape{runShape, dayShape}).Draw(t, "shape")
		if rapid.Bool().Draw(t, "short pages") {
			sh.page, sh.recordPage, sh.pageRows, sh.groupRows = 64, 64, 3, 20
		}
		var want bytes.Buffer
		lib := parquet.NewGenericWriter[row](&want, eventOptions()...)
		w, err := s.newEventWriter(&sh)
		if err != nil {
			t.Fatal(err)
		}
		for i := range events {
			var r row
			var at int64
			r.fill(&events[i], &at)
			if _, err := lib.Write([]row{r}); err != nil {
				t.Fatal(err)
			}
			if err := w.add(&events[i]); err != nil {
				t.Fatal(err)
			}
			if rapid.IntRange(0, 9).Draw(t, "cut") == 0 {
				if err := w.endGroup(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := lib.Close(); err != nil {
			t.Fatal(err)
		}
		st, err := w.finish()
		if err != nil {
			t.Fatal(err)
		}
		defer st.discard()
		got, err := os.ReadFile(st.from)
		if err != nil {
			t.Fatal(err)
		}
		sameFile(t, want.Bytes(), got, &sh)
		if st.entry.Bytes != int64(len(got)) || st.entry.Rows != int64(len(events)) {
			t.Fatalf("the manifest would say %d bytes and %d rows of %d and %d", st.entry.Bytes, st.entry.Rows, len(got), len(events))
		}
	})
}

func sameFile(t *rapid.T, want, got []byte, sh *shape) {
	a, errA := parquet.OpenFile(bytes.NewReader(want), int64(len(want)))
	b, errB := parquet.OpenFile(bytes.NewReader(got), int64(len(got)))
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if d := cmp.Diff(fmt.Sprint(a.Schema()), fmt.Sprint(b.Schema())); d != "" {
		t.Fatalf("schema (-library +ours):\n%s", d)
	}
	if d := cmp.Diff(a.Metadata().KeyValueMetadata, b.Metadata().KeyValueMetadata); d != "" {
		t.Fatalf("metadata (-library +ours):\n%s", d)
	}
	rows := func(data []byte) []row {
		rows, err := parquet.Read[row](bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	if d := cmp.Diff(rows(want), rows(got), cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("rows (-library +ours):\n%s", d)
	}
	checkFooter(t, b, sh)
}

// TestManyPages writes row groups and pages as large as they get, and asks for rows
// of them out of order, which only an index of pages that is right answers.
func TestManyPages(t *testing.T) {
	for name, sh := range map[string]shape{"run": runShape, "settled": dayShape} {
		t.Run(name, func(t *testing.T) { manyPages(t, &sh) })
	}
}

func manyPages(t *testing.T, sh *shape) {
	s := create(t, t.TempDir())
	s.limits.volatile = true
	w, err := s.newEventWriter(sh)
	if err != nil {
		t.Fatal(err)
	}
	const n = 20_000
	for k := range n {
		e := plainEvent(k)
		e.Time = time.Unix(int64(k), 0).UTC()
		for r := range k % 5 {
			e.Resources = append(e.Resources, fmt.Sprintf("arn:aws:s3:::bucket-%d-%d", k%3000, r))
		}
		if err := w.add(&e); err != nil {
			t.Fatal(err)
		}
	}
	st, err := w.finish()
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.place(st, st.runName(1, 0))
	if err != nil {
		t.Fatal(err)
	}
	man := newManifest()
	man.Runs = append(man.Runs, f)
	for _, k := range []int{0, 1, 8191, 8192, 12_345, n - 1} {
		found := 0
		q := evidence.Query{IDs: []string{plainEvent(k).ID}, Body: true}
		for e, err := range s.eventsOf(context.Background(), man, q) {
			if err != nil {
				t.Fatal(err)
			}
			want := plainEvent(k)
			if !bytes.Equal(e.Body, want.Body) || e.Time.Unix() != int64(k) || len(e.Resources) != len(want.Resources)+k%5 {
				t.Errorf("event %d: %+v", k, e)
			}
			found++
		}
		if found != 1 {
			t.Errorf("event %d was found %d times", k, found)
		}
	}
}

// fill writes e into r. The strings are shared, not copied. created is where
// the session's creation time lives, since a nullable column is a pointer.
func (r *row) fill(e *evidence.Event, created *int64) {
	id := &e.Identity
	*r = row{
		EventTime: e.Time.UnixMicro(), EventID: e.ID, Fingerprint: e.Fingerprint, Lossy: e.Lossy,
		EventSource: e.Source, EventName: e.Name, RawEventName: e.RawName, EventType: e.Type,
		Category: e.Category, ReadOnly: e.ReadOnly, ReadOnlySaid: e.ReadOnlySaid,
		AccountID: e.Account, Region: e.Region, SourceIP: e.SourceIP, UserAgent: e.UserAgent,
		ErrorCode: e.ErrorCode, ErrorMessage: e.ErrorMessage, RequestID: e.RequestID,
		SharedID: e.SharedID, VPCEndpoint: e.VPCEndpoint,
		IdentityType: id.Type, PrincipalID: id.PrincipalID, UniqueID: id.UniqueID(),
		IdentityARN: id.ARN, IdentityAccount: id.Account, AccessKey: id.AccessKey,
		UserName: id.UserName, InvokedBy: id.InvokedBy, IssuerType: id.IssuerType,
		IssuerID: id.IssuerID, IssuerARN: id.IssuerARN, IssuerName: id.IssuerName,
		MFA: id.MFA, FromConsole: id.FromConsole, SourceIdentity: id.SourceIdentity,
		OnBehalfOf: id.OnBehalfOf, CredentialID: id.CredentialID, InScopeOf: id.InScopeOf,
		RoleDelivery: id.RoleDelivery, Resources: e.Resources,
		ArtifactID: e.Ref.Artifact, ArtifactIndex: e.Ref.Index, ArtifactOffset: e.Ref.Offset,
	}
	if !id.SessionCreated.IsZero() {
		*created = id.SessionCreated.UnixMicro()
		r.SessionCreated = created
	}
	record, raw := lift(e, false)
	r.Record, r.RecordRaw = slices.Concat(record[:]...), raw
}
