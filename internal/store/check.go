package store

import (
	"context"
	"fmt"
	"slices"
)

// Check reads every live file and holds it to the checksum that was taken when
// it was written. Queries check what they read page by page; this also finds
// damage where no query has looked yet.
func (s *Store) Check(ctx context.Context) error {
	s.reading.Add(1)
	defer s.reading.Add(-1)
	for _, f := range slices.Concat(s.state().files()...) {
		if err := ctx.Err(); err != nil {
			return err
		}
		got, err := s.describe(f.Path)
		if err != nil {
			return fmt.Errorf("check evidence store: %w", err)
		}
		if got.Bytes != f.Bytes || f.SHA256 != "" && got.SHA256 != f.SHA256 || f.CRC32C != "" && got.CRC32C != f.CRC32C {
			return fmt.Errorf("check evidence store: %s is not the file that was written (remove the store and import the evidence again)", s.abs(f.Path))
		}
	}
	return nil
}
