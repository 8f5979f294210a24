package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// staged is a complete file in staging and what the manifest will say of it.
type staged struct {
	from  string
	entry fileEntry   // Path is filled in by whoever places the file
	file  *stagedFile // open, while the disk need not have all of it; nil when it is safe
}

// safe waits until the disk has the file. Before, nothing may name it.
func (st *staged) safe() error {
	f := st.file
	if f == nil {
		return nil
	}
	st.file = nil
	return f.safe()
}

// hash names the file after its content.
func (st staged) hash() string { return st.entry.SHA256[:16] }

// runName names a run of events, of which the whole is not hashed: after the state
// that it is first part of, whose number is never used twice, and its place among the
// new runs of that. Two runs may end alike and still differ, so the footer is no name;
// it is part of it for a store that was rebuilt and counts its states anew.
func (st staged) runName(generation int64, nth int) string {
	return fmt.Sprintf("%s/run-%010x%04x%s.parquet", runsDir, generation, nth, st.entry.TailSHA256[:16])
}

// stagedFile is a file being written under staging/, hashed on the way.
type stagedFile struct {
	f    io.WriteCloser
	name string
	sum  hash.Hash // SHA-256, or a CRC-32C of what is soon replaced
	n    int64
	held []byte // written, and not yet handed to f
	sync bool
}

// writeAtOnce is how much is handed to the system at a time, at least: most pages have some
// hundred bytes.
const writeAtOnce = 64 << 10

// stage creates a file in staging.
func (s *Store) stage() (*stagedFile, error) { return s.stageWith(sha256.New()) }

// castagnoli is the polynomial that processors have an instruction for: a CRC-32C
// costs a fiftieth of a SHA-256, which was a fifth of an import.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// stageRun creates a file in staging for a run of events.
func (s *Store) stageRun() (*stagedFile, error) { return s.stageWith(crc32.New(castagnoli)) }

// stageWith creates a file in staging. Names only need to differ.
func (s *Store) stageWith(sum hash.Hash) (*stagedFile, error) {
	name := s.abs(fmt.Sprintf("%s/%d-%d", stagingDir, os.Getpid(), s.stagedFiles.Add(1)))
	f, err := s.create(name)
	if err != nil {
		return nil, writeError(name, err)
	}
	return &stagedFile{f: f, name: name, sum: sum, sync: !s.limits.volatile}, nil
}

func (f *stagedFile) Write(p []byte) (int, error) {
	f.sum.Write(p)
	f.n += int64(len(p))
	if len(p) < writeAtOnce/2 && len(f.held)+len(p) <= writeAtOnce {
		f.held = append(f.held, p...)
		return len(p), nil
	}
	if err := f.flush(); err != nil {
		return 0, err
	}
	if len(p) < writeAtOnce/2 {
		f.held = append(f.held, p...)
		return len(p), nil
	}
	return f.f.Write(p)
}

// flush hands on what is held.
func (f *stagedFile) flush() error {
	if len(f.held) == 0 {
		return nil
	}
	_, err := f.f.Write(f.held)
	f.held = f.held[:0]
	return err
}

// finish completes the file, safely on disk.
func (f *stagedFile) finish(entry fileEntry) (staged, error) {
	if err := f.safe(); err != nil {
		return staged{}, err
	}
	st := f.end(entry)
	if st.file = nil; st.entry.Tail > 0 && st.entry.TailSHA256 == "" {
		var err error
		if st.entry.TailSHA256, err = hashTail(f.name, st.entry); err != nil {
			os.Remove(f.name)
			return staged{}, writeError(f.name, err)
		}
	}
	return st, nil
}

// end completes the file but for waiting until the disk has it, which is for the caller:
// that takes no processor, so others may have what the file was made with.
func (f *stagedFile) end(entry fileEntry) staged {
	entry.Bytes = f.n
	if sum := hex.EncodeToString(f.sum.Sum(nil)); f.sum.Size() == crc32.Size {
		entry.CRC32C = sum
	} else {
		entry.SHA256 = sum
	}
	return staged{from: f.name, entry: entry, file: f}
}

// safe waits until the disk has the file, and closes it.
func (f *stagedFile) safe() error {
	err := f.flush()
	if s, ok := f.f.(interface{ Sync() error }); ok && f.sync && err == nil {
		err = s.Sync()
	}
	if err = errors.Join(err, f.f.Close()); err != nil {
		os.Remove(f.name)
		return writeError(f.name, err)
	}
	return nil
}

// abandon removes a file that will not be finished. What cannot be removed now
// is removed by the next writer.
func (f *stagedFile) abandon() {
	f.f.Close()
	os.Remove(f.name)
}

// writeError says what could not be written and, for the causes a responder can
// do something about, what.
func writeError(name string, err error) error {
	hint := ""
	switch {
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		hint = " (free some space or put the store on another disk, then run the import again: what was committed is kept)"
	case errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.EROFS):
		hint = " (the store cannot be written here: choose another folder, or change its permissions)"
	}
	return fmt.Errorf("write evidence store: %s: %w%s", name, err, hint)
}

// weight is about what an event takes in memory.
func weight(e *evidence.Event) int64 {
	n := int64(len(e.Body)) + eventOverhead
	for _, r := range e.Resources {
		n += int64(len(r)) + 16
	}
	return n + int64(len(e.UserAgent)+len(e.ErrorMessage)+len(e.Identity.ARN)+len(e.Identity.IssuerARN))
}

// eventOverhead is the struct itself and its short strings.
const eventOverhead = 1024

// micros reads a timestamp column.
func micros(v int64) time.Time { return time.UnixMicro(v).UTC() }
