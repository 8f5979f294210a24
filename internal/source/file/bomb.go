package file

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zip"
)

// A decompression bomb is judged by what it earns. Evidence may be as large as
// it likes while records are found in it; what expands and holds none may cost
// maxUnearned bytes, or maxRatio times the size of the file on disk if that is
// more. CloudTrail compresses 7 to 10 times, at most a few hundred times when one
// record repeats; deflate can reach 1032.
const (
	maxUnearned = 4 << 30
	maxRatio    = 100
	maxLayers   = 4       // archives and compressions inside each other
	maxMembers  = 100_000 // members of one archive
)

// allowance is the account of one thing on disk and everything inside it.
type allowance struct {
	in       int64 // bytes on disk
	unearned int64 // bytes decompressed that were no evidence
	floor    int64 // maxUnearned, unless a test sets it
}

var errBomb = errors.New("a decompression bomb")

// spend takes n decompressed bytes from the account.
func (a *allowance) spend(n int) error {
	a.unearned += int64(n)
	floor := a.floor
	if floor == 0 {
		floor = maxUnearned
	}
	if a.unearned > max(floor, maxRatio*a.in) {
		return fmt.Errorf("%w: %d MB came out of %d kB with no record in them; the rest was not read",
			errBomb, a.unearned>>20, (a.in+1023)>>10)
	}
	return nil
}

// Earned bytes are given back, so the size of evidence is not bounded, only the
// ratio of what holds none.
func (a *allowance) earn(n int64) { a.unearned = max(0, a.unearned-n) }

// meter counts what a decompressor gives.
type meter struct {
	ctx context.Context
	r   io.Reader
	a   *allowance
}

func (m *meter) Read(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.r.Read(p)
	if serr := m.a.spend(n); serr != nil {
		return n, serr
	}
	return n, err
}

// plainly gives read errors the words that a report can carry. io.EOF stays.
func plainly(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, errBomb), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the compressed data is cut short: fetch the file again")
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, zip.ErrChecksum):
		return errors.New("the compressed data is damaged: its checksum does not match")
	case errors.Is(err, gzip.ErrHeader):
		return errors.New("something that is not gzip follows the compressed data")
	case errors.As(err, &corrupt):
		return fmt.Errorf("the compressed data is damaged at its byte %d", int64(corrupt))
	case errors.Is(err, zip.ErrAlgorithm):
		return errors.New("it is compressed by a method that is not read: unpack it first")
	case errors.Is(err, zip.ErrFormat):
		return errors.New("the zip archive is damaged")
	}
	return fmt.Errorf("it could not be read: %w", err)
}
