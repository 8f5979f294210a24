package intake

import (
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"

	"github.com/trailhound/trailhound/content"
)

// builtinDateWords is content/intake/dates.yml, turned about: the English word for each.
var builtinDateWords = sync.OnceValues(func() (map[string]string, error) { return loadDateWords(content.FS) })

func loadDateWords(fsys fs.FS) (map[string]string, error) {
	data, err := fs.ReadFile(fsys, "intake/dates.yml")
	if err != nil {
		return nil, fmt.Errorf("read words of time: %w", err)
	}
	var file struct {
		Same map[string]string `yaml:"same"`
	}
	if err := yaml.Load(data, &file, yaml.WithKnownFields()); err != nil {
		return nil, fmt.Errorf("read words of time: %w", err)
	}
	out := map[string]string{}
	for word, list := range file.Same {
		for _, other := range strings.Fields(list) {
			if out[other] != "" || file.Same[other] != "" || other != strings.ToLower(other) {
				return nil, fmt.Errorf("read words of time: %q stands twice, or not in small letters", other)
			}
			out[other] = word
		}
	}
	return out, nil
}

// dateWord is the English for a word of time, or the word itself.
func dateWord(w string) string {
	same, err := builtinDateWords()
	if err != nil { // cannot happen in a build whose tests pass; English is left
		return w
	}
	if english := same[w]; english != "" {
		return english
	}
	return w
}
