// Package parquet opens Parquet files and gives their rows to whoever reads
// tables with those columns: what a Parquet file is shows only at its end.
package parquet

import (
	"context"
	"errors"
	"io"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/cost"
	"github.com/trailhound/trailhound/internal/source/flow"
	"github.com/trailhound/trailhound/internal/source/rows"
)

// formats are the tables that may come as Parquet. The first that wants the
// columns reads the rows.
var formats = []rows.Format{cost.Table, flow.Table}

// Decoder reads tables in Parquet.
type Decoder struct{}

var _ source.Decoder = Decoder{}

// Name implements source.Decoder.
func (Decoder) Name() string { return "parquet" }

// Claims implements source.Decoder.
func (Decoder) Claims(head []byte) bool { return rows.IsParquet(head) }

var errForeign = errors.New("it is a Parquet file with none of the columns that this program reads (of an evidence store, name the folder instead)")

// Decode implements source.Decoder.
func (Decoder) Decode(ctx context.Context, content io.Reader, emit source.Emit) (source.Result, error) {
	var out source.Result
	var stopped error // emit's own error, which no damage may hide
	err := rows.Parquet(content, func(columns []string, read rows.Reading) error {
		for _, f := range formats {
			if f.Wants(columns) {
				var err error
				out, err = f.Read(ctx, read, source.Emit{Event: emit.Event, Observation: func(o evidence.Observation) error {
					stopped = emit.Observation(o)
					return stopped
				}})
				return err
			}
		}
		return errForeign
	})
	switch {
	case stopped != nil:
		return out, stopped
	case ctx.Err() != nil:
		return out, ctx.Err()
	case errors.Is(err, errForeign):
		return source.Result{Kind: evidence.KindUnknown, Reason: err.Error()}, nil
	case err != nil && out.Records == 0:
		return source.Result{Kind: evidence.KindUnreadable, Reason: err.Error()}, nil
	case err != nil:
		out.Reject(-1, err.Error())
	}
	return out, nil
}
