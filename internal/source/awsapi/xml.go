package awsapi

import (
	"bytes"
	_ "embed" // the table of shapes
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// ec2Shapes says how the answers of EC2 are spelled in JSON: by structure, each
// member's element, its name in the API reference and its type. The test
// TestShapesAreThoseOfTheModel writes it from AWS's public model of the service
// and holds it against that.
//
//go:embed ec2.shapes
var ec2Shapes string

// member is one row of the table.
type member struct{ name, kind string }

// shapes is the table by structure and element.
var shapes = sync.OnceValue(func() map[string]map[string]member {
	table, at := map[string]map[string]member{}, ""
	for _, line := range strings.Split(ec2Shapes, "\n") {
		f := strings.Fields(line)
		switch {
		case len(f) == 0 || f[0] == "#":
		case line[0] != ' ':
			at = f[0]
			table[at] = map[string]member{}
		default:
			table[at][f[0]] = member{f[1], f[2]}
		}
	}
	return table
})

// element is an element of the answer, as it came.
type element struct {
	XMLName  xml.Name
	Text     string    `xml:",chardata"`
	Children []element `xml:",any"`
}

// maxXMLDepth bounds how deep elements lie in each other; those of EC2 lie ten deep.
const maxXMLDepth = 64

// jsonOf gives an answer in XML in the JSON that the AWS CLI prints. Members that
// the table does not know, because AWS has added them since, keep their element's
// name with a capital, and their structure.
func jsonOf(body []byte, shape string) ([]byte, error) {
	// encoding/xml descends once for each level.
	if err := shallow(body); err != nil {
		return nil, err
	}
	var root element
	if err := xml.Unmarshal(body, &root); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "    ")
	if err := enc.Encode(object(root.without("requestId"), shape)); err != nil {
		return nil, fmt.Errorf("encode the answer: %w", err)
	}
	return b.Bytes(), nil
}

// shallow refuses what would exhaust the stack of a reader that descends.
func shallow(body []byte) error {
	depth := 0
	for d := xml.NewDecoder(bytes.NewReader(body)); ; {
		t, err := d.RawToken()
		switch t.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read the answer: %w", err)
		case depth > maxXMLDepth:
			return errors.New("read the answer: it is nested too deeply")
		}
	}
}

func (e element) without(name string) []element {
	var rest []element
	for _, c := range e.Children {
		if c.XMLName.Local != name {
			rest = append(rest, c)
		}
	}
	return rest
}

func object(members []element, shape string) map[string]any {
	out := map[string]any{}
	for _, c := range members {
		m, ok := shapes()[shape][c.XMLName.Local]
		if !ok {
			m = member{capital(c.XMLName.Local), guess(c)}
		}
		out[m.name] = value(c, m.kind)
	}
	return out
}

// guess is the type of an element that the table does not know.
func guess(c element) string {
	switch {
	case len(c.Children) == 0:
		return "string"
	case c.Children[0].XMLName.Local == "item":
		return "[]" + guess(c.Children[0])
	}
	return "unknown" // a structure without a row in the table
}

func value(c element, kind string) any {
	if of, ok := strings.CutPrefix(kind, "[]"); ok {
		list := make([]any, 0, len(c.Children))
		for _, i := range c.Children {
			list = append(list, value(i, of))
		}
		return list
	}
	switch kind {
	case "string", "blob":
		return c.Text
	case "integer", "number", "boolean":
		// As written: a number of EC2 may be longer than a float holds.
		if json.Valid([]byte(c.Text)) {
			return json.RawMessage(c.Text)
		}
		return c.Text
	case "timestamp":
		at, err := time.Parse(time.RFC3339Nano, c.Text)
		if err != nil {
			return c.Text
		}
		return at.UTC().Format("2006-01-02T15:04:05.999999-07:00")
	}
	return object(c.Children, kind)
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
