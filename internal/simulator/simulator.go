package simulator

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Names lists the incidents, sorted.
func Names() []string {
	names := make([]string, len(incidents))
	for i, in := range incidents {
		names[i] = in.name
	}
	slices.Sort(names)
	return names
}

// Describe says in one sentence what an incident is about.
// ok is false for a name that is none.
func Describe(name string) (string, bool) {
	in, err := find(name)
	return in.about, err == nil
}

// Options of one run. Equal options give equal bytes.
type Options struct {
	Out    string // the folder to write to; made if missing
	Seed   uint64
	Events int      // about how many in all, by scaling the benign background; 0 is some 20,000
	Mutate []string // names of Mutations; none is the story as it is written
}

// Result says what was written.
type Result struct {
	Truth Truth
	Path  string // of truth.json
	Bytes int64  // of the compressed files
	Raw   int64  // before compression
}

// incident is one story: everything an addition has to say.
type incident struct {
	name  string
	kind  string // report-v1: case.kind
	about string
	// The most that the evidence spans; a story ends it earlier, see exported.
	weeks int
	tell  func(s *sim)
}

// incidents is the list; a new one is a file and a line here.
var incidents = []incident{
	allRefused,
	breakGlass,
	bucketRansom,
	consoleTakeover,
	cookieShell,
	customerKeyRansom,
	departedEmployee,
	grownBackup,
	instanceRoleTheft,
	leakedCIKey,
	lowAndSlow,
	minedRegion,
	modelAbuse,
	movedRunner,
	oddAddress,
	oneKeyTwoThieves,
	partnerChain,
	podToken,
	poisonedBuild,
	portalToken,
	quietWeek,
	rootLogin,
	scannerMoved,
	selfHealing,
	signedLinks,
	trailStopped,
	travellingOwner,
	twoIntruders,
	wrongKey,
}

// find looks an incident up; the error lists what there is.
func find(name string) (incident, error) {
	for _, in := range incidents {
		if in.name == name {
			return in, nil
		}
	}
	return incident{}, fmt.Errorf("there is no incident %q: choose one of %s", name, strings.Join(Names(), ", "))
}

// Write tells the same story as Generate and hands each event to emit, once,
// in order of delivery. emit owns the record. The truth is complete only when
// Write has returned.
func Write(ctx context.Context, name string, o Options, emit func(Record) error) (Truth, error) {
	in, err := find(name)
	if err != nil {
		return Truth{}, err
	}
	s, err := newSim(in, o)
	if err != nil {
		return Truth{}, fmt.Errorf("simulate %s: %w", name, err)
	}
	in.tell(s)
	s.m.settle(s)
	if err := s.run(ctx, emit); err != nil {
		return Truth{}, fmt.Errorf("simulate %s: %w", name, err)
	}
	return s.truth.finish(s), nil
}
