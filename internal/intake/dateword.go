package intake

import (
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/trailhound/trailhound/content"
)

// dateWords is content/intake/dates.yml: the English word for each other one, and the words
// that stand beside a length of time.
type dateWords struct {
	same          map[string]string
	behind, ahead map[string]bool
}

// builtinDateWords is the embedded list, read once.
var builtinDateWords = sync.OnceValues(func() (dateWords, error) { return loadDateWords(content.FS) })

// loadDateWords reads and checks the list. A word that stood for two English ones would mean
// whichever came last.
func loadDateWords(fsys fs.FS) (dateWords, error) {
	var file struct {
		Same    map[string]string `yaml:"same"`
		Lengths struct {
			Behind string `yaml:"behind"`
			Before string `yaml:"before"`
		} `yaml:"lengths"`
	}
	if err := load(fsys, "intake/dates.yml", "words of time", &file); err != nil {
		return dateWords{}, err
	}
	out := map[string]string{}
	for word, list := range file.Same {
		for _, other := range strings.Fields(list) {
			if out[other] != "" || file.Same[other] != "" || other != strings.ToLower(other) {
				return dateWords{}, fmt.Errorf("read words of time: %q stands twice, or not in small letters", other)
			}
			out[other] = word
		}
	}
	return dateWords{out, set(file.Lengths.Behind), set(file.Lengths.Before)}, nil
}

// dateWord is the English for a word of time, or the word itself.
func dateWord(w string) string {
	words, err := builtinDateWords()
	if err != nil { // cannot happen in a build whose tests pass; English is left
		return w
	}
	if english := words.same[w]; english != "" {
		return english
	}
	return w
}

// isTimeWord says that a word is one of time, of English or of a language that is read.
func isTimeWord(w string) bool {
	_, weekday := weekdays[w]
	return weekday || months[w] != 0 || dateWord(w) != w
}

// length says that what stands before lexeme i, and at next, makes "9h" so many hours long or
// apart: "(9h difference)", "took 3h".
func (p *whenParser) length(i, next int) bool {
	words, _ := builtinDateWords()
	return words.behind[p.at(next).text] || words.ahead[p.at(i-1).text]
}
