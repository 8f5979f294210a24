package intake

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/trailhound/trailhound/content"
)

// acts says by effect and object which calls bring it about: content/intake/acts.yml.
type acts map[string]map[string][]string

// builtinActs is the embedded list, read once.
var builtinActs = sync.OnceValues(func() (acts, error) { return loadActs(content.FS) })

// loadActs reads and checks the list. Patterns are tried here, so that ByCall need not fail on one
// in the middle of a scan.
func loadActs(fsys fs.FS) (acts, error) {
	var file struct {
		Acts []struct {
			Effect string              `yaml:"effect"`
			On     map[string][]string `yaml:"on"`
		} `yaml:"acts"`
	}
	if err := load(fsys, "intake/acts.yml", "acts", &file); err != nil {
		return nil, err
	}
	out := acts{}
	for _, a := range file.Acts {
		if !slices.Contains(EffectKinds, a.Effect) || out[a.Effect] != nil {
			return nil, fmt.Errorf("read acts of effect %q: no such kind, or it stands twice", a.Effect)
		}
		for object, calls := range a.On {
			if object != "" && !slices.Contains(ObjectKinds, object) {
				return nil, fmt.Errorf("read acts of effect %q on %q: no such object", a.Effect, object)
			}
			for _, c := range calls {
				service, name, ok := strings.Cut(c, ":")
				if _, err := path.Match(name, ""); !ok || service == "" || name == "" || err != nil {
					return nil, fmt.Errorf("read acts of effect %q on %q: %q is not service:Name", a.Effect, object, c)
				}
			}
		}
		out[a.Effect] = a.On
	}
	return out, nil
}

// Calls are the calls that bring the effect about, as service:Name with * for any letters,
// sorted; of an effect on nothing that is said, all of its kind. Empty if nothing is known.
func (e Effect) Calls() []string {
	all, err := builtinActs()
	if err != nil { // cannot happen in a build whose tests pass; then nothing can be looked for
		return nil
	}
	on := all[e.Kind]
	calls := slices.Clone(on[e.Object])
	if len(calls) == 0 {
		calls = slices.Clone(on[""])
	}
	if e.Object == "" && len(on[""]) == 0 {
		for _, list := range on {
			calls = append(calls, list...)
		}
	}
	slices.Sort(calls)
	return slices.Compact(calls)
}

// Sources are the event sources of those calls, each once: where to look for them.
func (e Effect) Sources() (out []string) {
	for _, c := range e.Calls() {
		service, _, _ := strings.Cut(c, ":")
		if source := service + ".amazonaws.com"; !slices.Contains(out, source) {
			out = append(out, source)
		}
	}
	return out
}

// ByCall gives what says of a call whether it may have brought the effect about. source is
// the event source ("backup.amazonaws.com"). Of whose thing it was, and when, it says nothing.
func (e Effect) ByCall() func(source, name string) bool {
	calls := e.Calls()
	return func(source, name string) bool {
		service := strings.TrimSuffix(source, ".amazonaws.com")
		return slices.ContainsFunc(calls, func(c string) bool {
			s, pattern, _ := strings.Cut(c, ":")
			fits, _ := path.Match(pattern, name) // loadActs has tried the pattern
			return s == service && fits
		})
	}
}
