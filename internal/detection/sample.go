package detection

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v4"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

// sample is one file of a rule's .txtar: events, and what is given about them.
// Samples are records as CloudTrail writes them, cut down: what is read of them goes through
// the same decoder as evidence.
type sample struct {
	name     string
	given    given
	subjects []Subject
}

// given is what the header of the .txtar says of one file.
type given struct {
	Note     string            `yaml:"note"`     // what is going on, in words
	Actor    attribution.Actor `yaml:"actor"`    // of every event; default undetermined
	Actors   []string          `yaml:"actors"`   // of single events, in the order of the file; "" keeps Actor
	Accounts []string          `yaml:"accounts"` // the case's accounts besides the events' own
	Facts    map[string]bool   `yaml:"facts"`
	Matches  int               `yaml:"matches"` // how many events must match; default: at least one
}

// Fact makes the header's facts those of every event of the file.
func (g given) Fact(name string, _ *evidence.Event) (value, known bool) {
	value, known = g.Facts[name]
	return value, known
}

// The kinds of sample file, by the start of their names.
const (
	positive = "positive" // the rule matches, and it is no attempt
	attempt  = "attempt"  // the rule matches as an attempt
	negative = "negative" // the rule does not match: the innocent look-alike
)

// kind is what the sample has to show, by its name.
func (s *sample) kind() string {
	kind, _, _ := strings.Cut(s.name, "-")
	return kind
}

// readSamples reads the .txtar beside a rule. Its comment is a YAML mapping from
// file name to what is given.
func readSamples(fsys fs.FS, rulePath string) ([]sample, error) {
	name := strings.TrimSuffix(rulePath, path.Ext(rulePath)) + ".txtar"
	data, err := readBounded(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read samples: %w", err)
	}
	ar := txtar.Parse(data)
	header := map[string]given{}
	dec := yaml.NewDecoder(bytes.NewReader(ar.Comment))
	dec.KnownFields(true)
	if err := dec.Decode(&header); err != nil {
		return nil, fmt.Errorf("%s: read header: %w", name, err)
	}
	var out []sample
	var errs []error
	for _, f := range ar.Files {
		g, ok := header[f.Name]
		if !ok {
			errs = append(errs, fmt.Errorf("%s: the header does not describe %s", name, f.Name))
			continue
		}
		delete(header, f.Name)
		s := sample{name: f.Name, given: g}
		if !slices.Contains([]string{positive, attempt, negative}, s.kind()) {
			errs = append(errs, fmt.Errorf("%s: %s: a sample's name starts with positive-, attempt- or negative-", name, f.Name))
		}
		if s.subjects, err = sampleSubjects(f.Data, g); err != nil {
			errs = append(errs, fmt.Errorf("%s: %s: %w", name, f.Name, err))
		}
		out = append(out, s)
	}
	for left := range header {
		errs = append(errs, fmt.Errorf("%s: the header describes %s, which is not there", name, left))
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return out, errors.Join(errs...)
}

// sampleSubjects reads one event or a list of them.
func sampleSubjects(data []byte, g given) ([]Subject, error) {
	list := []json.RawMessage{data}
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		list = nil
		if err := json.Unmarshal(data, &list); err != nil {
			return nil, fmt.Errorf("parse events: %w", err)
		}
	}
	var out []Subject
	for i, raw := range list {
		e, err := cloudtrail.Decode(raw)
		if err != nil {
			return nil, fmt.Errorf("event %d: %w", i+1, err)
		}
		rec, err := e.Parse()
		if err != nil {
			return nil, fmt.Errorf("event %d: %w", i+1, err)
		}
		for _, field := range written {
			if rec.Str(field) == "" {
				return nil, fmt.Errorf("event %d: %s is missing", i+1, field)
			}
		}
		s := Subject{Event: &e, Record: rec, Actor: g.Actor, Credential: e.Identity.AccessKey}
		if i < len(g.Actors) && g.Actors[i] != "" {
			s.Actor = attribution.Actor(g.Actors[i])
		}
		if s.Actor == "" {
			s.Actor = attribution.Undetermined
		}
		out = append(out, s)
	}
	return out, nil
}

// written are the fields AWS puts into every record; a sample without them was
// not drawn from life.
var written = []string{"eventVersion", "eventID", "eventTime", "eventSource", "eventName", "awsRegion", "eventType"}
