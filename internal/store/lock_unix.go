//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package store

import (
	"errors"
	"os"
	"syscall"
)

// Locks are flock's: they go away with the process, however it dies, so none is
// ever stale.

func lockShared(f *os.File) error { return flock(f, syscall.LOCK_SH) }

// tryLock takes f for itself, or reports false when somebody else has it.
func tryLock(f *os.File) (bool, error) {
	err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

func flock(f *os.File, how int) error {
	for {
		if err := syscall.Flock(int(f.Fd()), how); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

func isInvalid(err error) bool { return errors.Is(err, syscall.EINVAL) }
