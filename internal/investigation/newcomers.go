package investigation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
)

// newcomers goes from what a case names to the calls that brought it about: from a user
// or role that is said to be new to the call that made it, and from an account that is
// not ours to the roles that it took.
func (in *inquiry) newcomers(ctx context.Context) error {
	made, foreign := []string{}, []string{}
	for _, s := range in.seeds {
		switch {
		case s.Kind == "principal" && (spoken().appearing.MatchString(in.reading.English) || in.stranger(s)):
			made = append(made, lastPart(s.Value))
		case s.Kind == "account" && !slices.Contains(in.res.Accounts, s.Value):
			foreign = append(foreign, s.Value)
		}
	}
	q := evidence.Query{Sources: []string{"iam.amazonaws.com"}, Names: []string{"CreateRole", "CreateUser"}}
	err := in.each(ctx, len(made) > 0, q, func(e *evidence.Event) {
		if slices.ContainsFunc(e.Resources, func(r string) bool { return slices.Contains(made, lastPart(r)) }) {
			in.input.Events = append(in.input.Events, e.ID)
		}
	})
	if err != nil {
		return err
	}
	slices.Sort(in.input.Events)
	in.input.Events = slices.Compact(in.input.Events)

	return in.foreigners(ctx, foreign)
}

// stranger says whether somebody says of a user or role itself, and not of what was done with
// it, that it is nobody's of theirs: "we have a user x that is not ours", or of the only one "nobody
// knows it".
func (in *inquiry) stranger(s intake.Seed) bool {
	return slices.ContainsFunc(in.reading.Statements, func(st intake.Statement) bool {
		same := func(o intake.Seed) bool { return o.Kind == s.Kind && o.Value == s.Value }
		if st.Relation != intake.NotOurs || st.Negated {
			return false
		}
		if slices.ContainsFunc(st.Seeds, same) || strings.Contains(st.English, lastPart(s.Value)) && spoken().knowing.MatchString(st.English) {
			return spoken().principal.MatchString(st.English) || spoken().unknown.MatchString(st.English)
		}
		return !slices.ContainsFunc(st.Seeds, func(o intake.Seed) bool { return o.Kind == "principal" || o.Kind == "ip" }) && in.onlyPrincipal(s) && spoken().unknown.MatchString(st.English)
	})
}

// strangers are the users that the case names and calls nobody's of theirs.
func (in *inquiry) strangers() (out []string) {
	for _, s := range in.seeds {
		if s.Kind == "principal" && in.stranger(s) {
			out = append(out, in.unique(s.Value)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// onlyPrincipal says whether the case names no other user or role.
func (in *inquiry) onlyPrincipal(s intake.Seed) bool {
	return !slices.ContainsFunc(in.seeds, func(o intake.Seed) bool { return o.Kind == "principal" && o.Value != s.Value })
}

// entry is how a role came to be taken by an account that is not ours.
type entry struct {
	n      int
	first  string    // event
	at     time.Time // of it
	let    string    // event that made the role or last changed its trust before, "" if not in the evidence
	letter string    // who made that call
}

// foreigners looks for the roles that accounts which are not ours took, and for who let
// them in. The roles are examined, and nothing is held against them: it may be a vendor.
func (in *inquiry) foreigners(ctx context.Context, accounts []string) error {
	took := map[string]*entry{}
	q := evidence.Query{Sources: []string{"sts.amazonaws.com"}, Names: []string{"AssumeRole"}}
	// By the caller's account, which the record of the account that was entered shows.
	err := in.each(ctx, len(accounts) > 0, q, func(e *evidence.Event) {
		if !slices.Contains(accounts, e.Identity.Account) {
			return
		}
		for _, r := range e.Resources {
			if strings.Contains(r, ":role/") {
				if took[r] == nil {
					took[r] = &entry{first: e.ID, at: e.Time}
				}
				took[r].n++
			}
		}
	})
	if err != nil || len(took) == 0 {
		return err
	}
	q = evidence.Query{Sources: []string{"iam.amazonaws.com"}, Names: []string{"CreateRole", "UpdateAssumeRolePolicy"}}
	err = in.each(ctx, true, q, func(e *evidence.Event) {
		for role, t := range took {
			// Whoever changes the trust after it was used shuts the door rather than opens it.
			if !e.Time.After(t.at) && slices.ContainsFunc(e.Resources, func(r string) bool { return lastPart(r) == lastPart(role) }) {
				t.let, t.letter = e.ID, cmp.Or(e.Identity.ARN, e.Identity.PrincipalID)
			}
		}
	})
	for _, role := range keys(took) {
		in.input.Examine = append(in.input.Examine, in.unique(role)...)
		t := took[role]
		text := fmt.Sprintf("Role %s was assumed from account %s in %d %s, first event %s.", role, strings.Join(accounts, " or "), t.n, plural("calls", int64(t.n)), t.first)
		if t.let != "" {
			text += fmt.Sprintf(" The role was made, or its trust changed, by %s in event %s: ask there whether that account should be let in.", t.letter, t.let)
		} else {
			text += " Who let that account in is not in the evidence: the role's trust is older."
		}
		in.leads = append(in.leads, text)
	}
	in.assume("", fmt.Sprintf("Account %s is named and is not among those of the evidence. The roles that it assumed here are examined: %s.", strings.Join(accounts, ", "), strings.Join(first(keys(took), 5), ", ")))
	return err
}

// each reads the events of a query that went well, if they are wanted at all.
func (in *inquiry) each(ctx context.Context, wanted bool, q evidence.Query, do func(*evidence.Event)) error {
	if !wanted {
		return nil
	}
	for e, err := range in.q.Events(ctx, q) {
		if err != nil {
			return fmt.Errorf("read who made or let in what the case names: %w", err)
		}
		if e.Outcome() != evidence.Failure {
			do(&e)
		}
	}
	return nil
}

// lastPart is the bare name at the end of an ARN, or the name itself.
func lastPart(id string) string { return id[strings.LastIndexAny(id, ":/")+1:] }
