package investigation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
)

// door is a role whose trust let the intruder in from outside, by the owner's own doing.
// One for each role and party; events are kept as ids or, for entries, as references.
type door struct {
	role, account, name string
	party               string // the account or the subject that was let in
	pool                bool   // the party is an identity pool, of whose identities each has an id of its own
	provider            string // what a trust policy that still lets it in must name
	rule                string
	entries             []string // issuing events, as references
	last                time.Time
	since               string // the first call of the party that nothing is held against
	n                   int
	let, letter         string // who made the role or last changed its trust before; "" if not in the evidence
	shut                string // event that took the role away, or the party out of its trust
	changed             string // event that changed the trust so that nobody can tell
}

// openBefore adds to what is left the trust policies by which the intruder came in and
// which are none of the intruder's making. That every session is over closes nothing
// there: the next one is a call away. A subject that the owner's own calls come as is
// left out, since then it is the pipeline that lets in, and not the trust.
func (in *inquiry) openBefore(ctx context.Context) error {
	doors := in.entrances()
	if len(doors) == 0 {
		return nil
	}
	if err := in.passedThrough(ctx, doors); err != nil {
		return err
	}
	if err := in.trustLife(ctx, doors); err != nil {
		return err
	}
	for _, d := range doors {
		if d.n > 0 && d.rule == "oidc_federation" {
			continue
		}
		p := ledger.Persistence{Kind: "trust_policy", ID: d.role, Means: ledger.OpenBefore, Status: ledger.Live, Undo: "TRUST_FIX",
			Technique: map[string]string{"oidc_federation": "IA-011", "assume_role_cross_account": "IA-015"}[d.rule],
			Events:    []string{}, Evidence: first(d.entries, 10), StateEvidence: d.entries[len(d.entries)-1:]}
		switch {
		case d.shut != "":
			p.Status, p.StateEvidence = ledger.Removed, cite(d.shut)
		case d.changed != "":
			p.Status, p.StateEvidence = ledger.Unknown, cite(d.changed)
		}
		in.res.Persistence = append(in.res.Persistence, p)
		in.leads = append(in.leads, d.tell())
	}
	slices.SortStableFunc(in.res.Persistence, func(a, b ledger.Persistence) int {
		return strings.Compare(a.Kind+"\x1f"+a.ID, b.Kind+"\x1f"+b.ID)
	})
	return nil
}

// entrances are the roles that hostile sessions were taken of from outside, in order.
func (in *inquiry) entrances() (out []*door) {
	// Only of what was judged: the entry must be a call whose maker is known to be hostile.
	at := map[string]*evidence.Event{}
	for i := range in.at.Rows {
		at[in.at.Events[i].ID] = &in.at.Events[i]
	}
	for _, c := range in.res.Credentials {
		from := c.IssuedBy
		if c.HeldBy != "intruder" && c.HeldBy != "shared" || from == nil || from.Credential != "" || from.Rule != "oidc_federation" && from.Rule != "assume_role_cross_account" {
			continue
		}
		e := at[from.Event]
		role := roleOf(c)
		if e == nil || role == "" || slices.ContainsFunc(in.res.Persistence, func(p ledger.Persistence) bool { return p.ID == role && p.Status != ledger.Attempted }) {
			continue // made or opened by the intruder: it has a row
		}
		d := &door{role: role, account: e.Account, name: lastPart(role), rule: from.Rule, party: e.Identity.Account, provider: e.Identity.Account}
		if from.Rule == "oidc_federation" {
			d.party, d.provider = cmp.Or(e.Identity.UserName, e.Identity.Person()), providerOf(e.Identity.PrincipalID)
			if pool := poolOf(e.Identity); pool != "" {
				d.party, d.pool = pool, true
			}
		}
		if d.party == "" || d.provider == "" || !claim.Quotable(d.party) {
			continue
		}
		if k := slices.IndexFunc(out, func(o *door) bool { return o.role == d.role && o.party == d.party }); k >= 0 {
			d = out[k]
		} else {
			out = append(out, d)
		}
		d.entries = append(d.entries, cite(e.ID)...)
		if e.Time.After(d.last) {
			d.last = e.Time
		}
	}
	return out
}

// providerOf is the provider in the id of who came with a token of one, which the
// provider's ARN or host begins.
func providerOf(principalID string) string {
	if _, rest, ok := strings.Cut(principalID, ":oidc-provider/"); ok {
		principalID = rest
	}
	host, _, _ := strings.Cut(principalID, ":")
	return host
}

