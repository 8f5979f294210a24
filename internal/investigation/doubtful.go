package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/ledger"
)

// Doubtful is something that would let somebody back in, stand open to others or go on by
// itself, made by calls that could be put down to nobody. It is held against no one, and it
// is not closed either: whose it is decides whether it is a way back.
type Doubtful struct {
	Kind      string   `json:"kind"`
	ID        string   `json:"id"`
	Means     string   `json:"means"`
	Status    string   `json:"status"` // live | unknown
	Technique string   `json:"technique"`
	Undo      string   `json:"undo"` // action id, should it be nobody's of the account's
	Events    []string `json:"events"`
	Claims    []string `json:"claims"`
	Because   string   `json:"because"` // why the calls are nobody's, as a code of the attribution
	Decides   string   `json:"decides"` // what would decide it
}

// maxDoubtful bounds the list: somebody has to be asked about each.
const maxDoubtful = 25

// doubtful keeps the same account of calls that could be put down to nobody as of the
// intruder's, and lists what is still there of it. In an incident only what was done while
// the intruder was active is theirs to be asked about; with nobody held to be an intruder,
// all of it is.
func (in *inquiry) doubtful(ctx context.Context) error {
	from, _ := in.intrusion()
	var open []evidence.Event
	is := map[string]bool{}
	for _, s := range in.subjects {
		e := s.Event
		if s.Actor != attribution.Undetermined || e.ReadOnly || e.Outcome() != evidence.Success || in.lastDays(e.ID) || !from.IsZero() && !in.during(e.Time) {
			continue
		}
		open, is[e.ID] = append(open, *e), true
	}
	if len(open) == 0 {
		return nil
	}
	l, err := in.o.Content.Ledger.Build(ctx, in.q, open, ledger.Input{
		Hostile: func(e *evidence.Event) bool { return is[e.ID] }, Accounts: in.res.Accounts, End: in.now, Blind: in.pass.blind,
	})
	if err != nil {
		return fmt.Errorf("keep the ledger of what is nobody's: %w", err)
	}
	for _, p := range l.Persistence {
		if p.Status != ledger.Live && p.Status != ledger.Unknown || len(in.res.Doubtful) == maxDoubtful || in.left(p.Kind, p.ID) {
			continue
		}
		u := Doubtful{Kind: p.Kind, ID: p.ID, Means: p.Meaning(), Status: p.Status, Technique: p.Technique, Undo: p.Undo, Events: p.Events, Claims: []string{}}
		var who []string
		for _, id := range p.Events {
			s := in.subject(id)
			if s == nil {
				continue
			}
			u.Because = in.rows()[id].Because
			u.Claims = append(u.Claims, in.eventClaim(s, in.target(s)))
			if by := openedBy(s); !slices.Contains(who, by) {
				who = append(who, by)
			}
		}
		u.Decides = fmt.Sprintf("Whoever works as %s must say whether this was theirs.", strings.Join(first(who, 3), ", "))
		in.res.Doubtful = append(in.res.Doubtful, u)
	}
	return nil
}

// openedBy names who made a call, and from where: what the owner is asked by.
func openedBy(s *detection.Subject) string {
	who := s.Event.Identity.Called()
	if evidence.Network(s.Event.SourceIP) != "" {
		who += " from " + s.Event.SourceIP
	}
	return who
}

// left says whether the thing is told of as something that the intruder left.
func (in *inquiry) left(kind, id string) bool {
	return slices.ContainsFunc(in.res.Persistence, func(p ledger.Persistence) bool { return p.Kind == kind && p.ID == id && p.Status != ledger.Attempted })
}
