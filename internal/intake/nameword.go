package intake

import (
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/trailhound/trailhound/content"
)

// names is content/intake/names.yml: the words around a name, and those that are mostly none.
type names struct {
	before, behind                 map[string]string // a word → what the name beside it is, as Seed.Kind
	plain, toBe, toward, auxiliary map[string]bool
	ofThings                       map[string]bool // behind a name, what makes it none of a principal
	inflected                      []string        // how verbs and adjectives end
}

// builtinNames is the embedded list, read once.
var builtinNames = sync.OnceValues(func() (*names, error) { return loadNames(content.FS) })

// nameWords is the embedded list. It cannot be missing in a build whose tests pass; if it
// were, names would be known only where the evidence holds them and no word is like them.
func nameWords() *names {
	n, err := builtinNames()
	if err != nil {
		return &names{}
	}
	return n
}

// loadNames reads the lists; toBe, toward and auxiliary may be empty, and then no word is ever
// a verb or an adjective.
func loadNames(fsys fs.FS) (*names, error) {
	var file struct {
		Before    map[string]string `yaml:"before"`
		Behind    map[string]string `yaml:"behind"`
		Plain     string            `yaml:"plain"`
		OfThings  string            `yaml:"of_things"`
		ToBe      string            `yaml:"to_be"`
		Inflected []string          `yaml:"inflected"`
		Toward    string            `yaml:"toward"`
		Auxiliary string            `yaml:"auxiliary"`
	}
	if err := load(fsys, "intake/names.yml", "words of names", &file); err != nil {
		return nil, err
	}
	n := &names{plain: set(file.Plain), toBe: set(file.ToBe), toward: set(file.Toward), auxiliary: set(file.Auxiliary), ofThings: set(file.OfThings), inflected: file.Inflected}
	var err error
	if n.before, err = byWord(file.Before); err != nil {
		return nil, err
	}
	if n.behind, err = byWord(file.Behind); err != nil {
		return nil, err
	}
	if len(n.plain) == 0 || len(n.before) == 0 || len(n.behind) == 0 {
		return nil, fmt.Errorf("read words of names: a list is missing or empty")
	}
	return n, nil
}

// byWord turns lists of words by kind into the kind of each word.
func byWord(lists map[string]string) (map[string]string, error) {
	out := map[string]string{}
	for kind, words := range lists {
		if kind != "principal" && kind != "resource" && kind != "session" {
			return nil, fmt.Errorf("read words of names: %q is no kind of name", kind)
		}
		for _, w := range strings.Fields(words) {
			if out[w] != "" {
				return nil, fmt.Errorf("read words of names: %q stands twice", w)
			}
			out[w] = kind
		}
	}
	return out, nil
}

// set is the words of a list that is written as one text.
func set(words string) map[string]bool { return listed(strings.Fields(words)) }
