package store

import (
	"encoding/binary"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/compress/snappy"
	"github.com/parquet-go/parquet-go/format"
)

// quickCodec is snappy as every Parquet reader knows it, written in the fastest
// of the ways there are: runs are read back soon and not kept.
type quickCodec struct{ snappy.Codec }

func (*quickCodec) Encode(dst, src []byte) ([]byte, error) {
	return s2.EncodeSnappy(dst[:cap(dst)], src), nil
}

// pageCodec compresses the pages of events. encode may use the memory of dst. store is encode for
// what does not get smaller, of which nothing is looked for; nil where that is as quick.
type pageCodec struct {
	format format.CompressionCodec
	encode func(dst, src []byte) []byte
	store  func(dst, src []byte) []byte
}

var snappyPages = &pageCodec{format.Snappy, encodeSnappy, storeSnappy}

func encodeSnappy(dst, src []byte) []byte {
	if most := s2.MaxEncodedLen(len(src)); cap(dst) < most {
		dst = make([]byte, most)
	}
	return s2.EncodeSnappy(dst[:cap(dst)], src)
}

// storeSnappy gives a block of Snappy that is one literal: its length, the tag of a literal whose length
// less one follows in four bytes, and the bytes.
func storeSnappy(dst, src []byte) []byte {
	dst = binary.AppendUvarint(dst[:0], uint64(len(src)))
	if len(src) == 0 {
		return dst
	}
	dst = binary.LittleEndian.AppendUint32(append(dst, 63<<2), uint32(len(src)-1))
	return append(dst, src...)
}

// zstdPages compresses by the default of zstd: the next better level takes two and a half
// times as long for a sixteenth less on records.
var zstdPages = &pageCodec{format.Zstd, encodeZstd, nil}

func encodeZstd(dst, src []byte) []byte {
	var enc *zstd.Encoder
	select {
	case enc = <-idleEncoders:
	default:
		enc = newEncoder()
	}
	defer func() {
		select {
		case idleEncoders <- enc:
		default:
		}
	}()
	return enc.EncodeAll(src, dst[:0])
}

// idleEncoders wait for the next page. An encoder has some megabytes, which the collector
// would take from a pool again and again.
var idleEncoders = make(chan *zstd.Encoder, 4)

func newEncoder() *zstd.Encoder {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault),
		zstd.WithZeroFrames(true), zstd.WithEncoderCRC(false))
	if err != nil {
		panic(err) // only of options that contradict each other
	}
	return enc
}
