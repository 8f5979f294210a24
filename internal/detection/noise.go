package detection

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/trailhound/trailhound/internal/evidence"
)

// marker is a noise marker as its file has it: what looks like an intruder and
// is the daily noise of an account. A marker explains events that were judged
// harmless for reasons of their own. It excuses nobody: attribution never asks it.
type marker struct {
	ID        string      `yaml:"id"` // catalogue id, "NM-04"
	Title     string      `yaml:"title"`
	Events    []EventName `yaml:"events"`
	When      string      `yaml:"when"`      // CEL, as in rules
	Treatment string      `yaml:"treatment"` // what it is, in words
	Trap      string      `yaml:"trap"`      // what it is easily taken for, or what hides behind it
}

var markerID = regexp.MustCompile(`^NM-[0-9]{2}$`)

// LoadNoise reads and compiles every marker under noise/. Each becomes a rule
// whose Why is the treatment and whose Benign is the trap.
func LoadNoise(fsys fs.FS) (*Pack, error) {
	p := &Pack{byID: map[string]*Rule{}, byName: map[string][]*Rule{}}
	paths, err := fs.Glob(fsys, "noise/*.yml")
	if err != nil {
		return nil, fmt.Errorf("list noise markers: %w", err)
	}
	slices.Sort(paths)
	var errs []error
	for _, name := range paths {
		r, err := loadMarker(fsys, name)
		if err == nil && p.byID[r.ID] != nil {
			err = fmt.Errorf("%s: id %s is taken by %s", name, r.ID, p.byID[r.ID].Path)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		p.byID[r.ID] = r
		p.Rules = append(p.Rules, r)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	p.index()
	return p, nil
}

// loadMarker reads one marker as a rule of the lowest severity, so that it runs by the engine
// of rules.
func loadMarker(fsys fs.FS, name string) (*Rule, error) {
	data, err := readBounded(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read noise marker: %w", err)
	}
	var m marker
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&m); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	r := &Rule{ID: m.ID, Title: m.Title, Events: m.Events, When: m.When, Why: m.Treatment, Benign: m.Trap, Path: name,
		Class: Classes[0], Severity: Severity{evidence.Severities[0], evidence.Severities[0]}}
	switch {
	case !markerID.MatchString(m.ID):
		return nil, fmt.Errorf("%s: id %q is not of the form NM-00", name, m.ID)
	case strings.TrimSpace(m.Title) == "" || strings.TrimSpace(m.Treatment) == "" || strings.TrimSpace(m.Trap) == "":
		return nil, fmt.Errorf("%s: a marker needs title, treatment and trap", name)
	case len(m.Events) == 0 || strings.TrimSpace(m.When) == "":
		return nil, fmt.Errorf("%s: a marker needs events and a condition", name)
	}
	if r.cond, err = compile(m.When); err != nil {
		return nil, fmt.Errorf("%s: compile condition: %w", name, err)
	}
	return r, nil
}

// TestNoise holds every marker against its samples, as Test does with rules.
func TestNoise(ctx context.Context, fsys fs.FS) ([]Failure, Stats, error) {
	var stats Stats
	p, err := LoadNoise(fsys)
	if err != nil {
		return loadFailures(err), stats, nil
	}
	var out []Failure
	for _, r := range p.Rules {
		if err := ctx.Err(); err != nil {
			return out, stats, err
		}
		stats.Rules++
		samples, err := readSamples(fsys, r.Path)
		if err != nil {
			out = append(out, Failure{Path: r.Path, Problem: err.Error()})
			continue
		}
		out = append(out, p.testRule(ctx, r, samples, &stats)...)
	}
	return out, stats, nil
}
