package trust

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// untrusted are events that an account without write access can cause; the author
// of a pull request can close it too.
var untrusted = []string{model.PRCreated, model.PRUpdated, model.PRReopened, model.PRClosed}

// eventSet is what the EVENT filters of a group let through.
type eventSet struct {
	names   []string // in the API's order
	strange []string // names the API does not have
	unsure  string   // why the set may be smaller than this
	stated  bool     // there is an EVENT filter
}

func (e eventSet) untrusted() []string {
	return slices.DeleteFunc(slices.Clone(e.names), func(n string) bool { return !slices.Contains(untrusted, n) })
}

// writers says whether events are among them that only writers cause.
func (e eventSet) writers() bool {
	return slices.ContainsFunc(e.names, func(n string) bool {
		return n != model.WorkflowQueue && !slices.Contains(untrusted, n)
	})
}

func (e eventSet) has(name string) bool { return slices.Contains(e.names, name) }

// Names splits the pattern of an EVENT filter. CDK joins with a comma and a blank.
func Names(pattern string) []string {
	var out []string
	for name := range strings.SplitSeq(pattern, ",") {
		if name = strings.TrimSpace(name); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// events intersects the EVENT filters of a group; without one every event passes.
func events(filters []model.Filter) eventSet {
	e := eventSet{names: slices.Clone(model.Events)}
	for _, f := range filters {
		kind := f.Kind()
		if !kind.Known() || kind.V != model.Event {
			continue
		}
		e.stated = true
		if !f.Pattern.Known() || f.Exclude.Unknown() {
			e.unsure = "its events are not known"
			continue
		}
		named := Names(f.Pattern.V)
		for _, n := range named {
			if !slices.Contains(model.Events, n) {
				e.strange = append(e.strange, n)
			}
		}
		exclude := f.Exclude.Or(false)
		e.names = slices.DeleteFunc(e.names, func(n string) bool { return slices.Contains(named, n) == exclude })
	}
	// An event of a name nobody here knows may be anything, which matters where the others are harmless.
	if len(e.strange) > 0 && e.unsure == "" && len(e.untrusted()) == 0 {
		e.names = slices.Clone(model.Events)
		e.unsure = "the API has no event " + e.strange[0]
	}
	return e
}
