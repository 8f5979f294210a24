package check

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
)

// sampleTime is when the samples are looked at.
// Ages in samples are counted to here: with the clock of the day they would turn bad
// by themselves.
var sampleTime = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)

// Test holds every check against the samples beside it: it must fire on the files
// below bad/ and be decided and silent on those below good/. Further samples stand
// below bad-NAME/ and good-NAME/, each by itself. It returns what is
// wrong, one line each, naming the sample.
func Test(ctx context.Context, fsys fs.FS) ([]string, error) {
	pack, err := Load(fsys)
	if err != nil {
		return []string{err.Error()}, nil
	}
	var wrong []string
	for _, c := range pack.Checks {
		name := strings.TrimSuffix(c.Path, ".yml") + ".txtar"
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			wrong = append(wrong, name+": the check has no samples")
			continue
		}
		ar := txtar.Parse(data)
		for _, kind := range samples(ar) {
			problem, err := pack.sample(ctx, c, ar, kind)
			if err != nil {
				return wrong, err
			}
			if problem != "" {
				wrong = append(wrong, fmt.Sprintf("%s: %s: %s", name, kind, problem))
			}
		}
	}
	return wrong, nil
}

// samples are the folders of an archive: bad, good, and whatever begins with one of
// these words and a dash. The two without are wanted.
func samples(ar *txtar.Archive) []string {
	out := []string{"bad", "good"}
	for _, f := range ar.Files {
		dir, _, _ := strings.Cut(f.Name, "/")
		if (strings.HasPrefix(dir, "bad-") || strings.HasPrefix(dir, "good-")) && !slices.Contains(out, dir) {
			out = append(out, dir)
		}
	}
	return out
}

// sample writes a sample's files into a folder and audits that, as a user would. The
// error is about this machine, the text about the sample.
func (p *Pack) sample(ctx context.Context, c *Check, ar *txtar.Archive, kind string) (string, error) {
	dir, err := os.MkdirTemp("", "trailhound-check-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	n := 0
	for _, f := range ar.Files {
		rest, ok := strings.CutPrefix(f.Name, kind+"/")
		// Overlays are files of a stranger; none of them is written outside the
		// folder.
		if !ok || rest != path.Clean(rest) || strings.Contains(rest, "..") {
			continue
		}
		n++
		name := filepath.Join(dir, filepath.FromSlash(rest))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return "", err
		}
		if err := os.WriteFile(name, f.Data, 0o600); err != nil {
			return "", err
		}
	}
	if n == 0 {
		return "there is no such sample", nil
	}
	in, err := read.Files(ctx, []string{dir})
	if err != nil {
		return "", err
	}
	// A sample that is not understood would be a good one by accident.
	if len(in.Inventory.Gaps) > 0 {
		return fmt.Sprintf("not read: %s", in.Inventory.Gaps[0].Why), nil
	}
	found, undecided, err := p.Run(NewScene(in.Inventory, in.Settings, p.Calls, sampleTime).Subjects())
	if err != nil {
		return err.Error(), nil
	}
	return verdict(c, kind, found, undecided), nil
}

// verdict says what is wrong with what the sample gave, "" for nothing.
func verdict(c *Check, kind string, found []Finding, undecided []Undecided) string {
	fired := 0
	for _, f := range found {
		if f.Check == c {
			fired++
			// fill leaves <NAME> where nobody gave the word.
			if strings.Contains(f.Says, "<") && strings.Contains(f.Says, ">") {
				return "the message lacks a word: " + f.Says
			}
		}
	}
	switch {
	case strings.HasPrefix(kind, "bad") && fired == 0:
		return "the check does not fire"
	case strings.HasPrefix(kind, "good") && fired > 0:
		return "the check fires"
	}
	for _, u := range undecided {
		if u.Check == c && strings.HasPrefix(kind, "good") {
			return "it cannot be decided: " + u.Why
		}
	}
	return ""
}
