package store

// limits bound what a store holds in memory while it is written. Tests make
// them small to see every path.
type limits struct {
	batch    int64 // bytes of events gathered before they are committed
	fanIn    int   // runs of one level that are merged into one of the next
	partRows int64 // rows of a settled file, about
	hashes   int64 // ids compared at once when looking for conflicts
	volatile bool  // do not wait for the disk: for tests that pull no plug
}

// A merge of fanIn runs holds a page and a dictionary a column for each, about
// 3 MB; two batches are in memory at a time, one filling and one being written.
var defaultLimits = limits{batch: 32 << 20, fanIn: 16, partRows: 1 << 20, hashes: 8 << 20}
