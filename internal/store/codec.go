package store

import (
	"github.com/klauspost/compress/s2"
	"github.com/parquet-go/parquet-go/compress/snappy"
)

// quickCodec is snappy as every Parquet reader knows it, written in the fastest
// of the ways there are: runs are read back soon and not kept.
type quickCodec struct{ snappy.Codec }

func (*quickCodec) Encode(dst, src []byte) ([]byte, error) {
	return s2.EncodeSnappy(dst[:cap(dst)], src), nil
}
