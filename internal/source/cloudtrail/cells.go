package cloudtrail

import (
	"github.com/trailhound/trailhound/internal/source/jsonstream"
)

// cells reads a row that an API wrote as a list: [{"eventID":"…"},{"eventTime":"…"}]
// (CloudTrail Lake) or [{"field":"@message","value":"…"}] (CloudWatch Logs Insights).
func (f *finder) cells(d *jsonstream.Doc, n, depth int) (*jsonstream.Doc, bool) {
	text := []byte{'{'}
	for c := range d.Children(n) {
		name, value, ok := oneCell(d, c)
		// One element that is no cell makes the list something else: a list of
		// records, say, which the caller then looks into.
		if !ok || len(text) > jsonstream.MaxRecord {
			return nil, false
		}
		text = appendCell(text, name, value)
	}
	return f.rowDoc(text, depth)
}

func oneCell(d *jsonstream.Doc, n int) (name, value string, ok bool) {
	if d.Nodes[n].Kind != jsonstream.Object {
		return "", "", false
	}
	if field, v := d.Member(n, "field"), d.Member(n, "value"); field >= 0 && v >= 0 {
		return string(d.Text(field)), string(d.Text(v)), true
	}
	only := n + 1 // its one member, a scalar
	if int(d.Nodes[n].Next) != n+2 || d.Nodes[only].Kind == jsonstream.Object || d.Nodes[only].Kind == jsonstream.Array {
		return "", "", false
	}
	return string(d.Name(only)), string(d.Text(only)), true
}

// athenaRow reads {"Data":[{"VarCharValue":"…"},{}]} as Athena's API writes rows.
// The first row of a result names the columns.
func (f *finder) athenaRow(d *jsonstream.Doc, n, depth int) (*jsonstream.Doc, bool) {
	data := d.Member(n, "Data")
	if data < 0 || d.Nodes[data].Kind != jsonstream.Array {
		return nil, false
	}
	var row []string
	known := 0
	for c := range d.Children(data) {
		v := ""
		if m := d.Member(c, "VarCharValue"); m >= 0 {
			v = string(d.Text(m))
		}
		if columns[columnKey(v)] != "" || wholeColumns[columnKey(v)] {
			known++
		}
		row = append(row, v)
	}
	// A header is a row that mostly holds names of columns. A single value that
	// happens to be one ("raw") in a long row is no header.
	if known > 0 && known*2 >= len(row) {
		f.header = row
		f.noted = true // the header is no record
		return nil, false
	}
	text := []byte{'{'}
	for i, v := range row {
		// Cells beyond the header have no name by which anything could know them.
		if i < len(f.header) {
			text = appendCell(text, f.header[i], v)
		}
	}
	return f.rowDoc(text, depth)
}

func appendCell(text []byte, name, value string) []byte {
	if len(text) > 1 {
		text = append(text, ',')
	}
	text = jsonstream.AppendQuoted(text, name)
	return jsonstream.AppendQuoted(append(text, ':'), value)
}

func (f *finder) rowDoc(text []byte, depth int) (*jsonstream.Doc, bool) {
	if len(text) == 1 {
		return nil, false
	}
	d := f.inner(depth)
	if err := d.Parse(append(text, '}')); err != nil {
		return nil, false
	}
	return d, true
}
