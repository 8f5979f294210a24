package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxFile bounds one file of the table; content can be overlaid by a user.
const maxFile = 1 << 20

// Table says what each call does to which thing. Make one with Load; it is
// never changed afterwards and can be used from several goroutines.
type Table struct {
	things map[string]*thing   // by qualified name, "iam.user"
	order  []*thing            // sorted by name
	calls  map[string][]*entry // by "iam.amazonaws.com:CreateUser"
	ignore map[string]bool     // calls known to touch nothing worth a row
	judged map[string]bool     // things whose documents are compared with those before
	byType map[string][]string // calls that act on a thing or a part of it, by thing name

	bills   map[string][]string // by source: words of bills
	spends  map[string][]string // by source: calls that cost
	deploys *deploys            // how what a set of stacks makes is known; nil if the table does not say
	losses  []*Loss             // by what things are lost, and had back
}

// entry is one thing that a call does.
type entry struct {
	Thing  string  `yaml:"thing"`
	ID     sources `yaml:"id"`     // where the id stands: the first that yields something
	Each   sources `yaml:"each"`   // or all of them together
	Also   sources `yaml:"also"`   // other names of the same thing, remembered
	Called sources `yaml:"called"` // what people call it, where its id says nothing
	Of     sources `yaml:"of"`     // where its parent's id stands
	Unique string  `yaml:"unique"`
	// Effect is the word of the thing's row in the report (for a part, of its
	// parent's row); "none" for no row.
	Effect string `yaml:"effect"`
	// Does is opens, ends, sets, touches, schedules or spares; see the constants.
	Does    string      `yaml:"does"`
	Due     sources     `yaml:"due"`     // of what schedules: where the time stands at which the thing goes
	Days    string      `yaml:"days"`    // or in how many days it does
	AtMost  int         `yaml:"at_most"` // or how many it is where the call does not say
	Undo    string      `yaml:"undo"`    // the action that calls it off
	Expires string      `yaml:"expires"` // where the time stands at which it ends by itself
	Doc     sources     `yaml:"doc"`     // where a policy document stands that later calls are judged by
	When    []condition `yaml:"when"`
	Unless  []condition `yaml:"unless"`
	Plants  []plant     `yaml:"plants"`

	thing *thing
	call  string
	file  string
	line  int
}

// What an entry does to the life of its thing.
const (
	doesOpen  = "opens"   // it is there from now on
	doesEnd   = "ends"    // it is gone from now on
	doesSet   = "sets"    // it is replaced: opened if a plant matches, else ended
	doesTouch = "touches" // neither

	doesSchedule = "schedules" // it goes at a later time, unless somebody calls that off
	doesSpare    = "spares"    // somebody did
)

// plant says under which conditions a thing would let the intruder back in.
type plant struct {
	Kind      string      `yaml:"kind"`
	Means     string      `yaml:"means"` // of the row; by its kind where it is not given
	Technique string      `yaml:"technique"`
	Undo      string      `yaml:"undo"`
	Effect    string      `yaml:"effect"` // the row's word if it is this
	Armed     bool        `yaml:"armed"`  // only once the intruder gave it rights or handed it to something; see armed.go
	When      []condition `yaml:"when"`
	Unless    []condition `yaml:"unless"`
}

// sources is one path or template, or several in order.
type sources []string

// UnmarshalYAML reads a string as a list of one.
func (s *sources) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*s = sources{n.Value}
		return nil
	}
	return n.Decode((*[]string)(s))
}

type file struct {
	Source sources              `yaml:"source"` // eventSource, one or several
	Things map[string]*thing    `yaml:"things"`
	Calls  map[string]yaml.Node `yaml:"calls"`
	Ignore []string             `yaml:"ignore"`

	Deploys *deploys `yaml:"deploys"`
	Bills   []string `yaml:"bills"`  // words of the names under which bills write what the service costs
	Spends  []string `yaml:"spends"` // calls that start something that is paid for
}

