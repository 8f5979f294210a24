package intake

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"

	"go.yaml.in/yaml/v4"

	"github.com/trailhound/trailhound/content"
)

// English is the language that cues are written for.
const English = "en"

// languages are the small words of each language: content/intake/languages.yml.
var languages = sync.OnceValues(func() (map[string]map[string]bool, error) { return loadLanguages(content.FS) })

func loadLanguages(fsys fs.FS) (map[string]map[string]bool, error) {
	data, err := fs.ReadFile(fsys, "intake/languages.yml")
	if err != nil {
		return nil, fmt.Errorf("read languages: %w", err)
	}
	var file struct {
		Languages map[string][]string `yaml:"languages"`
	}
	if err := yaml.Load(data, &file, yaml.WithKnownFields()); err != nil {
		return nil, fmt.Errorf("read languages: %w", err)
	}
	out := map[string]map[string]bool{}
	for language, words := range file.Languages {
		out[language] = map[string]bool{}
		for _, w := range words {
			out[language][w] = true
		}
	}
	if len(out[English]) == 0 {
		return nil, fmt.Errorf("read languages: no words of %q", English)
	}
	return out, nil
}

// minSmall is how many small words of a language a text must hold before it is taken for
// that language and not for English: names and trade words are shared by all.
const minSmall = 4

// language is the one whose small words the text holds most of; English where it is short
// or nothing stands out, since its words are what the cues are tested with.
func (r *reader) language() string {
	all, err := languages()
	if err != nil {
		return English
	}
	count := map[string]int{}
	for _, w := range r.words {
		if w.m >= 0 {
			continue
		}
		for language, words := range all {
			if words[w.text] {
				count[language]++
			}
		}
	}
	best := slices.MaxFunc(slices.Sorted(maps.Keys(all)), func(a, b string) int { return cmp.Compare(count[a], count[b]) })
	if count[best] < minSmall || count[best] <= 2*count[English] {
		return English
	}
	return best
}
