package store

import "context"

// Places are where an import found what the store holds.
type Places struct {
	Read map[string]string // by URI: the artifact, also where the same bytes were found at several places
	Not  map[string]bool   // by URI: what could not be read, and has not been since
}

// Places tells what was read from where.
func (s *Store) Places(ctx context.Context) (Places, error) {
	rows, err := s.artifactRows(ctx, s.state())
	if err != nil {
		return Places{}, err
	}
	p := Places{Read: make(map[string]string, len(rows)), Not: map[string]bool{}}
	for i := range rows {
		r := &rows[i]
		if r.unread() {
			p.Not[r.URI] = true
			continue
		}
		p.Read[r.URI] = r.ID
		for _, c := range r.Copies {
			p.Read[c] = r.ID
		}
	}
	return p, nil
}
