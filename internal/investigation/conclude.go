package investigation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/lineage"
)

// conclude writes the sections, each from the ones before it, and checks every
// claim last.
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
	if err := in.openBefore(ctx); err != nil {
		return err
	}
	in.persistenceClaims()
	if err := in.impact(ctx); err != nil {
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
	in.departing()
	in.takenRightly()
	in.openQuestions()
	if err := in.symptoms(ctx); err != nil {
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

func (in *inquiry) subject(event string) *detection.Subject { return in.byID[event] }

// openQuestions lists what a person must settle: undetermined changes within
// the intrusion, and leads that prove nothing by themselves.
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
	in.res.Open = append(in.res.Open, first(in.leads, 10)...)
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

// verdict decides the status from what was established, and says it in one
// sentence that is itself a claim.
func (in *inquiry) verdict() {
	v := &in.res.Verdict
	v.Claims = []string{}
	certain, likely, undetermined := 0, 0, 0
	for _, r := range in.at.Rows {
		switch r.Actor {
		case attribution.Intruder:
			certain++
		case attribution.LikelyIntruder:
			likely++
		case attribution.Undetermined:
			if !in.lastDays(r.Event) { // told among what was done before the end
				undetermined++
			}
		}
	}
	acted := slices.ContainsFunc(in.res.Findings, func(f Finding) bool { return evidence.SeverityRank(f.Severity) >= 2 }) || in.changedSomething()
	switch {
	case certain > 0 || likely > 0 && acted:
		v.Status = "incident"
		in.incident(certain > 0)
		return
	case likely > 0 || undetermined > 0 && (in.anchored() || in.toldOf()):
		v.Status, v.Severity, v.Confidence = "suspicious", "low", "low"
		v.Headline = "Activity was found that cannot be tied to an intruder, nor cleared."
		if likely == 0 && (!in.pastHabits() || in.onlyUnknown()) {
			v.Status = "inconclusive"
			v.Severity = "informational"
			v.Headline = "What the case names was found, but the evidence cannot tell its owner from an intruder."
		}
	case in.found() && in.unseen:
		v.Status, v.Severity, v.Confidence = "inconclusive", "informational", "low"
		v.Headline = "What the case names was found, but the evidence does not cover when it is said to have happened."
	case in.departed > 0:
		v.Status, v.Severity, v.Confidence = "suspicious", "medium", "low"
		v.Headline = "What was done before the end of employment fits the job by place and tool, but some of it is serious in anybody's hands and must be confirmed."
	case in.meant > 0:
		v.Status, v.Severity, v.Confidence = "suspicious", "medium", "low"
		v.Headline = "What the case tells of was done by a principal of the account, from where it usually works: whoever works as it must say whether that was meant."
	case in.found() && in.unexplained() != nil:
		v.Status, v.Severity, v.Confidence = "inconclusive", "informational", "low"
		v.Headline = in.unexplained().headline()
	case in.found() && !in.reading.Understood:
		v.Status, v.Severity, v.Confidence = "inconclusive", "informational", "low"
		v.Headline = "What the case names was found and fits its owner's habits; the rest of the text was not understood, so that nothing is cleared. Say it in English."
	case in.found() && slices.ContainsFunc(in.res.Supplied, leftOut):
		v.Status, v.Severity, v.Confidence = "inconclusive", "informational", "low"
		v.Headline = "What the case names was found and fits its owner's habits, but a grave alert that came with the evidence is about others, who were not examined."
	case in.found() && !in.anchored() && len(in.input.Examine)+len(in.input.Mentioned) == 0:
		v.Status, v.Severity, v.Confidence = "inconclusive", "informational", "low"
		v.Headline = "What the case vouches for is in the evidence and fits what was said of it; nothing else stands out enough to decide."
	case in.found() && in.pastHabits():
		v.Status, v.Severity, v.Confidence = "no_incident", "informational", in.calmConfidence()
		v.Headline = "What the case names was found, and everything it did within the covered period fits its owner's habits."
		s := in.ownDoing()
		if s != nil {
			in.whoMeant(s)
		}
		if s != nil && len(in.suspects()) == 0 { // a key or a person that is named says more
			v.Confidence = "low"
			v.Headline = fmt.Sprintf("Nothing hostile was found. What the case tells of (%s) fits the habits of whoever made the calls that can have brought it about; whether it was meant they must say.", effectName(s.effect))
		}
		if in.onWord() {
			v.Headline = "What the case names was found, and everything it did within the covered period fits what was said of it, or its owner's habits: the verdict rests on that word."
		}
	default:
		v.Status, v.Severity, v.Confidence = "inconclusive", "informational", "low"
		v.Headline = "The evidence does not hold what the case names, or not enough of it to decide."
		if in.found() {
			v.Headline = "What the case names was found and nothing of it stands out, but there is too little history before it to tell its owner from an intruder."
		}
		if !in.found() && in.namesSomething() {
			v.Headline = "Nobody whom the case names occurs in the evidence, and no activity stands out enough to decide."
			if len(in.leads) > 0 {
				v.Headline = "The account that the case names was let into this one; nothing that it did there stands out enough to decide."
			}
			if in.namedOccurs() {
				v.Headline = "None of those whom the case names stands out, and no other activity does enough to decide."
			}
			if in.allMissing() && !in.namedOccurs() {
				v.Headline = "Nothing that the case names occurs in the evidence."
			}
		}
		if undetermined > 0 {
			v.Headline = "Calls were found that could be put down to nobody; the evidence cannot tell whether they are what the case is about."
		}
		if !in.namesSomething() {
			v.Headline = "The case names nothing to look up, and no activity stands out enough to decide."
		}
	}
	if id := in.presenceClaim(); id != "" {
		v.Claims = append(v.Claims, id)
	}
	v.Claims = append(v.Claims, in.unsettled()...)
}

// onlyUnknown says whether all that is left open is so for want of habits to hold it against: nothing in it speaks
// against its owner.
func (in *inquiry) onlyUnknown() bool {
	open := false
	for _, c := range in.at.Clusters {
		if c.Actor == attribution.Undetermined {
			if open = true; c.Score > 0 || !strings.HasPrefix(c.Why, "score:") {
				return false
			}
		}
	}
	return open && !in.toldOf()
}

// toldOf says whether a call that the case tells of was examined and could be put down to
// nobody: then the evidence does hold what it is about.
func (in *inquiry) toldOf() bool {
	return slices.ContainsFunc(in.signs, func(s symptom) bool { return s.unheard != nil })
}

// holderName names whose credential it is the way a sentence does.
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

func (in *inquiry) changedSomething() bool {
	return slices.ContainsFunc(in.hostile(), func(s detection.Subject) bool { return !s.Event.ReadOnly })
}

// pastHabits says whether the habits of everything the case names are known.
func (in *inquiry) pastHabits() bool {
	list := in.suspects()
	if len(list) == 0 { // an address, an event, or nothing named: what came up was all somebody's own
		return !slices.ContainsFunc(in.at.Rows, func(r attribution.Row) bool { return r.Actor == attribution.Undetermined || r.Actor.Hostile() })
	}
	return !slices.ContainsFunc(list, func(u string) bool { b := in.at.Baselines[u]; return (b == nil || !b.Known) && !in.vouched(u) })
}

// vouched says whether everything that somebody without habits did follows from
// a call of somebody who has them, or from a statement: a session of a role
// never used before, opened by its user as the user always works.
func (in *inquiry) vouched(person string) bool {
	seen := false
	for i, r := range in.at.Rows {
		if in.at.Events[i].Identity.Person() != person {
			continue
		}
		seen = true
		because := strings.TrimPrefix(r.Because, "session:")
		if r.Actor.Hostile() || r.Actor == attribution.Undetermined || !strings.HasPrefix(because, "lineage:") && !strings.HasPrefix(because, "statement:") {
			return false
		}
	}
	return seen
}

// found says whether anything that the case names, or that the sweep brought
// up, is in the evidence.
func (in *inquiry) found() bool { return len(in.at.Rows) > 0 }

// allMissing says whether all that the case names was looked for by its id and is not here.
// Of a service, an account, a region or a bucket that would take reading everything.
func (in *inquiry) allMissing() bool {
	sought := map[string]bool{"access_key": true, "session": true, "principal": true, "ip": true, "event": true}
	return !slices.ContainsFunc(in.seeds, func(s intake.Seed) bool {
		return !sought[s.Kind] && !(s.Kind == "resource" && instanceID.MatchString(s.Value))
	})
}

// namedOccurs says whether somebody whom the case names, be it to vouch for them, has calls in the
// evidence, or anybody in the network of an address that it names.
func (in *inquiry) namedOccurs() bool {
	here := func(s intake.Seed) bool {
		switch s.Kind {
		case "principal", "session", "access_key":
			return len(in.unique(s.Value))+len(in.g.Resolve(s.Value)) > 0 || s.Kind == "session" && len(in.g.OfSession(s.Value)) > 0
		case "ip":
			return len(in.pass.survey.On(evidence.Network(strings.SplitN(s.Value, "/", 2)[0]))) > 0
		}
		return false
	}
	return slices.ContainsFunc(in.seeds, here) || slices.ContainsFunc(in.readings(), func(r intake.Reading) bool {
		return slices.ContainsFunc(r.Statements, func(st intake.Statement) bool { return slices.ContainsFunc(st.Seeds, here) })
	})
}

func (in *inquiry) namesSomething() bool { return len(in.seeds) > 0 }

func (in *inquiry) calmConfidence() string {
	if in.pass.has("management_read") && in.pass.has("management_write") {
		return "medium"
	}
	return "low"
}

// presenceClaim backs a calm verdict with what was looked at.
func (in *inquiry) presenceClaim() string {
	if len(in.at.Rows) == 0 {
		return ""
	}
	cred := in.at.Rows[0].Credential
	if len(in.input.Credentials) > 0 {
		cred = in.input.Credentials[0]
	}
	if !strings.HasPrefix(cred, "A") || strings.Contains(cred, "/") {
		return ""
	}
	n, firstEvent, lastEvent := 0, -1, -1
	for i, r := range in.at.Rows {
		if r.Credential == cred && !in.again(i) {
			if firstEvent < 0 {
				firstEvent = i
			}
			lastEvent = i
			n++
		}
	}
	if n == 0 {
		return ""
	}
	a, b := &in.at.Events[firstEvent], &in.at.Events[lastEvent]
	text := fmt.Sprintf("Credential `%s` made %d %s %s.", cred, n, plural("calls", int64(n)), span(a.Time, b.Time))
	return in.claims.add(text, claim.Predicate{Op: "count", Filter: claim.Filter{"credential": cred}, Value: n}, cite(a.ID, b.ID), "A")
}
