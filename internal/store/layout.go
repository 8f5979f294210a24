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
	byAccountDir    = "events/v3"       // events/v3/day=2023-11-02/account=111122223333/part-<hash>.parquet, in place of it
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
var ours = regexp.MustCompile(`^(events/(v2/` + dayPattern + `|v3/` + dayPattern + `/account=([0-9]{12}|other))/part-[0-9a-f]+\.parquet|artifacts/v2/part-[0-9a-f]+\.parquet|observations/v2/kind=[a-z0-9_]+/part-[0-9a-f]+\.parquet|runs/v2/(run|artifacts|observations)-[0-9a-f]+\.parquet)$`)

// digestFile recognises the digests, and what was left of writing one.
var digestFile = regexp.MustCompile(`^digests/v2/[a-z0-9-]+/` + dayPattern + `/(part-[0-9a-f]+\.zst|\.digest-[0-9]+)$`)

const (
	dayPattern = `day=-?[0-9]{4,}-[0-9]{2}-[0-9]{2}`
	dayLayout  = "2006-01-02"
)

func dayOf(t time.Time) string { return t.UTC().Format(dayLayout) }

// shared is the partition of the accounts that have none of their own on a day.
const shared = "other"

// partPath is where a settled file of events lives; account is empty where a store is laid
// out by day alone.
func partPath(day, account, hash string) string {
	if account == "" {
		return path.Join(eventsDir, "day="+day, "part-"+hash+".parquet")
	}
	return path.Join(byAccountDir, "day="+day, "account="+account, "part-"+hash+".parquet")
}

// dayIn is the day a live path belongs to, "" for files outside events/.
func dayIn(name string) string {
	day, _ := partitionIn(name)
	return day
}

// partitionIn is the day and the account of the folder of a live path; the account is empty
// in a store that is laid out by day alone.
func partitionIn(name string) (day, account string) {
	rest, ok := strings.CutPrefix(name, eventsDir+"/day=")
	if ok {
		day, _, _ = strings.Cut(rest, "/")
		return day, ""
	}
	if rest, ok = strings.CutPrefix(name, byAccountDir+"/day="); !ok {
		return "", ""
	}
	day, rest, _ = strings.Cut(rest, "/account=")
	account, _, _ = strings.Cut(rest, "/")
	return day, account
}

// hashIn is the hash in the name of a settled file.
func hashIn(name string) string {
	return strings.TrimSuffix(strings.TrimPrefix(path.Base(name), "part-"), ".parquet")
}

func (s *Store) abs(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }
