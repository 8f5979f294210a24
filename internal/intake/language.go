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
	small      map[string]map[string]bool // by language, its small words
	trade      map[string]bool            // words of English that a case is told with
	loans      map[string]bool            // words of English that every language has taken
	english    map[string]bool            // all words of English that the reader looks for
	glossaries []*glossary
}

// builtinTongues is the embedded list with its glossaries, read once.
var builtinTongues = sync.OnceValues(func() (*tongues, error) { return loadTongues(content.FS) })

// loadTongues reads the small words of the languages that are only told apart, and the
// glossaries of those that are read. The small words of the latter stand in their glossary.
func loadTongues(fsys fs.FS) (*tongues, error) {
	var file struct {
		Languages map[string][]string `yaml:"languages"`
		Trade     string              `yaml:"trade"`
		Loans     string              `yaml:"loans"`
	}
	if err := load(fsys, "intake/languages.yml", "languages", &file); err != nil {
		return nil, err
	}
	t := &tongues{small: map[string]map[string]bool{}, trade: set(file.Trade), loans: set(file.Loans)}
	for language, words := range file.Languages {
		t.small[language] = listed(words)
	}
	if len(t.small[English]) == 0 {
		return nil, fmt.Errorf("read languages: no words of %q", English)
	}
	var err error
	if t.glossaries, err = loadGlossaries(fsys); err != nil {
		return nil, err
	}
	for _, g := range t.glossaries {
		if t.small[g.code] != nil {
			return nil, fmt.Errorf("read languages: %q has a glossary, and its small words belong there", g.code)
		}
		t.small[g.code] = g.small
	}
	if t.english, err = englishWords(fsys); err != nil {
		return nil, err
	}
	maps.Copy(t.english, t.small[English])
	maps.Copy(t.english, t.trade)
	return t, nil
}

// englishWords are the words that the cues look for. Cues are what a foreign word must not
// be taken for.
func englishWords(fsys fs.FS) (map[string]bool, error) {
	v, err := loadVocabulary(fsys)
	if err != nil {
		return nil, err
	}
	words := map[string]bool{}
	add := func(list []phrase) {
		for _, p := range list {
			for _, e := range p.elements {
				for _, a := range e.alts {
					words[a] = true
				}
			}
		}
	}
	for _, g := range v.cues {
		add(g.compiled)
	}
	for _, k := range v.kinds {
		for _, c := range k.Cues {
			add(c.compiled)
		}
	}
	for _, e := range v.effects {
		add(e.compiled)
	}
	for _, o := range v.objects {
		add(o.compiled)
	}
	return words, nil
}

// minSmall is how many small words of a language a text must hold before it is taken for
// that language and not for English: names and trade words are shared by all.
const minSmall = 4

// language is the one whose small words the text holds most of; "other" where hardly a word
// of it is English; English where it is short or nothing stands out, since its words are
// what the cues are tested with.
func (r *reader) language() string {
	t, err := builtinTongues()
	switch {
	case err != nil:
		return English
	case r.gloss.lang != nil:
		return r.gloss.lang.code
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

// inWhat notes in which language the text was read, and what of it nobody knows.
func (r *reader) inWhat(out *Reading) {
	switch {
	case out.Language == English:
	case !out.Understood:
		r.notes = append(r.notes, "the text does not look like English: only keys, addresses, names and dates were read from it")
	default:
		note := "the text was read as " + r.gloss.lang.name + ", word by word"
		if unknown := distinct(r.gloss.unknown); len(unknown) > 0 {
			note += "; of these words nothing is known: " + strings.Join(unknown[:min(len(unknown), maxUnknown)], ", ")
		}
		r.notes = append(r.notes, note)
	}
}

// maxUnknown bounds how many words a note lists.
const maxUnknown = 12
