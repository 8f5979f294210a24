// Package datasettest lays the real data sets out for tests. They stand in a
// folder beside the project and never inside it: none of their content may be
// copied into the project, so tests read them from there or skip.
package datasettest

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// unpacked is the folder of this test process; it is made once.
var unpacked = sync.OnceValues(unpack)

var errMissing = errors.New("the real data sets are missing")

// Dir returns a folder with one sub-folder per data set. All tests of a process
// share it, so they must not write to it. Where the data sets are missing, the
// test is skipped with a message that says so.
func Dir(t testing.TB) string {
	t.Helper()
	dir, err := unpacked()
	if errors.Is(err, errMissing) {
		t.Skipf("SKIPPED, NOT PASSED: %v", err)
	}
	if err != nil {
		t.Fatalf("unpack the data sets: %v", err)
	}
	return dir
}

func unpack() (string, error) {
	from, err := folder()
	if err != nil {
		return "", err
	}
	archives, err := filepath.Glob(filepath.Join(from, "*.tar.gz"))
	if err != nil {
		return "", err
	}
	if len(archives) == 0 {
		return "", fmt.Errorf("%w: no *.tar.gz in %s", errMissing, from)
	}
	// Not t.TempDir: it would go with the first test that asked. It is laid out
	// under the process's own temporary folder (13 MB) and swept by a later
	// process, see sweep.
	sweep()
	to, err := os.MkdirTemp("", prefix)
	if err != nil {
		return "", err
	}
	for _, a := range archives {
		if err := extract(a, to); err != nil {
			return "", fmt.Errorf("%s: %w", filepath.Base(a), err)
		}
	}
	return to, nil
}

// folder is <repository>/../shared/datasets; the repository is the nearest
// folder upwards that holds go.mod.
func folder() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("%w: no go.mod above the test", errMissing)
		}
		dir = up
	}
	dir = filepath.Join(filepath.Dir(dir), "shared", "datasets")
	if _, err := os.Stat(dir); err != nil {
		return "", fmt.Errorf("%w: there is no folder %s", errMissing, dir)
	}
	return dir, nil
}

func extract(archive, to string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if !filepath.IsLocal(h.Name) {
			return fmt.Errorf("member %q leads out of the folder", h.Name)
		}
		path := filepath.Join(to, filepath.FromSlash(h.Name))
		switch h.Typeflag {
		case tar.TypeDir:
			err = os.MkdirAll(path, 0o755)
		case tar.TypeReg:
			err = write(path, r)
		}
		if err != nil {
			return err
		}
	}
}

func write(path string, r io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, r); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
