package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// deploys says how to recognise, in the accounts that it reaches, what a set of
// stacks makes there: by roles of its own, which everybody's sets share.
type deploys struct {
	Set       string        `yaml:"set"`       // the thing that deploys, of the same file
	Place     string        `yaml:"place"`     // its part in one account, named by the account…
	Places    string        `yaml:"places"`    // …and in all that it reaches
	Addresses []string      `yaml:"addresses"` // where its calls come from
	Roles     string        `yaml:"roles"`     // names of the roles that make them, an expression
	Role      string        `yaml:"role"`      // where a call names another role
	Template  string        `yaml:"template"`  // where a call shows what is to be made
	Named     string        `yaml:"named"`     // how things are called that belong to {name}, an expression
	Within    time.Duration `yaml:"within"`    // how long after a call a thing without such a name is still its work

	roles *regexp.Regexp
}

func (d *deploys) compile(stem string) error {
	if d.Set == "" || d.Place == "" || d.Places == "" || len(d.Addresses) == 0 || !strings.Contains(d.Named, "{name}") || d.Within <= 0 {
		return errors.New("deploys: set, place, places, addresses, named with {name} and within must be given")
	}
	for _, s := range []*string{&d.Set, &d.Place, &d.Places} {
		*s = qualify(stem, *s)
	}
	var err error
	if d.roles, err = regexp.Compile("^(?:" + d.Roles + ")$"); err != nil {
		return fmt.Errorf("deploys: roles: %w", err)
	}
	if _, err = regexp.Compile(d.named(".+")); err != nil {
		return fmt.Errorf("deploys: named: %w", err)
	}
	return nil
}

func (d *deploys) named(name string) string { return strings.ReplaceAll(d.Named, "{name}", name) }

// sends says whether an effect makes, changes or sends out a set.
func (d *deploys) sends(e *Effect) bool {
	return e.row.thing != nil && e.row.thing.name == d.Set && (e.entry.Does == doesOpen || e.entry.Does == doesSet)
}

// deployment is a set that the intruder made, changed or sent out.
type deployment struct {
	set       id
	re        *regexp.Regexp // what its things are called
	at        []time.Time
	role      string
	templates []string
}

// sessionTime is how long a session lasts: what one did so long before a set was sent
// out tells whose it is.
const sessionTime = 12 * time.Hour

func (s *deployment) first() time.Time { return slices.MinFunc(s.at, time.Time.Compare) }

// deployed counts what the intruder's sets made in the accounts that they reach as made
// by the intruder: no person calls there. A call belongs to a set whose name it bears;
// without one, if its session made what bears one and nothing of another set, or if it
// came soon after the set was sent out, while no other set was under way.
func (w *writer) deployed(ctx context.Context, q evidence.Querier) error {
	d := w.t.deploys
	if d == nil {
		return nil
	}
	sets := w.deployments(d)
	if len(sets) == 0 {
		return nil
	}
	calls, err := w.deploying(ctx, q, d, sets)
	if err != nil {
		return fmt.Errorf("look up what sets of stacks made: %w", err)
	}
	others, err := w.otherSets(ctx, q, d, sets)
	if err != nil {
		return fmt.Errorf("look up other sets of stacks: %w", err)
	}
	anySet := regexp.MustCompile(d.named(".+"))
	sessions := map[string]map[*deployment]bool{} // nil stands for somebody else's set
	bearing := make([]*deployment, len(calls))
	for i := range calls {
		if bearing[i] = whose(calls[i].Body, sets); bearing[i] == nil && !anySet.Match(calls[i].Body) {
			continue
		}
		k := session(&calls[i])
		if sessions[k] == nil {
			sessions[k] = map[*deployment]bool{}
		}
		sessions[k][bearing[i]] = true
	}
	for i := range calls {
		e, of := &calls[i], bearing[i]
		switch only := sessions[session(e)]; {
		case of != nil:
		case anySet.Match(e.Body):
			continue // another set's, by its name
		case len(only) == 1 && !only[nil]:
			for of = range only { // the one there is
			}
		case len(only) == 0:
			of = soonAfter(e, sets, others, d.Within)
		}
		if of == nil || w.hostile[mark(e)] || e.Time.Before(of.first()) {
			continue
		}
		w.hostile[mark(e)] = true
		w.events = append(w.events, *e)
		w.placed[mark(e)] = []string{of.set.key + "#" + d.Place + "|" + e.Account, of.set.key + "#" + d.Places}
	}
	return nil
}

