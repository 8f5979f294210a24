package investigation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/lineage"
)

// conclude writes the sections, each from the ones before it, and checks every
// claim last.
// The order is not free. Limits come first, for other sections refer to them by id; states come
// before impact, which asks what is still there; principals come after the sections whose claims
// they list; symptoms come before the verdict, which weighs them; and check is last, so that
// nothing is added unchecked.
func (in *inquiry) conclude(ctx context.Context) error {
	r := in.res
	r.Attribution, r.Graph = in.at.Rows, in.g
	if err := in.limits(ctx); err != nil {
		return err
	}
	r.Coverage = in.pass.coverageRows()
	r.Resources, r.Persistence = in.ledger.Resources, in.ledger.Persistence
	r.Region = in.busiestRegion()
	in.findings()
	in.timeline()
	in.credentials()
	if err := in.states(ctx); err != nil {
		return err
	}
	if err := in.unwitnessed(ctx); err != nil {
		return err
	}
	in.afterGap()
	if err := in.laterLives(ctx); err != nil {
		return err
	}
	if err := in.openBefore(ctx); err != nil {
		return err
	}
	in.persistenceClaims()
	if err := in.doubtful(ctx); err != nil {
		return err
	}
	if err := in.impact(ctx); err != nil {
		return err
	}
	if err := in.recovery(ctx); err != nil {
		return err
	}
	if err := in.buildReach(ctx); err != nil {
		return err
	}
	in.costImpact()
	in.trafficImpact()
	in.origins()
	in.indicators()
	in.alertEvidence()
	if err := in.benign(ctx); err != nil {
		return err
	}
	in.ownAddresses()
	in.ownerUse()
	if err := in.contradictions(ctx); err != nil {
		return err
	}
	in.principals()
	if err := in.machines(ctx); err != nil {
		return err
	}
	if err := in.siblings(ctx); err != nil {
		return err
	}
	in.departing()
	if err := in.outlasting(ctx); err != nil {
		return err
	}
	in.takenRightly()
	in.openQuestions()
	if err := in.symptoms(ctx); err != nil {
		return err
	}
	if err := in.rollouts(ctx); err != nil {
		return err
	}
	if err := in.roleMakers(ctx); err != nil {
		return err
	}
	if err := in.broughtAbout(ctx); err != nil {
		return err
	}
	in.header()
	in.verdict()
	if err := in.absences(ctx); err != nil {
		return err
	}
	if err := in.check(ctx); err != nil {
		return err
	}
	r.Claims, r.Struck, r.Questions = in.claims.list, in.claims.struck, in.asked
	r.Scope.Assumptions = in.assumed
	return nil
}

// busiestRegion is where most events are, the first by name of several: what a command is
// given that needs some region. Nothing is concluded from it.
func (in *inquiry) busiestRegion() string {
	n := map[string]int{}
	for k, d := range in.pass.coverage {
		n[k.region] += d.events
	}
	names := keys(n)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(n[b], n[a]) })
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// header fills what was asked and what it turned out to be about.
func (in *inquiry) header() {
	kind := in.reading.Kind
	if kind == "unspecified" || kind == "" {
		kind = in.kindFromAnchors()
	}
	title, _, _ := strings.Cut(strings.TrimSpace(in.o.Text), "\n")
	if len([]rune(title)) > 100 {
		title = string([]rune(title)[:99]) + "…"
	}
	in.res.Case = intake.Case{ID: in.o.ID, Title: title, Text: in.o.Text, Kind: kind, OpenedAt: stamp(in.o.Opened)}
	from, to, basis := in.reportWindow()
	// The assumptions come last, when none can be added any more.
	in.res.Scope = intake.Scope{Seeds: in.seeds, Window: intake.Window{From: stamp(from), To: stamp(to), Basis: basis}, Accounts: in.res.Accounts}
}

// kindFromAnchors names the kind of case by what is suspected, where the words
// did not say.
func (in *inquiry) kindFromAnchors() string {
	if !in.input.Terminated.IsZero() {
		return "departed_employee"
	}
	for _, c := range in.input.Credentials {
		switch n := in.g.Node(c); {
		case n == nil:
		case n.InstanceOf() != "":
			return "instance_credential_theft"
		case n.Kind == "console_session" || n.Kind == "login_profile":
			return "console_takeover"
		case n.Kind == "access_key":
			return "leaked_access_key"
		}
	}
	if len(in.input.Workloads) > 0 {
		return "instance_credential_theft"
	}
	if len(in.input.IPs) > 0 {
		return "suspicious_source"
	}
	return "unspecified"
}

