package intake

import (
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"github.com/trailhound/trailhound/content"
)

// vocabulary is what content/intake holds.
type vocabulary struct {
	cues  []cueGroup
	kinds []kindCues
	least int

	effects []effectCues
	objects []objectCues
	people  peopleCues
	asides  asideCues
	guesses []phrase
	wider   []phrase
	spared  []phrase // that a lure was not taken
}

// cueGroup is a set of phrases of one meaning; see relations.yml for its fields.
type cueGroup struct {
	Relation Relation `yaml:"relation"`
	Class    string   `yaml:"class"`
	Governs  string   `yaml:"governs"`
	Noun     bool     `yaml:"noun"`
	Speaker  bool     `yaml:"speaker"`
	Weak     bool     `yaml:"weak"`
	Excuses  bool     `yaml:"excuses"`
	Lure     bool     `yaml:"lure"`
	Unasked  bool     `yaml:"unasked"`
	Phrases  []string `yaml:"phrases"`
	compiled []phrase
}

type kindCues struct {
	Kind string `yaml:"kind"`
	Cues []struct {
		Weight   int      `yaml:"weight"`
		Phrases  []string `yaml:"phrases"`
		compiled []phrase
	} `yaml:"cues"`
	Seed map[string]int `yaml:"seed"`
}

// builtin is the embedded vocabulary, read once. It cannot fail in a build whose tests
// pass; if it did, Read would find tokens, times and names only, and say so.
var builtin = sync.OnceValues(func() (*vocabulary, error) { return loadVocabulary(content.FS) })

func loadVocabulary(fsys fs.FS) (*vocabulary, error) {
	var rel struct {
		Cues   []cueGroup `yaml:"cues"`
		Spared []string   `yaml:"spared"`
	}
	var kin struct {
		Least int        `yaml:"least"`
		Kinds []kindCues `yaml:"kinds"`
	}
	var eff struct {
		Effects []effectCues `yaml:"effects"`
		Objects []objectCues `yaml:"objects"`
	}
	var peo peopleCues
	var asi asideCues
	var gue struct {
		Guesses []string `yaml:"guesses"`
	}
	var wid struct {
		Wider []string `yaml:"wider"`
	}
	for name, into := range map[string]any{"intake/relations.yml": &rel, "intake/kinds.yml": &kin, "intake/effects.yml": &eff, "intake/people.yml": &peo, "intake/asides.yml": &asi, "intake/guesses.yml": &gue, "intake/wider.yml": &wid} {
		if err := load(fsys, name, "cues of "+name, into); err != nil {
			return nil, err
		}
	}
	for i := range rel.Cues {
		g := &rel.Cues[i]
		if !slices.Contains([]string{"benign", "keep", "suspect", "mild"}, g.Class) || !slices.Contains([]string{"clause", "after", "before", "named"}, g.Governs) {
			return nil, fmt.Errorf("read cues of relation %q: unknown class %q or reach %q", g.Relation, g.Class, g.Governs)
		}
		if g.Relation.benign() != (g.Class == "benign") {
			return nil, fmt.Errorf("read cues of relation %q: it cannot be of class %q", g.Relation, g.Class)
		}
		if err := compileAll(g.Phrases, &g.compiled); err != nil {
			return nil, err
		}
	}
	for i := range kin.Kinds {
		k := &kin.Kinds[i]
		if !slices.Contains(Kinds, k.Kind) {
			return nil, fmt.Errorf("read cues of kind %q: no such kind", k.Kind)
		}
		for j := range k.Cues {
			if err := compileAll(k.Cues[j].Phrases, &k.Cues[j].compiled); err != nil {
				return nil, err
			}
		}
	}
	if err := peo.compile(); err != nil {
		return nil, err
	}
	if err := asi.compile(); err != nil {
		return nil, err
	}
	for i := range eff.Effects {
		e := &eff.Effects[i]
		if !slices.Contains(EffectKinds, e.Kind) || e.Object != "" && !slices.Contains(ObjectKinds, e.Object) {
			return nil, fmt.Errorf("read cues of effect %q on %q: no such kind", e.Kind, e.Object)
		}
		if err := compileAll(e.Phrases, &e.compiled); err != nil {
			return nil, err
		}
	}
	for i := range eff.Objects {
		o := &eff.Objects[i]
		if o.Kind != "" && !slices.Contains(ObjectKinds, o.Kind) {
			return nil, fmt.Errorf("read words of object %q: no such kind", o.Kind)
		}
		if err := compileAll(o.Words, &o.compiled); err != nil {
			return nil, err
		}
	}
	var guesses, wider, spared []phrase
	if err := compileAll(rel.Spared, &spared); err != nil {
		return nil, err
	}
	if err := compileAll(gue.Guesses, &guesses); err != nil {
		return nil, err
	}
	if err := compileAll(wid.Wider, &wider); err != nil {
		return nil, err
	}
	return &vocabulary{cues: rel.Cues, kinds: kin.Kinds, least: kin.Least, effects: eff.Effects, objects: eff.Objects, people: peo, asides: asi, guesses: guesses, wider: wider, spared: spared}, nil
}

func compileAll(texts []string, into *[]phrase) error {
	for _, t := range texts {
		p, err := compilePhrase(t)
		if err != nil {
			return err
		}
		*into = append(*into, p)
	}
	return nil
}
