package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/ledger"
)

// makingTime is how far the date that a snapshot gives to a thing may lie from the
// record of the call that made it: both are the service's own, and differ by seconds.
const makingTime = 5 * time.Minute

// maxUnwitnessed bounds the rows: a snapshot of a young account could hold thousands.
const maxUnwitnessed = 50

// dark is a time in which an account recorded nothing, though somebody hostile was
// about: nobody could have seen what was made in it.
type dark struct {
	from, to time.Time // half-open; to is zero where it never ended
	stop     string    // event that began it, "" for a silence without a known cause
}

// holds says whether a moment lies in it.
func (d dark) holds(t time.Time) bool {
	return !t.Before(d.from) && (d.to.IsZero() || t.Before(d.to))
}

// String is how a sentence speaks of it.
func (d dark) String() string {
	if d.to.IsZero() {
		return "from " + stamp(d.from) + " on"
	}
	return stamp(d.from) + " to " + stamp(d.to)
}

// unwitnessed adds what snapshots show as made in the dark to what was left
// behind: users, roles that let outsiders in or hold broad rights, and active keys.
// The date is the snapshot's and the maker unknown, so a row has no events: it rests
// on the snapshot, and on the call that put the light out. What any creating call
// here explains is somebody's, and is judged by that call.
func (in *inquiry) unwitnessed(ctx context.Context) error {
	hostile := in.hostile()
	if len(hostile) == 0 || len(in.observed.snapshots) == 0 {
		return nil
	}
	// From the first hostile call on: what was made in a silence before is no matter of this
	// case.
	list := in.madeInDark(hostile[0].Event.Time)
	if len(list) == 0 {
		return nil
	}
	if err := in.witnesses(ctx, list); err != nil {
		return err
	}
	told := 0
	for _, m := range list {
		if m.seen || slices.ContainsFunc(in.res.Persistence, func(p ledger.Persistence) bool { return p.ID == m.o.ID }) {
			continue
		}
		if told++; told > maxUnwitnessed {
			in.limit("other", fmt.Sprintf("Of what was made while nothing was recorded, %d things are listed.", maxUnwitnessed), nil, "The snapshots show more.")
			break
		}
		in.leftInDark(m)
	}
	slices.SortStableFunc(in.res.Persistence, func(a, b ledger.Persistence) int {
		return strings.Compare(a.Kind+"\x1f"+a.ID, b.Kind+"\x1f"+b.ID)
	})
	return nil
}

// unseenThing is a thing of a snapshot whose making fell into the dark.
// Status is not judged by later snapshots again: it is a snapshot that shows it.
type unseenThing struct {
	o         *evidence.Observation
	r         evidence.Record
	kind      string // of persistence
	technique string
	undo      string
	name      string // as calls name it
	when      time.Time
	dark      dark
	outsiders []string // whom its trust lets in
	rights    []string // ARNs of broad policies that hang on it
	seen      bool     // a call here made it
	gone      string   // event that removed it, "" if none did
}

// madeInDark looks the snapshots through, in a fixed order. A thing that several
// snapshots show is taken from the first of them.
func (in *inquiry) madeInDark(since time.Time) []*unseenThing {
	var out []*unseenThing
	nights := map[string][]dark{}
	for _, id := range keys(in.observed.things) {
		for _, o := range in.observed.things[id] {
			m := in.unseenThing(o)
			if m == nil {
				continue
			}
			account := o.Account
			if a := accountIn(o.ID); a != "" {
				account = a
			}
			if account == "" {
				account = in.observed.snapshots[o.Snapshot].account
			}
			if _, ok := nights[account]; !ok {
				nights[account] = in.darkness(account, since)
			}
			i := slices.IndexFunc(nights[account], func(d dark) bool { return d.holds(m.when) })
			if i < 0 {
				continue
			}
			m.dark = nights[account][i]
			out = append(out, m)
			break
		}
	}
	return out
}

// unseenThing reads one part of a snapshot; nil if it is no way back in.
func (in *inquiry) unseenThing(o *evidence.Observation) *unseenThing {
	switch o.Kind {
	case "iam_user", "iam_role", "access_key":
	default:
		return nil
	}
	r, err := o.Parse()
	if err != nil || !claim.Quotable(o.ID) {
		return nil
	}
	m := &unseenThing{o: o, r: r, when: evidence.ParseTime(r.Str("CreateDate")), name: lastPart(o.ID)}
	if m.when.IsZero() {
		return nil
	}
	for _, p := range r.Strs("AttachedManagedPolicies.PolicyArn") {
		if ledger.BroadManaged(p) {
			m.rights = append(m.rights, p)
		}
	}
	switch o.Kind {
	case "iam_user":
		m.kind, m.technique, m.undo = "iam_user", "PR-001", "USER_RM"
	case "access_key":
		m.kind, m.technique, m.undo = "access_key", "PR-002", "KEY_DEL"
		if r.Str("Status") != "Active" {
			return nil
		}
	case "iam_role":
		m.kind, m.technique, m.undo = "role", "PR-006", "ROLE_RM"
		m.outsiders = ledger.Outsiders(document(r["AssumeRolePolicyDocument"]), in.res.Accounts)
		broad := slices.ContainsFunc(r.All("RolePolicyList.PolicyDocument"), func(d any) bool { return ledger.Broad(document(d)) })
		// AWS makes roles of its own, on paths that nobody else can use.
		if strings.Contains(o.ID, ":role/aws-service-role/") || strings.Contains(o.ID, ":role/aws-reserved/") || len(m.outsiders) == 0 && len(m.rights) == 0 && !broad {
			return nil
		}
	}
	return m
}

