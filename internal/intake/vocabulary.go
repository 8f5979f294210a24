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
	cues  []cueGroup // in the order of the file, which decides between equals
	kinds []kindCues // likewise: of two kinds of one score the first is taken
	least int        // the score below which a case is of no kind

	effects []effectCues // what came about
	objects []objectCues // to what
	people  peopleCues   // who does something about it
	asides  asideCues    // which times are none of it
	// Beside whom a text only guesses at, and how it asks for more than it names.
	guesses []phrase
	wider   []phrase
	spared  []phrase // that a lure was not taken
	// what would make a strange address harmless, as somebody only supposes
	explained []phrase
	calm      []phrase // what sounds like an effect and is none
	unreal    unrealCues
	lured     lureCues
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
	Lapsed   bool     `yaml:"lapsed"`
	Habit    bool     `yaml:"habit"`
	Unasked  bool     `yaml:"unasked"`
	Phrases  []string `yaml:"phrases"`
	compiled []phrase
}

// kindCues are the cues of one kind of case, and what a named token of a class adds to its score.
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

// loadVocabulary reads and checks every list of cues, in a fixed order, so that of two faults
// always the same one is told of.
func loadVocabulary(fsys fs.FS) (*vocabulary, error) {
	var rel struct {
		Cues      []cueGroup `yaml:"cues"`
		Spared    []string   `yaml:"spared"`
		Explained []string   `yaml:"explained"`
		Lured     lureCues   `yaml:"lured"`
	}
	var kin struct {
		Least int        `yaml:"least"`
		Kinds []kindCues `yaml:"kinds"`
	}
	var eff struct {
		Effects []effectCues `yaml:"effects"`
		Objects []objectCues `yaml:"objects"`
		Calm    []string     `yaml:"calm"`
		Unreal  unrealCues   `yaml:"unreal"`
	}
	var gue struct {
		Guesses []string `yaml:"guesses"`
	}
	var wid struct {
		Wider []string `yaml:"wider"`
	}
	v := &vocabulary{}
	for _, file := range []struct {
		name string
		into any
	}{
		{"intake/relations.yml", &rel}, {"intake/kinds.yml", &kin}, {"intake/effects.yml", &eff}, {"intake/people.yml", &v.people},
		{"intake/asides.yml", &v.asides}, {"intake/guesses.yml", &gue}, {"intake/wider.yml", &wid},
	} {
		if err := load(fsys, file.name, "cues of "+file.name, file.into); err != nil {
			return nil, err
		}
	}
	v.cues, v.kinds, v.least, v.effects, v.objects = rel.Cues, kin.Kinds, kin.Least, eff.Effects, eff.Objects
	v.unreal, v.lured = eff.Unreal, rel.Lured
	for _, compile := range []func() error{
		v.compileCues, v.compileKinds, v.people.compile, v.asides.compile, v.compileEffects, v.unreal.compile, v.lured.compile,
		func() error { return compileAll(gue.Guesses, &v.guesses) },
		func() error { return compileAll(wid.Wider, &v.wider) },
		func() error { return compileAll(rel.Spared, &v.spared) },
		func() error { return compileAll(rel.Explained, &v.explained) },
		func() error { return compileAll(eff.Calm, &v.calm) },
	} {
		if err := compile(); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// compileCues compiles the phrases of relations.yml. A relation that vouches must be of class
// "benign" and no other may: the class decides what becomes a seed, the relation what is told.
func (v *vocabulary) compileCues() error {
	for i := range v.cues {
		g := &v.cues[i]
		if !slices.Contains([]string{"benign", "keep", "suspect", "mild"}, g.Class) || !slices.Contains([]string{"clause", "after", "before", "named"}, g.Governs) {
			return fmt.Errorf("read cues of relation %q: unknown class %q or reach %q", g.Relation, g.Class, g.Governs)
		}
		if g.Relation.benign() != (g.Class == "benign") {
			return fmt.Errorf("read cues of relation %q: it cannot be of class %q", g.Relation, g.Class)
		}
		if err := compileAll(g.Phrases, &g.compiled); err != nil {
			return err
		}
	}
	return nil
}

// compileKinds compiles the phrases of kinds.yml.
func (v *vocabulary) compileKinds() error {
	for i := range v.kinds {
		k := &v.kinds[i]
		if !slices.Contains(Kinds, k.Kind) {
			return fmt.Errorf("read cues of kind %q: no such kind", k.Kind)
		}
		for j := range k.Cues {
			if err := compileAll(k.Cues[j].Phrases, &k.Cues[j].compiled); err != nil {
				return err
			}
		}
	}
	return nil
}

// compileEffects compiles the two lists of effects.yml.
func (v *vocabulary) compileEffects() error {
	for i := range v.effects {
		e := &v.effects[i]
		if !slices.Contains(EffectKinds, e.Kind) || e.Object != "" && !slices.Contains(ObjectKinds, e.Object) {
			return fmt.Errorf("read cues of effect %q on %q: no such kind", e.Kind, e.Object)
		}
		if err := compileAll(e.Phrases, &e.compiled); err != nil {
			return err
		}
	}
	for i := range v.objects {
		o := &v.objects[i]
		if o.Kind != "" && !slices.Contains(ObjectKinds, o.Kind) {
			return fmt.Errorf("read words of object %q: no such kind", o.Kind)
		}
		for _, kind := range o.Only {
			if !slices.Contains(EffectKinds, kind) {
				return fmt.Errorf("read words of object %q: no effect %q", o.Kind, kind)
			}
		}
		if err := compileAll(o.Words, &o.compiled); err != nil {
			return err
		}
	}
	return nil
}

// compileAll compiles phrases, in order.
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
