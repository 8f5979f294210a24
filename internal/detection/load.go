package detection

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Pack is a set of rules, compiled.
type Pack struct {
	Rules []*Rule // sorted by id
	Hash  string  // SHA-256 over every content file, sorted by path
	attck reference

	byID   map[string]*Rule
	byName map[string][]*Rule // "source name" of rules that name their calls in full
	rest   []*Rule            // rules with a "*" somewhere in their events
}

// Rule returns the rule of that id, or nil.
func (p *Pack) Rule(id string) *Rule { return p.byID[id] }

// maxFile bounds one content file. Content may come from a folder the user
// names, so it is not trusted either.
const maxFile = 1 << 20

// Load reads and compiles every rule under detections/, and checks them against
// reference/attack.json. Errors name file and line; all of them are returned,
// joined.
func Load(fsys fs.FS) (*Pack, error) {
	p := &Pack{byID: map[string]*Rule{}, byName: map[string][]*Rule{}}
	var err error
	if p.Hash, err = hash(fsys); err != nil {
		return nil, err
	}
	if p.attck, err = loadReference(fsys); err != nil {
		return nil, err
	}
	paths, err := fs.Glob(fsys, "detections/*/*.yml")
	if err != nil {
		return nil, fmt.Errorf("list rules: %w", err)
	}
	slices.Sort(paths)
	var errs []error
	for _, name := range paths {
		if err := p.add(fsys, name); err != nil {
			errs = append(errs, err)
		}
	}
	slices.SortFunc(p.Rules, func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) })
	for _, r := range p.Rules {
		if err := p.checkRefs(r); err != nil {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	p.index()
	return p, nil
}

// add reads one rule. A rule that is taken in and then found faulty stays: the pack is not
// used, and the next fault is found as well.
func (p *Pack) add(fsys fs.FS, name string) error {
	data, err := readBounded(fsys, name)
	if err != nil {
		return fmt.Errorf("read rule: %w", err)
	}
	r, err := parseRule(name, data)
	if err != nil {
		return err
	}
	if other := p.byID[r.ID]; other != nil {
		return r.errorAt("id", "id %s is taken by %s", r.ID, other.Path)
	}
	p.byID[r.ID] = r
	p.Rules = append(p.Rules, r)
	return r.check(p.attck)
}

// parseRule reads the file twice: once for the lines of its keys, for messages, and once into
// the rule, by which unknown keys are refused, as a misspelt one would be lost.
func parseRule(name string, data []byte) (*Rule, error) {
	r := &Rule{Path: name, lines: map[string]int{}}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:1: a rule is one mapping", name)
	}
	for pair := range slices.Chunk(doc.Content[0].Content, 2) {
		r.lines[pair[0].Value] = pair[0].Line
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(r); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var err error
	if r.cond, err = compile(r.When); err != nil {
		return nil, r.errorAt("when", "compile condition: %w", err)
	}
	return r, nil
}

// checkRefs looks at the rules that a rule's windows speak of. They may not
// speak of others in turn: one level keeps the evaluation order plain.
func (p *Pack) checkRefs(r *Rule) error {
	for _, id := range r.cond.refs() {
		other := p.byID[id]
		if other == nil {
			return r.errorAt("when", "rule %s does not exist", id)
		}
		if len(other.cond.refs()) > 0 {
			return r.errorAt("when", "rule %s itself depends on other rules", id)
		}
	}
	return nil
}

// index makes finding the rules of an event a map look-up for all but the few
// that look at every call.
func (p *Pack) index() {
	for _, r := range p.Rules {
		open := false
		for _, e := range r.Events {
			for _, n := range e.Names {
				if e.Source == "*" || strings.HasSuffix(n, "*") {
					open = true
					continue
				}
				key := e.Source + " " + n
				if !slices.Contains(p.byName[key], r) {
					p.byName[key] = append(p.byName[key], r)
				}
			}
		}
		if open {
			p.rest = append(p.rest, r)
		}
	}
}

// rulesFor yields each rule about calls of this name once.
func (p *Pack) rulesFor(source, name string, yield func(r *Rule, named int)) {
	exact := p.byName[source+" "+name]
	for _, r := range exact {
		yield(r, 3)
	}
	for _, r := range p.rest {
		if named := r.matches(source, name); named > 0 && !slices.Contains(exact, r) {
			yield(r, named)
		}
	}
}

// hash covers every content file, name and bytes, but the samples, which change no result: so
// two reports can be told to rest on the same content.
func hash(fsys fs.FS) (string, error) {
	var files []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && path.Ext(name) != ".go" && path.Ext(name) != ".txtar" {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("list content: %w", err)
	}
	slices.Sort(files)
	sum := sha256.New()
	for _, name := range files {
		data, err := readBounded(fsys, name)
		if err != nil {
			return "", fmt.Errorf("read content: %w", err)
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(data))
		sum.Write(data)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// readBounded reads a file of at most maxFile bytes.
func readBounded(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%s is larger than %d bytes", name, maxFile)
	}
	return data, nil
}
