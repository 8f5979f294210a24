package trailhound

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ignored is what .gitignore names: made by the Makefile, not part of the project.
var ignored = []string{".git", "trailhound", "dist", "coverage.out", "*.test", "*.prof"}

// files are the project's own files under the repository root. Git is not
// asked, so that the tests run in an unpacked archive too, and so that the test
// cache notices when one of the files changes.
func files(t *testing.T, match func(name string) bool) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		skip := slices.ContainsFunc(ignored, func(pattern string) bool {
			ok, _ := path.Match(pattern, path.Base(name))
			// The binary and dist stand at the root only: cmd/trailhound is ours.
			return ok && (strings.HasPrefix(pattern, "*") || !strings.Contains(name, "/"))
		})
		switch {
		case skip && d.IsDir():
			return filepath.SkipDir
		case !skip && d.Type().IsRegular() && match(name):
			out = append(out, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) == 0 {
		t.Fatal("no file was found: the test looks in the wrong place")
	}
	return out
}

func goCode(name string) bool { return strings.HasSuffix(name, ".go") }

func product(name string) bool { return goCode(name) && !strings.HasSuffix(name, "_test.go") }

func text(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
