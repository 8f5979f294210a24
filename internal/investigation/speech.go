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
	appearing, principal, pointing, natures, granted, lastDay, notice, myself, trouble, tidings, theirs, where, knowing, unknown, leftOpen, lookedAt *regexp.Regexp
}

var builtinSpeech = sync.OnceValues(func() (*speech, error) { return loadSpeech(content.FS) })

// lists are the expressions by the names that they have in the file.
func (s *speech) lists() map[string]**regexp.Regexp {
	return map[string]**regexp.Regexp{
		"appearing": &s.appearing,
		"principal": &s.principal,
		"pointing":  &s.pointing,
		"natures":   &s.natures,
		"granted":   &s.granted,
		"last_day":  &s.lastDay,
		"notice":    &s.notice,
		"myself":    &s.myself,
		"trouble":   &s.trouble,
		"tidings":   &s.tidings,
		"theirs":    &s.theirs,
		"where":     &s.where,
		"knowing":   &s.knowing,
		"unknown":   &s.unknown,
		"left_open": &s.leftOpen,
		"looked_at": &s.lookedAt,
	}
}

// spoken is the embedded list. It cannot be missing in a build whose tests pass; if it were,
// none of its words would be heard.
func spoken() *speech {
	s, err := builtinSpeech()
	if err != nil {
		s = &speech{}
		for _, into := range s.lists() {
			*into = never
		}
	}
	return s
}

var never = regexp.MustCompile(`[^\s\S]`)

// loadSpeech compiles the lists. A list that is missing is an error: an expression of no
// alternatives would fit everywhere.
func loadSpeech(fsys fs.FS) (*speech, error) {
	data, err := fs.ReadFile(fsys, "intake/speech.yml")
	if err != nil {
		return nil, fmt.Errorf("read how cases speak: %w", err)
	}
	var file map[string][]string
	if err := yaml.Load(data, &file); err != nil {
		return nil, fmt.Errorf("read how cases speak: %w", err)
	}
	s := &speech{}
	lists := s.lists()
	for name := range file {
		if lists[name] == nil {
			return nil, fmt.Errorf("read how cases speak: %s is no list that is listened for", name)
		}
	}
	for name, into := range lists {
		if len(file[name]) == 0 {
			return nil, fmt.Errorf("read how cases speak: %s is missing or empty", name)
		}
		if *into, err = regexp.Compile(`(?i)\b(?:` + strings.Join(file[name], "|") + `)\b`); err != nil {
			return nil, fmt.Errorf("read how cases speak, %s: %w", name, err)
		}
	}
	return s, nil
}
