package store

import (
	"errors"

	"github.com/parquet-go/parquet-go"

	"github.com/trailhound/trailhound/internal/evidence"
)

// condition holds for a row if one of its columns has one of the values.
type condition struct {
	columns []string // names of leaf columns, joined with dots
	want    map[string]bool
}

const resourcesColumn = "resources.list.element"

// maxProbes bounds how many values are looked for in a bloom filter before
// reading the column is the cheaper way.
const maxProbes = 64

// conditions are the parts of q that columns decide. possible is false when no
// event can match.
//
// While files overlap (unsettled is true) only columns may decide that all forms
// of one event agree in, or filtering would happen before the dropping of
// repetitions and let a lossy form through whose whole record does not match.
// The rest is left to Query.Match.
func conditions(q *evidence.Query, unsettled bool) (conds []condition, possible bool) {
	possible = true
	add := func(agreed bool, list []string, columns ...string) {
		if len(list) == 0 {
			return
		}
		want := map[string]bool{}
		for _, v := range list {
			if v != "" { // Query.Match never matches an empty value
				want[v] = true
			}
		}
		if len(want) == 0 {
			possible = false
		}
		if agreed || !unsettled {
			conds = append(conds, condition{columns: columns, want: want})
		}
	}
	// The rarest first: it spares the rest the reading.
	add(true, q.IDs, "event_id")
	add(false, q.Credentials, "access_key_id", "credential_id")
	add(false, q.SharedIDs, "shared_event_id")
	add(false, q.Resources, resourcesColumn)
	add(false, q.Principals, "principal_id", "principal_unique_id", "identity_arn", "issuer_arn")
	add(true, q.IPs, "source_ip")
	add(true, q.Names, "event_name")
	add(true, q.Sources, "event_source")
	add(false, q.Accounts, "account_id")
	add(true, q.Regions, "aws_region")
	return conds, possible
}

// mayHold asks the bounds and the bloom filters of a row group whether the
// condition can hold in it. A column without either answers yes.
func (c *condition) mayHold(rg *rowGroup) (bool, error) {
	if len(c.want) > maxProbes {
		return true, nil
	}
	for _, name := range c.columns {
		at := rg.cols.index[name]
		chunk, ok := rg.chunks[at].(*parquet.FileColumnChunk)
		if !ok {
			return true, nil
		}
		if c.outside(rg, at) {
			continue
		}
		filter, err := chunk.BloomFilterFrom(rg.file)
		if errors.Is(err, parquet.ErrMissingBloomFilter) || err == nil && filter == nil {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		for v := range c.want {
			if hit, err := filter.Check(parquet.ByteArrayValue([]byte(v))); hit || err != nil {
				return hit, err
			}
		}
	}
	return false, nil
}

// outside says whether the bounds of a column leave room for none of the wanted
// values. Most columns hold nothing but the empty text in most row groups.
func (c *condition) outside(rg *rowGroup, column int) bool {
	least, most, ok := rg.bounds(column)
	if !ok || least.IsNull() || most.IsNull() {
		return false
	}
	// A bound may be cut short, which only ever makes the least less; the most is
	// trusted only where it is empty, and then everything is.
	if len(most.ByteArray()) == 0 {
		return true
	}
	for v := range c.want {
		if v >= string(least.ByteArray()) {
			return false
		}
	}
	return true
}
