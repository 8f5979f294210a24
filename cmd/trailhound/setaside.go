package main

import (
	"context"
	"fmt"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/store"
)

// How many inputs that were set aside are named on the terminal; the store
// keeps all of them. A verb that has its own output to show names only a few.
const (
	maxNamed     = 20
	maxMentioned = 5
)

// setAside names on stderr what could not be used, with file and offset. It is no error: half of
// an export is still evidence, and the report lists what is missing.
func (a *app) setAside(ctx context.Context, s *store.Store, most int) error {
	list, err := s.Inputs(ctx)
	if err != nil {
		return err
	}
	// Lines are counted to the end, so that the last one can say how many there were.
	n := 0
	say := func(format string, args ...any) {
		if n++; n <= most {
			fmt.Fprintf(a.stderr, "set aside "+format+"\n", args...)
		}
	}
	for _, art := range list {
		name := safe(art.URI)
		switch {
		// An archive of a thousand files of which one is bad is not bad itself.
		case art.Kind == evidence.KindArchive: // its members speak for themselves
		case art.Reason != "":
			say("%s: %s", name, safe(art.Reason))
		case art.Rejected > 0:
			for i, r := range art.Rejections {
				if i == 3 {
					break
				}
				say("%s at byte %d: %s", name, r.Offset, safe(r.Reason))
			}
			if more := art.Rejected - min(len(art.Rejections), 3); more > 0 {
				say("%s: %d more records", name, more)
			}
		}
	}
	if n > most {
		fmt.Fprintf(a.stderr, "… and %d more lines like these; method.inputs of a JSON report names every input\n", n-most)
	}
	return nil
}
