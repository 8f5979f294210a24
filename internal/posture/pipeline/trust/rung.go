package trust

import (
	"slices"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// The rungs of the ladder, in the words of the hardening guide.
const (
	RungOpen   = "0: pull requests build unasked"
	RungPush   = "1: push only"
	RungBranch = "2: push to named branches"
	RungGate   = "3: listed contributors or comment approval"
	RungRunner = "runner: the provider decides which workflows run"
)

// rung names where a project stands. A way in that is open puts it on the floor,
// whatever the others are.
func rung(r Result) string {
	switch {
	case r.Verdict == Unknown:
		return "cannot be told"
	case r.Verdict.Open():
		return RungOpen
	case r.Verdict == None:
		return "nothing starts it"
	}
	out := ""
	for _, w := range r.Ways {
		this := RungPush
		switch {
		case w.Verdict == None:
			continue
		case slices.Contains(w.Events, model.WorkflowQueue) && len(w.Events) == 1:
			this = RungRunner
		case slices.ContainsFunc(w.Events, pullRequest) && w.Verdict == Writers && w.Policy != PolicyStrong && w.Policy != PolicyDefault:
			this = RungOpen // behind the walls of a closed repository
		case w.Verdict == IDs || w.Policy == PolicyStrong || w.Policy == PolicyDefault:
			this = RungGate
		case slices.Contains(w.Gates, model.HeadRef):
			this = RungBranch
		}
		if out == "" || this < out {
			out = this
		}
	}
	return out
}

func pullRequest(event string) bool { return slices.Contains(untrusted, event) }
