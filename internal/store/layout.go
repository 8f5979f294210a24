package store

import (
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// The names inside a store. Those under events/ and artifacts/ are a published
// format: other engines read them by these patterns.
const (
	manifestName    = "manifest.json"
	eventsDir       = "events/v2"       // events/v2/day=2023-11-02/part-<hash>.parquet
	artifactsDir    = "artifacts/v2"    // artifacts/v2/part-<hash>.parquet
	observationsDir = "observations/v2" // observations/v2/kind=iam_user/part-<hash>.parquet
	runsDir         = "runs/v2"         // not yet settled: run-, artifacts-, observations-<hash>.parquet
	digestsDir      = "digests/v2"      // derived from settled files, by kind; may be missing
	stagingDir      = "staging"         // being written; nothing in it is ever read
	writerLock      = ".writer.lock"
	readerLock      = ".reader.lock"
)

// ours recognises the files that we write, so that cleaning never removes what
// somebody else put into the folder.
var ours = regexp.MustCompile(`^(events/v2/day=-?[0-9]{4,}-[0-9]{2}-[0-9]{2}/part-[0-9a-f]+\.parquet|artifacts/v2/part-[0-9a-f]+\.parquet|observations/v2/kind=[a-z0-9_]+/part-[0-9a-f]+\.parquet|runs/v2/(run|artifacts|observations)-[0-9a-f]+\.parquet)$`)

// digestFile recognises the digests, and what was left of writing one.
var digestFile = regexp.MustCompile(`^digests/v2/[a-z0-9-]+/day=-?[0-9]{4,}-[0-9]{2}-[0-9]{2}/(part-[0-9a-f]+\.zst|\.digest-[0-9]+)$`)

const dayLayout = "2006-01-02"

func dayOf(t time.Time) string { return t.UTC().Format(dayLayout) }

func partPath(day, hash string) string {
	return path.Join(eventsDir, "day="+day, "part-"+hash+".parquet")
}

// dayIn is the day a live path belongs to, "" for files outside events/.
func dayIn(name string) string {
	rest, ok := strings.CutPrefix(name, eventsDir+"/day=")
	if !ok {
		return ""
	}
	day, _, _ := strings.Cut(rest, "/")
	return day
}

func (s *Store) abs(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }
