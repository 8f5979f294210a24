package store

import (
	"fmt"

	"github.com/trailhound/trailhound/internal/evidence"
)

// event reads one row into e. The record itself is read only if asked for: it
// is most of the bytes.
func (g *rowGroup) event(row int64, req *request, e *evidence.Event) error {
	*e = evidence.Event{}
	if req.idOnly {
		var err error
		e.ID, err = g.cursor(g.cols.index["event_id"]).text(row)
		return err
	}
	if req.bare {
		if err := g.bare(row, e); err != nil || !req.account {
			return err
		}
		var err error
		e.Account, err = g.text(g.cols.index["account_id"], row)
		return err
	}
	for i, at := range g.cols.text {
		if req.brief && textColumns[i].extra {
			continue
		}
		var err error
		if *textColumns[i].field(e), err = g.text(at, row); err != nil {
			return fmt.Errorf("column %s: %w", textColumns[i].name, err)
		}
	}
	if err := g.numbers(row, e); err != nil {
		return err
	}
	if req.brief {
		return nil
	}
	if err := g.ref(row, e); err != nil {
		return err
	}
	var err error
	if e.Resources, err = g.cursor(g.cols.resources).list(row); err != nil {
		return fmt.Errorf("column resources: %w", err)
	}
	if req.body {
		return g.body(row, e)
	}
	return nil
}

// bare reads what orders an event among all, and no more.
func (g *rowGroup) bare(row int64, e *evidence.Event) error {
	us, err := g.cursor(g.cols.time).int(row)
	if err != nil {
		return fmt.Errorf("column event_time: %w", err)
	}
	e.Time = micros(us)
	if e.ID, err = g.cursor(g.cols.index["event_id"]).text(row); err != nil {
		return fmt.Errorf("column event_id: %w", err)
	}
	if e.Fingerprint, err = g.cursor(g.cols.index["fingerprint"]).text(row); err != nil {
		return fmt.Errorf("column fingerprint: %w", err)
	}
	return nil
}

// numbers reads the columns of numbers, times and flags.
func (g *rowGroup) numbers(row int64, e *evidence.Event) error {
	us, err := g.cursor(g.cols.time).int(row)
	if err != nil {
		return fmt.Errorf("column event_time: %w", err)
	}
	e.Time = micros(us)
	if !g.blank(g.cols.created) {
		created, null, err := g.cursor(g.cols.created).nullableInt(row)
		if err != nil {
			return fmt.Errorf("column session_created: %w", err)
		}
		if !null {
			e.Identity.SessionCreated = micros(created)
		}
	}
	if e.Lossy, err = g.flag(g.cols.lossy, row); err != nil {
		return fmt.Errorf("column lossy: %w", err)
	}
	if e.ReadOnly, err = g.flag(g.cols.readOnly, row); err != nil {
		return fmt.Errorf("column read_only: %w", err)
	}
	if e.ReadOnlySaid, err = g.flag(g.cols.readOnlySaid, row); err != nil {
		return fmt.Errorf("column read_only_said: %w", err)
	}
	if e.Identity.FromConsole, err = g.flag(g.cols.console, row); err != nil {
		return fmt.Errorf("column session_from_console: %w", err)
	}
	return nil
}

// ref reads where the row came from.
func (g *rowGroup) ref(row int64, e *evidence.Event) (err error) {
	if e.Ref.Index, err = g.cursor(g.cols.artIndex).int(row); err != nil {
		return fmt.Errorf("column artifact_index: %w", err)
	}
	if e.Ref.Offset, err = g.cursor(g.cols.artOffset).int(row); err != nil {
		return fmt.Errorf("column artifact_offset: %w", err)
	}
	return nil
}

// body reads the original: the raw bytes where they are not text.
func (g *rowGroup) body(row int64, e *evidence.Event) (err error) {
	if e.Body, err = g.cursor(g.cols.raw).bytes(row); err != nil {
		return fmt.Errorf("column record_raw: %w", err)
	}
	if e.Body == nil {
		if e.Body, err = g.cursor(g.cols.record).bytes(row); err != nil {
			return fmt.Errorf("column record: %w", err)
		}
		e.Body = restore(e.Body, e)
	}
	return nil
}