// poolOf is the identity pool of Cognito whose identity came with a token, "" of anybody else. A guest
// gets a new identity for the asking: the door is open to the pool, and not to each of them.
func poolOf(id evidence.Identity) string {
	rest, ok := strings.CutPrefix(id.PrincipalID, "cognito-identity.amazonaws.com:")
	pool, of := strings.CutSuffix(rest, ":"+id.UserName)
	if !ok || !of || id.UserName == "" {
		return ""
	}
	return pool
}

// roleOf is the role that a session is one of, as the events about it name it.
func roleOf(c lineage.Credential) string {
	head, rest, ok := strings.Cut(c.Principal, ":assumed-role/")
	name, _, _ := strings.Cut(rest, "/")
	if !ok || name == "" {
		return ""
	}
	return strings.Replace(head, ":sts:", ":iam:", 1) + ":role/" + name
}

// passedThrough counts what the same party did at the same door without being held hostile.
// To have been let in before and since, with nothing held against it, is what makes the party
// a victim rather than a stranger.
func (in *inquiry) passedThrough(ctx context.Context, doors []*door) error {
	q := evidence.Query{Sources: []string{"sts.amazonaws.com"}, Names: []string{"AssumeRole", "AssumeRoleWithWebIdentity"}}
	return in.each(ctx, true, q, func(e *evidence.Event) {
		if a := in.at.Actor(e.ID); a.Hostile() || a == attribution.Undetermined {
			return
		}
		for _, d := range doors {
			if e.Account != d.account || d.party != e.Identity.Account && d.party != e.Identity.UserName && d.party != e.Identity.Person() ||
				!slices.ContainsFunc(e.Resources, func(r string) bool { return strings.Contains(r, ":role/") && lastPart(r) == d.name }) {
				continue
			}
			if d.n++; d.since == "" {
				d.since = stamp(e.Time)
			}
		}
	})
}

// trustLife finds who made each door and whether anybody has closed it since.
func (in *inquiry) trustLife(ctx context.Context, doors []*door) error {
	q := evidence.Query{Sources: []string{"iam.amazonaws.com"}, Names: []string{"CreateRole", "UpdateAssumeRolePolicy", "DeleteRole"}, Body: true}
	return in.each(ctx, true, q, func(e *evidence.Event) {
		for _, d := range doors {
			if e.Account != d.account || !slices.ContainsFunc(e.Resources, func(r string) bool { return lastPart(r) == d.name }) {
				continue
			}
			switch {
			// What stands in the end is the last setting before the last entry.
			case !e.Time.After(d.last):
				if e.Name != "DeleteRole" {
					d.let, d.letter = e.ID, cmp.Or(e.Identity.ARN, e.Identity.PrincipalID)
				}
			case e.Name == "DeleteRole":
				d.shut = e.ID
			default:
				d.judge(e)
			}
		}
	})
}

// judge holds a later trust policy against the party: it is out if nothing there names
// it, still in if its account is; of a provider the conditions decide, and stay open.
func (d *door) judge(e *evidence.Event) {
	d.shut, d.changed = "", ""
	r, err := e.Parse()
	text := lineage.TrustText(r)
	switch {
	case err != nil || text == "" || strings.Contains(text, `"*"`):
		d.changed = e.ID
	case !strings.Contains(text, lastPart(d.provider)):
		d.shut = e.ID
	case d.rule == "oidc_federation":
		d.changed = e.ID
	}
}

// tell says what a responder has to ask, and whom.
func (d *door) tell() string {
	as := d.party
	if d.pool {
		as = fmt.Sprintf("identities of Cognito pool %s (%d %s)", d.party, len(d.entries), plural("sessions", int64(len(d.entries))))
	}
	text := fmt.Sprintf("Role %s let the intruder in as %s, first event %s; its trust was open before and is none of the intruder's making.", d.role, as, strings.TrimPrefix(d.entries[0], "event:"))
	switch {
	case d.shut != "":
		text += fmt.Sprintf(" Event %s closed it.", d.shut)
	case d.changed != "":
		text += fmt.Sprintf(" Event %s changed it since: look whether it is closed.", d.changed)
	default:
		text += " Nothing shows it closed."
	}
	if d.n > 0 {
		text += fmt.Sprintf(" Account %s has taken the role in %d other %s since %s that nothing is held against: whoever runs that account may have been broken into, so tell them.", d.party, d.n, plural("calls", int64(d.n)), d.since)
	}
	if d.let != "" {
		text += fmt.Sprintf(" Its trust was last set by %s in event %s.", d.letter, d.let)
	}
	return text
}
