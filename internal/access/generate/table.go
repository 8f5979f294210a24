package generate

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Table says which permissions a call needs. Make one with Load; it is not
// changed afterwards.
type Table struct {
	prefixes map[string]string          // first label of eventSource to IAM prefix, where they differ
	free     map[string]bool            // "sts:GetCallerIdentity": needs nothing
	global   map[string]bool            // IAM prefixes without regions
	passes   map[string]string          // eventSource to the service that a role in the request is passed to
	data     map[string]string          // eventSource to what its data events are about
	unlogged []unlogged                 // what no log shows
	calls    map[string]map[string]call // eventSource, lower-case eventName
}

// call is every permission that an operation may need.
type call []entry

// entry is one permission that a call needs.
type entry struct {
	Do       string            `yaml:"do"`      // action without prefix, or with the prefix of another service
	On       string            `yaml:"on"`      // name of an ARN template; "" where the action knows no resources
	If       string            `yaml:"if"`      // only if the record has something at this path
	Unless   string            `yaml:"unless"`  // only if it has not
	Error    string            `yaml:"error"`   // only if the call ended with this error
	With     map[string]string `yaml:"with"`    // condition keys to values
	Because  string            `yaml:"because"` // the permission is implied, not observed: why
	Loose    string            `yaml:"loose"`   // the resource is a guess: why
	resource []template
}

// unlogged are actions that no trail records, and what they do.
type unlogged struct {
	Actions []string `yaml:"actions"`
	Says    string   `yaml:"says"`
}

// general is services.yml.
type general struct {
	Prefixes map[string]string `yaml:"prefixes"`
	Free     []string          `yaml:"free"`
	Global   []string          `yaml:"global"`
	Unlogged []unlogged        `yaml:"unlogged"`
	Data     map[string]string `yaml:"data"`
	Passes   map[string]string `yaml:"passes"`
}

// service is the file of one service.
type service struct {
	Source string              `yaml:"source"`
	ARNs   map[string]texts    `yaml:"arns"`
	Same   map[string][]string `yaml:"same"` // calls whose action has the same name, by ARN template; "*" for none
	Calls  map[string]call     `yaml:"calls"`
}

// texts is one text or several in order of preference.
type texts []string

// UnmarshalYAML reads a scalar as a list of one.
func (t *texts) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*t = texts{n.Value}
		return nil
	}
	return n.Decode((*[]string)(t))
}

// maxFile bounds one content file, which a user may overlay.
const maxFile = 1 << 20

// Load reads access/calls/*.yml of fsys. An error names the file.
func Load(fsys fs.FS) (*Table, error) {
	names, err := fs.Glob(fsys, "access/calls/*.yml")
	if err != nil {
		return nil, fmt.Errorf("list calls: %w", err)
	}
	t := &Table{calls: map[string]map[string]call{}, free: map[string]bool{}, global: map[string]bool{}}
	seen := false
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err == nil && len(raw) > maxFile {
			err = fmt.Errorf("larger than %d bytes", maxFile)
		}
		if err == nil && strings.HasSuffix(name, "/services.yml") {
			seen = true
			err = t.readGeneral(raw)
		} else if err == nil {
			err = t.readService(raw)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if !seen {
		return nil, errors.New("access/calls/services.yml: missing")
	}
	return t, nil
}

// readGeneral reads what holds across services.
func (t *Table) readGeneral(raw []byte) error {
	var g general
	if err := yaml.Load(raw, &g, yaml.WithKnownFields()); err != nil {
		return fmt.Errorf("parse: %w", err)
	}
	t.prefixes, t.data, t.passes, t.unlogged = g.Prefixes, g.Data, g.Passes, g.Unlogged
	for _, f := range g.Free {
		t.free[strings.ToLower(f)] = true
	}
	for _, s := range g.Global {
		t.global[s] = true
	}
	return nil
}

// readService reads the calls of one service. Every call is told once, and every ARN
// template that it names must be there.
func (t *Table) readService(raw []byte) error {
	var s service
	if err := yaml.Load(raw, &s, yaml.WithKnownFields()); err != nil {
		return fmt.Errorf("parse: %w", err)
	}
	if s.Source == "" || t.calls[s.Source] != nil {
		return fmt.Errorf("source %q: missing, or told twice", s.Source)
	}
	arns := map[string][]template{}
	for name, list := range s.ARNs {
		for _, text := range list {
			tm, err := parseTemplate(text)
			if err != nil {
				return fmt.Errorf("arns.%s: %w", name, err)
			}
			arns[name] = append(arns[name], tm)
		}
	}
	calls := map[string]call{}
	add := func(name string, c call) error {
		key := strings.ToLower(name)
		if calls[key] != nil {
			return fmt.Errorf("%s: told twice", name)
		}
		out := slices.Clone(c)
		for i := range out {
			e := &out[i]
			e.Do = strings.ReplaceAll(e.Do, "{name}", name)
			if e.Do == "" {
				return fmt.Errorf("%s: no action", name)
			}
			if e.On != "" && arns[e.On] == nil {
				return fmt.Errorf("%s: there is no ARN template %q", name, e.On)
			}
			e.resource = arns[e.On]
		}
		calls[key] = out
		return nil
	}
	for on, list := range s.Same {
		if on == "*" {
			on = ""
		}
		for _, name := range list {
			if err := add(name, call{{Do: name, On: on}}); err != nil {
				return err
			}
		}
	}
	for name, c := range s.Calls {
		if err := add(name, c); err != nil {
			return err
		}
	}
	t.calls[s.Source] = calls
	return nil
}

// prefix is how policies call the service of an event.
// China's endpoints end in .cn; policies call the service the same.
func (t *Table) prefix(source string) string {
	host := strings.TrimSuffix(strings.TrimSuffix(source, ".cn"), ".amazonaws.com")
	if p := t.prefixes[host]; p != "" {
		return p
	}
	if strings.HasPrefix(host, "chime-sdk-") {
		return "chime"
	}
	return host
}

// actionWord is what the part of an action after the colon can be; an event
// name that is none was written by somebody who is not AWS.
var actionWord = regexp.MustCompile(`^[A-Za-z0-9]{1,128}$`)
