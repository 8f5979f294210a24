//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// Longer than any machine needs; a program that hangs must not hang the tests.
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	c := exec.CommandContext(ctx, exe, args...)
	c.Env = append(os.Environ(), asProgram+"=1", "TMPDIR="+t.TempDir())
	return c
}

func exitCode(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit == nil {
		return 0
	}
	return exit.ExitCode()
}

// mustRun runs the program to a good end and returns what it wrote.
func mustRun(t *testing.T, args ...string) string {
	t.Helper()
	c := program(t, args...)
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		t.Fatalf("trailhound %s: %v\n%s", strings.Join(args, " "), err, &errs)
	}
	return string(out)
}

// empty wants a folder with nothing in it.
func empty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("%s was left behind", e.Name())
	}
}

// TestInterruptedImport stops an import while it is reading, for certain: its
// input is a pipe that stays open. What was committed before must be there, what
// was half read must not, and the same command must go on from there.
func TestInterruptedImport(t *testing.T) {
	dir := t.TempDir()
	simulated(t, "leaked-ci-key", dir)
	st := filepath.Join(t.TempDir(), "st")
	files, err := filepath.Glob(filepath.Join(dir, "AWSLogs", "*", "CloudTrail", "*", "*", "*", "*", "*.gz"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%v: only %d files", err, len(files))
	}
	mustRun(t, append([]string{"import", "--store", st}, files[:5]...)...)
	before := mustRun(t, "events", "--evidence", st, "--limit", "0", "--format", "json")

	c := program(t, append([]string{"import", "--store", st, "-"}, files[5:]...)...)
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	c.Stderr = &errs
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	// More than a pipe holds: once this is written, the import has begun to read.
	var half bytes.Buffer
	half.WriteString(`{"Records":[`)
	for _, f := range logFiles(t, dir) {
		for _, r := range f.records {
			half.Write(r)
			half.WriteByte(',')
		}
	}
	if _, err := in.Write(half.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := exitCode(t, c.Wait()); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	in.Close()
	if !strings.Contains(errs.String(), "interrupted") || strings.Contains(errs.String(), "goroutine") {
		t.Errorf("it said: %s", &errs)
	}

	after := mustRun(t, "events", "--evidence", st, "--limit", "0", "--format", "json")
	if !strings.Contains(after, strings.SplitN(before, "\n", 2)[0]) {
		t.Error("an event that was in the store is gone")
	}
	mustRun(t, append([]string{"import", "--store", st}, files...)...)
	whole := filepath.Join(t.TempDir(), "whole")
	mustRun(t, append([]string{"import", "--store", whole}, files...)...)
	args := []string{"events", "--limit", "0", "--format", "json", "--evidence"}
	if mustRun(t, append(args, st)...) != mustRun(t, append(args, whole)...) {
		t.Error("the store that was interrupted and resumed differs from one made at once")
	}
}

// TestInterruptedInvestigation leaves neither a report nor a temporary store.
func TestInterruptedInvestigation(t *testing.T) {
	out := filepath.Join(t.TempDir(), "report.json")
	c := program(t, "investigate", "--evidence", "-", "--no-input", "--format", "json", "-o", out, "a key leaked")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(in, `{"Records":[`+strings.Repeat(" ", 1<<20)); err != nil {
		t.Fatal(err)
	}
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := exitCode(t, c.Wait()); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	in.Close()
	empty(t, filepath.Dir(out))
	empty(t, strings.TrimPrefix(c.Env[len(c.Env)-1], "TMPDIR="))
}

// TestReaderGoesAway: `trailhound events ... | head -n 1` leaves nothing behind
// and says nothing.
func TestReaderGoesAway(t *testing.T) {
	dir := t.TempDir()
	simulated(t, "leaked-ci-key", dir)
	c := program(t, "events", "--evidence", dir, "--format", "json", "--limit", "0")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	c.Stderr = &errs
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	out.Close()
	_ = c.Wait() // a failure, as of every program that could not write
	if strings.Contains(errs.String(), "trailhound:") {
		t.Errorf("it said: %s", &errs)
	}
	empty(t, strings.TrimPrefix(c.Env[len(c.Env)-1], "TMPDIR="))
}

// TestFullDisk fills a disk in mid-import: a file size limit stands for one
// everywhere, and a tiny file system is one where it can be mounted.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	simulated(t, "leaked-ci-key", dir)
	files, err := filepath.Glob(filepath.Join(dir, "AWSLogs", "*", "CloudTrail", "*", "*", "*", "*", "*.gz"))
	if err != nil || len(files) == 0 {
		t.Fatal(err, "no files")
	}
	const hint = "hint: free some space"
	holds := regexp.MustCompile(`the store holds \d+ events`)
	whole := holds.FindString(mustRun(t, "import", "--store", filepath.Join(t.TempDir(), "whole"), dir))
	// limited runs the program where no file may grow beyond 16 blocks of 512 or 1024 bytes.
	limited := func(args ...string) (string, int) {
		p := program(t, args...)
		c := exec.Command("sh", append([]string{"-c", `ulimit -f 16 && exec "$@"`, "sh", p.Path}, args...)...)
		c.Env = p.Env
		out, err := c.CombinedOutput()
		return string(out), exitCode(t, err)
	}
	t.Run("limit", func(t *testing.T) {
		st := filepath.Join(t.TempDir(), "st")
		said, code := limited("import", "--store", st, dir)
		if code != exitFailed || !strings.Contains(said, hint) || strings.Contains(said, "goroutine") {
			t.Errorf("exit code %d; it said: %s", code, said)
		}
		// With room again the same command goes on.
		if said := mustRun(t, "import", "--store", st, dir); whole == "" || holds.FindString(said) != whole {
			t.Error(said)
		}
	})
	t.Run("output", func(t *testing.T) {
		st := filepath.Join(t.TempDir(), "st")
		mustRun(t, "import", "--store", st, dir)
		out := filepath.Join(t.TempDir(), "report.html")
		said, code := limited("investigate", "--evidence", st, "--no-input", "--format", "html", "-o", out, "strange calls")
		if code != exitFailed || !strings.Contains(said, hint) {
			t.Errorf("exit code %d; it said: %s", code, said)
		}
		empty(t, filepath.Dir(out))
	})
	t.Run("mount", func(t *testing.T) {
		small := mountSmall(t)
		st := filepath.Join(small, "st")
		c := program(t, "import", "--store", st, dir)
		said, err := c.CombinedOutput()
		if code := exitCode(t, err); code != exitFailed || !strings.Contains(string(said), hint) {
			t.Errorf("exit code %d; it said: %s", code, said)
		}
		// The store is whole, if small: it opens, or was never begun.
		p := program(t, "events", "--evidence", st, "--limit", "1")
		said, err = p.CombinedOutput()
		if err != nil && !strings.Contains(string(said), "holds no event") {
			t.Errorf("the store does not open: %s", said)
		}
	})
}

// mountSmall mounts a file system of 300 kB.
func mountSmall(t *testing.T) string {
	t.Helper()
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		t.Skip("SKIPPED, NOT PASSED: only root on Linux can mount a small file system")
	}
	dir := t.TempDir()
	if said, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("SKIPPED, NOT PASSED: mount: %v: %s", err, said)
	}
	t.Cleanup(func() {
		if said, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, said)
		}
	})
	return dir
}

