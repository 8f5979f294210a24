package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/report"
)

// TestQuestionsAtATerminal plays the person: an answer of one's own, a choice by
// its letter, Enter for the default, the end of input for all defaults.
func TestQuestionsAtATerminal(t *testing.T) {
	sim := t.TempDir()
	key := simulated(t, "leaked-ci-key", sim).SeedIndicators[0].Value
	sentence := "the access key " + key + " of pipeline-svc leaked on GitHub on 18 November 2025"
	investigate := func(t *testing.T, typed io.Reader, more ...string) (*report.Report, string) {
		t.Helper()
		var out, errs bytes.Buffer
		a := quietApp(&out, &errs)
		a.stdin, a.interactive, a.progress = typed, true, true
		args := append([]string{"investigate", "--evidence", filepath.Join(sim, "AWSLogs"), "--format", "json"}, more...)
		if code := run(context.Background(), append(args, sentence), a); code != exitOK {
			t.Fatalf("exit %d: %s", code, &errs)
		}
		var r report.Report
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		return &r, errs.String()
	}

	r, said := investigate(t, strings.NewReader("pipeline-svc is our CI, Terraform only, from 2001:db8:564b::/48\na\n"))
	if !strings.Contains(said, "\r\x1b[KThe answers to 3 questions") {
		t.Errorf("the questions do not begin on a line of their own: %q", said)
	}
	if !strings.Contains(said, "\n1. ") || !strings.Contains(said, "why: ") || !strings.Contains(said, "default: ") || strings.Contains(said, "\n4. ") {
		t.Errorf("it asked: %s", said)
	}
	answered := 0
	for _, q := range r.Questions {
		if q.Status == "answered" {
			answered++
		}
	}
	if answered != 2 {
		t.Errorf("%d answers were taken, want 2: %+v", answered, r.Questions)
	}

	for name, typed := range map[string]io.Reader{"enter": strings.NewReader("\n\n\n"), "end of input": strings.NewReader("")} {
		if r, _ := investigate(t, typed); len(r.Questions) == 0 || r.Questions[0].Status != "defaulted" {
			t.Errorf("%s: %+v", name, r.Questions)
		}
	}
	if _, said := investigate(t, never{}, "--no-input"); strings.Contains(said, "?") {
		t.Errorf("with --no-input it asked: %s", said)
	}
}

// never is a person who went away.
type never struct{}

func (never) Read([]byte) (int, error) { select {} }

// TestNobodyAnswers: Ctrl-C ends the wait for an answer.
func TestNobodyAnswers(t *testing.T) {
	sim := t.TempDir()
	key := simulated(t, "leaked-ci-key", sim).SeedIndicators[0].Value
	ctx, cancel := context.WithCancel(context.Background())
	var out bytes.Buffer
	errs := &watched{sign: "> ", seen: cancel}
	a := quietApp(&out, &errs.Buffer)
	a.stdin, a.stderr, a.interactive = never{}, errs, true
	code := run(ctx, []string{"investigate", "--evidence", filepath.Join(sim, "AWSLogs"), "the access key " + key + " leaked on 18 November 2025"}, a)
	if code != exitInterrupted || out.Len() > 0 {
		t.Errorf("exit %d, output %q, messages %s", code, &out, &errs.Buffer)
	}
}

// watched tells when a sign is written.
type watched struct {
	bytes.Buffer
	sign string
	seen func()
}

// Write implements io.Writer.
func (w *watched) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if strings.Contains(string(p), w.sign) {
		w.seen()
	}
	return n, err
}

// TestProgress shows on a terminal only, and wipes itself.
func TestProgress(t *testing.T) {
	sim := t.TempDir()
	simulated(t, "quiet-week", sim)
	for _, terminal := range []bool{true, false} {
		var out, errs bytes.Buffer
		a := quietApp(&out, &errs)
		a.progress, a.now = terminal, time.Now
		if code := run(context.Background(), []string{"summary", "--evidence", filepath.Join(sim, "AWSLogs")}, a); code != exitOK {
			t.Fatal(errs.String())
		}
		switch said := errs.String(); {
		case !terminal && said != "":
			t.Errorf("not a terminal, and yet: %q", said)
		case terminal && !strings.HasSuffix(said, "\r\x1b[K"):
			t.Errorf("the progress line was not wiped: %q", said)
		}
	}
}
