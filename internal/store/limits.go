package store

// limits bound what a store holds in memory while it is written. Tests make
// them small to see every path.
type limits struct {
	batch    int64 // bytes of events gathered before they are committed
	runs     int   // that may wait to be settled before some are merged during the import
	fanIn    int   // runs that are merged at a time
	partRows int64 // rows of a settled file, about
	hashes   int64 // ids compared at once when looking for conflicts
	// accountRows are the events that an account has on a day if it is to have a partition of its
	// own; 0 for never. partitions bounds those of a day, openParts those that are written at a time.
	accountRows int64
	accounts    int // that are counted of a day, so that made-up ids take no memory
	partitions  int
	openParts   int
	digestRows  int64 // rows of a slice that a digest is made of, about, where files are not settled
	volatile    bool  // do not wait for the disk: for tests that pull no plug
}

// A merge of fanIn runs holds a page and a dictionary a column for each, about
// 3 MB; three half batches are in memory at a time, one filling and two being
// written. 256 runs are some three million events: up to there an import writes
// each event once before it is settled.
//
// accountRows is a row group of dayShape: below it a file of its own spares no reading.
var defaultLimits = limits{batch: 64 << 20, runs: 256, fanIn: 24, partRows: 1 << 20, hashes: 2 << 20, digestRows: 64 << 10,
	accountRows: 64 << 10, accounts: 64 << 10, partitions: 16, openParts: 4}