// TestUnreadable: what this user may not read is set aside by name. Root reads
// everything, so root runs the program as somebody else.
func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	simulated(t, "leaked-ci-key", dir)
	files := logFiles(t, dir)
	if len(files) == 0 {
		t.Fatal("no evidence")
	}
	c := program(t, "summary", "--evidence", dir)
	if os.Geteuid() == 0 {
		c = asNobody(t, dir, "summary", "--evidence", dir)
	}
	paths, err := filepath.Glob(filepath.Join(dir, "AWSLogs", "*", "CloudTrail", "*", "*", "*", "*", "*.gz"))
	if err != nil || len(paths) < 3 {
		t.Fatalf("%v: only %d files", err, len(paths))
	}
	closed := filepath.Dir(paths[len(paths)-1])
	for _, p := range []string{paths[0], closed} {
		if err := os.Chmod(p, 0); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { os.Chmod(closed, 0o700) })
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if code := exitCode(t, c.Run()); code != exitOK {
		t.Fatalf("exit code %d: %s", code, &errs)
	}
	for _, want := range []string{"set aside " + paths[0] + ": ", "set aside " + closed + ": ", "permission"} {
		if !strings.Contains(errs.String(), want) {
			t.Errorf("nothing says %q:\n%s", want, &errs)
		}
	}
	if !strings.Contains(out.String(), "pipeline-svc") {
		t.Error("the rest was not read")
	}
}
