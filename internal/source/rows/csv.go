package rows

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"github.com/trailhound/trailhound/internal/source"
)

// CSV calls visit for every row behind the header, with its offset. Rows that do
// not fit the header are told to damage: which of their cells is which cannot be
// known. Of two columns of one name the last that is not empty counts.
func CSV(in io.Reader, visit func(r Row, offset int64) error, damage func(offset int64, reason string)) error {
	limited := &source.Bounded{R: in, Left: maxLine, Over: errLong}
	text, base := bufio.NewReader(limited), int64(0)
	if mark, _ := text.Peek(3); string(mark) == "\xef\xbb\xbf" { // before a quote it would be part of the name
		text.Discard(3)
		base = 3
	}
	r := csv.NewReader(text)
	r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = -1, true, true
	header, err := r.Read()
	if err != nil || len(header) > maxColumns {
		damage(0, fmt.Sprintf("its header cannot be read: %v, %d columns", err, len(header)))
		return nil
	}
	names := make([]string, len(header))
	for i, h := range header {
		names[i] = name(h)
	}
	for {
		limited.Left = maxLine
		offset := base + r.InputOffset()
		fields, err := r.Read()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			damage(offset, err.Error())
			var broken *csv.ParseError
			if !errors.As(err, &broken) { // not the row is broken but the reader, or it is errLong
				return nil
			}
			continue
		case len(fields) != len(names):
			damage(offset, "a row with another number of columns than the header")
			continue
		}
		row := Row{}
		for i, f := range fields {
			if f != "" {
				row[names[i]] = cell(f)
			}
		}
		if err := visit(row, offset); err != nil {
			return err
		}
	}
}

var errLong = errors.New("a row of over 1 MB, most likely an unclosed quote; nothing behind it was read")
