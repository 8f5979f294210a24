package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Rebuild makes the manifest anew from the files of a store. It takes every
// file it finds for one that is not settled and settles them all, which also
// drops what a killed import left behind: files that were replaced repeat what
// the others hold, and events of an artifact that no table names were never
// committed.
func Rebuild(ctx context.Context, dir string) error {
	s := newStore(dir)
	defer s.Close()
	return s.rebuild(ctx)
}

func (s *Store) rebuild(ctx context.Context) error {
	unlock, err := s.lockWriter()
	if err != nil {
		return err
	}
	defer unlock()
	s.holdFiles()
	if err := s.prepare(); err != nil {
		return err
	}
	man := newManifest()
	err = filepath.WalkDir(s.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		rel, err := filepath.Rel(s.dir, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if !ours.MatchString(rel) {
			return nil
		}
		entry, err := s.describe(rel)
		if err != nil {
			return err
		}
		// What the store was asked for is lost with its manifest. It is not to lose its folders for that.
		if strings.HasPrefix(rel, byAccountDir+"/") {
			man.Partition = PartitionAccount
		}
		if isTable(rel) {
			man.Pending = append(man.Pending, entry)
			return nil
		}
		if isObservations(rel) {
			return s.addObservationRun(ctx, man, entry)
		}
		return s.addRun(ctx, man, entry)
	})
	if err != nil {
		return fmt.Errorf("rebuild evidence store: %w", err)
	}
	s.man = man
	_, err = s.settle(ctx, man, settleInput{rebuilt: len(man.Pending) > 0})
	if err != nil {
		return fmt.Errorf("rebuild evidence store: %w", err)
	}
	s.clean()
	return nil
}

func isTable(rel string) bool {
	ok, _ := filepath.Match(artifactsDir+"/part-*.parquet", rel)
	also, _ := filepath.Match(runsDir+"/artifacts-*.parquet", rel)
	return ok || also
}

func isObservations(rel string) bool {
	ok, _ := filepath.Match(observationsDir+"/kind=*/part-*.parquet", rel)
	also, _ := filepath.Match(runsDir+"/observations-*.parquet", rel)
	return ok || also
}

// describe is what a manifest says of a file besides its times.
func (s *Store) describe(rel string) (fileEntry, error) {
	f, err := os.Open(s.abs(rel))
	if err != nil {
		return fileEntry{}, err
	}
	defer f.Close()
	sum, crc := sha256.New(), crc32.New(castagnoli)
	n, err := io.Copy(io.MultiWriter(sum, crc), f)
	return fileEntry{Path: rel, Bytes: n, SHA256: hex.EncodeToString(sum.Sum(nil)), CRC32C: hex.EncodeToString(crc.Sum(nil))}, err
}

// addRun adds a file of events, with the times of its first and last row.
func (s *Store) addRun(ctx context.Context, man *manifest, entry fileEntry) error {
	sc, err := s.scan(ctx, entry, &request{from: minMicros, to: maxMicros})
	if err != nil {
		return err
	}
	defer sc.close()
	entry.Rows = sc.file.pf.NumRows()
	if entry.Rows == 0 {
		return nil
	}
	groups := sc.file.pf.RowGroups()
	first, _, ok := newRowGroup(groups[0], sc.file, sc.file.cols).bounds(sc.file.cols.time)
	_, last, also := newRowGroup(groups[len(groups)-1], sc.file, sc.file.cols).bounds(sc.file.cols.time)
	if !ok || !also {
		return sc.file.damaged(errors.New("it says nothing of its times"))
	}
	entry.Tail = tailSize(sc.file.pf, entry.Bytes)
	if entry.TailSHA256, err = hashTail(sc.file.name, entry); err != nil {
		return err
	}
	entry.From, entry.To = micros(first.Int64()), micros(last.Int64())
	man.Runs = append(man.Runs, entry)
	return nil
}
