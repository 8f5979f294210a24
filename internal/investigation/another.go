package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
)

// maxOthers bounds how many parties are looked at whom nothing joins to the case.
const maxOthers = 3

// another looks, where the case led to an intruder, for others at work in the account whom
// nothing joins to that one: a weakness seldom has one finder, and a case closed over one
// of two leaves the other in. The case gives them no reason, so their own acts must: at any
// time certain by themselves, and of the kind that no journey, new device or new task of
// the owner's explains.
func (in *inquiry) another(ctx context.Context) error {
	if !in.foundHostile() || in.swept {
		return nil
	}
	w := in.o.Content.Weights
	none := func(*evidence.Event) int { return 0 }
	cands, err := attribution.Candidates(ctx, in.q, in.g, in.pass.survey, w, time.Time{}, time.Time{}, none, in.input.Known, in.input.Addresses)
	if err != nil {
		return err
	}
	trial := in.input
	trial.Credentials, trial.Principals, trial.IPs, trial.Events, trial.Workloads, trial.Told, trial.Examine = nil, nil, nil, nil, nil, nil, nil
	for _, c := range cands {
		if len(trial.Examine) < maxOthers && c.Score >= w.Thresholds.Intruder && c.Cluster.Plain() && !in.touches(c.Person) {
			trial.Examine = append(trial.Examine, c.Person)
		}
	}
	if len(trial.Examine) == 0 {
		return nil
	}
	at, err := attribution.Run(ctx, in.q, in.g, in.pass.survey, trial, w)
	if err != nil {
		return err
	}
	found := map[string]string{} // person → how they are named
	for _, c := range at.Clusters {
		if n := in.g.Node(c.Credential); n != nil && c.Actor == attribution.Intruder && c.Plain() && slices.Contains(trial.Examine, n.Person) {
			found[n.Person] = in.pass.survey.Principal(n.Person).Identity.ARN
		}
	}
	if len(found) == 0 {
		return nil
	}
	var names []string
	for _, p := range keys(found) {
		in.input.Examine = append(in.input.Examine, p)
		names = append(names, found[p])
	}
	slices.Sort(names)
	in.assume("principal", fmt.Sprintf("The case does not lead to %s, and no network, credential or call joins them to what it leads to. What was done with their credentials is an intruder's by itself, so it is reported too; it may be another party's.", strings.Join(slices.Compact(names), ", ")))
	return in.attribute(ctx)
}
