package main

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/trailhound/trailhound/internal/report/inert"
)

// usageError marks a mistake on the command line.
type usageError struct{ error }

// usage makes a usageError: exit code 2.
func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// hinted is an error with advice for the person who reads it.
type hinted struct {
	error
	hint string // what to do, in one line, without a full stop
}

// Unwrap keeps what kind of error it is, by which the exit code is chosen.
func (h hinted) Unwrap() error { return h.error }

// withHint adds what the reader can do about an error, in one line.
func withHint(err error, hint string) error { return hinted{err, hint} }

// codeError ends the program with a code and nothing more to say.
type codeError int

// Error is never shown: run ends before it would warn.
func (c codeError) Error() string { return fmt.Sprintf("exit %d", int(c)) }

// warn says what went wrong. Messages may quote evidence or file names, which
// others chose.
func (a *app) warn(err error) {
	fmt.Fprintln(a.stderr, "trailhound:", inert.Text(err.Error()))
	var h hinted
	if errors.As(err, &h) {
		fmt.Fprintln(a.stderr, "hint:", inert.Text(h.hint))
	}
}

// hintFor adds advice to errors of the operating system.
func hintFor(err error) error {
	var path *fs.PathError
	switch {
	// The most telling first: an error of a path may be one of permission too.
	case errors.Is(err, fs.ErrPermission):
		return withHint(err, "the file or folder is not readable by this user")
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return withHint(err, "free some space, or point TMPDIR or --store at another disk; what was imported before stays")
	case errors.As(err, &path) && errors.Is(err, fs.ErrNotExist):
		return withHint(err, "check the path")
	case errors.Is(err, syscall.ENOTDIR):
		return withHint(err, "a file stands where a folder is needed: choose another path")
	}
	return err
}
