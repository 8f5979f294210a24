package attribution

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/trailhound/trailhound/internal/evidence"
)

// GraveFile says which acts are grave, by kind.
const GraveFile = "attribution/grave.yml"

// graveAct is some calls of one kind, and what must hold beside their names.
type graveAct struct {
	Calls   []string `yaml:"calls"`
	Other   bool     `yaml:"other"`
	Outside bool     `yaml:"outside"`
	Unused  bool     `yaml:"unused"`
	Soft    bool     `yaml:"soft"`
	Path    string   `yaml:"path"`
	Is      []string `yaml:"is"`
	AtLeast int      `yaml:"at_least"`

	kind string
}

// reads says whether the whole record is wanted to tell.
func (a *graveAct) reads() bool { return a.Other || a.Outside || a.Path != "" }

// loadGrave reads the acts, by call.
func loadGrave(fsys fs.FS) (map[string][]*graveAct, error) {
	data, err := fs.ReadFile(fsys, GraveFile)
	if err != nil {
		return nil, fmt.Errorf("read grave acts: %w", err)
	}
	var file struct {
		Kinds []struct {
			Kind string     `yaml:"kind"`
			Acts []graveAct `yaml:"acts"`
		} `yaml:"kinds"`
	}
	dec, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithKnownFields())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", GraveFile, err)
	}
	if err := dec.Load(&file); err != nil {
		return nil, fmt.Errorf("%s: %w", GraveFile, err)
	}
	out := map[string][]*graveAct{}
	for i := range file.Kinds {
		k := &file.Kinds[i]
		for j := range k.Acts {
			a := &k.Acts[j]
			a.kind = k.Kind
			if a.kind == "" || len(a.Calls) == 0 || (len(a.Is) > 0) != (a.Path != "") || a.AtLeast < 0 {
				return nil, fmt.Errorf("%s: act %d of kind %q: wants a kind, its calls, and values where there is a path", GraveFile, j+1, k.Kind)
			}
			for _, c := range a.Calls {
				if service, name, ok := strings.Cut(c, ":"); !ok || service == "" || name == "" {
					return nil, fmt.Errorf("%s: %q is not service:Name", GraveFile, c)
				}
				out[c] = append(out[c], a)
			}
		}
	}
	return out, nil
}

// graveHit is a call of a principal that is a grave act.
type graveHit struct {
	i       int // index into the principal's events
	act     *graveAct
	session string
}

// findGrave keeps which calls of p are grave acts, in order of time.
// Records are read only where acts of two kinds could come together, or one alone
// already tells something.
func (r *run) findGrave(ctx context.Context, p *person) error {
	type maybe struct {
		i    int
		acts []*graveAct
	}
	p.grave = nil
	var all []maybe
	var ids []string
	kinds := map[string]bool{}
	for i := range p.events {
		e := &p.events[i]
		acts := r.w.graveActs[e.Action()]
		if len(acts) == 0 || e.Outcome() != evidence.Success || isService(e) || e.Identity.ServiceLinked() {
			continue
		}
		young := e.Time.Before(r.s.Began(e.Account).AddDate(0, 0, r.w.Baseline.MinDays))
		barred := func(a *graveAct) bool { return a.Soft && young || a.Unused && !r.unusedRegion(p, e) }
		if slices.ContainsFunc(acts, barred) {
			acts = slices.DeleteFunc(slices.Clone(acts), barred)
		}
		if len(acts) == 0 {
			continue
		}
		all = append(all, maybe{i, acts})
		for _, a := range acts {
			kinds[a.kind] = true
			if a.reads() {
				ids = append(ids, e.ID)
			}
		}
	}
	if len(kinds) < 2 && !p.graveAlone && (r.in.Terminated.IsZero() || !r.leaver(p)) { // they could come together with nothing; where they were made may tell something all the same
		all, ids = slices.DeleteFunc(all, func(m maybe) bool { return !m.acts[0].Unused }), nil
	}
	records := map[string]evidence.Record{}
	if ids = slices.Compact(ids); len(ids) > 0 {
		q := evidence.Query{IDs: ids, Body: true, From: p.events[all[0].i].Time, To: p.events[all[len(all)-1].i].Time.Add(time.Second)}
		for e, err := range r.q.Events(ctx, q) {
			if err != nil {
				return fmt.Errorf("read the grave acts of %s: %w", p.unique, err)
			}
			if rec, err := e.Parse(); err == nil { // what cannot be read shows no act
				records[e.Key()] = rec
			}
		}
	}
	ours := func(account string) bool { return !r.s.Began(account).IsZero() || slices.Contains(r.in.Ours, account) }
	for _, m := range all {
		e := &p.events[m.i]
		n := slices.IndexFunc(m.acts, func(a *graveAct) bool { return a.holds(e, records[e.Key()], ours) })
		if n < 0 {
			continue
		}
		hit := graveHit{m.i, m.acts[n], ""}
		if c := p.owner[m.i]; c >= 0 {
			hit.session = p.clusters[c].Session
		}
		p.grave = append(p.grave, hit)
	}
	return nil
}

