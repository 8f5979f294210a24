// Package json writes and reads the report as its document, trailhound.report/v1: every other
// rendering is made from it, and only this one loses nothing.
package json

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/inert"
)

// Write writes the document, indented, with a newline at the end. The bytes depend on nothing
// but r, which is normalized first.
//
// Strings are true to the evidence once decoded, and yet the file can be sent to a terminal,
// pasted into a web page or opened in a spreadsheet: whatever would act there is a \u escape.
func Write(w io.Writer, r *report.Report) error {
	r.Normalize()
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("encode report: %w", err)
	}
	if _, err := w.Write(Inert(buf.Bytes())); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// Inert returns valid JSON that decodes to the same values as data, which must be valid JSON
// too, and in which every rune that inert.Unsafe names, the characters of HTML, and the first
// character of a would-be formula are \u escapes.
func Inert(data []byte) []byte {
	var out bytes.Buffer
	out.Grow(len(data) + len(data)/16)
	inString := false
	for i := 0; i < len(data); {
		if n := plainRun(data[i:]); n > 0 {
			out.Write(data[i : i+n])
			i += n
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == '"':
			inString = !inString
			out.WriteByte('"')
			if inString && i+1 < len(data) && bytes.IndexByte([]byte("=+-@"), data[i+1]) >= 0 {
				escape(&out, rune(data[i+1]))
				i++
			}
		// Two bytes at once: the second may be a quote or a backslash, which would be misread.
		case r == '\\' && i+1 < len(data): // an escape, already inert
			out.Write(data[i : i+2])
			i += 2
			continue
		case r == utf8.RuneError: // the encoder escapes bytes that are not UTF-8, and not U+FFFD itself
			escape(&out, utf8.RuneError)
		case inString && (r == '<' || r == '>' || r == '&' || inert.Unsafe(r)):
			escape(&out, r)
		default:
			out.Write(data[i : i+size])
		}
		i += size
	}
	return out.Bytes()
}

// plain are the bytes that stand for themselves wherever they are: most of a
// document, copied in runs.
var plain = func() (is [256]bool) {
	for b := range rune(utf8.RuneSelf) {
		is[b] = !inert.Unsafe(b) && !strings.ContainsRune(`"\<>&`, b)
	}
	return is
}()

// plainRun is how many bytes at the start of data are copied as they are.
func plainRun(data []byte) int {
	for i, b := range data {
		if !plain[b] {
			return i
		}
	}
	return len(data)
}

// escape writes a rune as JSON does, beyond U+FFFF as a pair of surrogates (RFC 8259,
// section 7).
func escape(out *bytes.Buffer, r rune) {
	if r > 0xffff {
		r -= 0x10000
		fmt.Fprintf(out, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
		return
	}
	fmt.Fprintf(out, `\u%04x`, r)
}
