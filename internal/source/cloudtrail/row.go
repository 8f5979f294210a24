package cloudtrail

import (
	"bytes"
	"encoding/json"
	"iter"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/jsonstream"
)

// cell is one column of a row.
type cell struct {
	column string // as written
	text   string
	value  any // instead of text, where the row has a structure here
}

// members gives an object's members as cells.
func members(d *jsonstream.Doc, n int) []cell {
	var cells []cell
	for c := range d.Children(n) {
		// No export has more columns; a hostile object may have a million members.
		if len(cells) >= 256 {
			break
		}
		k := cell{column: string(d.Name(c)), text: string(d.Text(c))}
		if kind := d.Nodes[c].Kind; kind == jsonstream.Object || kind == jsonstream.Array {
			k.value = tree(d, c, columns[columnKey(k.column)])
		}
		cells = append(cells, k)
	}
	return cells
}

// isRow says whether the columns are enough for an event: who cannot say what
// was called, on which service and when, is another table.
func isRow(names iter.Seq[string]) bool {
	var name, source, when bool
	for column := range names {
		switch columns[columnKey(column)] {
		case "eventName":
			name = true
		case "eventSource":
			source = true
		case "eventTime":
			when = true
		}
	}
	return name && source && when
}

// row rebuilds the CloudTrail record that a row was made from, in CloudTrail's
// own names and nesting, and reads that. Columns that are not CloudTrail's stay,
// under exportColumns.
func (f *finder) row(cells []cell, depth int) (evidence.Event, error) {
	record := map[string]any{}
	rest := map[string]any{}
	for _, c := range cells {
		if c.value == nil && isNull(c.text) {
			continue
		}
		path := columns[columnKey(c.column)]
		switch {
		case path == "":
			rest[c.column] = unlisted(c)
		case path == "resources" && looked(c.value, rest):
		case path == "eventTime" && columnKey(c.column) != "eventtime" && record["eventTime"] != nil:
			// The record's own time stands against a collector's time stamp.
		case c.value != nil:
			put(record, path, c.value)
		default:
			put(record, path, f.reader.cellValue(path, c.text))
		}
	}
	// Foreign columns go into the record, hence into the body and its fingerprint:
	// what a portal added is evidence too.
	if len(rest) > 0 {
		record["exportColumns"] = rest
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(record); err != nil {
		return evidence.Event{}, err
	}
	d := f.inner(depth + maxUnwrap + 1) // apart from the documents that the cells come from
	if err := d.Parse(validUTF8(text.Bytes())); err != nil {
		return evidence.Event{}, err
	}
	e, err := f.reader.event(d, 0)
	// A row has lost types and nulls at least. Of two copies of an event the one
	// from a delivered file wins.
	e.Lossy = true
	return e, err
}

// unlisted is a foreign column's value; the console writes several resources of
// one event into one cell.
func unlisted(c cell) any {
	switch {
	case c.value != nil:
		return c.value
	case columnKey(c.column) == "resourcename" && strings.Contains(c.text, ", "):
		return strings.Split(c.text, ", ")
	}
	return c.text
}

// looked puts what LookupEvents lists of an event's resources beside CloudTrail's
// columns, as the console's download has it: their types and names, which are no ARNs.
func looked(v any, rest map[string]any) bool {
	list, _ := v.([]any)
	var types, names []any
	for _, el := range list {
		m, _ := el.(map[string]any)
		name, ok := m["ResourceName"].(string)
		if !ok {
			return false
		}
		types, names = append(types, m["ResourceType"]), append(names, name)
	}
	if len(names) == 0 {
		return false
	}
	rest["Resource type"], rest["Resource name"] = types, names
	return true
}

func isNull(s string) bool {
	switch strings.TrimSpace(s) {
	case "", "-", "null", "NULL":
		return true
	}
	return false
}

// put sets a value at a dotted path. What is already there, from a nested
// column, is added to and not replaced.
func put(record map[string]any, path string, v any) {
	step, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		if old, ok := record[step].(map[string]any); ok {
			if m, ok := v.(map[string]any); ok {
				for k, w := range old {
					if _, has := m[k]; !has {
						m[k] = w
					}
				}
			}
		}
		record[step] = v
		return
	}
	inner, ok := record[step].(map[string]any)
	if !ok {
		inner = map[string]any{}
		record[step] = inner
	}
	put(inner, rest, v)
}

// cellValue reads the text of a known column.
func (r *reader) cellValue(path, s string) any {
	t := strings.TrimSpace(s)
	switch path {
	case "eventTime", "userIdentity.sessionContext.attributes.creationDate":
		// Rewritten as AWS writes it, so that rows of one event from two tools have
		// one fingerprint.
		if when, err := r.moment(t); err == nil {
			return when.Format(time.RFC3339)
		}
	case "readOnly", "managementEvent":
		switch strings.ToLower(t) {
		case "true", "yes":
			return true
		case "false", "no":
			return false
		}
	case "recipientAccountId", "userIdentity.accountId", "userIdentity.sessionContext.sessionIssuer.accountId":
		// Spreadsheets take account ids for numbers and drop the zeros in front.
		if len(t) < 12 && len(t) > 5 && strings.Trim(t, "0123456789") == "" {
			return strings.Repeat("0", 12-len(t)) + t
		}
		return t
	}
	if structured[path] && len(t) > 1 && (t[0] == '{' || t[0] == '[') {
		var d jsonstream.Doc
		if err := d.Parse([]byte(t)); err == nil {
			return tree(&d, 0, path)
		}
		if v, ok := structText(t, path); ok {
			return v
		}
	}
	return s
}

// tree gives a value as maps, slices and scalars, with CloudTrail's spelling
// where the column at path is one of AWS's own structures.
func tree(d *jsonstream.Doc, n int, path string) any {
	switch d.Nodes[n].Kind {
	case jsonstream.Object:
		m := map[string]any{}
		for c := range d.Children(n) {
			name := string(d.Name(c))
			if nested[path] {
				name = respell(path, name)
			}
			m[name] = tree(d, c, path)
		}
		return m
	case jsonstream.Array:
		list := []any{}
		for c := range d.Children(n) {
			list = append(list, tree(d, c, path))
		}
		return list
	case jsonstream.String:
		return string(d.Text(n))
	case jsonstream.Null:
		return nil
	}
	return json.RawMessage(bytes.Clone(d.Raw(n))) // numbers and booleans as written
}
