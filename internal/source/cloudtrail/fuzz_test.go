package cloudtrail

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/trailhound/trailhound/internal/evidence"
)

// holds is what must be true of any event out of any input.
func holds(t *testing.T, e *evidence.Event) {
	t.Helper()
	if !json.Valid(e.Body) || !utf8.Valid(e.Body) || e.Body[0] != '{' {
		t.Fatalf("Body is no valid JSON object: %q", e.Body)
	}
	if e.ID == "" || len(e.Fingerprint) != 64 || e.Time.IsZero() || e.Name == "" || e.Source == "" {
		t.Fatalf("a column is missing: %+v", e)
	}
	if len(e.Resources) > evidence.MaxResources || !slices.IsSorted(e.Resources) || len(slices.Compact(slices.Clone(e.Resources))) != len(e.Resources) {
		t.Fatalf("resources %q", e.Resources)
	}
	if !strings.HasPrefix(e.RawName, e.Name) {
		t.Fatalf("name %q of %q", e.Name, e.RawName)
	}
	// Body is a fixed point: what is kept can be read again, to the same event.
	again, err := Decode(e.Body)
	if err != nil || again.Fingerprint != e.Fingerprint || string(again.Body) != string(e.Body) {
		t.Fatalf("Body reads as another event: %v\n%s", err, e.Body)
	}
	// And it says what the columns say.
	r, err := e.Parse()
	if err != nil {
		t.Fatal(err)
	}
	if r["eventName"] != nil && r.Str("eventName") != e.RawName || r["eventSource"] != nil && r.Str("eventSource") != e.Source {
		t.Fatalf("columns %q %q, Body %s", e.Source, e.RawName, e.Body)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(`{"eventTime":"Nov 30, 2024, 8:43:17 PM","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","responseElements":{"ConsoleLogin":"Failure"},"eventName":"X20150331v2"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		e, err := Decode(in)
		if err == nil {
			holds(t, &e)
		}
	})
}

// FuzzDecoder feeds whole files of every form.
func FuzzDecoder(f *testing.F) {
	forms(f, func(_ string, _ *txtar.Archive, in []byte) { f.Add(in) })
	f.Fuzz(func(t *testing.T, in []byte) {
		result, events := decodeAll(t, in)
		if result.Records != len(events) || result.Kind == "" || len(result.Rejections) > evidence.MaxRejections {
			t.Fatalf("%+v with %d events", result, len(events))
		}
		if result.Kind != evidence.KindCloudTrail && (len(events) > 0 || result.Reason == "") {
			t.Fatalf("%+v with %d events", result, len(events))
		}
		for i := range events {
			holds(t, &events[i])
		}
		again, same := decodeAll(t, in)
		if again.Reason != result.Reason || !slices.Equal(prints(same), prints(events)) {
			t.Fatal("not the same twice")
		}
	})
}

func FuzzTable(f *testing.F) {
	forms(f, func(name string, _ *txtar.Archive, in []byte) {
		if _, ok := tableOf(in); ok {
			f.Add(string(in[:strings.IndexByte(string(in), '\n')]), string(in[strings.IndexByte(string(in), '\n')+1:]))
		}
	})
	f.Fuzz(func(t *testing.T, header, rows string) {
		in := []byte(header + "\n" + rows)
		if _, ok := tableOf(in); !ok {
			return
		}
		_, events := decodeAll(t, in)
		for i := range events {
			holds(t, &events[i])
		}
	})
}

func FuzzStructText(f *testing.F) {
	f.Add(`{type=IAMUser, sessioncontext={attributes={mfaauthenticated=false}}, list=[a, {b=c}], arn=null}`)
	f.Fuzz(func(t *testing.T, s string) {
		v, ok := structText(s, "userIdentity")
		if !ok {
			return
		}
		if _, err := json.Marshal(v); err != nil {
			t.Fatal(err)
		}
	})
}
