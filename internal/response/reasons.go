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
		r.fallback = r.merge(r.fallback, nil)
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
	if out = r.merge(out, r.byCredential[c.ID]); len(out) == 0 {
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

// merge joins two lists, in the order of claim numbers, at most maxWhy.
func (r *reasons) merge(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.SortFunc(out, func(x, y string) int { return cmp.Or(cmp.Compare(claimNumber(x), claimNumber(y)), cmp.Compare(x, y)) })
	out = slices.Compact(out)
	return out[:min(len(out), maxWhy)]
}

func claimNumber(id string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(id, "C"))
	if err != nil {
		return 1 << 30
	}
	return n
}
