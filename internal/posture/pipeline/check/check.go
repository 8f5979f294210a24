package check

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"go.yaml.in/yaml/v4"

	"github.com/trailhound/trailhound/internal/access/generate"
	"github.com/trailhound/trailhound/internal/evidence"
)

// Check is one check of the catalogue.
type Check struct {
	ID         string   `yaml:"id"`
	Title      string   `yaml:"title"`
	For        Kinds    `yaml:"for"`  // kind of subject, or several
	When       string   `yaml:"when"` // CEL over the subject
	Code       string   `yaml:"code"` // or the name of a Go check
	Severity   []Level  `yaml:"severity"`
	Says       string   `yaml:"says"` // one sentence, {names} filled in from the subject
	Why        string   `yaml:"why"`
	Benign     string   `yaml:"benign"` // when a finding is not worth acting on
	Fix        Fix      `yaml:"fix"`
	References []string `yaml:"references"`
	Needs      string   `yaml:"needs"` // which input decides it, said when it is undecided
	Lint       bool     `yaml:"lint"`  // about the text of a template or request, not about who can do what

	Path string `yaml:"-"`
	when cel.Program
	code func(*Subject) []Hit
}

// Kinds are the kinds of subject that a check looks at, written as one text or as
// a list.
type Kinds []string

// UnmarshalYAML reads a scalar as a list of one.
func (k *Kinds) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*k = Kinds{n.Value}
		return nil
	}
	return n.Decode((*[]string)(k))
}

// Family is the folder of the check.
func (c *Check) Family() string { return path.Base(path.Dir(c.Path)) }

// Level is a severity under a condition; the first that holds counts, and the
// last has none.
type Level struct {
	If string `yaml:"if"`
	Is string `yaml:"is"`

	when cel.Program
}

// Fix is what to do about a finding, in the three forms people change pipelines
// in. {names} are quoted for the form they stand in.
type Fix struct {
	Note           string   `yaml:"note"`
	CLI            []string `yaml:"cli"`
	CloudFormation string   `yaml:"cloudformation"`
	Terraform      string   `yaml:"terraform"`
	// Replace is keyed by the wrong text that the finding names; see Edit.
	Replace map[string]string `yaml:"replace"` // text that may be replaced where the finding stands
}

// Pack is the catalogue.
type Pack struct {
	Checks []*Check        // sorted by id
	Calls  *generate.Table // which actions a call needs
	byKind map[string][]*Check
}

// Check returns the check of that id, or nil.
func (p *Pack) Check(id string) *Check {
	for _, c := range p.Checks {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// maxFile bounds one file of the catalogue, which a user may overlay.
const maxFile = 1 << 20

// Load reads and compiles pipeline/*/*.yml. All errors are returned, joined, each
// with its file.
func Load(fsys fs.FS) (*Pack, error) {
	paths, err := fs.Glob(fsys, "pipeline/*/*.yml")
	if err != nil {
		return nil, fmt.Errorf("list checks: %w", err)
	}
	p := &Pack{byKind: map[string][]*Check{}}
	var errs []error
	for _, name := range paths {
		c, err := load(fsys, name)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		case p.Check(c.ID) != nil:
			errs = append(errs, fmt.Errorf("%s: id %s is taken by %s", name, c.ID, p.Check(c.ID).Path))
		default:
			p.Checks = append(p.Checks, c)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	slices.SortFunc(p.Checks, func(a, b *Check) int { return strings.Compare(a.ID, b.ID) })
	for _, c := range p.Checks {
		for _, kind := range c.For {
			p.byKind[kind] = append(p.byKind[kind], c)
		}
	}
	if p.Calls, err = generate.Load(fsys); err != nil {
		return nil, err
	}
	return p, nil
}

// load reads one check, and refuses members that no field takes.
func load(fsys fs.FS, name string) (*Check, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	// A longer file is cut, and then is no YAML or lacks what compile asks for.
	data, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, err
	}
	c := &Check{Path: name}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(c); err != nil {
		return nil, err
	}
	return c, c.compile()
}

// compile checks what every check must have, and compiles its conditions. The file's
// name is the id: ids are permanent, and a report names the check by it.
func (c *Check) compile() (err error) {
	switch {
	case path.Base(c.Path) != c.ID+".yml":
		return fmt.Errorf("the file of %s must be named %s.yml", c.ID, c.ID)
	case len(c.For) == 0 || slices.ContainsFunc(c.For, func(k string) bool { return !slices.Contains(kinds, k) }):
		return fmt.Errorf("there is no subject %q: %s", c.For, strings.Join(kinds, ", "))
	case (c.When == "") == (c.Code == ""):
		return errors.New("a check has either when or code")
	// A check that does not say when it may be ignored and where its claim comes
	// from is not worth the reader's time.
	case c.Title == "" || c.Says == "" || c.Why == "" || c.Benign == "" || len(c.References) == 0:
		return errors.New("title, says, why, benign and references are wanted")
	// So that every finding gets a severity, whatever the conditions before it say.
	case len(c.Severity) == 0 || c.Severity[len(c.Severity)-1].If != "":
		return errors.New("the last severity has no condition")
	}
	if c.Code != "" {
		if c.code = codes[c.Code]; c.code == nil {
			return fmt.Errorf("there is no code %q", c.Code)
		}
	} else if c.when, err = program(c.When); err != nil {
		return fmt.Errorf("when: %w", err)
	}
	for i := range c.Severity {
		l := &c.Severity[i]
		if evidence.SeverityRank(l.Is) < 0 {
			return fmt.Errorf("there is no severity %q", l.Is)
		}
		if l.If != "" {
			if l.when, err = program(l.If); err != nil {
				return fmt.Errorf("severity: %w", err)
			}
		}
	}
	return nil
}