// darkness are the times in which an account recorded nothing: between a stop of its
// trail that is not the owner's and the next start, and silences since the first
// hostile call.
func (in *inquiry) darkness(account string, since time.Time) []dark {
	var out []dark
	for _, s := range in.pass.stopped() {
		if s.account == account && in.at.Actor(s.event).Hostile() {
			d := dark{from: s.from, stop: s.event}
			if !s.open {
				d.to = s.to
			}
			out = append(out, d)
		}
	}
	for _, d := range in.pass.silentDays()[account] {
		if d.Add(day).After(since) {
			out = append(out, dark{from: later(d, since), to: d.Add(day)})
		}
	}
	for _, k := range in.pass.daysOf(account) {
		for _, g := range in.pass.gaps(k) {
			// One region may be quiet while others speak; then the account was not dark.
			if g.To.After(since) && in.pass.eventsBetween(account, g.From, g.To) == 0 {
				out = append(out, dark{from: later(g.From, since), to: g.To})
			}
		}
	}
	return out
}

// daysOf are the days and regions of an account, in order.
func (p *pass) daysOf(account string) []dayKey {
	var out []dayKey
	for k := range p.coverage {
		if k.account == account {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b dayKey) int { return strings.Compare(a.day+a.region, b.day+b.region) })
	return out
}

// made is what IAM's calls name the kinds of persistence.
var made = map[string]string{"iam_user": "User", "role": "Role", "access_key": "AccessKey"}

// witnesses looks up the calls that made or removed things of the list.
func (in *inquiry) witnesses(ctx context.Context, list []*unseenThing) error {
	byName := map[string][]*unseenThing{}
	for _, m := range list {
		byName[m.name] = append(byName[m.name], m)
	}
	// Of the whole evidence, and by name: a thing that was made anew under an old name is told
	// by its date.
	q := evidence.Query{Sources: []string{"iam.amazonaws.com"}, Names: []string{"CreateUser", "CreateRole", "CreateAccessKey", "DeleteUser", "DeleteRole", "DeleteAccessKey"}}
	for e, err := range in.q.Events(ctx, q) {
		if err != nil {
			return fmt.Errorf("read who made what the snapshots show: %w", err)
		}
		if e.Outcome() == evidence.Failure {
			continue
		}
		for _, r := range e.Resources {
			for _, m := range byName[lastPart(r)] {
				kind := strings.TrimPrefix(strings.TrimPrefix(e.Name, "Create"), "Delete")
				if kind != made[m.kind] {
					continue
				}
				switch creates := strings.HasPrefix(e.Name, "Create"); {
				case creates && e.Time.Sub(m.when).Abs() <= makingTime:
					m.seen = true
				case !creates && e.Time.After(m.when):
					m.gone = e.ID
				}
			}
		}
	}
	return nil
}

// leftInDark writes the row, its claims, and the question that remains.
func (in *inquiry) leftInDark(m *unseenThing) {
	ref := m.o.CitedAs()
	p := ledger.Persistence{Kind: m.kind, ID: m.o.ID, Means: ledger.WayBack, Status: ledger.Live, Technique: m.technique, Undo: m.undo, Events: []string{}, Evidence: []string{ref}, StateEvidence: []string{ref}}
	if m.gone != "" {
		p.Status, p.StateEvidence = ledger.Removed, []string{"event:" + m.gone}
	}
	why := "while the account recorded nothing"
	if m.dark.stop != "" {
		p.Evidence = append(p.Evidence, "event:"+m.dark.stop)
		why = "while its trail was off"
		if s := in.subject(m.dark.stop); s != nil {
			in.eventClaim(s, in.target(s))
		}
	}
	in.res.Persistence = append(in.res.Persistence, p)
	shows := func(path, value, what string) {
		in.claims.add("The snapshot shows "+what+".", claim.Predicate{Op: "state", Snapshot: ref, Path: path, Value: value}, []string{ref}, "C")
	}
	shows("CreateDate", m.r.Str("CreateDate"), "`"+m.o.ID+"` as created at "+stamp(m.when))
	has := ""
	for _, arn := range m.rights {
		shows("AttachedManagedPolicies.PolicyArn", arn, "`"+arn+"` on `"+m.o.ID+"`")
		has += fmt.Sprintf(" It holds %s.", lastPart(arn))
	}
	for _, who := range m.outsiders {
		if !claim.Quotable(who) {
			continue
		}
		if path := "AssumeRolePolicyDocument.Statement.Principal.AWS"; slices.Contains(m.r.Strs(path), who) {
			shows(path, who, "that `"+m.o.ID+"` trusts `"+who+"`")
		}
		has += fmt.Sprintf(" It trusts %s.", who)
	}
	in.leads = append(in.leads, fmt.Sprintf("%s was made at %s %s (%s): probably the intruder's, and nobody saw it made.%s If it is yours, say who made it.",
		m.o.ID, stamp(m.when), why, m.dark, has))
}
