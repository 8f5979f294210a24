package sigma

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	slash "path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Load reads every rule (.yml, .yaml) in and below dir, but for hidden folders,
// and the placeholders beside them. A rule that cannot be used never stops the
// others: it is in Refused, and the error joins all refusals but those of rules
// for other logs. The Pack is nil only if the folder could not be read.
func Load(fsys fs.FS, dir string) (*Pack, error) {
	values, err := readPlaceholders(fsys, slash.Join(dir, PlaceholderFile))
	if err != nil {
		return nil, err
	}
	return LoadWith(fsys, dir, values)
}

// LoadWith is Load with placeholders from elsewhere.
// Order matters: of two rules with one id the first by path stays, links are made among those
// that are left, and the index is of what can run.
func LoadWith(fsys fs.FS, dir string, placeholders map[string][]string) (*Pack, error) {
	names, err := list(fsys, dir)
	if err != nil {
		return nil, fmt.Errorf("list Sigma rules: %w", err)
	}
	p := &Pack{}
	for _, name := range names {
		p.file(fsys, name, placeholders)
	}
	p.unique()
	p.link()
	p.index()
	slices.SortStableFunc(p.Refused, func(a, b Refusal) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line))
	})
	var errs []error
	for _, r := range p.Refused {
		if !r.OtherLog {
			errs = append(errs, r)
		}
	}
	return p, errors.Join(errs...)
}

// list returns the rule files, sorted. Links are not followed.
// A link could lead out of the folder that somebody named, or in a circle.
func list(fsys fs.FS, dir string) ([]string, error) {
	var names []string
	err := fs.WalkDir(fsys, dir, func(name string, d fs.DirEntry, err error) error {
		switch ext := slash.Ext(name); {
		case err != nil:
			return err
		case d.IsDir() && name != dir && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case !d.Type().IsRegular() || ext != ".yml" && ext != ".yaml" || name == slash.Join(dir, PlaceholderFile):
		case len(names) == maxFiles:
			return fmt.Errorf("more than %d files in %s", maxFiles, dir)
		default:
			names = append(names, name)
		}
		return nil
	})
	slices.Sort(names)
	return names, err
}

// read reads a file of at most maxFile bytes.
func read(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	// One byte more than allowed tells a file that is too large from one that just fits.
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("the file is larger than %d bytes", maxFile)
	}
	return data, err
}

// file loads the rules of one file; what is wrong with them goes to Refused.
func (p *Pack) file(fsys fs.FS, name string, placeholders map[string][]string) {
	refuse := func(line int, title, reason string, other bool) {
		p.Refused = append(p.Refused, Refusal{Path: name, Line: max(line, 1), Title: title, Reason: reason, OtherLog: other})
	}
	data, err := read(fsys, name)
	if err != nil {
		refuse(1, "", err.Error(), false)
		return
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for n := 0; ; n++ {
		var doc yaml.Node
		err := dec.Decode(&doc)
		switch {
		case errors.Is(err, io.EOF):
			if n == 0 {
				refuse(1, "", "the file is empty", false)
			}
			return
		case err != nil:
			line := 1
			// The parser has no typed position.
			if _, rest, ok := strings.Cut(err.Error(), "line "); ok {
				_, _ = fmt.Sscanf(rest, "%d", &line) // as far as the parser says where
			}
			refuse(line, "", shown(err.Error()), false)
			return
		case n == maxDocuments:
			refuse(doc.Line, "", fmt.Sprintf("more than %d rules in one file", maxDocuments), false)
			return
		}
		// Most folders separate rules by lines of dashes, some with one too many.
		if len(doc.Content) != 1 || doc.Content[0].Tag == "!!null" {
			continue // nothing between two separators
		}
		r := &Rule{Path: name, Line: doc.Content[0].Line}
		rd := &reader{placeholders: placeholders}
		if err := rd.rule(r, doc.Content[0]); err != nil {
			line := r.Line
			var f fault
			if errors.As(err, &f) && f.line > 0 {
				line = f.line
			}
			var other otherLog
			refuse(line, r.Title, err.Error(), errors.As(err, &other))
			continue
		}
		p.Rules = append(p.Rules, r)
	}
}

// unique refuses the second of two rules with one id or name: a correlation
// could mean either.
func (p *Pack) unique() {
	seen := map[string]*Rule{}
	p.keep(func(r *Rule) string {
		for _, key := range []string{r.ID, r.Name} {
			if key == "" {
				continue
			}
			if o := seen[key]; o != nil && o != r {
				return fmt.Sprintf("%q is the id or name of the rule in %s:%d too", short(key), o.Path, o.Line)
			}
		}
		seen[r.ID], seen[r.Name] = r, r
		return ""
	})
}

// keep drops the rules for which a reason is given.
func (p *Pack) keep(reason func(*Rule) string) {
	p.Rules = slices.DeleteFunc(p.Rules, func(r *Rule) bool {
		why := reason(r)
		if why != "" {
			p.Refused = append(p.Refused, Refusal{Path: r.Path, Line: r.Line, Title: r.Title, Reason: why})
		}
		return why != ""
	})
}
