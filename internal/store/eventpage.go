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
	body   []byte // values, not compressed; once they are it is given away
	large  bool   // of records
	random bool   // of ids, see eventColumn.random
	dict   bool   // of words: it keeps its body
	out    []byte // the page as the file has it, header first
	raw    int64  // its length before compression

	first       int64 // row of the group at which it begins
	least, most int64 // of a column of numbers in order: its first and last

	ready sync.WaitGroup // done when out is complete
}

// packer compresses the pages of one file: of a run at once, since runs are written side by
// side, and of a settled file on all processors.
type packer struct {
	codec  *pageCodec
	memory *writerMemory
	slots  chan struct{} // one for each page that may be worked on; nil where none is beside others
	codes  []byte        // scratch of the page that is being ended
}

func newPacker(sh *shape, memory *writerMemory) *packer {
	p := &packer{codec: sh.codec, memory: memory}
	if sh.aside {
		p.slots = make(chan struct{}, runtime.GOMAXPROCS(0)+1)
	}
	return p
}

// page is one to fill, empty.
func (k *packer) page(large bool) *packedPage {
	p := k.memory.pages[side(large)].get()
	if p == nil {
		p = &packedPage{}
	}
	*p = packedPage{levels: p.levels[:0], out: p.out[:0], large: large}
	p.body = k.memory.bodies[side(large)].get()[:0]
	return p
}

// begin has a page compressed. It waits while too many are.
func (k *packer) begin(p *packedPage) {
	if k.slots == nil {
		k.compress(p)
		return
	}
	k.slots <- struct{}{}
	p.ready.Go(func() {
		k.compress(p)
		<-k.slots
	})
}

// compress completes the page and its header, the levels first, then the body.
func (k *packer) compress(p *packedPage) {
	packed := k.memory.packed.get()
	if p.random && k.codec.store != nil {
		packed = k.codec.store(packed, p.body)
	} else {
		packed = k.codec.encode(packed, p.body)
	}
	p.head.UncompressedPageSize = int32(len(p.levels) + len(p.body))
	p.head.CompressedPageSize = int32(len(p.levels) + len(packed))
	p.head.CRC = int32(crc32.Update(crc32.ChecksumIEEE(p.levels), crc32.IEEETable, packed))
	p.out = appendHead(p.out, &p.head)
	p.raw = int64(len(p.out) + len(p.levels) + len(p.body))
	p.out = append(append(p.out, p.levels...), packed...)
	k.memory.packed.put(packed)
	p.head = format.PageHeader{}
	if !p.dict {
		k.memory.bodies[side(p.large)].put(p.body)
		p.body = nil
	}
}

// encodeThrift writes v, a structure of the format.
func encodeThrift(to *bytes.Buffer, v any) error {
	return thrift.NewEncoder(new(thrift.CompactProtocol).NewWriter(to)).Encode(v)
}
