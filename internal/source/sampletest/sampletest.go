// Package sampletest holds the decoders of observations to their samples, and to
// what every decoder must hold whatever it is fed.
package sampletest

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
)

var update = flag.Bool("update", false, "write the golden files anew")

// row is an observation as a golden file shows it.
type row struct {
	Kind    string          `json:"kind"`
	ID      string          `json:"id"`
	Account string          `json:"account,omitempty"`
	Region  string          `json:"region,omitempty"`
	Time    string          `json:"time,omitempty"`
	Until   string          `json:"until,omitempty"`
	Keys    []string        `json:"keys,omitempty"`
	Whole   bool            `json:"of_a_snapshot,omitempty"`
	Index   int64           `json:"index"`
	Offset  int64           `json:"offset"`
	Body    json.RawMessage `json:"body"`
}

type golden struct {
	Kind         evidence.Kind        `json:"kind"`
	Reason       string               `json:"reason,omitempty"`
	Rejections   []evidence.Rejection `json:"rejections,omitempty"`
	Observations []row                `json:"observations"`
}

// Run decodes the first file of every testdata/*.txtar and compares what comes
// out with the file want.json in it. With -update it writes that instead.
func Run(t *testing.T, d source.Decoder) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			in := a.Files[0].Data
			if !d.Claims(in[:min(len(in), source.SniffLen)]) {
				t.Error("the decoder does not claim it")
			}
			res, list := Decode(t, d, bytes.NewReader(in))
			res2, list2 := Decode(t, d, iotest.OneByteReader(bytes.NewReader(in)))
			if diff := cmp.Diff(list, list2) + cmp.Diff(res, res2); diff != "" {
				t.Errorf("read byte by byte it says something else:\n%s", diff)
			}
			got := show(t, res, list)
			if *update {
				a.Files = append(a.Files[:1], txtar.File{Name: "want.json", Data: got})
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if len(a.Files) < 2 {
				t.Fatal("no want.json: run go test -update, then read what it wrote")
			}
			if diff := cmp.Diff(string(a.Files[1].Data), string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			for cut := 0; cut < len(in); cut += 1 + len(in)/40 { // a cut file must not panic, nor invent
				if _, some := Decode(t, d, bytes.NewReader(in[:cut])); len(some) > len(list) {
					t.Errorf("cut at byte %d it says more than whole", cut)
				}
			}
		})
	}
}

// Decode reads all of in and checks what must hold of any result.
func Decode(t testing.TB, d source.Decoder, in io.Reader) (source.Result, []evidence.Observation) {
	t.Helper()
	var list []evidence.Observation
	res, err := d.Decode(context.Background(), in, source.Emit{
		Event: func(*evidence.Event) error { t.Error("an event"); return nil },
		Observation: func(o evidence.Observation) error {
			o.Complete()
			if o.Kind == "" || !json.Valid(o.Body) {
				t.Errorf("an observation of kind %q with body %.100q", o.Kind, o.Body)
			}
			if n := len(list); n > 0 && (o.Ref.Index <= list[n-1].Ref.Index || o.Ref.Offset < list[n-1].Ref.Offset) {
				t.Errorf("observation %d at byte %d after %d at byte %d", o.Ref.Index, o.Ref.Offset, list[n-1].Ref.Index, list[n-1].Ref.Offset)
			}
			list = append(list, o)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if res.Records != len(list) || res.Kind == "" || len(list) == 0 && res.Reason == "" {
		t.Errorf("%d observations, result %+v", len(list), res)
	}
	return res, list
}

func show(t *testing.T, res source.Result, list []evidence.Observation) []byte {
	g := golden{Kind: res.Kind, Reason: res.Reason, Rejections: res.Rejections, Observations: []row{}}
	stamp := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.Format(time.RFC3339)
	}
	for _, o := range list {
		g.Observations = append(g.Observations, row{
			Kind: o.Kind, ID: o.ID, Account: o.Account, Region: o.Region, Time: stamp(o.Time), Until: stamp(o.Until), Keys: o.Keys,
			Whole: o.Snapshot != "", Index: o.Ref.Index, Offset: o.Ref.Offset, Body: o.Body,
		})
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(g); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
