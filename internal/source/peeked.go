package source

import (
	"bufio"
	"io"
)

// Onward is content that goes on behind a text where that is: what is unpacked refers to
// what came before, which then need not be kept, and copied from, apart.
type Onward interface {
	// ReadOn is Read into text[n:], where text[:n] ends with what was read before: all
	// of it, or 32 kB. What lies behind the bytes that were read may be written to.
	ReadOn(text []byte, n int) (int, error)
}

// Peeked is content of whose beginning, of up to SniffLen bytes, anybody may have a look.
type Peeked struct {
	*bufio.Reader
	under io.Reader
}

// Peek makes content Peeked; what is so already stays as it is.
func Peek(content io.Reader) *Peeked {
	if p, ok := content.(*Peeked); ok {
		return p
	}
	return &Peeked{bufio.NewReaderSize(content, SniffLen), content}
}

// ReadOn implements Onward, where the content does.
func (p *Peeked) ReadOn(text []byte, n int) (int, error) {
	if on, ok := p.under.(Onward); ok && p.Buffered() == 0 {
		return on.ReadOn(text, n)
	}
	return p.Read(text[n:])
}

var _ Onward = (*Peeked)(nil)
