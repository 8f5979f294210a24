package store

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// relaid are the settled days that the merge takes up again, although nothing new may be of
// them, since the way in which events are laid out has changed.
func (d *days) relaid(was, mode Partition) (again []string, err error) {
	for day, files := range d.old { // the order does not matter: the merge goes by time
		switch {
		case mode == PartitionDay:
			if divided(files) {
				again = append(again, day)
			}
		case was != PartitionAuto && was != PartitionAccount: // nobody applied the rule yet
			own, err := d.countOld(files)
			if err != nil {
				return nil, err
			}
			if len(own) > 0 {
				again = append(again, day)
			}
		}
	}
	return again, nil
}

// countOld applies the rule to a day that is settled.
func (d *days) countOld(files []fileEntry) ([]string, error) {
	for i := range files {
		if err := d.s.soleAccount(&files[i]); err != nil {
			return nil, err
		}
	}
	one := &days{s: d.s, ctx: d.ctx, whole: d.whole, files: files}
	one.span(files[0].From)
	return one.count()
}

// soleAccount finds out what the manifest of an earlier release does not say: whether all rows
// of a file are of one account. The bounds of its row groups tell.
func (s *Store) soleAccount(f *fileEntry) error {
	if f.Account != "" {
		return nil
	}
	file, err := s.files.acquire(s.abs(f.Path), *f)
	if err != nil {
		return err
	}
	defer file.release()
	for i, rg := range file.pf.RowGroups() {
		least, most, ok := newRowGroup(rg, file, file.cols).bounds(file.cols.index["account_id"])
		if !ok || least.IsNull() || most.IsNull() || string(least.ByteArray()) != string(most.ByteArray()) {
			f.Account = ""
			return nil
		}
		account := string(least.ByteArray())
		if !isAccount(account) || i > 0 && account != f.Account {
			f.Account = ""
			return nil
		}
		f.Account = account
	}
	return nil
}

// place puts the days where they belong by the state that next is to be, and has it name them.
// All of a table has one depth: once a day is divided, all are laid out by account.
func (d *days) place(next *manifest) (placed []string, err error) {
	byAccount := next.Partition == PartitionAccount
	news := map[string][]fileEntry{}
	accounts := map[string]string{}
	for _, p := range d.parts {
		if have, met := accounts[p.day]; met && have != p.account && next.Partition != PartitionDay {
			byAccount = true
		}
		accounts[p.day] = p.account
		news[p.day] = append(news[p.day], p.entry)
	}
	for _, files := range d.old {
		byAccount = byAccount || divided(files)
	}
	next.Events, next.Version = []fileEntry{}, manifestVersion
	if byAccount {
		next.Version = byAccountVersion
	}
	for _, p := range d.parts {
		account := p.account
		switch {
		case !byAccount:
			account = ""
		case account == "":
			account = undivided(news[p.day], &d.s.limits)
		}
		f, err := d.s.place(p.staged, partPath(p.day, account, p.hash()))
		if err != nil {
			return nil, err
		}
		next.Events, placed = append(next.Events, f), append(placed, f.Path)
	}
	d.parts = nil
	for day, files := range d.old { // sorted below
		for _, f := range files {
			_, account := partitionIn(f.Path)
			switch {
			case !byAccount:
				account = ""
			case account == "":
				account = undivided(files, &d.s.limits)
			}
			if to := partPath(day, account, hashIn(f.Path)); to != f.Path {
				if err := d.s.relink(f.Path, to); err != nil {
					return nil, err
				}
				f.Path, placed = to, append(placed, to)
			}
			next.Events = append(next.Events, f)
		}
	}
	slices.SortFunc(next.Events, func(a, b fileEntry) int {
		return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To), cmp.Compare(a.Path, b.Path))
	})
	return placed, nil
}

// relink gives a settled file another name, and leaves it the one it has: that is part of the
// state until the next commit.
func (s *Store) relink(from, to string) error {
	name := s.abs(to)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return writeError(filepath.Dir(name), err)
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) { // of an import that was killed
		return writeError(name, err)
	}
	if s.link(s.abs(from), name) == nil {
		return nil
	}
	// Not every file system has two names for a file.
	f, err := os.Open(s.abs(from))
	if err != nil {
		return fmt.Errorf("read evidence store: %w", err)
	}
	defer f.Close()
	out, err := s.stage()
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, f); err != nil {
		out.abandon()
		return writeError(out.name, err)
	}
	st, err := out.finish(fileEntry{})
	if err != nil {
		return err
	}
	_, err = s.place(st, to)
	return err
}

// span sets the bounds of the day of a moment.
func (d *days) span(at time.Time) {
	y, month, n := at.UTC().Date()
	d.from = time.Date(y, month, n, 0, 0, 0, 0, time.UTC)
	d.to = d.from.AddDate(0, 0, 1)
}

// lossy says whether an event in memory is.
func lossy(batches []batch) bool {
	return slices.ContainsFunc(batches, func(b batch) bool {
		for i := range b.Events {
			if b.Events[i].Lossy {
				return true
			}
		}
		return false
	})
}
