package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
)

// planted is code that somebody who left made or replaced in their last days, and what it did after the end.
type planted struct {
	call        detection.Subject
	name        string
	roles       []string // that it may run with
	n           int
	first, last evidence.Event
	changes     map[string]bool // what it did that is no read
	daily       bool            // to make such things was the daily work of who made it
}

// Bounds of what is told and read of what was planted.
const (
	maxPlanted    = 5
	maxPlantRoles = 20
	maxRoleDepth  = 8
)

// outlasting asks about code that somebody who left planted in their last days and that works on without
// them: no key of theirs is in it, so that nothing that is taken from them ends it. To deploy is many
// people's daily work, which no end of an employment makes a crime; so nobody is accused, and of whose daily
// work it was to make such things only what changes rights or secrets is asked about.
func (in *inquiry) outlasting(ctx context.Context) error {
	end := in.input.Terminated
	if end.IsZero() {
		return nil
	}
	if in.input.TerminatedBy.After(end) {
		end = in.input.TerminatedBy
	}
	plants := in.plants()
	for i := range plants {
		if err := in.atWork(ctx, &plants[i], end); err != nil {
			return err
		}
	}
	plants = slices.DeleteFunc(plants, func(p planted) bool { return p.n == 0 || p.daily && !in.reaches(&p) })
	for i := range first(plants, maxPlanted) {
		p := &plants[i]
		e := p.call.Event
		text := fmt.Sprintf("`%s` was made or replaced in the last days before the end of employment (%s, event %s) and has worked since by itself: %d %s as %s %s, first event %s.",
			p.name, e.Action(), e.ID, p.n, plural("calls", int64(p.n)), p.first.Identity.Called(), span(p.first.Time, p.last.Time), p.first.ID)
		if len(p.changes) > 0 {
			text += fmt.Sprintf(" Among them: %s.", and(first(keys(p.changes), 5)))
		}
		in.res.Open = append(in.res.Open, text+" Whoever gave the work must say whether it was asked for; no credential that is taken away ends it.")
		in.departed++
	}
	if n := len(plants) - maxPlanted; n > 0 {
		in.res.Open = append(in.res.Open, fmt.Sprintf("Further things that were made in the last days before the end of employment and have worked since by themselves: %d.", n))
	}
	return nil
}

// plants are the things with code of their own that the calls of somebody's last days made or gave new code.
func (in *inquiry) plants() (out []planted) {
	for _, s := range in.subjects {
		e := s.Event
		if s.Actor != attribution.Owner && s.Actor != attribution.Undetermined || e.Outcome() != evidence.Success || !in.leaving(e.Time) || !in.leaves(e.Identity.Person()) {
			continue
		}
		for _, f := range in.o.Content.Ledger.Effects(e, s.Record, in.res.Accounts...) {
			if f.Plants == nil || f.Plants.Kind != "function" && f.Plants.Kind != "layer" && f.Plants.Kind != "other" {
				continue
			}
			name := lastPart(f.ID)
			if at := strings.LastIndexByte(name, ':'); at >= 0 { // …:function:name
				name = name[at+1:]
			}
			if !claim.Quotable(name) || !namedIn(&s, name) || slices.ContainsFunc(out, func(p planted) bool { return p.name == name }) {
				continue
			}
			p := planted{call: s, name: name, changes: map[string]bool{}, daily: in.routine(e, e.Time)}
			rolesIn(map[string]any(s.Record), 0, &p.roles)
			out = append(out, p)
		}
	}
	return out
}

// reaches says whether what was planted changed something of a service that holds rights, secrets or guards.
func (in *inquiry) reaches(p *planted) bool {
	return slices.ContainsFunc(keys(p.changes), func(action string) bool {
		service, _, _ := strings.Cut(action, ":")
		return slices.Contains(in.o.Content.Weights.AwayBars, service)
	})
}

// leaves says whether the case is about this person's end.
func (in *inquiry) leaves(person string) bool {
	if len(in.input.Leavers) > 0 {
		return slices.Contains(in.input.Leavers, person)
	}
	return slices.Contains(in.input.Principals, person)
}

// rolesIn gathers the ARNs of roles that a record names as a whole value.
func rolesIn(v any, depth int, out *[]string) {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range keys(v) {
			if k != "userIdentity" && depth < maxRoleDepth {
				rolesIn(v[k], depth+1, out)
			}
		}
	case []any:
		for _, o := range v {
			if depth < maxRoleDepth {
				rolesIn(o, depth+1, out)
			}
		}
	case string:
		if strings.HasPrefix(v, "arn:") && strings.Contains(v, ":role/") && len(*out) < maxPlantRoles && !slices.Contains(*out, v) {
			*out = append(*out, v)
		}
	}
}

// atWork counts what a thing did after the end: the calls of sessions of its role that are named after it, as
// those of functions are, or were issued to it.
func (in *inquiry) atWork(ctx context.Context, p *planted, end time.Time) error {
	if len(p.roles) == 0 {
		return nil
	}
	for e, err := range in.q.Events(ctx, evidence.Query{Principals: p.roles, From: end}) {
		if err != nil {
			return fmt.Errorf("read what was planted before the end: %w", err)
		}
		if e.Identity.SessionName() != p.name && !strings.HasSuffix(e.Identity.InScopeOf, ":"+p.name) && !strings.HasSuffix(e.Identity.InScopeOf, "/"+p.name) {
			continue
		}
		if p.n == 0 {
			p.first = e
		}
		p.n++
		p.last = e
		if !e.ReadOnly && e.Outcome() == evidence.Success {
			p.changes[e.Action()] = true
		}
	}
	return nil
}
