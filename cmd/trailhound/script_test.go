package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/trailhound/trailhound/internal/posture/pipeline/live/fake"
	"github.com/trailhound/trailhound/internal/source/scenetest"
)

var update = scenetest.Update

// asProgram makes the test binary behave as trailhound: what testscript does for
// the scripts, for tests that need a process of their own to signal or confine.
const asProgram = "TRAILHOUND_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	testscript.Main(m, map[string]func(){"trailhound": main})
}

// TestScript runs the program as it is typed: see testdata/script. The scripts
// share one small simulated incident, read only: $SIM is its folder, $CASE its
// sentence, $KEY the leaked key, $FIRST the first hostile event, $IP where the intruder came from. $QUIET and
// $QUIETCASE are a week in which nothing happened.
func TestScript(t *testing.T) {
	dir, quiet := t.TempDir(), t.TempDir()
	truth := simulated(t, "leaked-ci-key", dir)
	env := map[string]string{
		"FIRST": truth.AttackEventIDs[0],
		"SIM":   dir, "CASE": truth.Sentence, "KEY": truth.SeedIndicators[0].Value,
		"IP":    sourceOf(t, logFiles(t, dir), truth.AttackEventIDs[0]),
		"QUIET": quiet, "QUIETCASE": simulated(t, "quiet-week", quiet).Sentence,
		"EVENTS": strconv.Itoa(truth.Counts.Events), "FILES": strconv.Itoa(truth.Counts.Files),
	}
	var err error
	if env["CONTENT"], err = filepath.Abs("testdata/content"); err != nil {
		t.Fatal(err)
	}
	accounts, err := filepath.Glob(filepath.Join(dir, "AWSLogs", "*"))
	if err != nil || len(accounts) == 0 {
		t.Fatalf("%v: no account in the simulated evidence", err)
	}
	env["TRAIL"] = filepath.Join(accounts[0], "CloudTrail")
	env["CODEBUILD"] = codebuild(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			for k, v := range env {
				e.Setenv(k, v)
			}
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, errors.New("unknown condition " + cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"replace": replace,
			"field":   field,
			"nothing": nothing,
			"head":    head,
			"inert":   inertOutput,
		},
	})
}

// codebuild is the address of a CodeBuild in memory, for the one script that
// changes it: an open project, one that a stack owns, and secrets in both.
func codebuild(t *testing.T) string {
	s := fake.New(t)
	open := fake.Object{"secret": "c4n4ry", "filterGroups": []any{[]any{fake.Object{"type": "EVENT", "pattern": "PUSH,PULL_REQUEST_CREATED"}}}}
	env := fake.Object{"environmentVariables": []any{fake.Object{"name": "TOKEN", "value": "c4n4ry"}}}
	s.Project("eu-west-1", "web", fake.Object{"webhook": open, "environment": env})
	s.Project("eu-west-1", "owned", fake.Object{"webhook": open, "environment": env, "tags": []any{fake.Object{"key": "aws:cloudformation:stack-name", "value": "ci"}}})
	s.Build("eu-west-1", "web:1", fake.Object{"initiator": "GitHub-Hookshot/1", "sourceVersion": "pr/7", "environment": env})
	s.Build("eu-west-1", "web:2", fake.Object{"initiator": "GitHub-Hookshot/1", "sourceVersion": "refs/heads/main"})
	s.Faults.Denied = map[string]bool{"ap-south-1": true}
	return s.URL
}

// exits CODE COMMAND ARGS... runs a command that must end with this code, and
// without a panic whatever the code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	stderr := ts.ReadFile("stderr")
	if strings.Contains(stderr, "panic:") || strings.Contains(stderr, "goroutine ") {
		ts.Fatalf("it panicked")
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
	// A failure is one sentence and, where one helps, one hint.
	if want == exitFailed || want == exitUsage {
		if n := strings.Count(stderr, "trailhound: "); n > 1 {
			ts.Fatalf("%d messages instead of one", n)
		}
	}
}

// replace FILE OLD NEW changes the first OLD in a file, which must be there.
func replace(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace FILE OLD NEW")
	}
	data := ts.ReadFile(args[0])
	if !strings.Contains(data, args[1]) {
		ts.Fatalf("%s does not contain %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(data, args[1], args[2], 1)), 0o644))
}

// field FILE PATH WANT compares one value of a JSON document: verdict.status.
// Numbers index lists; "len" is the length of one.
func field(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: [!] field FILE PATH WANT")
	}
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &v))
	for _, step := range strings.Split(args[1], ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			if step == "len" {
				v = len(x)
				continue
			}
			i, err := strconv.Atoi(step)
			ts.Check(err)
			if i >= len(x) {
				ts.Fatalf("%s: only %d entries at %s", args[1], len(x), step)
			}
			v = x[i]
		default:
			ts.Fatalf("%s: nothing at %q", args[1], step)
		}
	}
	got, ok := v.(string)
	if !ok {
		data, err := json.Marshal(v)
		ts.Check(err)
		got = string(data)
	}
	if (got == args[2]) == neg {
		ts.Fatalf("%s is %q", args[1], got)
	}
}

// nothing DIR wants a folder with no file in it: nothing half-written, no
// temporary store left behind.
func nothing(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: nothing DIR")
	}
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	ts.Check(err)
	for _, e := range entries {
		ts.Fatalf("%s was left in %s", e.Name(), args[0])
	}
}

// head BYTES FROM TO cuts a file short.
func head(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: head BYTES FROM TO")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	matches, err := filepath.Glob(ts.MkAbs(args[1]))
	ts.Check(err)
	if len(matches) == 0 {
		ts.Fatalf("no file matches %s", args[1])
	}
	data, err := os.ReadFile(matches[0])
	ts.Check(err)
	if len(data) <= n {
		ts.Fatalf("%s has only %d bytes", matches[0], len(data))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), data[:n], 0o644))
}

// codeSpan is code in Markdown; a backtick after a backslash opens none.
var codeSpan = regexp.MustCompile("(^|[^\\\\])`[^`]*`")

// inert FILE wants no character that a terminal, a browser or a spreadsheet
// would act upon; FILE may be stdout or stderr, where HTML is only text.
func inertOutput(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: inert FILE")
	}
	for n, line := range strings.Split(ts.ReadFile(args[0]), "\n") {
		if i := strings.IndexFunc(line, acts); i >= 0 {
			ts.Fatalf("%s, line %d, byte %d: %q", args[0], n+1, i, line)
		}
		if path.Ext(args[0]) == ".md" {
			line = codeSpan.ReplaceAllString(line, "") // literal, whatever stands in it
		}
		if path.Ext(args[0]) != "" && strings.Contains(strings.ToLower(line), "<script>alert") {
			ts.Fatalf("%s, line %d holds live HTML: %q", args[0], n+1, line)
		}
	}
}
