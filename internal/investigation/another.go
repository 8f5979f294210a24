package investigation

import (
	"context"
	"slices"
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
// the owner's explains; less will do where the case asks who or what else there was.
func (in *inquiry) another(ctx context.Context) error {
	if !in.foundHostile() || in.swept {
		return nil
	}
	// Nobody asked for a sort of call here, so none has more weight than another.
	none := func(*evidence.Event) int { return 0 }
	cands, err := in.candidates(ctx, time.Time{}, time.Time{}, none)
	if err != nil {
		return err
	}
	var others []string
	for _, c := range cands {
		if len(others) < maxOthers && in.surelyOther(c.Cluster) && !in.touches(c.Person) {
			others = append(others, c.Person)
		}
	}
	if len(others) == 0 {
		return nil
	}
	// A candidate's score ranks; only judged like anybody, by their own calls, are they told of.
	at, err := in.trial(ctx, others)
	if err != nil {
		return err
	}
	found := map[string]string{} // person → how they are named
	for _, c := range at.Clusters {
		if n := in.g.Node(c.Credential); n != nil && c.Actor.Hostile() && in.surelyOther(c) && slices.Contains(others, n.Person) {
			found[n.Person] = in.pass.survey.Principal(n.Person).Identity.ARN
		}
	}
	if len(found) == 0 {
		return nil
	}
	return in.admit(ctx, found, "The case does not lead to %s, and no network, credential or call joins them to what it leads to. What was done with their credentials is an intruder's by itself, so it is reported too; it may be another party's.")
}

// surelyOther says whether a cluster shows another party by itself. Where the case asks who or
// what else there was, more than one habit of the owner's that is broken, and not only of place
// and tool, will do: it is asked for, and nobody is told of without that they may be another's.
func (in *inquiry) surelyOther(c *attribution.Cluster) bool {
	t := in.o.Content.Weights.Thresholds
	return c.Score >= t.Intruder && c.Plain() || in.reading.Wider && c.Score >= t.Likely && c.Breaks() >= 3
}
