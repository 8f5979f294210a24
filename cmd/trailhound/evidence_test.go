package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/simulator"
)

// simulated writes a simulated incident, small.
func simulated(t *testing.T, name, dir string) simulator.Truth {
	t.Helper()
	r, err := simulator.Generate(context.Background(), name, simulator.Options{Out: dir, Seed: 1, Events: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return r.Truth
}

// logFile is one file as CloudTrail delivers them, unpacked.
type logFile struct {
	name    string
	records []json.RawMessage
}

// logFiles reads every CloudTrail file under dir, in the order of their names.
func logFiles(t *testing.T, dir string) (out []logFile) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".json.gz") {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			return err
		}
		var doc struct{ Records []json.RawMessage }
		if err := json.NewDecoder(z).Decode(&doc); err != nil {
			return err
		}
		out = append(out, logFile{d.Name(), doc.Records})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) == 0 {
		t.Fatalf("no CloudTrail file in %s", dir)
	}
	return out
}

// sourceOf is the address that an event came from.
func sourceOf(t *testing.T, files []logFile, id string) string {
	t.Helper()
	for _, f := range files {
		for _, r := range f.records {
			var e struct{ EventID, SourceIPAddress string }
			if err := json.Unmarshal(r, &e); err != nil {
				t.Fatal(err)
			}
			if e.EventID == id {
				return e.SourceIPAddress
			}
		}
	}
	t.Fatalf("no event %s", id)
	return ""
}
