package evidence

// Artifact is one collected object (a file, a member of an archive, standard
// input) with its custody facts. It is never changed after it was hashed.
type Artifact struct {
	ID     string // SHA-256 of Bytes as collected, lower-case hex: the identity of the artifact
	URI    string // where it came from, as a person would name it; archive members as outer.zip!inner.json
	Size   int64  // bytes as collected, before any decompression
	Kind   Kind   // what the content turned out to be
	Reason string // for kinds that hold no events: why, in one sentence

	Records    int         // records understood as events
	Rejected   int         // records set aside
	Duplicates int         // records that another record of the same content already told
	Rejections []Rejection // the first MaxRejections of them, in order of offset
}

// Kind says what an artifact is, judged by content and never by name.
type Kind string

// The kinds an artifact can turn out to be.
const (
	KindCloudTrail        Kind = "cloudtrail"
	KindCloudTrailDigest  Kind = "cloudtrail-digest"
	KindCloudTrailInsight Kind = "cloudtrail-insight"
	KindNotCloudTrail     Kind = "not-cloudtrail" // records of another service; Reason says which
	KindArchive           Kind = "archive"        // a zip or tar; its members are artifacts of their own
	KindTruth             Kind = "truth"          // a simulator's truth file, never evidence
	KindUnknown           Kind = "unknown"        // understood by no decoder
	KindUnreadable        Kind = "unreadable"     // could not be read at all
)

// MaxRejections bounds how many rejections of one artifact are kept by name;
// Artifact.Rejected counts them all.
const MaxRejections = 20

// Rejection is one record that was set aside.
type Rejection struct {
	Offset int64  // byte offset in the decompressed content
	Reason string // lower-case, no full stop
}

// Ref points at one record inside one artifact.
type Ref struct {
	Artifact string // Artifact.ID
	Index    int64  // ordinal of the record within the artifact, from 0
	Offset   int64  // byte offset of the record in the decompressed content, -1 if unknown
}
