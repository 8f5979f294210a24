package intake

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/trailhound/trailhound/content"
)

// English is the language that cues are written for.
const English = "en"

// tongues is content/intake/languages.yml.
type tongues struct {
	small map[string]map[string]bool // by language, its small words
	trade map[string]bool            // words of English that a case is told with
}

var builtinTongues = sync.OnceValues(func() (*tongues, error) { return loadTongues(content.FS) })

func loadTongues(fsys fs.FS) (*tongues, error) {
	var file struct {
		Languages map[string][]string `yaml:"languages"`
		Trade     string              `yaml:"trade"`
	}
	if err := load(fsys, "intake/languages.yml", "languages", &file); err != nil {
		return nil, err
	}
	t := &tongues{small: map[string]map[string]bool{}, trade: set(file.Trade)}
	for language, words := range file.Languages {
		t.small[language] = map[string]bool{}
		for _, w := range words {
			t.small[language][w] = true
		}
	}
	if len(t.small[English]) == 0 {
		return nil, fmt.Errorf("read languages: no words of %q", English)
	}
	return t, nil
}

// minSmall is how many small words of a language a text must hold before it is taken for
// that language and not for English: names and trade words are shared by all.
const minSmall = 4

// language is the one whose small words the text holds most of; "other" where hardly a word
// of it is English; English where it is short or nothing stands out, since its words are
// what the cues are tested with.
func (r *reader) language() string {
	t, err := builtinTongues()
	if err != nil {
		return English
	}
	count, n, trade := map[string]int{}, 0, 0
	for _, w := range r.words {
		if w.m >= 0 {
			continue
		}
		for language, words := range t.small {
			if words[w.text] {
				count[language]++
			}
		}
		if strings.Trim(w.text, "0123456789") != "" {
			n++
			if t.trade[w.text] {
				trade++
			}
		}
	}
	best := slices.MaxFunc(slices.Sorted(maps.Keys(t.small)), func(a, b string) int { return cmp.Compare(count[a], count[b]) })
	switch cued := slices.ContainsFunc(r.found, func(cs []cue) bool { return len(cs) > 0 }); {
	case count[best] >= minSmall && count[best] > 2*count[English]:
		return best
	case n >= 6 && trade*12 < n && !cued:
		return "other"
	}
	return English
}