// persistenceClaims says of each thing left behind which call made it.
func (in *inquiry) persistenceClaims() {
	for _, p := range in.res.Persistence {
		for _, id := range p.Events {
			if s := in.subject(id); s != nil {
				in.eventClaim(s, in.target(s))
			}
		}
		// The call that took the thing away again, where one did: "removed" must be a claim too.
		for _, ref := range p.StateEvidence {
			if s := in.subject(strings.TrimPrefix(ref, "event:")); s != nil {
				in.eventClaim(s, in.target(s))
			}
		}
	}
}

// maxAsked bounds the credentials that the owner is asked about one by one: a fleet has thousands of
// sessions, and nobody answers for each.
const maxAsked = 30

// subject is the loaded record of an event; nil where no conclusion rests on it.
func (in *inquiry) subject(event string) *detection.Subject { return in.byID[event] }

// openQuestions lists what a person must settle: undetermined changes within
// the intrusion, and leads that prove nothing by themselves.
// Changes only, and such as went well: a refused or reading call that cannot be told apart
// asks nobody for anything. What comes first is what the case itself asked.
func (in *inquiry) openQuestions() {
	in.answer()
	in.unvouched()
	in.makers()
	n, begun := map[string]int{}, map[string]*evidence.Event{}
	for i, row := range in.at.Rows {
		e := &in.at.Events[i]
		if row.Actor != attribution.Undetermined || in.lastDays(row.Event) || e.ReadOnly || !in.during(e.Time) || e.Outcome() == evidence.Failure {
			continue
		}
		k := cmp.Or(row.Credential, "\x00"+e.Identity.Called()) // a sign-in shows no key: told by who it was
		if n[k]++; n[k] == 1 {
			begun[k] = e
		}
	}
	for i, k := range keys(n) {
		if i == maxAsked {
			in.res.Open = append(in.res.Open, fmt.Sprintf("The same of %d further credentials.", len(n)-i))
			break
		}
		with, credential := "with "+k, k
		if strings.HasPrefix(k, "\x00") {
			with, credential = "without a key", ""
		}
		in.res.Open = append(in.res.Open, fmt.Sprintf("Needs the owner's confirmation: changes made %s during the intrusion that cannot be told apart (%d, the first by %s; event %s).", with, n[k], in.act(begun[k], credential), begun[k].ID))
	}
	in.earlier()
	in.siblingQuestions()
	in.res.Open = append(in.res.Open, first(in.leads, 10)...)
	// A lead is an edge of low tier: what it leads to was not followed, and nothing is held
	// against anybody for it. Ten are told, as nobody follows more at once.
	for i, e := range in.at.Leads {
		if i == 10 {
			in.res.Open = append(in.res.Open, fmt.Sprintf("Further leads of the same sort: %d.", len(in.at.Leads)-i))
			break
		}
		if e.Rule == attribution.SecretContent {
			in.res.Open = append(in.res.Open, fmt.Sprintf("Inference, not a finding: the intruder read a secret in event %s, and within a day key %s, which nothing here issued, was first used from the same network (tier %d). The secret may have held the key; no log shows what a secret holds.", e.Event, e.Child, e.Tier))
			continue
		}
		in.res.Open = append(in.res.Open, fmt.Sprintf("Lead, not a finding: event %s may have handed over credential %s (rule %s, tier %d).", e.Event, e.Child, e.Rule, e.Tier))
	}
}

// holderName names whose credential it is the way a sentence does.
// A person in a permission set's role is named with it: the role is everybody's who may enter.
func holderName(n *lineage.Node) string {
	name := n.Principal[strings.LastIndexByte(n.Principal, ':')+1:]
	kind, rest, _ := strings.Cut(name, "/")
	switch kind {
	case "user":
		return "user `" + rest[strings.LastIndexByte(rest, '/')+1:] + "`"
	case "assumed-role":
		role, session, _ := strings.Cut(rest, "/")
		if strings.HasPrefix(role, evidence.PermissionSetRole) && session != "" {
			return "`" + session + "` in role `" + role + "`"
		}
		return "role `" + role + "`"
	case "root":
		return "the root user of " + n.Account
	}
	if name, alone := strings.CutPrefix(n.Person, evidence.NamedOnly); alone && n.Principal == "" {
		return "`" + name + "`"
	}
	return "`" + n.Principal + "`"
}
