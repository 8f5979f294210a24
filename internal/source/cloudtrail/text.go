package cloudtrail

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/trailhound/trailhound/internal/source"
)

var (
	bomUTF8 = []byte("\xef\xbb\xbf")
	bomLE   = []byte("\xff\xfe")
	bomBE   = []byte("\xfe\xff")
)

// plainText takes a byte order mark off and gives UTF-16, which PowerShell and
// spreadsheets write, as UTF-8. base is the offset of what the reader gives;
// offsets in UTF-16 count the UTF-8 bytes.
func plainText(in io.Reader) (r *source.Peeked, base int64) {
	r = source.Peek(in)
	mark, _ := r.Peek(3)
	switch {
	case bytes.HasPrefix(mark, bomUTF8):
		n, _ := r.Discard(len(bomUTF8))
		return r, int64(n)
	case bytes.HasPrefix(mark, bomLE), bytes.HasPrefix(mark, bomBE):
		big := mark[0] == bomBE[0]
		r.Discard(2)
		return source.Peek(&utf16Reader{in: r.Reader, big: big}), 0
	}
	return r, 0
}

// utf16Reader gives UTF-16 as UTF-8; what is no UTF-16 becomes U+FFFD.
type utf16Reader struct {
	in   *bufio.Reader
	big  bool
	out  []byte // not given yet
	half rune   // the first half of a surrogate pair
	err  error
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.out) == 0 && u.err == nil {
		u.out = u.out[:0]
		// In portions, so that a read of one byte does not decode a whole file
		// first.
		for range 4096 {
			var unit [2]byte
			if _, err := io.ReadFull(u.in, unit[:]); err != nil {
				if u.half != 0 || err == io.ErrUnexpectedEOF {
					u.out = utf8.AppendRune(u.out, utf8.RuneError)
				}
				if u.err = err; err == io.ErrUnexpectedEOF {
					u.err = io.EOF
				}
				break
			}
			if u.big {
				unit[0], unit[1] = unit[1], unit[0]
			}
			u.add(rune(unit[0]) | rune(unit[1])<<8)
		}
	}
	if len(u.out) == 0 {
		return 0, u.err
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	return n, nil
}

func (u *utf16Reader) add(c rune) {
	first := u.half
	if u.half = 0; first != 0 {
		if both := utf16.DecodeRune(first, c); both != utf8.RuneError {
			u.out = utf8.AppendRune(u.out, both)
			return
		}
		u.out = utf8.AppendRune(u.out, utf8.RuneError)
	}
	if c >= 0xd800 && c < 0xdc00 {
		u.half = c
		return
	}
	u.out = utf8.AppendRune(u.out, c) // a lone second half becomes U+FFFD by itself
}
