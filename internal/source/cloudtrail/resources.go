package cloudtrail

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/jsonstream"
)

// maxNamed bounds the length of a resource: an ARN has at most 2048 characters
// (IAM reference), a native name far fewer.
const maxNamed = 2048

const maxNative = 256

// named collects what the record names: ARNs anywhere in the parameters and the
// answer, and short values whose key says that they are an ARN, name or id. A
// refused call often has null parameters; then its errorMessage names the target.
func (r *reader) named(d *jsonstream.Doc, e *evidence.Event, resources int, inside ...int) []string {
	out := r.resources[:0]
	if resources >= 0 {
		for c := range d.Children(resources) {
			for m := range d.Children(c) {
				switch strings.ToLower(string(d.Name(m))) {
				// S3 writes ARNPrefix for calls that list by a prefix.
				case "arn", "arnprefix":
					out = r.add(out, d.Text(m), maxNamed)
				}
			}
		}
	}
	for _, n := range inside {
		if n >= 0 {
			out = r.walk(out, d, n, false)
		}
	}
	return r.tidy(out, e)
}

// tidy adds what the errorMessage names, and gives the resources sorted, each once,
// at most MaxResources.
func (r *reader) tidy(out []string, e *evidence.Event) []string {
	if e.ErrorMessage != "" {
		if denial, ok := evidence.ParseDenial(e.ErrorMessage); ok && denial.Resource != "*" {
			out = r.add(out, []byte(denial.Resource), maxNamed)
		}
	}
	r.resources = out
	if len(out) == 0 {
		return nil
	}
	if len(out) == 1 {
		return r.keepTexts(out)
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if len(out) > evidence.MaxResources {
		// What must be left out is not left to chance: ARNs say most, so they stay.
		slices.SortStableFunc(out, func(a, b string) int { return rank(a) - rank(b) })
		out = out[:evidence.MaxResources]
		slices.Sort(out)
	}
	return r.keepTexts(out)
}

func rank(s string) int {
	if strings.HasPrefix(s, "arn:") {
		return 0
	}
	return 1
}

// walk collects from everything inside node n. keyed says that the key above
// promised an identifier, which holds for all elements of a list.
func (r *reader) walk(out []string, d *jsonstream.Doc, n int, keyed bool) []string {
	switch d.Nodes[n].Kind {
	case jsonstream.Object:
		for c := range d.Children(n) {
			out = r.walk(out, d, c, identifies(d.Name(c)))
		}
	case jsonstream.Array:
		for c := range d.Children(n) {
			out = r.walk(out, d, c, keyed)
		}
	case jsonstream.String:
		if s := d.Text(n); isARN(s) {
			out = r.add(out, s, maxNamed)
		} else if keyed {
			out = r.add(out, s, maxNative)
		}
	case jsonstream.Number:
		if keyed {
			out = r.add(out, d.Text(n), maxNative)
		}
	}
	return out
}

// identifies says whether a key promises an identifier: whether it ends, but for an s, like
// arn, name or id. Request ids are those of the call itself.
func identifies(key []byte) bool {
	for len(key) > 0 && key[len(key)-1] == 's' {
		key = key[:len(key)-1]
	}
	if len(key) < 2 {
		return false
	}
	end := ""
	switch key[len(key)-1] | 0x20 { // lower case
	case 'n':
		end = "arn"
	case 'e':
		end = "name"
	case 'd':
		end = "id"
	}
	return end != "" && hasSuffixFold(key, end) && !hasSuffixFold(key, "requestid") && !hasSuffixFold(key, "request-id")
}

// hasSuffixFold is for an end of small ASCII letters and hyphens, for which it is what
// bytes.EqualFold says.
func hasSuffixFold(b []byte, end string) bool {
	if len(b) < len(end) {
		return false
	}
	b = b[len(b)-len(end):]
	for i := range len(end) {
		if c := b[i]; c != end[i] && (c < 'A' || c > 'Z' || c|0x20 != end[i]) {
			return false
		}
	}
	return true
}

func isARN(s []byte) bool {
	// Five colons are those of every ARN; the prefix covers the partitions aws-cn,
	// aws-us-gov and the others.
	return len(s) > 8 && string(s[:7]) == "arn:aws" && bytes.Count(s, []byte{':'}) >= 5
}

// add appends a value unless it is empty, too long, redacted by AWS, or holds
// anything that does not belong in an identifier.
func (r *reader) add(out []string, s []byte, most int) []string {
	if len(s) == 0 || len(s) > most || len(out) >= 64*evidence.MaxResources { // a record may hold millions: look at no more
		return out
	}
	h := textHash(s)
	met := &r.names[h>>(32-namesBits)]
	if met.text == string(s) {
		return append(out, met.text)
	}
	if foreign(s) || string(s) == "HIDDEN_DUE_TO_SECURITY_REASONS" {
		return out
	}
	if met.hash != h {
		met.hash = h
		return append(out, r.own(s))
	}
	met.text = r.intern(s) // it comes again
	return append(out, met.text)
}

// metText is a text that names something, and is remembered at its second coming: most
// objects and requests come once.
type metText struct {
	text string
	hash uint32 // of the last text that came here
}

// foreign says whether a text holds what no identifier does, eight bytes at a time.
func foreign(s []byte) bool {
	for len(s) >= 8 {
		x := binary.LittleEndian.Uint64(s)
		opening, closing := x^ones*'{', x^ones*'}'
		// As everywhere: a high bit for a zero byte, or for one below a space; it may be
		// on without need, never off.
		if ((opening-ones)&^opening|(closing-ones)&^closing|(x-ones*' ')&^x)&(ones<<7) != 0 && foreignByte(s[:8]) {
			return true
		}
		s = s[8:]
	}
	return foreignByte(s)
}

const ones = 0x0101010101010101

func foreignByte(s []byte) bool {
	for _, c := range s {
		switch c {
		case '\n', '\r', '\t', '{', '}', 0:
			return true
		}
	}
	return false
}
