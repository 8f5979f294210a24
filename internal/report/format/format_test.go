package format_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/format"
	"github.com/trailhound/trailhound/internal/report/reporttest"
)

// TestEveryRenderingIsListed finds the folder that somebody forgot to list: a package with a
// Write function of its own is a rendering.
func TestEveryRenderingIsListed(t *testing.T) {
	dirs, err := filepath.Glob("../*/")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		name := filepath.Base(dir)
		src, err := os.ReadFile(filepath.Join(dir, name+".go"))
		if err != nil || name == "format" || !bytes.Contains(src, []byte("\nfunc Write(w io.Writer, r *report.Report")) {
			continue
		}
		if !slices.Contains(format.Names(), name) {
			t.Errorf("internal/report/%s is not in Formats", name)
		}
	}
	if d := cmp.Diff([]string{"text", "json", "markdown", "html", "navigator", "stix", "ocsf", "timesketch"}, format.Names()); d != "" {
		t.Error(d)
	}
}

// TestWritingChangesNothing renders one report in every format, twice, and checks that the
// bytes agree and that the report is what it was.
func TestWritingChangesNothing(t *testing.T) {
	r, want := reporttest.Sample(t, "leaked-ci-key"), reporttest.Sample(t, "leaked-ci-key")
	opt := format.Options{Records: reporttest.Records(t, "leaked-ci-key")}
	for _, name := range format.Names() {
		var a, b bytes.Buffer
		if err := errors.Join(format.Write(&a, name, r, opt), format.Write(&b, name, r, opt)); err != nil {
			t.Fatal(err)
		}
		if a.Len() == 0 || !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("%s: %d and %d bytes, or different ones", name, a.Len(), b.Len())
		}
	}
	if d := cmp.Diff(want, r); d != "" {
		t.Errorf("the report changed (-want +got):\n%s", d)
	}
}

func TestEmptyReport(t *testing.T) {
	for _, name := range format.Names() {
		var buf bytes.Buffer
		if err := format.Write(&buf, name, new(report.Report), format.Options{}); err != nil || buf.Len() == 0 {
			t.Errorf("%s: %d bytes, %v", name, buf.Len(), err)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestFullDisk(t *testing.T) {
	for _, name := range format.Names() {
		err := format.Write(full{}, name, reporttest.Sample(t, "no-incident"), format.Options{})
		if err == nil || !strings.Contains(err.Error(), "no space left on device") || !strings.HasPrefix(err.Error(), "write report: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNames(t *testing.T) {
	if err := format.Write(nil, "pdf", nil, format.Options{}); err == nil || err.Error() != `unknown format "pdf": one of text, json, markdown, html, navigator, stix, ocsf, timesketch` {
		t.Errorf("got %v", err)
	}
}
