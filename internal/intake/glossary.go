package intake

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// glossary is one file of content/intake/lang: how another language says what the cues of
// English are written for. Its phrases are those of relations.yml.
type glossary struct {
	code, name string            // "de", "German"; the name is told to people
	verbFirst  bool              // a statement may begin with its verb
	compounds  bool              // words are joined without a sign, what they are of standing last
	small      map[string]bool   // by which the language is known
	rules      map[string][]rule // by a word that may stand first
	stems      []rule            // whose first word may be a stem, or is a class
	whole      map[string]bool   // every word of the phrases
	parts      []string          // every stem
}

// rule is one phrase and the English for it: what is said stands between what is carried
// over, which are the words of its gaps and what it names by class.
type rule struct {
	phrase
	key string
	out []string
}

// carried marks in the English where words of the text go on.
const carried = "…"

// loadGlossaries reads every glossary, in order of their codes.
func loadGlossaries(fsys fs.FS) ([]*glossary, error) {
	files, err := fs.Glob(fsys, "intake/lang/*.yml")
	if err != nil {
		return nil, fmt.Errorf("read glossaries: %w", err)
	}
	var out []*glossary
	for _, name := range files {
		g, err := loadGlossary(fsys, name)
		if err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	return out, nil
}

// loadGlossary reads one file and checks it: a phrase under two meanings would take one by
// chance. Where letters are typed otherwise (ä as ae) each phrase is added that way too, unless
// that is a phrase of its own.
func loadGlossary(fsys fs.FS, name string) (*glossary, error) {
	var file struct {
		Name      string              `yaml:"name"`
		VerbFirst bool                `yaml:"verb_first"`
		Compounds bool                `yaml:"compounds"`
		Small     []string            `yaml:"small"`
		Typed     map[string]string   `yaml:"typed"`
		Words     map[string][]string `yaml:"words"`
	}
	what := "glossary " + path.Base(name)
	if err := load(fsys, name, what, &file); err != nil {
		return nil, err
	}
	g := &glossary{code: strings.TrimSuffix(path.Base(name), ".yml"), name: file.Name, verbFirst: file.VerbFirst, compounds: file.Compounds, small: listed(file.Small), rules: map[string][]rule{}, whole: map[string]bool{}}
	if g.code == English || g.name == "" || len(g.small) < minSmall {
		return nil, fmt.Errorf("read %s: it has no name, hardly a small word, or is of English", what)
	}
	var pairs []string
	for _, letter := range slices.Sorted(maps.Keys(file.Typed)) {
		pairs = append(pairs, letter, file.Typed[letter])
	}
	typed := strings.NewReplacer(pairs...)
	for _, w := range file.Small {
		g.small[typed.Replace(w)] = true
	}
	met := map[string]string{}
	for _, english := range slices.Sorted(maps.Keys(file.Words)) {
		for _, text := range file.Words[english] {
			if other, twice := met[text]; twice {
				return nil, fmt.Errorf("read %s: %q stands under %q and under %q", what, text, other, english)
			}
			met[text] = english
			if err := g.add(english, text); err != nil {
				return nil, fmt.Errorf("read %s: %w", what, err)
			}
		}
	}
	for _, text := range slices.Sorted(maps.Keys(met)) { // as it is typed where those letters are not at hand
		if plain := typed.Replace(text); met[plain] == "" {
			if err := g.add(met[text], plain); err != nil {
				return nil, fmt.Errorf("read %s: %w", what, err)
			}
		}
	}
	return g, nil
}

// add compiles one phrase.
func (g *glossary) add(english, text string) error {
	p, err := compilePhrase(text)
	if err != nil {
		return err
	}
	r := rule{phrase: p, key: english, out: strings.Split(english, carried)}
	if english == "-" { // says nothing in English
		r.out = []string{""}
	}
	n := 0
	for _, e := range p.elements {
		n += boolInt(e.gap > 0) + boolInt(e.class())
		if e.class() && (len(p.elements) == 1 || len(e.alts) > 1 || !slices.Contains(tokenClasses, e.alts[0])) {
			return fmt.Errorf("%q: a class is one of %s, and no alternative", text, strings.Join(tokenClasses, " "))
		}
	}
	if n < len(r.out)-1 {
		return fmt.Errorf("%q carries words over %d times, %q has places for %d", text, n, english, len(r.out)-1)
	}
	r.out = append(r.out, make([]string, n+1-len(r.out))...) // what has no place stands behind
	for i := range r.out {
		r.out[i] = strings.TrimSpace(r.out[i])
	}
	stem := false
	for i, e := range p.elements {
		for _, a := range e.alts {
			switch s, cut := strings.CutSuffix(a, "*"); {
			case e.class():
				stem = stem || i == 0
			case cut:
				g.parts = append(g.parts, s)
				stem = stem || i == 0
			default:
				g.whole[a] = true
				if i == 0 {
					g.rules[a] = append(g.rules[a], r)
				}
			}
		}
	}
	if stem {
		g.stems = append(g.stems, r)
	}
	return nil
}

// tokenClasses are what a phrase of a glossary may name without its spelling.
var tokenClasses = []string{"%address", "%number", "%name"}

// class says that the element stands for a named thing (%address), and not for a word.
func (e *element) class() bool { return strings.HasPrefix(e.alts[0], "%") }

// knows says that the word is one of the language that a glossary holds.
func (g *glossary) knows(word string) bool {
	return g.small[word] || g.whole[word] || slices.ContainsFunc(g.parts, func(s string) bool { return strings.HasPrefix(word, s) })
}

// fit is a rule on the tokens that it took, by position.
type fit struct {
	*rule
	hit []int
}

// best is the rule that says most at position i: of most words, then the closest, then the
// one spelt out; so that the result depends on nothing else, the first by its English.
func (g *glossary) best(toks []glossToken, i int) (fit, bool) {
	var found []fit
	for _, list := range [][]rule{g.rules[toks[i].text], g.stems} {
		for k := range list {
			if hit := list[k].fits(toks, i); hit != nil {
				found = append(found, fit{&list[k], hit})
			}
		}
	}
	if len(found) == 0 {
		return fit{}, false
	}
	return slices.MinFunc(found, func(a, b fit) int {
		return cmp.Or(len(b.hit)-len(a.hit), a.hit[len(a.hit)-1]-b.hit[len(b.hit)-1], a.stemmed()-b.stemmed(), cmp.Compare(a.key, b.key))
	}), true
}

// stemmed is 1 for a phrase with a stem in it: of two that fit, the one spelt out is surer.
func (r *rule) stemmed() int { return boolInt(strings.Contains(r.text, "*")) }

// fits tries the phrase on the tokens from i on; no stop may stand inside.
func (r *rule) fits(toks []glossToken, i int) []int {
	return r.hits(len(toks), i, func(at int) bool { return toks[at].stop }, func(alt string, at int) bool { return toks[at].is(alt) })
}
