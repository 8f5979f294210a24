package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhound/trailhound/internal/simulator"
)

// TestSameEvidenceSameReport: the report depends on what the evidence says and on
// nothing else: not on the order, splitting, packing, wrapping or repetition of
// its files, nor on how often a store was filled. Only run and method.inputs vary.
func TestSameEvidenceSameReport(t *testing.T) {
	sim := t.TempDir()
	truth := simulated(t, "leaked-ci-key", sim)
	logs := filepath.Join(sim, "AWSLogs")
	var all []json.RawMessage
	for _, f := range logFiles(t, sim) {
		all = append(all, f.records...)
	}
	shuffled := func(seed uint64) []json.RawMessage {
		out := append([]json.RawMessage(nil), all...)
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
		return out
	}
	want := reportOf(t, truth.Sentence, "", logs)

	in := func(name string, data []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	variants := map[string]func(t *testing.T) string{
		"one plain file": func(t *testing.T) string { return reportOf(t, truth.Sentence, "", in("all.json", records(all))) },
		"one gz, wrong name": func(t *testing.T) string {
			return reportOf(t, truth.Sentence, "", in("all.txt", zipped(t, records(shuffled(1)))))
		},
		"shuffled and split": func(t *testing.T) string {
			var paths []string
			some := shuffled(2)
			for n := 0; len(some) > 0; n++ {
				k := min(len(some), 100+n*200)
				paths = append(paths, in(fmt.Sprintf("%02d.json", 99-n), records(some[:k])))
				some = some[k:]
			}
			return reportOf(t, truth.Sentence, "", paths...)
		},
		"NDJSON in a zip": func(t *testing.T) string {
			return reportOf(t, truth.Sentence, "", in("export.zip", zipOf(t, "a/b.ndjson", lines(shuffled(3)))))
		},
		"LookupEvents in a tar.gz": func(t *testing.T) string {
			return reportOf(t, truth.Sentence, "", in("lookup.tar.gz", tarOf(t, "lookup.json", lookup(t, shuffled(4)))))
		},
		"pretty-printed, keys reordered": func(t *testing.T) string {
			return reportOf(t, truth.Sentence, "", in("pretty.json", pretty(t, shuffled(5))))
		},
		"standard input": func(t *testing.T) string { return reportOf(t, truth.Sentence, string(lines(shuffled(6))), "-") },
		"everything several times": func(t *testing.T) string {
			return reportOf(t, truth.Sentence, "", in("x.json", pretty(t, all[:500])), logs, in("y.ndjson", lines(shuffled(7))), logs)
		},
		"a store, in two goes": func(t *testing.T) string {
			st := filepath.Join(t.TempDir(), "st")
			some := shuffled(8)
			// The goes overlap, and the later one holds the earlier events of a day.
			command(t, "", "import", "--store", st, in("second.json", records(some[1000:])))
			command(t, "", "import", "--store", st, in("first.json.gz", zipped(t, records(some[:1500]))), logs)
			return reportOf(t, truth.Sentence, "", st)
		},
	}
	for name, report := range variants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(report(t), "\n")); diff != "" {
				t.Errorf("the report differs:\n%.4000s", diff)
			}
		})
	}
}

// TestEveryIncidentHolds runs every incident of the simulator from the sentence
// to the verified report: each claim and citation holds, none was struck, and
// the events in another order tell the same.
func TestEveryIncidentHolds(t *testing.T) {
	for _, name := range simulator.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim := t.TempDir()
			truth := simulated(t, name, sim)
			var all []json.RawMessage
			for _, f := range logFiles(t, sim) {
				all = append(all, f.records...)
			}
			rand.New(rand.NewPCG(1, 1)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			args := []string{"investigate", "--no-input", "--format", "json", "--evidence"}
			out := command(t, "", append(args, filepath.Join(sim, "AWSLogs"), truth.Sentence)...)
			again := command(t, string(lines(all)), append(args, "-", truth.Sentence)...)
			if diff := cmp.Diff(strings.Split(constant(t, out), "\n"), strings.Split(constant(t, again), "\n")); diff != "" {
				t.Errorf("the report differs:\n%.4000s", diff)
			}
			if !strings.Contains(out, `"struck_claims": []`) {
				t.Error("claims were struck")
			}
			report := filepath.Join(t.TempDir(), "report.json")
			if err := os.WriteFile(report, []byte(out), 0o600); err != nil {
				t.Fatal(err)
			}
			command(t, "", "verify", report, "--evidence", sim)
		})
	}
}

var (
	inputsOf = regexp.MustCompile(`(?s)\n    "inputs": \[.*?\n    \]`)
	runOf    = regexp.MustCompile(`(?s)\n  "run": \{.*?\n  \}`)
)

// reportOf is the JSON report of a case that finds something to compare.
func reportOf(t *testing.T, sentence, stdin string, evidence ...string) string {
	t.Helper()
	args := []string{"investigate", "--no-input", "--format", "json", "--answer", "known_networks=office 192.0.2.0/24"}
	for _, e := range evidence {
		args = append(args, "--evidence", e)
	}
	out := command(t, stdin, append(args, sentence)...)
	if !strings.Contains(out, `"status": "incident"`) {
		t.Fatal("no incident was found: there is little to compare")
	}
	return constant(t, out)
}

// constant is a JSON report, byte for byte, without the two sections that may vary.
func constant(t *testing.T, report string) string {
	t.Helper()
	for _, section := range []*regexp.Regexp{inputsOf, runOf} {
		if len(section.FindAllString(report, -1)) != 1 {
			t.Fatalf("the report should have one section %s", section)
		}
		report = section.ReplaceAllString(report, "")
	}
	return report
}

// command runs the program in this process, at another moment each time.
func command(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	a := &app{stdin: strings.NewReader(stdin), stdout: &out, stderr: &errs, now: time.Now, host: t.Name, width: 100}
	if code := run(context.Background(), args, a); code != exitOK {
		t.Fatalf("trailhound %s: exit %d: %s", args[0], code, &errs)
	}
	return out.String()
}

func records(list []json.RawMessage) []byte {
	data, _ := json.Marshal(map[string]any{"Records": list})
	return data
}

func lines(list []json.RawMessage) []byte {
	var b bytes.Buffer
	for _, r := range list {
		b.Write(r)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// lookup is what `aws cloudtrail lookup-events` prints.
func lookup(t *testing.T, list []json.RawMessage) []byte {
	t.Helper()
	type event struct {
		EventID         string `json:"EventId"`
		EventName       string
		CloudTrailEvent string
	}
	var doc struct{ Events []event }
	for _, r := range list {
		var e struct{ EventID, EventName string }
		if err := json.Unmarshal(r, &e); err != nil {
			t.Fatal(err)
		}
		doc.Events = append(doc.Events, event{e.EventID, e.EventName, string(r)})
	}
	data, err := json.MarshalIndent(doc, "", "    ")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// pretty writes records with their keys in another order, and spaced.
func pretty(t *testing.T, list []json.RawMessage) []byte {
	t.Helper()
	var doc struct{ Records []any }
	for _, r := range list {
		d := json.NewDecoder(bytes.NewReader(r))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		doc.Records = append(doc.Records, v)
	}
	data, err := json.MarshalIndent(doc, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func zipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	finish(t, z, data)
	return b.Bytes()
}

func zipOf(t *testing.T, name string, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarOf(t *testing.T, name string, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data))}); err != nil {
		t.Fatal(err)
	}
	finish(t, w, data)
	return zipped(t, b.Bytes())
}

func finish(t *testing.T, w io.WriteCloser, data []byte) {
	t.Helper()
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}
