package store

import (
	"bytes"
	"hash/crc32"
	"runtime"
	"sync"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// packedPage is a page of a column on its way into the file.
type packedPage struct {
	head   format.PageHeader
	levels []byte // repetition levels, then definition levels
	reps   int    // bytes of the former
	body   []byte // values, not compressed; given away once they are
	large  bool   // which bodies its own goes to
	out    []byte // the page as the file has it, header first
	raw    int64  // its length before compression

	first       int64 // row of the group at which it begins
	least, most int64 // of a column of numbers in order: its first and last

	ready sync.WaitGroup // done when out is complete
	err   error
}

func (p *packedPage) wait() error {
	p.ready.Wait()
	return p.err
}

// packer compresses the pages of one file: of a run at once, since runs are written side by
// side, and of a settled file on all processors.
type packer struct {
	codec *pageCodec
	slots chan struct{} // one for each page that may be worked on; nil where none is beside others
	codes []byte        // scratch of the page that is being ended
}

func newPacker(sh *shape) *packer {
	p := &packer{codec: sh.codec}
	if sh.aside {
		p.slots = make(chan struct{}, runtime.GOMAXPROCS(0)+1)
	}
	return p
}

// Memory of pages serves the next ones: idlePages what they are written from, idleBodies
// what they were filled with, those of records apart since they are much larger.
var (
	idlePages  = sync.Pool{New: func() any { return &packedPage{} }}
	idleBodies [2]sync.Pool
)

// page is one to fill, empty.
func (k *packer) page(large bool) *packedPage {
	p := idlePages.Get().(*packedPage)
	*p = packedPage{levels: p.levels[:0], out: p.out[:0], large: large}
	if body, ok := p.bodies().Get().(*[]byte); ok {
		p.body = (*body)[:0]
	}
	return p
}

func (p *packedPage) bodies() *sync.Pool {
	if p.large {
		return &idleBodies[1]
	}
	return &idleBodies[0]
}

// begin has a page compressed. It waits while too many are.
func (k *packer) begin(p *packedPage) {
	if k.slots == nil {
		p.err = p.compress(k.codec)
		return
	}
	k.slots <- struct{}{}
	p.ready.Go(func() {
		p.err = p.compress(k.codec)
		<-k.slots
	})
}

// packBuffers are what compressing one page takes.
type packBuffers struct {
	packed []byte
	head   bytes.Buffer
}

var idleBuffers = sync.Pool{New: func() any { return &packBuffers{} }}

// compress completes the page and its header, the levels first, then the body.
func (p *packedPage) compress(codec *pageCodec) error {
	b := idleBuffers.Get().(*packBuffers)
	defer idleBuffers.Put(b)
	b.packed = codec.encode(b.packed, p.body)
	p.head.UncompressedPageSize = int32(len(p.levels) + len(p.body))
	p.head.CompressedPageSize = int32(len(p.levels) + len(b.packed))
	p.head.CRC = int32(crc32.Update(crc32.ChecksumIEEE(p.levels), crc32.IEEETable, b.packed))
	b.head.Reset()
	if err := encodeThrift(&b.head, &p.head); err != nil {
		return err
	}
	p.raw = int64(b.head.Len() + len(p.levels) + len(p.body))
	p.out = append(append(append(p.out, b.head.Bytes()...), p.levels...), b.packed...)
	p.head = format.PageHeader{}
	body := p.body
	p.body = nil
	p.bodies().Put(&body)
	return nil
}

// encodeThrift writes v, a structure of the format.
func encodeThrift(to *bytes.Buffer, v any) error {
	return thrift.NewEncoder(new(thrift.CompactProtocol).NewWriter(to)).Encode(v)
}
