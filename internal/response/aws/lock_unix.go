//go:build unix

package aws

import (
	"os"
	"syscall"
)

// lock takes the file for this process, and fails at once if another has it. It
// goes with the file descriptor, so a killed process leaves none behind.
func lock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }
