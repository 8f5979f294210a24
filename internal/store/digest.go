package store

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/trailhound/trailhound/internal/evidence"
)

var _ evidence.Digester = (*Store)(nil)

// maxDigest bounds what is read of a digest, decompressed.
const maxDigest = 1 << 30

// Digests implements evidence.Digester. Each settled file is a slice; its digest
// stands in a file of its own, named after it. Files of events never change, and
// a new one has a new name, so a digest is right as long as it can be read.
// While an import is unsettled nothing is kept, and some days are a slice.
func (s *Store) Digests(ctx context.Context, kind string, derive func(iter.Seq2[evidence.Event, error]) ([]byte, error)) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		s.reading.Add(1)
		defer s.reading.Add(-1)
		man := s.state()
		if len(man.Runs) > 0 {
			s.digestRuns(ctx, man, derive, yield)
			return
		}
		digest := func(ctx context.Context, i int) ([]byte, error) {
			f := man.Events[i]
			name := digestPath(kind, f.Path)
			data, ok := s.readDigest(name, f)
			if ok {
				return data, nil
			}
			data, err := derive(s.eventsOf(ctx, &manifest{Events: []fileEntry{f}}, evidence.Query{}))
			if err == nil {
				s.keepDigest(name, f, data)
			}
			return data, err
		}
		for data, err := range inOrder(ctx, len(man.Events), digest) {
			if !yield(data, errorOf(ctx, err)) || err != nil {
				return
			}
		}
	}
}

// digestPath is where the digest of a settled file stands:
// digests/v2/<kind>/day=2023-11-02/part-<hash>.zst.
func digestPath(kind, part string) string {
	rest := strings.TrimSuffix(strings.TrimPrefix(part, eventsDir+"/"), ".parquet")
	return path.Join(digestsDir, kind, rest+".zst")
}

// digestHead begins a digest: it names the file of events that it is of.
func digestHead(f fileEntry) string { return "trailhound digest of " + f.SHA256 + "\n" }

func (s *Store) readDigest(name string, f fileEntry) ([]byte, bool) {
	file, err := os.Open(s.abs(name))
	if err != nil {
		return nil, false
	}
	defer file.Close()
	dec, err := zstd.NewReader(file, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxDigest))
	if err != nil {
		return nil, false
	}
	defer dec.Close()
	data, err := io.ReadAll(io.LimitReader(dec, maxDigest)) // the frame has a checksum
	if err != nil {
		return nil, false
	}
	return bytes.CutPrefix(data, []byte(digestHead(f)))
}

// keepDigest writes a digest, if it can: a store that is only read, or on a full
// disk, is asked all the same. Two that write at once write the same.
func (s *Store) keepDigest(name string, f fileEntry, data []byte) {
	to := s.abs(name)
	if f.SHA256 == "" || os.MkdirAll(filepath.Dir(to), 0o755) != nil {
		return
	}
	tmp, err := os.CreateTemp(filepath.Dir(to), ".digest-*")
	if err != nil {
		return
	}
	err = writeDigest(tmp, f, data)
	if closed := tmp.Close(); err != nil || closed != nil || os.Chmod(tmp.Name(), 0o644) != nil || os.Rename(tmp.Name(), to) != nil {
		os.Remove(tmp.Name())
	}
}

func writeDigest(w io.Writer, f fileEntry, data []byte) error {
	enc, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("compress digest: %w", err)
	}
	_, err = io.WriteString(enc, digestHead(f))
	if err == nil {
		_, err = enc.Write(data)
	}
	if closed := enc.Close(); err == nil {
		err = closed
	}
	return err
}

// removeDigests removes the digests of files that are gone.
func (s *Store) removeDigests(live map[string]bool) {
	kinds, _ := os.ReadDir(s.abs(digestsDir))
	for _, kind := range kinds {
		top := path.Join(digestsDir, kind.Name())
		days, _ := os.ReadDir(s.abs(top))
		for _, day := range days {
			dir := path.Join(top, day.Name())
			files, _ := os.ReadDir(s.abs(dir))
			for _, f := range files {
				part := path.Join(eventsDir, day.Name(), strings.TrimSuffix(f.Name(), ".zst")+".parquet")
				if !live[part] && digestFile.MatchString(path.Join(dir, f.Name())) {
					os.Remove(s.abs(path.Join(dir, f.Name())))
				}
			}
			if strings.HasPrefix(day.Name(), "day=") {
				os.Remove(s.abs(dir)) // fails unless empty, as it should
			}
		}
	}
}