func session(e *evidence.Event) string { return e.Account + "|" + e.Identity.PrincipalID }

// deployments are the sets that hostile calls made, changed or sent out, in order.
func (w *writer) deployments(d *deploys) (out []*deployment) {
	for i := range w.events {
		e := &w.events[i]
		if e.Outcome() == evidence.Failure {
			continue
		}
		r, err := e.Parse()
		if err != nil {
			continue
		}
		c := newCall(e, r, w.in.Accounts)
		effects, _ := w.t.effects(c, before{})
		for _, eff := range effects {
			if !d.sends(&eff) {
				continue
			}
			k := slices.IndexFunc(out, func(s *deployment) bool { return s.set.key == eff.row.key })
			if k < 0 {
				re, err := regexp.Compile(d.named(regexp.QuoteMeta(eff.row.show)))
				if err != nil {
					continue // compile has tried it with any name; a quoted one cannot break it
				}
				k, out = len(out), append(out, &deployment{set: eff.row, re: re})
			}
			out[k].at = append(out[k].at, e.Time)
			if v := c.values(d.Role); len(v) > 0 {
				out[k].role = v[0]
			}
			if text := c.text(d.Template); text != "" {
				out[k].templates = append(out[k].templates, text)
			}
		}
	}
	return out
}

// deploying are the calls of the roles that sets work with, since before the first was sent out.
func (w *writer) deploying(ctx context.Context, q evidence.Querier, d *deploys, sets []*deployment) (out []evidence.Event, err error) {
	from := sets[0].first()
	for _, s := range sets {
		if t := s.first(); t.Before(from) {
			from = t
		}
	}
	for e, err := range q.Events(ctx, evidence.Query{From: from.Add(-sessionTime), IPs: d.Addresses, Body: true}) {
		if err != nil {
			return nil, err
		}
		role := e.Identity.IssuerName
		own := slices.ContainsFunc(sets, func(s *deployment) bool { return s.role != "" && s.role == role })
		if !e.ReadOnly && e.Outcome() != evidence.Failure && (own || d.roles.MatchString(role)) {
			out = append(out, e)
		}
	}
	return out, nil
}

// otherSets are the times at which sets of somebody else were made, changed or sent out.
func (w *writer) otherSets(ctx context.Context, q evidence.Querier, d *deploys, sets []*deployment) (out []time.Time, err error) {
	for _, action := range w.t.byType[d.Set] {
		source, name, _ := strings.Cut(action, ":")
		for e, err := range q.Events(ctx, evidence.Query{Sources: []string{source}, Names: []string{name}, Body: true}) {
			if err != nil {
				return nil, err
			}
			if w.hostile[mark(&e)] || e.Outcome() == evidence.Failure {
				continue
			}
			r, err := e.Parse()
			if err != nil {
				continue
			}
			effects, _ := w.t.effects(newCall(&e, r, w.in.Accounts), before{})
			if slices.ContainsFunc(effects, func(eff Effect) bool {
				return d.sends(&eff) && !slices.ContainsFunc(sets, func(s *deployment) bool { return s.set.key == eff.row.key })
			}) {
				out = append(out, e.Time)
			}
		}
	}
	return out, nil
}

// whose is the set whose name stands in a record.
func whose(body []byte, sets []*deployment) *deployment {
	for _, s := range sets {
		if s.re.Match(body) {
			return s
		}
	}
	return nil
}

// soonAfter is the one set that had been sent out when a call came.
func soonAfter(e *evidence.Event, sets []*deployment, others []time.Time, within time.Duration) *deployment {
	under := func(at []time.Time) bool {
		return slices.ContainsFunc(at, func(t time.Time) bool { return !e.Time.Before(t) && e.Time.Sub(t) <= within })
	}
	var of *deployment
	for _, s := range sets {
		if !under(s.at) {
			continue
		}
		if of != nil {
			return nil
		}
		of = s
	}
	if of != nil && under(others) && !of.shows(e) {
		return nil
	}
	return of
}

// shows says whether the set's template names one of the things that the call was about.
func (s *deployment) shows(e *evidence.Event) bool {
	return slices.ContainsFunc(e.Resources, func(name string) bool {
		name = name[strings.LastIndexAny(name, ":/")+1:]
		return len(name) > 3 && slices.ContainsFunc(s.templates, func(t string) bool { return bytes.Contains([]byte(t), []byte(name)) })
	})
}
