package generate

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/access/policy"
	"github.com/trailhound/trailhound/internal/evidence"
)

// Result is a policy with everything that speaks for and against it. It is the
// JSON of "trailhound policy generate"; see docs/formats/policy.md.
type Result struct {
	Format    string     `json:"format"`
	Principal string     `json:"principal"`
	Project   string     `json:"project,omitempty"`
	Events    int        `json:"events"`
	From      time.Time  `json:"from"` // first and last call that was read
	To        time.Time  `json:"to"`
	Policies  []Document `json:"policies"` // one, or several where one would be too large
	Size      int        `json:"size"`     // characters that IAM counts, of all of them
	Fits      string     `json:"fits"`     // inline, managed, or why neither
	Explain   []Row      `json:"permissions"`
	Denied    []Row      `json:"denied"`
	Untrusted []Row      `json:"only_untrusted"`
	Hostile   []Row      `json:"only_hostile"`
	Limits    []Limit    `json:"limits"`
	Replay    Replay     `json:"replay"`
	Diff      *Diff      `json:"diff,omitempty"`
}

// Row is one permission and where it can be read that it was used.
type Row struct {
	Class    Class     `json:"class,omitempty"`
	Action   string    `json:"action"`
	Resource string    `json:"resource"`
	Why      string    `json:"why,omitempty"`
	Count    int       `json:"count"` // uses; 0 for what the project's configuration implies
	Names    int       `json:"resources,omitempty"`
	First    time.Time `json:"first,omitzero"`
	Last     time.Time `json:"last,omitzero"`
	Events   []string  `json:"events"` // up to three
	Builds   int       `json:"builds,omitempty"`
}

// Format is the value of Result.Format.
const Format = "trailhound-policy/1"

// Run draws the policy of a principal and replays it. present are policy
// documents that are attached now, for the difference; nil for none.
// The result is the same for the same evidence, options and documents. An error is about
// the evidence, the principal's name, or there being no call of it.
func (t *Table) Run(ctx context.Context, q evidence.Querier, o Options, present [][]byte) (*Result, error) {
	a, err := t.collect(ctx, q, &o)
	if err != nil {
		return nil, err
	}
	list := t.grants(a, basics(o.Projects, a, o.Project))
	res := &Result{Format: Format, Principal: a.principal, Project: o.Project, Events: a.events, From: a.first, To: a.last,
		Policies: documents(statements(list)), Explain: []Row{}, Limits: t.limits(a, &o)}
	if res.Policies == nil {
		res.Policies = []Document{}
	}
	var docs [][]byte
	for i := range res.Policies {
		docs = append(docs, res.Policies[i].JSON())
		res.Size += res.Policies[i].size()
	}
	res.Fits = fits(res.Policies, res.Size, a.principal)
	for _, g := range list {
		res.Explain = append(res.Explain, g.row())
	}
	res.Denied, res.Untrusted, res.Hostile = rows(a.denied, nil), rows(a.untrusted, a.kept), rows(a.hostile, a.kept)
	res.Replay = a.replay(docs)
	if present != nil {
		res.Diff = a.diff(list, docs, present)
	}
	return res, nil
}

// fits says how the documents can be attached to the principal.
func fits(docs []Document, size int, principal string) string {
	inline := maxInline
	if arn, _ := policy.ParseARN(principal); arn.Type() == "user" {
		inline = maxInlineUser
	}
	if size <= inline {
		return "inline"
	}
	for i := range docs {
		if docs[i].size() > maxManaged {
			return "one statement alone is larger than a managed policy may be: give fewer resources by hand"
		}
	}
	return "managed"
}

// row tells of a permission of the policy, with the uses of all names it stands for.
func (g *granted) row() Row {
	r := Row{Class: g.class, Action: g.action, Resource: g.pattern, Why: g.why, Events: []string{}}
	builds, names := map[string]bool{}, map[string]bool{}
	for _, h := range g.uses {
		r.add(&h.use)
		maps.Copy(builds, h.builds)
		names[h.res.literal] = true
	}
	r.Builds = len(builds)
	if len(names) > 1 {
		r.Names = len(names)
	}
	return r
}

// add joins the uses of one name; those of a project's configuration have none.
func (r *Row) add(u *Use) {
	r.Count += u.Count
	if r.First.IsZero() || !u.First.IsZero() && u.First.Before(r.First) {
		r.First = u.First
	}
	if u.Last.After(r.Last) {
		r.Last = u.Last
	}
	if room := 3 - len(r.Events); room > 0 {
		r.Events = append(r.Events, u.Events[:min(room, len(u.Events))]...)
	}
}

// rows lists what a set holds and except does not.
func rows(set, except map[string]*held) []Row {
	out := []Row{}
	for _, key := range slices.Sorted(maps.Keys(set)) {
		h := set[key]
		if except[key] != nil {
			continue
		}
		r := Row{Action: h.action, Resource: h.res.literal, Why: h.why(), Events: []string{}, Builds: len(h.builds)}
		r.add(&h.use)
		out = append(out, r)
	}
	return out
}
