package cloudtrail

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
)

var update = flag.Bool("update", false, "write the golden files anew")

func decodeAll(t testing.TB, in []byte) (source.Result, []evidence.Event) {
	t.Helper()
	var events []evidence.Event
	result, err := Decoder{}.Decode(context.Background(), bytes.NewReader(in), source.Emit{Event: func(e *evidence.Event) error {
		e.Fingerprint = Fingerprint(e.Body)
		events = append(events, *e)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return result, events
}

// forms calls f for every form in testdata: its name, the whole archive, and the
// input in it.
func forms(t testing.TB, f func(name string, a *txtar.Archive, in []byte)) {
	files, err := filepath.Glob("testdata/forms/*.txtar")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d forms, %v", len(files), err)
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f(strings.TrimSuffix(filepath.Base(file), ".txtar"), a, a.Files[0].Data)
	}
}

// TestForms: raw in, normalised JSON out.
func TestForms(t *testing.T) {
	forms(t, func(name string, a *txtar.Archive, in []byte) {
		t.Run(name, func(t *testing.T) {
			if !(Decoder{}).Claims(in) {
				t.Error("the decoder does not claim it")
			}
			result, events := decodeAll(t, in)
			got := normalised(t, result, events)
			if *update {
				a.Files = append(a.Files[:1], txtar.File{Name: "want.json", Data: got})
				if err := os.WriteFile("testdata/forms/"+name+".txtar", txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(a.Files[1].Data), string(got)); diff != "" {
				t.Errorf("%s\n%s", a.Comment, diff)
			}
		})
	})
}

// normalised is what a form decodes to, for people to read: the columns that are
// not empty, and the record as JSON.
func normalised(t testing.TB, result source.Result, events []evidence.Event) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	write := func(v any) {
		if err := enc.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	write(compacted(t, result))
	for _, e := range events {
		body := e.Body
		e.Body = nil
		m := compacted(t, e)
		m["Body"] = json.RawMessage(body)
		write(m)
	}
	return out.Bytes()
}

func compacted(t testing.TB, v any) map[string]any {
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	prune(m)
	return m
}

func prune(m map[string]any) {
	for k, v := range m {
		switch v := v.(type) {
		case map[string]any:
			if prune(v); len(v) == 0 {
				delete(m, k)
			}
		case nil:
			delete(m, k)
		case string:
			if v == "" || v == "0001-01-01T00:00:00Z" {
				delete(m, k)
			}
		case bool:
			if !v {
				delete(m, k)
			}
		}
	}
}

// What wraps the text, and how it is read, changes nothing of what it says.
func TestFormsAreTheSameHoweverTheyAreWritten(t *testing.T) {
	forms(t, func(name string, _ *txtar.Archive, in []byte) {
		if name == "damaged" || name == "cut-line" {
			return // their offsets and reasons are of the bytes
		}
		_, want := decodeAll(t, in)
		variants := map[string][]byte{
			"byte order mark": append([]byte("\ufeff"), in...),
			"CRLF":            bytes.ReplaceAll(in, []byte("\n"), []byte("\r\n")),
			"UTF-16LE":        utf16Bytes(in, false),
			"UTF-16BE":        utf16Bytes(in, true),
			"space around":    []byte("\n \t" + string(in) + "\n\n"),
		}
		if strings.HasSuffix(name, "csv") {
			delete(variants, "space around")
		}
		for what, text := range variants {
			if !(Decoder{}).Claims(text) {
				t.Errorf("%s with %s is not claimed", name, what)
			}
			if _, got := decodeAll(t, text); !slices.Equal(prints(got), prints(want)) {
				t.Errorf("%s with %s gives other events", name, what)
			}
		}
		var slow []evidence.Event
		if _, err := (Decoder{}).Decode(context.Background(), iotest.OneByteReader(bytes.NewReader(in)), source.Emit{Event: func(e *evidence.Event) error {
			e.Fingerprint = Fingerprint(e.Body)
			slow = append(slow, *e)
			return nil
		}}); err != nil || !slices.Equal(prints(slow), prints(want)) {
			t.Errorf("%s byte by byte gives other events (%v)", name, err)
		}
	})
}

func prints(events []evidence.Event) []string {
	var out []string
	for _, e := range events {
		out = append(out, e.Fingerprint)
	}
	return out
}

func utf16Bytes(in []byte, big bool) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + string(in))) {
		if big {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return out
}

// The forms that keep the whole record must give the very same events.
func TestWholeFormsAgree(t *testing.T) {
	var want []string
	whole := []string{"records", "records-pretty", "array", "lines", "concatenated", "strings", "lookup-events", "eventbridge",
		"cloudwatch-subscription", "cloudwatch-awslogs", "elasticsearch", "lake-eventjson"}
	forms(t, func(name string, _ *txtar.Archive, in []byte) {
		if !slices.Contains(whole, name) {
			return
		}
		_, events := decodeAll(t, in)
		if want == nil {
			want = prints(events)
		}
		if got := prints(events); !slices.Equal(got, want) || len(got) != 2 {
			t.Errorf("%s gives %q, want %q", name, got, want)
		}
	})
}

// Lossy forms must agree with the whole record in Core, or Dedupe would take them
// for another event of the same id.
func TestLossyFormsYieldToTheWholeRecord(t *testing.T) {
	var whole []evidence.Event
	lossy := map[string][]evidence.Event{}
	forms(t, func(name string, _ *txtar.Archive, in []byte) {
		_, events := decodeAll(t, in)
		switch name {
		case "records":
			whole = events
		case "athena-csv", "athena-api", "athena-json", "lake-rows", "console-csv", "logstash":
			lossy[name] = events
		}
	})
	for name, events := range lossy {
		for _, e := range events {
			if !e.Lossy {
				t.Errorf("%s: event %s is not marked lossy", name, e.ID)
			}
		}
		kept, conflicts := evidence.Dedupe(append(slices.Clone(whole), events...))
		if len(kept) != 2 || len(conflicts) != 0 || kept[0].Lossy || kept[1].Lossy {
			t.Errorf("%s: %d events kept, conflicts %q", name, len(kept), conflicts)
		}
	}
}