// holds says whether an event is the act, as far as its name does not say so.
func (a *graveAct) holds(e *evidence.Event, rec evidence.Record, ours func(account string) bool) bool {
	if !a.reads() {
		return true
	}
	if rec == nil {
		return false
	}
	if user := rec.Str("requestParameters.userName"); a.Other && (user == "" || user == e.Identity.UserName) {
		return false
	}
	if a.Outside && !letsIn(rec["requestParameters"], ours) {
		return false
	}
	if a.Path == "" {
		return true
	}
	return slices.ContainsFunc(rec.Strs(a.Path), func(v string) bool { return slices.Contains(a.Is, v) })
}

// unusedRegion says whether nobody in the account had made anything in the event's
// region when the principal, or somebody a day before it, began to. A region is
// known to be unused only once the account was watched for some days.
func (r *run) unusedRegion(p *person, e *evidence.Event) bool {
	if e.Region == "us-east-1" {
		return false // global services are made there, whoever makes them
	}
	k := [2]string{e.Account, e.Region}
	unused, ok := p.unused[k]
	if !ok {
		made, ok := r.s.FirstSeen("made", e.Account, e.Region)
		first := slices.IndexFunc(p.events, func(o evidence.Event) bool { return o.Region == e.Region && o.Account == e.Account && makes(&o) })
		unused = ok && first >= 0 && !made.Before(r.s.Began(e.Account).AddDate(0, 0, r.w.Baseline.MinDays)) && !made.Before(p.events[first].Time.Add(-graveApart))
		if p.unused == nil {
			p.unused = map[[2]string]bool{}
		}
		p.unused[k] = unused
	}
	return unused
}

// graveApart parts what somebody did on an earlier day from what belongs to one go.
const graveApart = 20 * time.Hour

// graveSeries lists the kinds of grave act, none of which the principal did
// before, that the cluster's session did within the window around one of the
// cluster's own. Fewer than two are no series.
func (r *run) graveSeries(p *person, c *Cluster) []string {
	window := time.Duration(r.w.Cluster.GraveMinutes) * time.Minute
	at := func(h graveHit) time.Time { return p.events[h.i].Time }
	var acts []graveHit
	habit := map[string]bool{}
	begin, _ := slices.BinarySearchFunc(p.grave, c.First.Add(-window), func(h graveHit, t time.Time) int { return at(h).Compare(t) })
	for _, h := range p.grave[begin:] {
		if at(h).After(c.Last.Add(window)) {
			break
		}
		if h.session != c.Session && !r.besideIt(p, h, c) {
			continue
		}
		was, told := habit[h.act.kind]
		if !told {
			was = p.didBefore(h.act.kind, c.First)
			habit[h.act.kind] = was
		}
		if !was {
			acts = append(acts, h)
		}
	}
	best, counts, own, from := []string(nil), map[*graveAct]int{}, 0, 0
	mine := func(h graveHit) bool { return p.clusters[p.owner[h.i]] == c }
	for _, h := range acts {
		counts[h.act]++
		if mine(h) {
			own++
		}
		for ; at(h).Sub(at(acts[from])) > window; from++ {
			counts[acts[from].act]--
			if mine(acts[from]) {
				own--
			}
		}
		if own == 0 {
			continue
		}
		var kinds []string
		hard := false
		for a, n := range counts {
			if n > 0 && n >= a.AtLeast {
				hard = hard || !a.Soft
				if !slices.Contains(kinds, a.kind) {
					kinds = append(kinds, a.kind)
				}
			}
		}
		if hard && len(kinds) > len(best) {
			slices.Sort(kinds)
			best = kinds
		}
	}
	return best
}

// besideIt says whether an act was done in another session of the cluster's person and role from the
// cluster's network. A directory's portal opens a session for every window and every tool, so that one
// person's sitting is several of them; of other roles nobody says that one hand holds two sessions.
func (r *run) besideIt(p *person, h graveHit, c *Cluster) bool {
	n := p.owner[h.i]
	if n < 0 || p.clusters[n].Network != c.Network || face(p.unique) == p.unique {
		return false
	}
	return strings.HasPrefix(p.events[h.i].Identity.IssuerName, evidence.PermissionSetRole)
}

// didBefore says whether acts of the kind are the principal's habit: done before by
// what is held to be the owner, or on two days by whoever it was and not the intruder.
func (p *person) didBefore(kind string, t time.Time) bool {
	days := map[string]bool{}
	for _, h := range p.grave {
		e := &p.events[h.i]
		if h.act.kind != kind || !e.Time.Before(t.Add(-graveApart)) {
			continue
		}
		if n := p.owner[h.i]; n >= 0 {
			switch a := p.clusters[n].Actor; {
			case a.Hostile():
				continue
			case a == Owner || a == Service || a == Responder:
				return true
			}
		}
		days[e.Time.Format(time.DateOnly)] = true
	}
	return len(days) > 1
}

// regionUnused names the region, so far nobody's, in which the cluster runs
// something or brings data; "" if there is none.
func (r *run) regionUnused(p *person, c *Cluster) string {
	for _, h := range p.grave {
		if n := p.owner[h.i]; h.act.Unused && n >= 0 && p.clusters[n] == c && !(p.baseline.Known && p.baseline.regions[p.events[h.i].Region]) && !r.in.nearby(p.events[h.i].Region) {
			return p.events[h.i].Region
		}
	}
	return ""
}

// nearby says that a region is near where somebody is said to be for a while.
func (in *Input) nearby(region string) bool { return in.Away && slices.Contains(in.Abroad, region) }
