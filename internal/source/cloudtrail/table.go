package cloudtrail

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/jsonstream"
)

// A table is CSV with CloudTrail's columns, or with one column of whole records.
type table struct {
	comma  rune
	header []string
	row    bool // a row of it can be an event
	whole  int  // the column that holds whole records, -1 for none
}

// wholeColumns hold whole records: CloudWatch Logs, Splunk, Lake.
var wholeColumns = map[string]bool{
	"message": true, "raw": true, "cloudtrailevent": true, "eventjson": true, "detail": true, "event": true,
}

// tableOf says whether content that starts with head is such a table.
func tableOf(head []byte) (table, bool) {
	head = bytes.TrimLeft(head, " \t\r\n")
	if len(head) == 0 || head[0] == '{' || head[0] == '[' {
		return table{}, false
	}
	// A spreadsheet writes semicolons where the comma is the decimal sign.
	for _, comma := range []rune{',', '\t', ';'} {
		r := csv.NewReader(bytes.NewReader(head))
		r.Comma, r.LazyQuotes, r.FieldsPerRecord = comma, true, -1
		header, err := r.Read()
		if err != nil || len(header) > 512 {
			continue
		}
		t := table{comma: comma, header: header, whole: -1}
		for i, h := range header {
			if wholeColumns[columnKey(h)] {
				t.whole = i
			}
		}
		if t.row = isRow(slices.Values(header)); t.row || t.whole >= 0 && len(header) > 1 {
			return t, true
		}
	}
	return table{}, false
}

// errLongRow ends a table: what quote a row of over 16 MB lost cannot be known.
var errLongRow = errors.New("a row of over 16 MB, most likely an unclosed quote; nothing behind it was read")

// table reads the rows of a table.
func (f *finder) table(in io.Reader, t table) error {
	limited := &source.Bounded{R: in, Left: jsonstream.MaxRecord, Over: errLongRow}
	r := csv.NewReader(limited)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = t.comma, true, -1, true
	if _, err := r.Read(); err != nil {
		return f.Damage(0, err.Error())
	}
	for {
		if f.index&255 == 0 && f.ctx.Err() != nil {
			return f.ctx.Err()
		}
		// The allowance is for one row and begins anew with each.
		limited.Left = jsonstream.MaxRecord
		f.offset = r.InputOffset() + f.base
		fields, err := r.Read()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			var broken *csv.ParseError
			if errors.As(err, &broken) && !errors.Is(err, errLongRow) && broken.Err != nil {
				err = broken.Err
			}
			if derr := f.Damage(f.offset-f.base, fmt.Sprintf("broken CSV: %v", err)); derr != nil {
				return derr
			}
			if broken == nil {
				return nil // the content itself ends here
			}
			continue
		}
		f.tableRow(t, fields)
		if f.err != nil {
			return f.err
		}
	}
}

func (f *finder) tableRow(t table, fields []string) {
	if strings.TrimSpace(strings.Join(fields, "")) == "" {
		return
	}
	f.noted = false
	if t.whole >= 0 && t.whole < len(fields) && f.text([]byte(fields[t.whole]), 0) {
		return
	}
	if !t.row {
		if !f.noted {
			f.note("a row without a CloudTrail event")
		}
		return
	}
	var cells []cell
	for i, text := range fields {
		if i < len(t.header) {
			// Cloned, for the reader uses the memory of a row again for the next.
			cells = append(cells, cell{column: t.header[i], text: strings.Clone(text)})
		}
	}
	f.event(f.row(cells, 0))
}
