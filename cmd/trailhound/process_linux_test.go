package main

import (
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// nobody is a user that owns nothing.
const nobody = 65534

// asNobody is the program run by a user without rights, who can reach the
// evidence and nothing else.
func asNobody(t *testing.T, evidence string, args ...string) *exec.Cmd {
	t.Helper()
	c := program(t, args...)
	// The test's own binary stands in a folder that only its user can enter.
	exe := filepath.Join(evidence, "trailhound")
	from, err := os.Open(c.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(exe, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	tmp := filepath.Join(t.TempDir(), "tmp")
	if err := os.Mkdir(tmp, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(tmp, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{evidence, filepath.Dir(evidence), filepath.Dir(tmp)} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// The program itself is no evidence, and would be named as set aside.
	if err := os.Rename(exe, filepath.Join(filepath.Dir(tmp), "trailhound")); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(evidence, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Chmod(path, 0o755)
		}
		return os.Chmod(path, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Path = filepath.Join(filepath.Dir(tmp), "trailhound")
	c.Args[0] = c.Path
	c.Env = append(c.Env, "TMPDIR="+tmp)
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	return c
}
