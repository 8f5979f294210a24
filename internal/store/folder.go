package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// makeFolder makes dir and the folders above it that are missing, and syncs each folder in
// which it made one. A commit syncs all that is inside a store; but the name of the store
// itself stands in the folder above, and while the disk does not have that, a power cut takes
// the whole store with everything that was acknowledged.
func makeFolder(dir string, sync func(dir string) error) error {
	full, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	var made []string
	for at := full; ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at) {
			break
		}
		made = append(made, at)
	}
	if err := os.MkdirAll(full, 0o755); err != nil {
		return err
	}
	for _, d := range slices.Backward(made) { // the uppermost first: what hangs on nothing is lost
		// A folder that one may write to and not read cannot be synced by us. That was no
		// reason to refuse it before.
		if err := sync(filepath.Dir(d)); err != nil && !errors.Is(err, fs.ErrPermission) {
			return err
		}
	}
	return nil
}
