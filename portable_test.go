package trailhound

import (
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// machinePath finds paths that exist on one machine only. It is put together
// from pieces so that this file does not hold what it looks for.
var machinePath = regexp.MustCompile(`(^|[^A-Za-z0-9_.])/(wor` + `k|far` + `m|root|home/[a-z]+|tmp/d` + `s)/|\.libr` + `ary/|/tmp/bash` + `_jobs`)

// TestNoMachinePaths keeps the project free of the machine that it was written on.
func TestNoMachinePaths(t *testing.T) {
	for _, name := range files(t, func(string) bool { return true }) {
		data := text(t, name)
		if strings.ContainsRune(data[:min(len(data), 8000)], 0) {
			continue // a picture or a Parquet file
		}
		for n, line := range strings.Split(data, "\n") {
			if m := machinePath.FindString(line); m != "" {
				t.Errorf("%s:%d: %q is a path of one machine", name, n+1, m)
			}
		}
	}
}

// TestNothingNeedsCgo: the program must build for any system on any other.
func TestNothingNeedsCgo(t *testing.T) {
	for _, name := range files(t, goCode) {
		if slices.Contains(imports(t, name), "C") {
			t.Errorf(`%s imports "C"`, name)
		}
	}
}

// TestDependenciesAreExplained wants every module that our code imports, and no
// other, to have its reason in docs/dependencies.md, and go.mod to tell direct
// modules from indirect ones.
func TestDependenciesAreExplained(t *testing.T) {
	const doc = "docs/dependencies.md"
	if _, err := os.Stat(doc); err != nil {
		t.Skipf("SKIPPED, NOT PASSED: %s is not written yet", doc)
	}
	explained := text(t, doc)
	direct := map[string]bool{} // module to: marked direct
	for _, line := range strings.Split(text(t, "go.mod"), "\n") {
		if f := strings.Fields(line); len(f) >= 2 && strings.HasPrefix(f[1], "v") {
			direct[f[0]] = !strings.Contains(line, "// indirect")
		}
	}
	used := map[string]bool{}
	for _, name := range files(t, goCode) {
		for _, imp := range imports(t, name) {
			if first, _, _ := strings.Cut(imp, "/"); !strings.Contains(first, ".") || strings.HasPrefix(imp, "github.com/trailhound/") {
				continue
			}
			used[moduleOf(imp, direct)] = true
		}
	}
	for m, marked := range direct {
		switch {
		case used[m] && !marked:
			t.Errorf("go.mod marks %s as indirect, but our code imports it: go mod tidy", m)
		case !used[m] && marked:
			t.Errorf("go.mod lists %s, which nothing imports: go mod tidy", m)
		case used[m] && !strings.Contains(explained, m):
			t.Errorf("%s does not say why %s is needed", doc, m)
		}
	}
}

func imports(t *testing.T, name string) (out []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range f.Imports {
		imp, _ := strconv.Unquote(spec.Path.Value)
		out = append(out, imp)
	}
	return out
}

// moduleOf is the longest module path that the import stands under.
func moduleOf(imp string, modules map[string]bool) (best string) {
	for m := range modules {
		if (imp == m || strings.HasPrefix(imp, m+"/")) && len(m) > len(best) {
			best = m
		}
	}
	return best
}
