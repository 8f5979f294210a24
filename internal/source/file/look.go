package file

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"

	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/gunzip"
)

// kind is what bytes turn out to be under their compression.
type kind struct {
	name   string
	refuse string // why it is not read
}

var (
	isPlain     = kind{name: "plain"}
	isZip       = kind{name: "zip"}
	isPackedZip = kind{name: "zip in gzip"}
	isTar       = kind{name: "tar"}
)

// magics are the first bytes of what is recognised and not read.
var magics = []struct{ magic, name string }{
	{"BZh", "bzip2"}, {"\xfd7zXZ\x00", "xz"}, {"\x28\xb5\x2f\xfd", "zstd"}, {"7z\xbc\xaf\x27\x1c", "7-Zip"},
	{"Rar!\x1a\x07", "RAR"}, {"\x04\x22\x4d\x18", "lz4"}, {"\xff\x06\x00\x00sNaPpY", "snappy"},
}

// look opens the bytes, takes gzip off layer by layer, and tells what is below
// by its first bytes. The stream gives the content; it is never nil.
func (o *opener) look(b blob) (kind, io.ReadCloser, error) {
	c := &content{o: o, b: b}
	if bytes.HasPrefix(b.data, gzipMagic) {
		if err := c.unpack(b.data); err != nil {
			c.r = bufio.NewReader(b.reader())
			return isPlain, c, err
		}
	} else {
		c.r = bufio.NewReaderSize(b.reader(), 64<<10)
	}
	for {
		head, err := c.r.Peek(512)
		if err != nil && !errors.Is(err, io.EOF) && len(head) == 0 {
			return isPlain, c, err
		}
		switch {
		case bytes.HasPrefix(head, gzipMagic):
			if c.layers == maxLayers {
				return kind{refuse: "it is compressed more than 4 times over: unpack it first"}, c, nil
			}
			if err := c.gunzip(); err != nil {
				return isPlain, c, err
			}
			continue
		case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
			if c.layers > 0 {
				return isPackedZip, c, nil
			}
			return isZip, c, nil
		// The old tar of Unix V7 has no magic and is not known from other bytes.
		case len(head) >= 262 && bytes.HasPrefix(head[257:], []byte("ustar")):
			return isTar, c, nil
		}
		for _, m := range magics {
			if bytes.HasPrefix(head, []byte(m.magic)) {
				return kind{refuse: "it is packed with " + m.name + ", which is not read: unpack it first"}, c, nil
			}
		}
		return isPlain, c, nil
	}
}

var gzipMagic = []byte("\x1f\x8b")

// content is what is under the compression.
type content struct {
	o      *opener
	b      blob
	r      *bufio.Reader
	layers int            // of compression that were taken off
	first  *gunzip.Reader // of the first layer, if it is in memory
}

// unpackers are reused: each holds a window and tables, nearly 200 kB.
var unpackers = sync.Pool{New: func() any { return new(gunzip.Reader) }}

// unpack takes off the first layer, of bytes in memory.
func (c *content) unpack(data []byte) error {
	c.first = unpackers.Get().(*gunzip.Reader)
	return c.layer(c.first, c.first.Reset(data))
}

// gunzip takes off a layer as it is read. Its reader is not used twice: what is left in
// it of another file changes what it says of damage.
func (c *content) gunzip() error {
	z, err := gzip.NewReader(c.r)
	return c.layer(z, err)
}

func (c *content) layer(z io.Reader, err error) error {
	if errors.Is(err, gzip.ErrHeader) {
		return errors.New("it begins like gzip, but is not")
	}
	if err != nil {
		return err
	}
	c.layers++
	c.r = bufio.NewReaderSize(&meter{ctx: c.o.ctx, r: z, a: c.o.allowance}, 64<<10)
	return nil
}

// Read implements io.Reader with errors in plain words.
func (c *content) Read(p []byte) (int, error) {
	if err := c.o.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	switch {
	case err != io.EOF:
	case c.b.broken != nil:
		err = c.b.broken
	// Asked at the end only: until then a growing file may still turn out to be what
	// was hashed.
	case c.b.changed != nil && c.b.changed():
		err = errors.New("the file changed while it was read: its hash is not that of what was read")
	}
	return n, plainly(err)
}

// ReadOn implements source.Onward.
func (c *content) ReadOn(text []byte, n int) (int, error) {
	if c.first == nil || c.layers != 1 || c.r.Buffered() > 0 || c.b.broken != nil {
		return c.Read(text[n:])
	}
	if err := c.o.ctx.Err(); err != nil {
		return 0, err
	}
	k, err := c.first.ReadOn(text, n)
	if serr := c.o.allowance.spend(k); serr != nil {
		err = serr
	}
	return k, plainly(err)
}

var _ source.Onward = (*content)(nil)

// Close gives the decompressor back.
func (c *content) Close() error {
	if c.first != nil {
		c.first.Release()
		unpackers.Put(c.first)
		c.first = nil
	}
	return nil
}
