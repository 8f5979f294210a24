package attribution

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// take is one call that took a role, and the sessions that it opened.
type take struct {
	e        evidence.Event
	role     string // ARN
	sessions []string
	persons  []string // whose the sessions are
	guest    string   // account of the outside party that took it, itself or by way of another role; "" for anybody else
	caller   string   // principal id of that party's hands: one account holds many
}

// Unvouched is what the word for an outside party did not clear, though the party did it.
type Unvouched struct {
	Account, Caller, Role string
	Event                 string // what the caller did beside its errand, or how somebody else took the role
	Stranger              bool   // it is the latter
}

// guests works out which sessions a statement speaks of that vouches for an outside
// party by its account: those of roles that this party alone takes. What a caller did
// beside its errand (a user made, a log stopped, a copy given away) is vouched for by
// nobody, and neither is then the rest of what that caller did.
func (r *run) guests(ctx context.Context) error {
	var accounts []string
	for _, k := range r.in.Known {
		accounts = append(accounts, k.Guests...)
	}
	if len(accounts) == 0 {
		return nil
	}
	takes, err := r.takes(ctx, accounts)
	if err != nil {
		return err
	}
	strayed, err := r.strayed(ctx, takes)
	if err != nil {
		return err
	}
	for i := range r.in.Known {
		if k := &r.in.Known[i]; len(k.Guests) > 0 {
			r.unvouched = append(r.unvouched, k.invite(takes, strayed)...)
		}
	}
	return nil
}

// invite notes the calls and keys of the guests. Where the log shows nobody at all take
// the roles that are named, they alone are left to go by, as if no account were named.
func (k *Known) invite(takes []take, strayed map[string]string) (not []Unvouched) {
	named := func(t *take) bool {
		return len(k.Principals) == 0 || slices.Contains(k.Principals, t.role) || slices.Contains(k.Principals, t.role[strings.LastIndexByte(t.role, '/')+1:]) ||
			slices.ContainsFunc(t.persons, func(p string) bool { return slices.Contains(k.Principals, p) })
	}
	ours := func(t *take) bool { return slices.Contains(k.Guests, t.guest) }
	others, seen := map[string]string{}, false // role → a call by which somebody else took it
	for i := range takes {
		t := &takes[i]
		if !ours(t) && others[t.role] == "" {
			others[t.role] = t.e.ID
		}
		seen = seen || ours(t) || named(t)
	}
	if !seen {
		k.Guests = nil
		return nil
	}
	k.visits = map[string]bool{}
	for i := range takes {
		t := &takes[i]
		if !ours(t) || !named(t) || !k.covers(t.e.Time) {
			continue
		}
		stray, other := strayed[t.caller], others[t.role]
		if k.Test {
			stray = "" // grave acts are what a test is for; place and days must fit them all the same
		}
		if stray != "" || other != "" {
			if u := (Unvouched{t.guest, t.caller, t.role, cmp.Or(stray, other), stray == ""}); !slices.Contains(not, u) {
				not = append(not, u)
			}
			continue
		}
		k.visits[t.e.ID] = true
		for _, s := range t.sessions {
			k.visits[BareID(s)] = true
		}
	}
	return not
}

// takes lists the calls by which roles were taken, in order of time, with who of the
// accounts did so. A session that a guest's session opened is the guest's.
func (r *run) takes(ctx context.Context, accounts []string) (out []take, err error) {
	guest := map[string]*take{} // session → how a guest came by it
	q := evidence.Query{Sources: []string{"sts.amazonaws.com"}, Names: []string{"AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"}}
	for e, err := range r.q.Events(ctx, q) {
		if err != nil {
			return nil, fmt.Errorf("read who took which role: %w", err)
		}
		at := slices.IndexFunc(e.Resources, func(res string) bool { return strings.Contains(res, ":role/") })
		if at < 0 || e.Outcome() == evidence.Failure {
			continue
		}
		t := take{e: e, role: e.Resources[at]}
		if by := guest[r.g.CredentialOf(&e)]; by != nil {
			t.guest, t.caller = by.guest, by.caller
		} else if a := e.Identity.Account; slices.Contains(accounts, a) && !strings.Contains(t.role, ":"+a+":") {
			t.guest, t.caller = a, e.Identity.PrincipalID
		}
		if t.guest != "" {
			r.g.Read(e.Identity.Person())
			for _, edge := range r.g.IssuedBy(e.ID) {
				if n := r.g.Node(edge.Child); n != nil && edge.Tier >= 4 && !edge.Held() {
					t.sessions = append(t.sessions, edge.Child)
					t.persons = append(t.persons, n.Person)
				}
			}
		}
		out = append(out, t)
		for _, s := range t.sessions {
			guest[s] = &take{guest: t.guest, caller: t.caller}
		}
	}
	return out, nil
}

// strayed lists the guests' hands that did something grave in what they took, each with
// the first such event.
func (r *run) strayed(ctx context.Context, takes []take) (map[string]string, error) {
	caller, keys := map[string]string{}, []string{}
	for _, t := range takes {
		for _, s := range t.sessions {
			caller[BareID(s)] = t.caller
			keys = append(keys, BareID(s))
		}
	}
	out := map[string]string{}
	if len(keys) == 0 {
		return out, nil
	}
	slices.Sort(keys)
	for e, err := range r.q.Events(ctx, evidence.Query{Credentials: slices.Compact(keys), Brief: true}) {
		if err != nil {
			return nil, fmt.Errorf("read what guests did: %w", err)
		}
		if c := caller[e.Identity.AccessKey]; out[c] == "" && !e.ReadOnly && e.Outcome() != evidence.Failure && r.w.grave(&e) {
			out[c] = e.ID
		}
	}
	return out, nil
}
