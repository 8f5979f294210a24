package investigation

import (
	"context"
	"fmt"
	"slices"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/ledger"
)

// laterLives says of what the intruder left what became of it: how often they came by it,
// and who took it away. It stands behind states, which decide whether it is gone.
func (in *inquiry) laterLives(ctx context.Context) error {
	var ended []string
	for _, p := range in.res.Persistence {
		if p.Status == ledger.Removed {
			ended = append(ended, ends(p)...)
		}
	}
	by := map[string]*evidence.Event{}
	slices.Sort(ended)
	if ended = slices.Compact(ended); len(ended) > 0 {
		for e, err := range in.q.Events(ctx, evidence.Query{IDs: ended}) {
			if err != nil {
				return fmt.Errorf("read who removed what was left: %w", err)
			}
			by[e.ID] = &e
		}
	}
	for i := range in.res.Persistence {
		p := &in.res.Persistence[i]
		p.Later = nil
		if u := in.usesOf(p); u != nil {
			p.Later = append(p.Later, *u)
		}
		if p.Status != ledger.Removed {
			continue
		}
		for _, id := range ends(*p) {
			if e := by[id]; e != nil && len(p.Later) < maxLater {
				p.Later = append(p.Later, ledger.Later{What: "removed", At: stamp(e.Time), By: e.Identity.Called(), Actor: string(in.rows()[id].Actor), Events: []string{id}})
			}
		}
	}
	return nil
}

// maxLater bounds what is told of one thing: a thing may be made and removed in turns.
const maxLater = 5

// ends are the calls that ended a thing. What shows that a session has run out is the call
// that began it, and nobody removed that.
func ends(p ledger.Persistence) (out []string) {
	for _, id := range bare(p.StateEvidence) {
		if !slices.Contains(p.Events, id) {
			out = append(out, id)
		}
	}
	return out
}

// usesOf counts the intruder's calls with what the making of a thing led to, through
// however many credentials; nil if there are none. The owner's calls with the same, where a
// password or a role is theirs too, are not counted.
func (in *inquiry) usesOf(p *ledger.Persistence) *ledger.Later {
	if p.Status == ledger.Attempted {
		return nil
	}
	led := map[string]bool{}
	var queue []string
	add := func(id string) {
		if id != "" && !led[id] {
			led[id] = true
			queue = append(queue, id)
		}
	}
	for _, event := range p.Events {
		for _, edge := range in.g.IssuedBy(event) {
			add(edge.Child)
		}
	}
	for len(queue) > 0 {
		id := queue[0]
		queue = queue[1:]
		for _, edge := range in.g.Out(id) {
			add(edge.Child)
		}
	}
	if len(led) == 0 {
		return nil
	}
	var u *ledger.Later
	for i, row := range in.at.Rows {
		if !row.Actor.Hostile() || !led[row.Credential] || in.again(i) {
			continue
		}
		if u == nil {
			u = &ledger.Later{What: "used", Actor: string(row.Actor)}
		}
		u.Calls++
		u.At, u.By = stamp(in.at.Events[i].Time), in.at.Events[i].Identity.Called()
		if u.Calls == 1 {
			u.Events = []string{row.Event}
		}
		if u.Calls > 1 { // the first and the last
			u.Events = append(u.Events[:1], row.Event)
		}
	}
	return u
}
