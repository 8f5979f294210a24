package investigation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
)

// settled is how long before the time that the case gives an account must have been made to be the
// organisation's own by that alone: an intruder may make one, too.
const settled = 24 * time.Hour

// ownAccounts are accounts of which something says that they are the organisation's own: what is
// shared with one of them is given to no stranger, though the evidence have no call of it. Somebody
// calls them so, the organisation lists them, or it was seen to make them.
func (in *inquiry) ownAccounts(ctx context.Context) ([]string, error) {
	var out []string
	has := map[string]bool{} // an organisation lists thousands
	add := func(account string) bool {
		if account == "" || has[account] {
			return false
		}
		has[account], out = true, append(out, account)
		return true
	}
	for _, r := range in.readings() {
		for _, st := range r.Statements {
			if st.Relation != intake.Owner || st.Negated {
				continue
			}
			for _, s := range st.Seeds {
				if s.Kind == "account" {
					add(s.Value)
				}
			}
		}
	}
	told := len(out)
	for _, id := range keys(in.observed.things) {
		for _, o := range in.observed.things[id] {
			if o.Kind == "org_account" && add(o.Account) {
				in.ownedBy(o.Account, fmt.Sprintf("the organisation's own list of accounts (%s)", o.CitedAs()))
			}
		}
	}
	made, err := in.madeAccounts(ctx)
	for _, account := range keys(made) {
		if add(account) {
			in.ownedBy(account, fmt.Sprintf("event %s, by which the organisation made it", made[account]))
		}
	}
	slices.Sort(out[told:])
	return out, err
}

// ownedBy writes down that an account is held to be ours, where the case speaks of it.
func (in *inquiry) ownedBy(account, because string) {
	for _, r := range in.readings() {
		named := slices.ContainsFunc(r.Seeds, func(s intake.Seed) bool { return s.Kind == "account" && s.Value == account })
		if named && !slices.Contains(in.pass.ownAccounts(), account) {
			in.assume("", fmt.Sprintf("Account %s was held to be the organisation's own, by %s.", account, because))
			return
		}
	}
}

// madeAccounts are the accounts that Organizations reports to have made, long enough before the
// case begins, with the id of the event that says so; none where nobody says when that was.
func (in *inquiry) madeAccounts(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	q := evidence.Query{Sources: []string{"organizations.amazonaws.com"}, Names: []string{"CreateAccountResult"}, Body: true}
	begin, _ := in.window()
	if begin.IsZero() {
		begin = in.input.Exposed
	}
	if begin.IsZero() {
		return out, nil
	}
	q.To = begin.Add(-settled)
	for e, err := range in.q.Events(ctx, q) {
		if err != nil {
			return nil, fmt.Errorf("read which accounts the organisation made: %w", err)
		}
		rec, err := e.Parse()
		if err != nil || rec.Str("serviceEventDetails.createAccountStatus.state") != "SUCCEEDED" {
			continue
		}
		if id := rec.Str("serviceEventDetails.createAccountStatus.accountId"); len(id) == 12 && out[id] == "" && len(out) < maxMadeAccounts {
			out[id] = e.ID
		}
	}
	return out, nil
}

// maxMadeAccounts bounds how many made accounts are remembered: a large organisation has some thousands.
const maxMadeAccounts = 10000
