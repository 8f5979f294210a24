//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestWriteWholeLeavesWhatIsNoFile writes to a pipe, which a rename would replace, as it would
// /dev/null.
func TestWriteWholeLeavesWhatIsNoFile(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	got := make(chan string, 1)
	go func() {
		data, _ := os.ReadFile(pipe)
		got <- string(data)
	}()
	if err := writeWhole(pipe, func(w io.Writer) error { _, err := io.WriteString(w, "report"); return err }); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(pipe); err != nil || info.Mode().IsRegular() {
		t.Fatalf("the pipe is now a file: %v, %v", info, err)
	}
	if text := <-got; text != "report" {
		t.Errorf("read %q", text)
	}
}

// TestWriteWholeFollowsLinks writes through a link, which stays one.
func TestWriteWholeFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("file", link); err != nil {
		t.Skip(err)
	}
	if err := writeWhole(link, func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	if data, _ := os.ReadFile(file); string(data) != "new" {
		t.Errorf("the file holds %q", data)
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".trailhound-*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestWriteWholeKeepsToTheMask writes what only its owner reads, where that is their wish.
func TestWriteWholeKeepsToTheMask(t *testing.T) {
	old := syscall.Umask(0o077)
	defer syscall.Umask(old)
	name := filepath.Join(t.TempDir(), "report")
	if err := writeWhole(name, func(io.Writer) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(name); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

// TestConfirmedEndsWithTheContext asks somebody who never answers.
func TestConfirmedEndsWithTheContext(t *testing.T) {
	in, _ := io.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	a := &app{stderr: io.Discard}
	said := make(chan bool, 1)
	go func() { said <- a.confirmed(ctx, bufio.NewReader(in), "web") }()
	cancel()
	select {
	case yes := <-said:
		if yes {
			t.Error("an interruption was taken for a yes")
		}
	case <-time.After(5 * time.Second):
		t.Fatal("it waits on")
	}
	if !a.confirmed(context.Background(), bufio.NewReader(strings.NewReader("web")), "web") {
		t.Error("the name alone, without a new line, is a yes")
	}
}

// TestWriteNewWritesOverNothing gives two inputs one place.
func TestWriteNewWritesOverNothing(t *testing.T) {
	to := filepath.Join(t.TempDir(), "copy")
	if err := writeNew(to, []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := writeNew(to, []byte("second")); err == nil {
		t.Error("the second copy was written over the first")
	}
	if data, _ := os.ReadFile(to); string(data) != "first" {
		t.Errorf("it holds %q", data)
	}
}

// TestReadTokenIsBounded names a file that holds something else, of which nothing may be sent.
func TestReadTokenIsBounded(t *testing.T) {
	name := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(name, bytes.Repeat([]byte("k"), maxToken+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if token, err := readToken(name); err == nil {
		t.Errorf("%d bytes were taken for a token", len(token))
	}
}

// TestReadDocumentIsBounded names what never ends.
func TestReadDocumentIsBounded(t *testing.T) {
	if _, err := readDocument("/dev/zero"); err == nil {
		t.Error("a device was taken for a document")
	}
}
