package investigation

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"

	"github.com/trailhound/trailhound/content"
)

// speech is content/intake/speech.yml, where each list is explained: what an investigation
// listens for in the words of a case beside what intake has read from them.
type speech struct {
	appearing, principal, pointing, natures, granted, lastDay, notice, myself, trouble, tidings, theirs, where *regexp.Regexp
}

var builtinSpeech = sync.OnceValues(func() (*speech, error) { return loadSpeech(content.FS) })

// spoken is the embedded list. It cannot be missing in a build whose tests pass; if it were,
// none of its words would be heard.
func spoken() *speech {
	s, err := builtinSpeech()
	if err != nil {
		never := regexp.MustCompile(`[^\s\S]`)
		return &speech{never, never, never, never, never, never, never, never, never, never, never, never}
	}
	return s
}

// loadSpeech compiles the lists. A list that is missing is an error: an expression of no
// alternatives would fit everywhere.
func loadSpeech(fsys fs.FS) (*speech, error) {
	data, err := fs.ReadFile(fsys, "intake/speech.yml")
	if err != nil {
		return nil, fmt.Errorf("read how cases speak: %w", err)
	}
	var file struct {
		Appearing []string `yaml:"appearing"`
		Principal []string `yaml:"principal"`
		Pointing  []string `yaml:"pointing"`
		Natures   []string `yaml:"natures"`
		Granted   []string `yaml:"granted"`
		LastDay   []string `yaml:"last_day"`
		Notice    []string `yaml:"notice"`
		Myself    []string `yaml:"myself"`
		Trouble   []string `yaml:"trouble"`
		Tidings   []string `yaml:"tidings"`
		Theirs    []string `yaml:"theirs"`
		Where     []string `yaml:"where"`
	}
	if err := yaml.Load(data, &file, yaml.WithKnownFields()); err != nil {
		return nil, fmt.Errorf("read how cases speak: %w", err)
	}
	s := &speech{}
	for _, l := range []struct {
		name string
		list []string
		into **regexp.Regexp
	}{
		{"appearing", file.Appearing, &s.appearing}, {"principal", file.Principal, &s.principal}, {"pointing", file.Pointing, &s.pointing},
		{"natures", file.Natures, &s.natures}, {"granted", file.Granted, &s.granted}, {"last_day", file.LastDay, &s.lastDay},
		{"notice", file.Notice, &s.notice}, {"myself", file.Myself, &s.myself},
		{"trouble", file.Trouble, &s.trouble}, {"tidings", file.Tidings, &s.tidings}, {"theirs", file.Theirs, &s.theirs}, {"where", file.Where, &s.where},
	} {
		if len(l.list) == 0 {
			return nil, fmt.Errorf("read how cases speak: %s is missing or empty", l.name)
		}
		if *l.into, err = regexp.Compile(`(?i)\b(?:` + strings.Join(l.list, "|") + `)\b`); err != nil {
			return nil, fmt.Errorf("read how cases speak, %s: %w", l.name, err)
		}
	}
	return s, nil
}
