package store

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/source/all"
)

// ImportOptions say how to read the evidence.
type ImportOptions struct {
	Stdin    io.Reader      // what the path "-" means
	Places   []all.Place    // collectors of locations that are no paths
	Clock    *time.Location // where clocks showed what times without a zone say; nil is UTC
	Workers  int            // files read at a time; 0 is as many as there are processors
	Progress func(Progress) // called by one goroutine at a time; may be nil
	// Unsettled ends the import when everything is read, safe and can be asked.
	// Putting the files in order, which makes them small and questions quick, is
	// left to the next import: for several imports in a row.
	Unsettled bool
	// Hasty is for a store that is asked some questions and thrown away: events are
	// left as they were read where questions are answered as well from that, which is
	// where no event is lossy. Settling them costs more than some questions gain by it.
	Hasty bool
	// Partition is how settled events are to be laid out from now on; empty for as they are.
	Partition Partition
}

// Progress is how far an import has come.
type Progress struct {
	all.Progress
	Settling bool // everything is read and safe; the files are being put in order
}

// Summary is what an import did.
type Summary struct {
	Artifacts  int   // newly committed
	Known      int   // already in the store, not read again
	Copies     int   // the same bytes as another artifact of this import, under another name
	Records    int64 // records of the new artifacts understood as events or observations
	Rejected   int64 // records of the new artifacts set aside
	Shifted    int64 // times that name no zone and were read by ImportOptions.Clock; 0 where that is UTC
	Duplicates int64 // records, of this or earlier imports, that turned out to repeat another
	Events     int64 // distinct events in the store now

	ByAccount bool // the settled events are laid out by account too

	Observations int64 // distinct observations in the store now
}

// Import reads the evidence at paths into the store. What it has committed
// stays, however it ends, and the next import skips it; until an artifact is
// read completely nothing of it is visible. Importing the same evidence again,
// in any order, split or repetition, gives the same events.
func (s *Store) Import(ctx context.Context, paths []string, o ImportOptions) (Summary, error) {
	return s.importFrom(ctx, readAll, paths, o)
}

func (s *Store) importFrom(ctx context.Context, read readFunc, paths []string, o ImportOptions) (Summary, error) {
	if !s.importing.TryLock() {
		return Summary{}, fmt.Errorf("import into %s: %w", s.dir, ErrLocked)
	}
	defer s.importing.Unlock()
	s.memory = &writerMemory{}
	defer func() { s.memory = nil }()
	unlock, err := s.lockWriter()
	if err != nil {
		return Summary{}, err
	}
	defer unlock()
	// Another process may have written since we opened.
	man, err := loadManifest(s.dir)
	if err != nil {
		return Summary{}, fmt.Errorf("import into %s: %w", s.dir, err)
	}
	s.mu.Lock()
	if s.man.Generation != man.Generation {
		s.man, s.known = man, known{}
		s.files.forget()
	}
	s.mu.Unlock()
	if err := s.prepare(); err != nil {
		return Summary{}, err
	}
	s.clean()
	im, err := newImporter(ctx, s)
	if err != nil {
		return Summary{}, err
	}
	im.progress, im.unsettled, im.hasty, im.partition = o.Progress, o.Unsettled, o.Hasty, o.Partition
	if o.Progress != nil {
		o.Progress = im.watch
	}
	err = read(im.ctx, paths, im.isKnown, o, im.take)
	if err = im.finish(err); err != nil {
		return im.sum, err
	}
	s.clean()
	for _, f := range slices.Concat(s.state().Events, s.state().Runs) {
		im.sum.Events += f.Rows
	}
	im.sum.ByAccount = s.state().byAccount()
	for _, f := range s.state().Observations {
		im.sum.Observations += f.Rows
	}
	return im.sum, nil
}
