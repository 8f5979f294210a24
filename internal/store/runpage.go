package store

import (
	"bytes"
	"hash/crc32"

	"github.com/klauspost/compress/s2"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// pageBuffers is memory that the pages of a run take turns in.
type pageBuffers struct {
	body, body2, levels, packed []byte
	head                        bytes.Buffer
}

// page appends a page with its header, the levels in b first, then the body,
// compressed. raw is its length before compression. The header is completed here.
func (b *pageBuffers) page(out []byte, head *format.PageHeader, body []byte) (_ []byte, raw int, err error) {
	if most := s2.MaxEncodedLen(len(body)); cap(b.packed) < most {
		b.packed = make([]byte, most)
	}
	packed := s2.EncodeSnappy(b.packed[:cap(b.packed)], body)
	head.UncompressedPageSize = int32(len(b.levels) + len(body))
	head.CompressedPageSize = int32(len(b.levels) + len(packed))
	head.CRC = int32(crc32.Update(crc32.ChecksumIEEE(b.levels), crc32.IEEETable, packed))
	if err := b.encode(head); err != nil {
		return out, 0, err
	}
	raw = b.head.Len() + len(b.levels) + len(body)
	out = append(append(append(out, b.head.Bytes()...), b.levels...), packed...)
	b.levels = b.levels[:0]
	return out, raw, nil
}

// encode puts v, a structure of the format, into head.
func (b *pageBuffers) encode(v any) error {
	b.head.Reset()
	return thrift.NewEncoder(new(thrift.CompactProtocol).NewWriter(&b.head)).Encode(v)
}
