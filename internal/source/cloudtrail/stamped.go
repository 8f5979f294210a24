package cloudtrail

import (
	"bufio"
	"bytes"
	"io"
	"regexp"
)

// stamp is what CloudWatch Logs writes before the record of a line: the moment in
// an export to S3, "2026-11-02T10:00:00.000Z {", and the name of the log stream
// behind it in the output of `aws logs tail`. Stream names have at most 512
// characters.
var stamp = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)[ \t]+(?:[^\s"{]{1,512}[ \t]+)?\{`)

// maxStamp bounds the look for a stamp.
// 600 bytes hold the time, the longest stream name and the blanks.
const maxStamp = 600

// stampLen is the length of the stamp before the record of a line, 0 if it has none.
func stampLen(line []byte) int {
	if len(line) == 0 || line[0] < '0' || line[0] > '9' {
		return 0
	}
	return max(0, len(stamp.Find(line))-1)
}

// unstamped gives a stream of stamped lines with blanks for the stamps. Offsets
// stay, and what is left is a stream of records like any other: a record may run
// over several lines, since no string of JSON holds a line break.
type unstamped struct {
	in    *bufio.Reader
	blank int  // bytes of the stamp in hand that are still to come
	mid   bool // inside a line
}

// Read implements io.Reader.
func (u *unstamped) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if u.blank == 0 && !u.mid {
		line, _ := u.in.Peek(maxStamp) // its error comes again below
		u.blank, u.mid = stampLen(line), true
	}
	if u.blank > 0 {
		n, err := u.in.Discard(min(u.blank, len(p)))
		u.blank -= n
		copy(p, bytes.Repeat([]byte{' '}, n))
		return n, err
	}
	if _, err := u.in.Peek(1); err != nil {
		return 0, err
	}
	// Never past the end of a line: the next one begins with a stamp again.
	b, _ := u.in.Peek(min(u.in.Buffered(), len(p)))
	if end := bytes.IndexByte(b, '\n'); end >= 0 {
		b, u.mid = b[:end+1], false
	}
	n := copy(p, b)
	_, err := u.in.Discard(n)
	return n, err
}

var _ io.Reader = (*unstamped)(nil)
