package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline"
	"github.com/trailhound/trailhound/internal/posture/pipeline/mend"
)

// writeFixes writes corrected copies of the files that an audit has edits for, each
// under the path it was read from. Nothing that exists is written over.
func (a *app) writeFixes(dir string, r *pipeline.Report) error {
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		return withHint(fmt.Errorf("%s exists already", dir), "name a folder that does not: corrected copies are written over nothing")
	}
	edits := mend.Edits(r)
	if len(edits) == 0 {
		fmt.Fprintln(a.stderr, "nothing can be corrected without a person; no copy was written")
		return nil
	}
	for _, file := range slices.Sorted(maps.Keys(edits)) {
		data, err := os.ReadFile(file)
		if err != nil {
			return hintFor(fmt.Errorf("read the input again: %w", err))
		}
		out, made, left := mend.Text(data, edits[file])
		for _, l := range left {
			fmt.Fprintf(a.stderr, "%s:%d left as it is: %s\n", safe(file), l.Edit.Line, safe(l.Why))
		}
		if made == 0 {
			continue
		}
		to := filepath.Join(dir, within(file))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return hintFor(fmt.Errorf("write the copy: %w", err))
		}
		// The copy holds all that the input holds, secrets too: it is for its owner alone.
		if err := os.WriteFile(to, out, 0o600); err != nil {
			return hintFor(fmt.Errorf("write the copy: %w", err))
		}
		fmt.Fprintf(a.stderr, "wrote %s: %d corrections; compare with diff -u %s %s\n", safe(to), made, safe(file), safe(to))
	}
	return nil
}

// within is a path as one below another folder: without its root and without steps
// upwards.
func within(file string) string {
	file = filepath.ToSlash(filepath.Clean(file[len(filepath.VolumeName(file)):]))
	for strings.HasPrefix(file, "../") {
		file = file[len("../"):]
	}
	return filepath.FromSlash(strings.TrimLeft(file, "/"))
}
