package source

import "io"

// Bounded reads R and fails with Over when Left bytes are spent. Whoever reads rows sets
// Left anew for each: encoding/csv itself takes a quote that is never closed to the end of
// the file into memory.
type Bounded struct {
	R    io.Reader
	Left int
	Over error
}

// Read is io.Reader's.
func (b *Bounded) Read(p []byte) (int, error) {
	if b.Left <= 0 {
		return 0, b.Over
	}
	n, err := b.R.Read(p[:min(len(p), b.Left)])
	b.Left -= n
	return n, err
}
