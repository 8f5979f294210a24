package response

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/lineage"
)

// maxWhy is how many claims one step names: enough to act on, few enough to read.
const maxWhy = 5

// reasons finds the claims that speak of something.
type reasons struct {
	byEvent      map[string][]string
	byCredential map[string][]string
	byPrincipal  map[string][]string
	fallback     []string
}

func reasonsOf(in *Input) reasons {
	r := reasons{map[string][]string{}, map[string][]string{}, map[string][]string{}, in.VerdictClaims}
	for _, c := range in.Claims {
		for _, ref := range c.Evidence {
			if id, ok := strings.CutPrefix(ref, "event:"); ok {
				r.byEvent[id] = append(r.byEvent[id], c.ID)
			}
		}
		for _, cred := range credentialsOf(c.Predicate) {
			r.byCredential[cred] = append(r.byCredential[cred], c.ID)
		}
	}
	for _, p := range in.Principals {
		k := targetOf(p.ARN, "").key()
		r.byPrincipal[k] = append(r.byPrincipal[k], p.Claims...)
	}
	if len(r.fallback) == 0 {
		for _, c := range in.Claims {
			r.fallback = append(r.fallback, c.ID)
		}
		r.fallback = r.merge(r.fallback, nil, nil)
		// Without claims about the verdict the first two stand for it: a step
		// without any reason would not be followed.
		r.fallback = r.fallback[:min(len(r.fallback), 2)]
	}
	return r
}

// credentialsOf lists what a predicate says of credentials.
func credentialsOf(p claim.Predicate) []string {
	out := []string{p.Child, p.Parent}
	for _, m := range []map[string]any{p.Equals, p.Filter} {
		for _, name := range []string{"credential", "access_key", "issued_credential"} {
			switch v := m[name].(type) {
			case string:
				out = append(out, v)
			case []any:
				for _, x := range v {
					if s, ok := x.(string); ok {
						out = append(out, s)
					}
				}
			}
		}
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// credential: what says how the credential was issued, then what says how it
// was used, then what is said of its principal.
func (r *reasons) credential(c lineage.Credential) []string {
	var out []string
	if c.IssuedBy != nil {
		out = r.byEvent[c.IssuedBy.Event]
	}
	if out = slices.Concat(out, r.byCredential[c.ID]); len(out) == 0 {
		out = r.byPrincipal[targetOf(c.Principal, "").key()]
	}
	return r.or(out)
}

func (r *reasons) events(ids []string) []string {
	var out []string
	for _, id := range ids {
		out = append(out, r.byEvent[id]...)
	}
	return r.or(out)
}

func (r *reasons) finding(f investigation.Finding) []string { return r.or(f.Claims) }

func (r *reasons) or(ids []string) []string {
	if len(ids) == 0 {
		return r.fallback
	}
	return ids
}

// telling are the claims that explain a step against a target best: those that
// cite an event in which the thing itself was made or touched, so that the
// rotation of one secret is not explained by the reading of another. Where there
// is none it is what the verdict begins with.
func (p *planner) telling(t target) map[string]bool {
	events := p.row(t.id, t).ByEvent
	if c, ok := p.rows[t.id]; ok && c.IssuedBy != nil {
		events = append(slices.Clip(events), c.IssuedBy.Event)
	}
	out := map[string]bool{}
	for _, e := range events {
		for _, c := range p.why.byEvent[e] {
			out[c] = true
		}
	}
	if len(out) == 0 && len(p.why.fallback) > 0 {
		out[p.why.fallback[0]] = true
	}
	return out
}

// merge joins two lists, at most maxWhy: the first ones in front, then in the
// order of claim numbers. Of many lists it gives the same in any order.
func (r *reasons) merge(a, b []string, first map[string]bool) []string {
	out := slices.Concat(a, b)
	slices.SortFunc(out, func(x, y string) int {
		switch {
		case first[x] && !first[y]:
			return -1
		case first[y] && !first[x]:
			return 1
		}
		return cmp.Or(cmp.Compare(claimNumber(x), claimNumber(y)), cmp.Compare(x, y))
	})
	out = slices.Compact(out)
	return out[:min(len(out), maxWhy)]
}

func claimNumber(id string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(id, "C"))
	if err != nil {
		// Ids that are not ours come last.
		return 1 << 30
	}
	return n
}
