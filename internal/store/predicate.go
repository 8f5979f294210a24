package store

import (
	"errors"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/trailhound/trailhound/internal/evidence"
)

// condition holds for a row if one of its columns has one of the values.
type condition struct {
	columns []string // names of leaf columns, joined with dots
	want    wish
}

const resourcesColumn = "resources.list.element"

// maxProbes bounds how many values are looked for in a bloom filter before
// reading the column is the cheaper way.
const maxProbes = 64

// conditions are the parts of q that columns decide. possible is false when no
// event can match.
//
// While files overlap and some rows are lossy (mixed is true) only columns may decide
// that all forms of one event agree in, or filtering would happen before the dropping
// of repetitions and let a lossy form through whose whole record does not match.
// The rest is left to Query.Match.
func conditions(q *evidence.Query, mixed bool) (conds []condition, possible bool) {
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
		if agreed || !mixed {
			conds = append(conds, condition{columns: columns, want: newWish(want)})
		}
	}
	// The rarest first: it spares the rest the reading.
	add(true, q.IDs, "event_id")
	add(false, q.Credentials, "access_key_id", "credential_id")
	add(false, q.SharedIDs, "shared_event_id")
	add(false, q.Resources, resourcesColumn)
	if named := namesAlone(q.Principals); len(named) > 0 {
		add(false, append(named, q.Principals...), "principal_id", "principal_unique_id", "identity_arn", "issuer_arn", "user_name")
	} else {
		add(false, q.Principals, "principal_id", "principal_unique_id", "identity_arn", "issuer_arn")
	}
	add(true, q.IPs, "source_ip")
	add(true, q.Names, "event_name")
	add(true, q.Sources, "event_source")
	add(false, q.Accounts, "account_id")
	add(true, q.Regions, "aws_region")
	return conds, possible
}

// namesAlone are the bare names among principals. Match then sees to it that the record
// tells nothing else of its caller.
func namesAlone(principals []string) (names []string) {
	for _, p := range principals {
		if name, ok := strings.CutPrefix(p, evidence.NamedOnly); ok {
			names = append(names, name)
		}
	}
	return names
}

// mayHold asks the bounds and the bloom filters of a row group in which of its columns
// the condition can hold. A column without either is one of them.
func (c *condition) mayHold(rg *rowGroup) (columns []int, err error) {
	for _, name := range c.columns {
		at := rg.cols.index[name]
		may, err := c.mayHoldIn(rg, at)
		if err != nil {
			return nil, err
		}
		if may {
			columns = append(columns, at)
		}
	}
	return columns, nil
}

func (c *condition) mayHoldIn(rg *rowGroup, at int) (bool, error) {
	if c.outside(rg, at) {
		return false, nil
	}
	chunk, ok := rg.chunks[at].(*parquet.FileColumnChunk)
	if !ok || len(c.want.texts) > maxProbes {
		return true, nil
	}
	filter, err := chunk.BloomFilterFrom(rg.file)
	if errors.Is(err, parquet.ErrMissingBloomFilter) || err == nil && filter == nil {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	for v := range c.want.texts {
		if hit, err := filter.Check(parquet.ByteArrayValue([]byte(v))); hit || err != nil {
			return hit, err
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
	// Cutting a bound only ever makes it less: what begins with the greatest may still
	// be there, unless that is empty and so everything is.
	for v := range c.want.texts {
		if within(v, string(least.ByteArray()), string(most.ByteArray())) {
			return false
		}
	}
	return true
}

// within says whether a value may lie between bounds of which either may be cut short.
func within(v, least, most string) bool {
	return v >= least && (v <= most || most != "" && strings.HasPrefix(v, most))
}
