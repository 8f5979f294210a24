package intake

import (
	"fmt"
	"io/fs"
	"sync"

	"github.com/trailhound/trailhound/content"
)

// smallWords is content/intake/grammar.yml, where each list is explained.
type smallWords struct {
	glue, question, uncertain, collective, defences, machines, things, persons, pronouns,
	prepositions, predicates, doing, ours, keys, closers, amounts, versions, pastedSilent, pastedNouns map[string]bool
}

var builtinGrammar = sync.OnceValues(func() (*smallWords, error) { return loadGrammar(content.FS) })

// grammar is the embedded list. It cannot be missing in a build whose tests pass; if it were,
// the parts of a sentence would not go on with each other.
func grammar() *smallWords {
	g, err := builtinGrammar()
	if err != nil {
		return &smallWords{}
	}
	return g
}

// loadGrammar reads the lists; an empty one is an error, since nothing else would tell of it.
func loadGrammar(fsys fs.FS) (*smallWords, error) {
	var file map[string]string
	if err := load(fsys, "intake/grammar.yml", "grammar", &file); err != nil {
		return nil, err
	}
	g := &smallWords{}
	lists := map[string]*map[string]bool{
		"glue":          &g.glue,
		"question":      &g.question,
		"uncertain":     &g.uncertain,
		"collective":    &g.collective,
		"defences":      &g.defences,
		"machines":      &g.machines,
		"things":        &g.things,
		"persons":       &g.persons,
		"pronouns":      &g.pronouns,
		"prepositions":  &g.prepositions,
		"predicates":    &g.predicates,
		"doing":         &g.doing,
		"ours":          &g.ours,
		"keys":          &g.keys,
		"closers":       &g.closers,
		"amounts":       &g.amounts,
		"versions":      &g.versions,
		"pasted_silent": &g.pastedSilent,
		"pasted_nouns":  &g.pastedNouns,
	}
	if len(file) != len(lists) {
		return nil, fmt.Errorf("read grammar: %d lists, of which the reader knows %d", len(file), len(lists))
	}
	for name, into := range lists {
		if *into = set(file[name]); len(*into) == 0 {
			return nil, fmt.Errorf("read grammar: %s is missing or empty", name)
		}
	}
	return g, nil
}
