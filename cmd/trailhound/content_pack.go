package main

import (
	"fmt"

	"github.com/trailhound/trailhound/internal/access"
	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim/wording"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/playbook"
	"github.com/trailhound/trailhound/internal/response"
)

// contentPack is everything that analysts contribute, loaded.
type contentPack struct {
	investigation.Content // what a case is judged by
	// What is done about it afterwards: by id the actions of a plan, and the playbooks.
	Actions   map[string]response.Action
	Playbooks *playbook.Pack
}

// loadContent reads the content built in, or a folder laid over it.
// All of it is loaded for every case, though not all is used: a mistake in a folder of
// one's own shows at once, and not in the one case that needs the file.
func loadContent(dir string) (*contentPack, error) {
	if dir != "" {
		if err := contentFolder(dir); err != nil {
			return nil, err
		}
	}
	// Each stage loads and checks its own files; here they only come together.
	fsys := overlay(dir)
	p := &contentPack{}
	var err error
	if p.Rules, err = detection.Load(fsys); err != nil {
		return nil, fmt.Errorf("load rules: %w", err)
	}
	if p.Noise, err = detection.LoadNoise(fsys); err != nil {
		return nil, fmt.Errorf("load noise markers: %w", err)
	}
	if p.Ledger, err = ledger.Load(fsys); err != nil {
		return nil, fmt.Errorf("load the ledger: %w", err)
	}
	if p.Weights, err = attribution.LoadWeights(fsys); err != nil {
		return nil, err
	}
	if p.Access, err = access.LoadContent(fsys); err != nil {
		return nil, fmt.Errorf("load ways to more access: %w", err)
	}
	if p.Wording, err = wording.Load(fsys); err != nil {
		return nil, fmt.Errorf("load what calls are for: %w", err)
	}
	if p.Questions, err = intake.LoadQuestions(fsys); err != nil {
		return nil, fmt.Errorf("load questions: %w", err)
	}
	if p.Actions, err = response.LoadActions(fsys); err != nil {
		return nil, fmt.Errorf("load actions: %w", err)
	}
	if p.Playbooks, err = playbook.Load(fsys); err != nil {
		return nil, err
	}
	return p, nil
}