// Load reads the table from ledger/*.yml of fsys. An error names the file and
// the line.
func Load(fsys fs.FS) (*Table, error) {
	names, err := fs.Glob(fsys, "ledger/*.yml")
	if err != nil {
		return nil, fmt.Errorf("list ledger: %w", err)
	}
	if len(names) == 0 {
		return nil, errors.New("list ledger: no ledger/*.yml")
	}
	t := &Table{things: map[string]*thing{}, calls: map[string][]*entry{}, ignore: map[string]bool{}, judged: map[string]bool{}, byType: map[string][]string{}, bills: map[string][]string{}, spends: map[string][]string{}}
	files := map[string]*file{}
	for _, name := range names { // things of all files first: calls refer across files
		f, err := t.readFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		files[name] = f
	}
	if err := t.linkThings(); err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := t.readCalls(name, files[name]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	t.index()
	if err := t.loadRecovery(fsys); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *Table) readFile(fsys fs.FS, name string) (*file, error) {
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	if len(raw) > maxFile {
		return nil, fmt.Errorf("read: larger than %d bytes", maxFile)
	}
	f := &file{}
	if err := yaml.Load(raw, f, yaml.WithKnownFields()); err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	if len(f.Source) == 0 {
		return nil, errors.New("parse: no source")
	}
	base := name[strings.LastIndexByte(name, '/')+1:]
	stem := strings.TrimSuffix(base, ".yml")
	if d := f.Deploys; d != nil {
		if err := d.compile(stem); err != nil {
			return nil, err
		}
		t.deploys = d
	}
	for short, th := range f.Things {
		if th == nil {
			return nil, fmt.Errorf("thing %s: empty", short)
		}
		th.name = stem + "." + short
		if err := th.compile(); err != nil {
			return nil, err
		}
		if th.Within != "" {
			th.parentName = qualify(stem, th.Within)
		} else if th.Parent != "" {
			th.parentName = qualify(stem, th.Parent)
		}
		if th.Within == "" && th.Type == "" {
			return nil, fmt.Errorf("thing %s: neither type nor within", th.name)
		}
		t.things[th.name] = th
	}
	return f, nil
}

// qualify makes "user" of file iam "iam.user" and leaves "ec2.instance" alone.
func qualify(stem, name string) string {
	if strings.Contains(name, ".") {
		return name
	}
	return stem + "." + name
}

func (t *Table) linkThings() error {
	for _, th := range t.things {
		t.order = append(t.order, th)
	}
	slices.SortFunc(t.order, func(a, b *thing) int { return strings.Compare(a.name, b.name) })
	for _, th := range t.order {
		if th.parentName != "" && t.things[th.parentName] == nil {
			return fmt.Errorf("thing %s: no thing %s", th.name, th.parentName)
		}
	}
	for _, th := range t.order { // whoever climbs from a thing to what it hangs on must come to an end
		up := th
		for range t.order {
			if up = t.things[up.parentName]; up == nil {
				break
			}
		}
		if up != nil {
			return fmt.Errorf("thing %s: it hangs on itself", th.name)
		}
	}
	return nil
}

func (t *Table) readCalls(name string, f *file) error {
	stem := strings.TrimSuffix(name[strings.LastIndexByte(name, '/')+1:], ".yml")
	if (len(f.Bills) == 0) != (len(f.Spends) == 0) {
		return errors.New("bills and spends must be given together")
	}
	for _, source := range f.Source {
		t.bills[source], t.spends[source] = f.Bills, f.Spends
		for _, call := range f.Ignore {
			t.ignore[source+":"+call] = true
		}
	}
	for _, call := range sortedKeys(f.Calls) {
		node := f.Calls[call]
		if node.Kind == yaml.AliasNode {
			node = *node.Alias // one API, two names in the log
		}
		if node.Kind != yaml.SequenceNode {
			return fmt.Errorf("line %d: %s: not a list of effects", node.Line, call)
		}
		var entries []*entry
		for _, n := range node.Content {
			e := &entry{call: call, file: name, line: n.Line}
			if err := n.Load(e, yaml.WithKnownFields()); err != nil {
				return fmt.Errorf("line %d: %s: %w", n.Line, call, err)
			}
			if err := t.check(stem, e); err != nil {
				return fmt.Errorf("line %d: %s: %w", n.Line, call, err)
			}
			entries = append(entries, e)
		}
		for _, source := range f.Source {
			t.calls[source+":"+call] = entries
		}
	}
	return nil
}

// check completes an entry with its defaults and refuses what could not work.
func (t *Table) check(stem string, e *entry) error {
	if e.thing = t.things[qualify(stem, e.Thing)]; e.thing == nil {
		return fmt.Errorf("no thing %q", e.Thing)
	}
	if len(e.ID) == 0 && len(e.Each) == 0 && e.thing.Within == "" {
		return errors.New("no id")
	}
	if len(e.Of) == 0 && e.thing.Within != "" {
		return fmt.Errorf("no of: %s is within %s", e.Thing, e.thing.Within)
	}
	if e.Effect != "none" && !slices.Contains(effectOrder, e.Effect) {
		return fmt.Errorf("effect %q is none of %s", e.Effect, strings.Join(effectOrder, ", "))
	}
	if e.Does == "" {
		switch {
		case e.Effect == Created || len(e.Plants) > 0:
			e.Does = doesOpen
		case e.Effect == Deleted:
			e.Does = doesEnd
		default:
			e.Does = doesTouch
		}
	}
	if !slices.Contains([]string{doesOpen, doesEnd, doesSet, doesTouch, doesSchedule, doesSpare}, e.Does) {
		return fmt.Errorf("does %q is none of opens, ends, sets, touches, schedules, spares", e.Does)
	}
	if (len(e.Due) > 0 || e.Days != "" || e.AtMost > 0 || e.Undo != "") && e.Does != doesSchedule {
		return errors.New("due, days, at_most and undo are of what schedules")
	}
	if (e.Does == doesSchedule || e.Does == doesSpare) && e.thing.Within != "" {
		return fmt.Errorf("%s is within %s, which alone can be scheduled", e.Thing, e.thing.Within)
	}
	if err := errors.Join(checkConditions(e.When), checkConditions(e.Unless)); err != nil {
		return err
	}
	for i := range e.Plants {
		p := &e.Plants[i]
		if !slices.Contains(kinds, p.Kind) {
			return fmt.Errorf("plant kind %q is not in the report's format", p.Kind)
		}
		if p.Means == "" {
			p.Means = meaning(p.Kind)
		}
		if !slices.Contains([]string{WayBack, Exposed, LeftBehind}, p.Means) {
			return fmt.Errorf("plant means %q, none of %s, %s, %s", p.Means, WayBack, Exposed, LeftBehind)
		}
		if p.Technique == "" || p.Undo == "" {
			return errors.New("plant without technique or undo")
		}
		if err := errors.Join(checkConditions(p.When), checkConditions(p.Unless)); err != nil {
			return err
		}
	}
	return nil
}

// kinds are the values of persistence[].kind in docs/formats/report.md.
var kinds = strings.Fields(`iam_user access_key login_profile mfa_device role trust_policy policy group_membership
	identity_provider roles_anywhere identity_center service_credential federation_session function function_url layer
	event_rule event_source_mapping instance key_pair launch_template auto_scaling_group ssm image bucket_policy share
	kms_grant build_project webhook dns_record domain other`)

// index notes for each thing which calls can open, end or set it or a part of
// it: what later life is looked up by.
func (t *Table) index() {
	for _, call := range sortedKeys(t.calls) {
		for _, e := range t.calls[call] {
			if e.weighs() {
				t.judged[e.thing.name] = true
			}
			if e.Does == doesTouch && len(e.Doc) == 0 {
				continue
			}
			for th := e.thing; th != nil; th = t.things[th.parentName] {
				if !slices.Contains(t.byType[th.name], call) {
					t.byType[th.name] = append(t.byType[th.name], call)
				}
				if th.Within == "" {
					break // the end of a key does not end its user
				}
			}
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
