package main

import (
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/content"
)

// overlay is the content built in, with a team's own folder over it if there is one. A file of the
// same name takes the place of the one built in; others are added.
func overlay(dir string) fs.FS {
	if dir == "" {
		return content.FS
	}
	return layered{os.DirFS(dir), content.FS}
}

// layered is one file system over another: what the first lacks is read from
// the second.
type layered struct{ over, under fs.FS }

// Open implements fs.FS. A file of the upper layer hides the lower one's; a folder never does, or
// one rule of one's own would hide all that are built in.
func (l layered) Open(name string) (fs.File, error) {
	if f, err := l.over.Open(name); err == nil {
		if info, err := f.Stat(); err == nil && !info.IsDir() {
			return f, nil
		}
		f.Close()
	}
	return l.under.Open(name)
}

// ReadDir merges both folders, so that content added by a team is found.
func (l layered) ReadDir(name string) ([]fs.DirEntry, error) {
	under, errUnder := fs.ReadDir(l.under, name)
	over, errOver := fs.ReadDir(l.over, name)
	if errUnder != nil && errOver != nil {
		return nil, errUnder
	}
	seen := map[string]fs.DirEntry{}
	// The upper layer comes last, so that of one name it is the one that is listed.
	for _, e := range append(under, over...) {
		seen[e.Name()] = e
	}
	names := make([]string, 0, len(seen))
	for n := range seen {
		names = append(names, n)
	}
	slices.Sort(names)
	out := make([]fs.DirEntry, 0, len(names))
	for _, n := range names {
		out = append(out, seen[n])
	}
	return out, nil
}

// rulesOf shows only a team's own rules and their samples, and the built-in
// content for everything that rules refer to: those built in have no samples in
// the binary to be tested with.
type rulesOf struct {
	all fs.FS // everything, the team's over what is built in
	own fs.FS // the team's folder alone
}

// Open implements fs.FS.
func (r rulesOf) Open(name string) (fs.File, error) {
	if name == "detections" || strings.HasPrefix(name, "detections/") {
		return r.own.Open(name)
	}
	return r.all.Open(name)
}

// ReadDir implements fs.ReadDirFS.
func (r rulesOf) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == "detections" || strings.HasPrefix(name, "detections/") {
		return fs.ReadDir(r.own, name)
	}
	return fs.ReadDir(r.all, name)
}
