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
	// Lstat: a link that leads nowhere is something, too.
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
		// Read again: what was audited was parsed, and a copy must keep every byte that is not mended.
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
		if err := writeNew(to, out); err != nil {
			return err
		}
		fmt.Fprintf(a.stderr, "wrote %s: %d corrections; compare with diff -u %s %s\n", safe(to), made, safe(file), safe(to))
	}
	return nil
}

// writeNew writes a copy where nothing is yet. It holds all that the input holds, secrets too:
// it is for its owner alone. Of two inputs whose copies would stand in one place (./infra and
// ../infra) the second is refused, and not written over the first.
func writeNew(to string, data []byte) error {
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return withHint(fmt.Errorf("the copies of two inputs would both be %s", to), "correct them one after the other, each into a folder of its own")
	}
	if err != nil {
		return hintFor(fmt.Errorf("write the copy: %w", err))
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return hintFor(fmt.Errorf("write the copy: %w", err))
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
