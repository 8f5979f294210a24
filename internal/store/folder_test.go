package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestMakeFolderSyncsAbove: the name of a new folder is safe when the folder above it is.
func TestMakeFolderSyncsAbove(t *testing.T) {
	base := t.TempDir()
	t.Chdir(base)
	for _, c := range []struct {
		make string
		want []string // folders that are synced, below base
	}{
		{filepath.Join(base, "a", "b", "c"), []string{"", "a", "a/b"}},
		{filepath.Join(base, "a", "b", "c"), nil},
		{filepath.Join("a", "b", "d"), []string{"a/b"}},
		{"e", []string{""}},
	} {
		var got []string
		err := makeFolder(c.make, func(dir string) error {
			if _, err := os.Stat(c.make); err != nil {
				t.Errorf("%s is synced before %s is there", dir, c.make)
			}
			got = append(got, dir)
			return nil
		})
		var want []string
		for _, w := range c.want {
			want = append(want, filepath.Join(base, filepath.FromSlash(w)))
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: synced %q, want %q (%v)", c.make, got, want, err)
		}
	}
	broken := errors.New("broken disk")
	if err := makeFolder("f", func(string) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("a folder that cannot be synced: %v", err)
	}
	if err := makeFolder("g", func(string) error { return &fs.PathError{Op: "open", Err: fs.ErrPermission} }); err != nil {
		t.Errorf("a folder that cannot be read: %v", err)
	}
}
