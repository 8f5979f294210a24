package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
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

// Digests implements evidence.Digester. Each settled file is a slice, or all
// of a day that is divided by account; its digest stands in a file of its own, named after it. Files of events never change, and
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
		slices := slicesOf(man)
		digest := func(ctx context.Context, i int) ([]byte, error) {
			of := slices[i]
			data, ok := s.readDigest(kind, of)
			if ok {
				return data, nil
			}
			data, err := derive(s.eventsOf(ctx, &manifest{Events: of.files}, evidence.Query{}))
			if err == nil {
				s.keepDigest(kind, of, data)
			}
			return data, err
		}
		for data, err := range inOrder(ctx, len(slices), digest) {
			if !yield(data, errorOf(ctx, err)) || err != nil {
				return
			}
		}
	}
}

// slice is what one digest is of: a settled file, or all files of a day that is divided by
// account, since slices follow one another in time.
type slice struct {
	files []fileEntry
	name  string // where its digest stands among those of a kind: day=2023-11-02/part-<hash>.zst
	sum   string // SHA-256 of the file, or of those of the files; empty if not known
}

// slicesOf cuts a settled state. The name of a slice says nothing of the folder of its files,
// so a digest lasts as long as these do, however the store is laid out.
func slicesOf(man *manifest) (out []slice) {
	for at := 0; at < len(man.Events); {
		day := dayIn(man.Events[at].Path)
		end := at + 1
		for end < len(man.Events) && dayIn(man.Events[end].Path) == day {
			end++
		}
		files := man.Events[at:end]
		at = end
		if divided(files) {
			out = append(out, newSlice(day, files))
			continue
		}
		for i := range files {
			out = append(out, newSlice(day, files[i:i+1]))
		}
	}
	return out
}

func newSlice(day string, files []fileEntry) slice {
	of := slice{files: files, sum: files[0].SHA256, name: hashIn(files[0].Path)}
	if len(files) > 1 {
		h := sha256.New()
		for _, f := range files {
			if f.SHA256 == "" { // what cannot be told from another is not kept
				return slice{files: files}
			}
			fmt.Fprintln(h, f.SHA256)
		}
		of.sum = hex.EncodeToString(h.Sum(nil))
		of.name = of.sum[:16]
	}
	of.name = "day=" + day + "/part-" + of.name + ".zst"
	return of
}

// digestPath is where the digest of a slice stands.
func digestPath(kind string, of slice) string { return path.Join(digestsDir, kind, of.name) }

// digestHead begins a digest: it names what it is of.
func digestHead(of slice) string { return "trailhound digest of " + of.sum + "\n" }

func (s *Store) readDigest(kind string, of slice) ([]byte, bool) {
	if of.sum == "" {
		return nil, false
	}
	file, err := os.Open(s.abs(digestPath(kind, of)))
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
	return bytes.CutPrefix(data, []byte(digestHead(of)))
}

// keepDigest writes a digest, if it can: a store that is only read, or on a full
// disk, is asked all the same. Two that write at once write the same.
func (s *Store) keepDigest(kind string, of slice, data []byte) {
	to := s.abs(digestPath(kind, of))
	if of.sum == "" || os.MkdirAll(filepath.Dir(to), 0o755) != nil {
		return
	}
	tmp, err := os.CreateTemp(filepath.Dir(to), ".digest-*")
	if err != nil {
		return
	}
	err = writeDigest(tmp, of, data)
	if closed := tmp.Close(); err != nil || closed != nil || os.Chmod(tmp.Name(), 0o644) != nil || os.Rename(tmp.Name(), to) != nil {
		os.Remove(tmp.Name())
	}
}

func writeDigest(w io.Writer, of slice, data []byte) error {
	enc, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("compress digest: %w", err)
	}
	_, err = io.WriteString(enc, digestHead(of))
	if err == nil {
		_, err = enc.Write(data)
	}
	if closed := enc.Close(); err == nil {
		err = closed
	}
	return err
}

// removeDigests removes the digests of files that are gone.
func (s *Store) removeDigests(man *manifest) {
	live := map[string]bool{}
	for _, of := range slicesOf(man) {
		live[of.name] = true
	}
	kinds, _ := os.ReadDir(s.abs(digestsDir))
	for _, kind := range kinds {
		top := path.Join(digestsDir, kind.Name())
		days, _ := os.ReadDir(s.abs(top))
		for _, day := range days {
			dir := path.Join(top, day.Name())
			files, _ := os.ReadDir(s.abs(dir))
			for _, f := range files {
				if !live[day.Name()+"/"+f.Name()] && digestFile.MatchString(path.Join(dir, f.Name())) {
					os.Remove(s.abs(path.Join(dir, f.Name())))
				}
			}
			if strings.HasPrefix(day.Name(), "day=") {
				os.Remove(s.abs(dir)) // fails unless empty, as it should
			}
		}
	}
}
