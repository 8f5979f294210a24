package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/file"
)

// Folder collects from a folder that Collect has filled. Its artifacts are named
// after where they come from: aws://account/region/service/answer. What could
// not be gathered is an artifact that says so, as is a file that is no longer
// what was gathered.
type Folder struct{}

var _ source.Place = Folder{}

// Name implements source.Collector.
func (Folder) Name() string { return "account" }

// Holds implements source.Place.
func (Folder) Holds(location string) bool {
	if _, err := os.Stat(filepath.Join(location, indexName)); err != nil {
		return false
	}
	_, err := readIndex(location)
	return err == nil
}

// Collect implements source.Collector.
func (Folder) Collect(ctx context.Context, location string, found func(source.Item) error) error {
	x, err := readIndex(location)
	if err != nil {
		return found(source.Missing(location, 0, err.Error()))
	}
	listed := map[string]bool{filepath.Join(location, indexName): true}
	for _, e := range x.Entries {
		for _, f := range e.Files {
			name := filepath.FromSlash(f.Name)
			if !filepath.IsLocal(name) {
				continue // an index may come from somebody else: it does not lead outside
			}
			path := filepath.Join(location, name)
			if at := linked(location, name); at != "" {
				path = at
			}
			if listed[path] {
				continue // once is enough, however often an index names it
			}
			listed[path] = true
			if err := (file.Collector{}).Met(ctx, path, func(i source.Item) error {
				return found(gathered{i, path, "aws://" + f.Name, f.SHA256})
			}); err != nil {
				return err
			}
		}
		// Every other entry is a gap of the evidence, and a report that says
		// "nothing was done" must be able to see it.
		if e.Status == Done || e.Status == NotInUse {
			continue
		}
		if err := found(source.Missing(evidence.CallURI(e.Account, e.Region, e.Action), 0, reasonOf(e))); err != nil {
			return err
		}
	}
	return others(ctx, location, listed, found)
}

// linked is the first folder on the way to a file that is none but a link, "" if there
// is none: a name that stays inside by its letters may still lead out by one.
func linked(dir, name string) string {
	at := dir
	for _, part := range strings.Split(filepath.Dir(name), string(filepath.Separator)) {
		at = filepath.Join(at, part)
		if info, err := os.Lstat(at); err == nil && !info.IsDir() {
			return at
		}
	}
	return ""
}

// reasonOf says why an entry is not whole.
func reasonOf(e *Entry) string {
	switch {
	case e.Status == Partial && e.Reason == "":
		return "gathering it was interrupted: repeat trailhound collect with the same folder"
	case len(e.Files) > 0:
		return "it was gathered in part: " + e.Reason
	}
	return "it could not be gathered: " + e.Reason
}

// others reads what somebody put beside the collection, as from any folder.
func others(ctx context.Context, dir string, listed map[string]bool, found func(source.Item) error) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return found(source.Missing(dir, 0, err.Error()))
	}
	for _, d := range entries {
		path := filepath.Join(dir, d.Name())
		// A .part is a write that was interrupted; the step that made it is Partial
		// and says so.
		if listed[path] || strings.HasSuffix(path, ".part") {
			continue
		}
		if d.IsDir() {
			if err := others(ctx, path, listed, found); err != nil {
				return err
			}
			continue
		}
		if err := (file.Collector{}).Met(ctx, path, found); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// gathered is one file of a collection.
type gathered struct {
	source.Item
	path, uri, sha256 string
}

// Artifacts implements source.Item.
// The hash is looked at after reading, with the file as it is now. What changed in
// between is told once too often, never too seldom.
func (g gathered) Artifacts(ctx context.Context, visit func(source.Found) error) error {
	err := g.Item.Artifacts(ctx, func(f source.Found) error {
		if rest, ok := strings.CutPrefix(f.Artifact.URI, g.path); ok {
			f.Artifact.URI = g.uri + rest
		}
		return visit(f)
	})
	if err != nil {
		return err
	}
	info, err := os.Lstat(g.path)
	if err != nil || !info.Mode().IsRegular() {
		return nil // the item itself has said that it could not be read
	}
	if now, herr := hashOf(g.path); herr != nil || now != g.sha256 {
		return source.Missing(g.uri+"#gathered", 0, "the file is not what was gathered: its hash is another; what it says now was read").Artifacts(ctx, visit)
	}
	return nil
}

func hashOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}
