// Package exchangetest holds the checks that every rendering for other programs must pass.
package exchangetest

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/inert"
	"github.com/trailhound/trailhound/internal/report/reporttest"
)

var update = flag.Bool("update", false, "rewrite golden files")

// Write is the function under test.
type Write func(io.Writer, *report.Report) error

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

func bytesOf(t fataler, write Write, r *report.Report) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := write(&buf, r); err != nil {
		t.Fatalf("%v", err)
	}
	return buf.Bytes()
}

// Golden compares the hand-written reports with testdata/<name>.golden<ext>.
func Golden(t *testing.T, write Write, ext string) {
	for _, name := range reporttest.Names {
		got := bytesOf(t, write, reporttest.Sample(t, name))
		file := filepath.Join("testdata", name+".golden"+ext)
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("differs from %s; run with -update and read the diff", file)
		}
	}
}

// Hostile writes reports with hostile and with random strings, and checks that each document is
// JSON (of JSON lines, each line), that nothing in it acts, that two writings agree, and
// whatever check adds. The strings are checked as they are decoded, too: that is what a program
// shows.
func Hostile(t *testing.T, write Write, lines bool, check func(t Failer, doc map[string]any)) {
	one := func(t Failer, r *report.Report) {
		out := bytesOf(t, write, r)
		if again := bytesOf(t, write, r); !bytes.Equal(out, again) {
			t.Fatalf("two writings differ")
		}
		docs := [][]byte{out}
		if lines {
			docs = bytes.Split(bytes.TrimSuffix(out, []byte("\n")), []byte("\n"))
		}
		for _, d := range docs {
			var v map[string]any
			if err := json.Unmarshal(d, &v); err != nil {
				t.Fatalf("not JSON: %v: %.200q", err, d)
			}
			harmless(t, v)
			if check != nil {
				check(t, v)
			}
		}
		for _, c := range string(out) {
			if c != '\n' && inert.Unsafe(c) || strings.ContainsRune("<>&", c) {
				t.Fatalf("%U stands in the file", c)
			}
		}
		if !utf8.Valid(out) {
			t.Fatalf("not UTF-8")
		}
	}
	for _, keep := range []bool{false, true} {
		one(t, reporttest.Hostile(t, keep))
	}
	for _, name := range reporttest.Names {
		one(t, reporttest.Sample(t, name))
	}
	one(t, new(report.Report))
	rapid.Check(t, func(t *rapid.T) { one(t, reporttest.Draw(t)) })
}

// Failer is a test, plain or of rapid.
type Failer = fataler

func harmless(t Failer, v any) {
	switch v := v.(type) {
	case string:
		for _, r := range v {
			if r != '\n' && r != '\t' && inert.Unsafe(r) {
				t.Fatalf("%U is shown: %.200q", r, v)
			}
		}
	case []any:
		for _, x := range v {
			harmless(t, x)
		}
	case map[string]any:
		for k, x := range v {
			harmless(t, k)
			harmless(t, x)
		}
	}
}

// Unchanged checks that writing leaves the report alone.
func Unchanged(t *testing.T, write Write) {
	r, want := reporttest.Sample(t, "leaked-ci-key"), reporttest.Sample(t, "leaked-ci-key")
	bytesOf(t, write, r)
	if d := cmp.Diff(want, r); d != "" {
		t.Errorf("the report changed (-want +got):\n%s", d)
	}
}

// Outside runs a validator that somebody else wrote over the hand-written reports, where the
// machine has it: argv is the command, to which the file's name is added. A machine without it
// skips, and the log says what was not checked.
func Outside(t *testing.T, write Write, ext string, argv ...string) {
	t.Helper()
	if _, err := exec.LookPath(argv[0]); err != nil {
		t.Skipf("NOT CHECKED BY AN OUTSIDE VALIDATOR: %s is not installed; see docs/formats/exchange.md", argv[0])
	}
	for _, name := range reporttest.Names {
		Run(t, write, reporttest.Sample(t, name), ext, argv...)
	}
	Run(t, write, reporttest.Hostile(t, true), ext, argv...)
}

// Run writes one report to a file and gives it to a command, which must end with 0. Code 77
// says that a library the command needs is missing.
func Run(t *testing.T, write Write, r *report.Report, ext string, argv ...string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report"+ext)
	if err := os.WriteFile(file, bytesOf(t, write, r), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), argv[0], append(argv[1:], file)...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState != nil && cmd.ProcessState.ExitCode() == 77 {
		t.Skipf("NOT CHECKED BY AN OUTSIDE VALIDATOR: %s; see docs/formats/exchange.md", bytes.TrimSpace(out))
	}
	if err != nil {
		t.Errorf("%s: %v\n%s", argv[0], err, out)
	}
}
