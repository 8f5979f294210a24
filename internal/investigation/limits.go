package investigation

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
)

// limits states what this evidence cannot show, each with what therefore
// cannot be said. It runs first: other sections refer to it.
// Ids are given in this order, and other sections cite them; what comes up later is added at
// the end.
func (in *inquiry) limits(ctx context.Context) error {
	s := in.pass.survey
	if s.Events > 0 && !in.pass.has("data:s3") {
		in.limit("no_data_events", "The evidence holds no S3 data events.", nil, "Reads, writes and deletions of single objects would not have been seen.")
	}
	for _, st := range in.pass.stopped() {
		in.limit("logging_stopped", fmt.Sprintf("A trail of account %s was stopped or deleted at %s (event %s).", st.account, stamp(st.from), st.event),
			&Interval{stamp(st.from), stamp(st.to)}, "Calls that only this trail records are missing for the interval; events of the interval that are here, if any, came from another source.")
	}
	if err := in.narrowed(ctx); err != nil {
		return err
	}
	if err := in.storesStopped(ctx); err != nil {
		return err
	}
	if in.writeOnly() {
		in.limit("write_only", "The evidence holds no read-only management events.", nil, "Role assumption is recorded as read-only: most of the credential chain and all reconnaissance would be invisible.")
	}
	if r := in.pass.regions(); len(r) > 0 {
		in.limit("region_missing", fmt.Sprintf("The evidence holds events of %s only.", strings.Join(r, ", ")), nil, "Activity in any other region would not have been seen.")
	}
	in.namedInVain()
	if err := in.namedOnly(ctx); err != nil {
		return err
	}
	in.accountsMissing()
	if exp := in.input.Exposed; !exp.IsZero() && exp.Before(s.First) {
		in.limit("retention", fmt.Sprintf("The evidence begins at %s, after the stated exposure.", stamp(s.First)), &Interval{stamp(exp), stamp(s.First)}, "What was done between the exposure and the first event cannot be told.")
	}
	if !in.short.IsZero() {
		in.limit("no_baseline", fmt.Sprintf("The evidence begins at %s, hardly before the time that the case is about.", stamp(s.First)), nil, "Who worked how before it is not known: habits are taken from that time itself, and what an intruder did all along passes for one.")
	}
	in.orphans()
	in.silentDayLimits()
	in.silentHourLimits()
	in.chainLimits()
	in.uncoveredTimes()
	if in.pass.assumed == 0 {
		in.noAssumeRole()
	}
	in.hiddenFields()
	if err := in.inputs(ctx); err != nil {
		return err
	}
	in.baselines()
	in.tooShort()
	if len(in.at.Shared) > 0 {
		in.limit("attribution_ambiguous", fmt.Sprintf("The intruder used networks that unrelated principals use too: %s.", strings.Join(in.at.Shared, ", ")), nil, "Meeting on such a network links no identity to the intruder.")
	}
	if w := in.at.TooWide; len(w) > 0 {
		in.limit("other", fmt.Sprintf("A statement names %s, which is so wide that it identifies nobody.", strings.Join(w, ", ")), nil, "That part of the statement was ignored: no call was cleared by it.")
	}
	if c := in.g.Collapsed(); len(c) > 0 {
		in.limit("attribution_ambiguous", fmt.Sprintf("%d access key ids occur under several principals, which AWS never issues: the evidence was anonymised.", len(c)), nil, "Those keys identify nobody; such events are told apart by principal.")
	}
	in.snapshotLimits()
	if err := in.spending(ctx); err != nil {
		return err
	}
	if err := in.traffic(ctx); err != nil {
		return err
	}
	in.outboundLimit()
	if err := in.joinAlerts(ctx); err != nil {
		return err
	}
	in.outsideView()
	in.limit("outside_aws", "How a credential left its owner happens outside AWS.", nil, "CloudTrail shows its use, not its theft.")
	return nil
}

// limit adds one: what cannot be shown, and what therefore cannot be said. A limit without its
// effect would leave the reader to guess whether it matters.
func (in *inquiry) limit(kind, text string, interval *Interval, effect string) {
	in.res.Limits = append(in.res.Limits, Limit{ID: fmt.Sprintf("L%d", len(in.res.Limits)+1), Kind: kind, Text: text, Interval: interval, Effect: effect})
}

// namedInVain says what the case names and the evidence has no act of. What somebody made and
// nobody used yet is there for all that; of anything else the name may be wrong.
func (in *inquiry) namedInVain() {
	span := fmt.Sprintf("(%d events, %s to %s)", in.pass.survey.Events, stamp(in.pass.survey.First), stamp(in.pass.survey.Last))
	for _, m := range in.missing() {
		what := strings.ReplaceAll(m.Kind, "_", " ") + " " + m.Value
		if m.Kind == "principal" && in.pass.knowsARN(m.Value) {
			in.limit("other", fmt.Sprintf("The case names %s, which was made, but made no call in the evidence %s.", what, span), nil, "What it did outside of the accounts and the time that the evidence covers cannot be told from here.")
			continue
		}
		gone := "does not occur in the evidence"
		if m.Kind == "principal" { // others may speak of it
			gone = "made no call in the evidence"
		}
		in.limit("other", fmt.Sprintf("The case names %s, which %s %s.", what, gone, span), nil,
			"What it did cannot be told from here: check its spelling, the accounts and the time that the evidence covers.")
		in.res.Open = append(in.res.Open, fmt.Sprintf("%s %s. Is it spelt right, and is the evidence of the right account and time?", m.Value, gone))
	}
}

// limitIDs are the ids of the limits of a kind.
func (in *inquiry) limitIDs(kind string) []string {
	out := []string{}
	for _, l := range in.res.Limits {
		if l.Kind == kind && kind != "" {
			out = append(out, l.ID)
		}
	}
	return out
}

// writeOnly says whether the evidence looks like that of a trail that leaves reads out. A few
// events may hold none by chance.
func (in *inquiry) writeOnly() bool {
	return in.pass.survey.Events >= in.pass.measures.WriteOnlyEvents && !in.pass.has("management_read")
}

// accountsMissing names accounts that the intruder's role assumptions lead to
// and that have no events of their own here, and those the case names.
func (in *inquiry) accountsMissing() {
	missing := map[string]bool{}
	for _, s := range in.hostile() {
		if s.Event.Name != "AssumeRole" || s.Event.Outcome() != evidence.Success {
			continue
		}
		if f := strings.Split(s.Record.Str("requestParameters.roleArn"), ":"); len(f) == 6 && accountID.MatchString(f[4]) && in.pass.accounts[f[4]] == 0 {
			missing[f[4]] = true
		}
	}
	for _, s := range in.seeds {
		if s.Kind == "account" && in.pass.accounts[s.Value] == 0 {
			missing[s.Value] = true
		}
	}
	for _, a := range keys(missing) {
		text := fmt.Sprintf("The case leads to account %s, of which there are no events.", a)
		if slices.Contains(in.input.Ours, a) {
			text = fmt.Sprintf("The case leads to account %s, which is held to be the organisation's own, and of which there are no events.", a)
		}
		in.limit("account_missing", text, nil, "What was done there cannot be told.")
	}
	in.alertedAccounts(missing)
}

// alertedAccounts names the accounts that open alerts are about and that have no events here:
// whoever exports both often takes the alerts of one account and the trail of another.
func (in *inquiry) alertedAccounts(told map[string]bool) {
	about := map[string][]string{} // account → alerts
	for i := range in.observed.alerts {
		a := &in.observed.alerts[i]
		if !a.Closed && accountID.MatchString(a.Account) && in.pass.accounts[a.Account] == 0 && !told[a.Account] {
			about[a.Account] = append(about[a.Account], a.ID)
		}
	}
	if len(in.pass.accounts) == 0 {
		return
	}
	for _, account := range first(keys(about), maxAlertedAccounts) {
		ids := about[account]
		in.limit("account_missing", fmt.Sprintf("%d %s (%s) %s about account %s, of which there are no events.", len(ids), plural("alerts", int64(len(ids))), strings.Join(first(ids, 3), ", "), isAre(len(ids)), account), nil,
			"Whether what they claim is true, and what else was done there, cannot be told: ask for CloudTrail of that account.")
	}
}

// maxAlertedAccounts bounds how many such accounts are named: an export may hold the alerts of a whole organisation.
const maxAlertedAccounts = 10

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// isAre is the verb for a number of things.
func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// noAssumeRole says so where no call that opens a role session is here though
// sessions are at work: that class of events was left out. It is the one limit
// for which every principal has to be read, one after the other.
func (in *inquiry) noAssumeRole() {
	n := 0
	for _, p := range in.pass.everybody() {
		n += in.g.UnexplainedOf(p.Person)
	}
	// A few sessions are from before the log; ten are a class of events that is missing.
	if n >= 10 {
		in.limit("orphan_session", fmt.Sprintf("The evidence holds no AssumeRole call at all, though %d session credentials without an issuing call are at work.", n), nil, "Who obtained any role session cannot be told from here.")
	}
}

// orphans are sessions of the case whose issuing call is not in the evidence.
func (in *inquiry) orphans() {
	touched := map[string]bool{}
	for _, r := range in.at.Rows {
		if r.Actor.Hostile() {
			touched[r.Credential] = true
		}
	}
	for _, id := range keys(touched) {
		if n := in.g.Node(id); n == nil || !n.Unexplained() {
			continue
		}
		n := in.g.Node(id)
		text := fmt.Sprintf("Session credential %s was used from %s on, and the call that issued it is not in the evidence.", id, stamp(n.First))
		if !n.Created.IsZero() && n.Created.Before(in.pass.survey.First) {
			text = fmt.Sprintf("Session credential %s was issued at %s, before the evidence begins.", id, stamp(n.Created))
		}
		in.limit("orphan_session", text, nil, "Who obtained it, and with which credential, cannot be told from here.")
	}
}

// hiddenFields counts hostile records whose parameters AWS left out.
func (in *inquiry) hiddenFields() {
	n := 0
	for _, s := range in.hostile() {
		body := string(s.Event.Body)
		if strings.Contains(body, `"omitted":true`) || strings.Contains(body, "requestParameters too large") {
			n++
		}
	}
	if u := len(in.ledger.Unresolved); u > 0 {
		in.limit("truncated_field", fmt.Sprintf("%d of the intruder's calls changed something, or tried to, and their records do not name what; the first is event %s.", u, in.ledger.Unresolved[0].Event), nil, "What those calls touched must be read from the service itself.")
	}
	if n > 0 {
		in.limit("truncated_field", fmt.Sprintf("%d of the intruder's calls have parameters that CloudTrail left out for their size.", n), nil, "What those calls asked for must be read from the resource itself.")
	}
}

// inputs reports what could not be read, by count: file names stand only in
// the method section.
func (in *inquiry) inputs(ctx context.Context) error {
	list, err := in.q.Artifacts(ctx)
	if err != nil {
		return fmt.Errorf("list artifacts: %w", err)
	}
	unread, rejected, damaged := 0, 0, 0
	// What a live account did not answer is no damaged file: it has limits of its own.
	in.unanswered(list)
	for _, a := range list {
		if _, _, _, ok := a.Unanswered(); ok {
			continue
		}
		switch {
		case a.Kind == evidence.KindUnreadable:
			unread++
		case a.Rejected > 0:
			damaged++
			rejected += a.Rejected
		}
	}
	if unread > 0 {
		in.limit("unreadable_input", "Some inputs could not be read; the method section names each with its reason.", nil, "What they hold is not part of this report.")
	}
	if damaged > 0 {
		in.limit("unreadable_input", "Some records were set aside as damaged; the method section names the inputs and offsets.", nil, "What they told is not part of this report.")
	}
	conflicts, err := in.q.Conflicts(ctx)
	if err != nil {
		return fmt.Errorf("list conflicting records: %w", err)
	}
	if len(conflicts) > 0 {
		shown := conflicts[:min(len(conflicts), 5)]
		in.limit("conflicting_records", fmt.Sprintf("%d event ids occur with two different contents: %s.", len(conflicts), strings.Join(shown, ", ")), nil, "Both contents were kept; one of them was altered, or its source is at fault.")
	}
	return nil
}

// baselines names the principals of the case whose habits are unknown.
func (in *inquiry) baselines() {
	var names []string
	for _, u := range in.suspects() {
		if b := in.at.Baselines[u]; b != nil && !b.Known {
			name := u
			if p := in.pass.survey.Principal(u); p != nil && p.Identity.ARN != "" {
				name = p.Identity.ARN
			}
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		in.limit("no_baseline", fmt.Sprintf("There is too little history before the exposure to know the habits of %s.", strings.Join(names, ", ")), nil, "Nothing it did can be called new for it; the owner's calls are recognisable only by what people state.")
	}
}

// tooShort says so where nobody was named, those who depart from their habits were looked for in
// vain, and the evidence spans too few days for most of it to be held against any habits.
func (in *inquiry) tooShort() {
	need := in.o.Content.Weights.Baseline.MinDays
	s := in.pass.survey
	// Begun days count: the log of one afternoon spans one.
	days := 1 + int(s.Last.Truncate(24*time.Hour).Sub(s.First.Truncate(24*time.Hour))/(24*time.Hour))
	judged := max(0, days-need)
	if !in.swept || len(in.hostile()) > 0 || s.Events == 0 || judged >= need {
		return
	}
	what := "Who departs from their habits can be told of none of these days."
	if judged > 0 {
		what = fmt.Sprintf("Who departs from their habits can be told of the last %d %s only.", judged, plural("days", int64(judged)))
	}
	in.limit("no_baseline", fmt.Sprintf("The evidence spans %d %s of history, and nobody's habits are known before %d have passed.", days, plural("days", int64(days)), need), nil, what+" Export some weeks before the time in question.")
}

// window is what the report says was looked at.
func (in *inquiry) reportWindow() (from, to time.Time, basis string) {
	s := in.pass.survey
	from, to, basis = s.First, s.Last, "all of the evidence"
	var said []string
	for _, r := range in.readings() {
		for _, t := range r.Times {
			said = append(said, t.String())
		}
		for _, st := range r.Statements {
			if st.Relation == intake.Noticed && r.Voices > 1 {
				continue // when each message of a chat was written fills half a page
			}
			for _, t := range st.When {
				said = append(said, t.String())
			}
		}
	}
	slices.Sort(said)
	said = slices.Compact(said)
	if len(said) > 0 {
		basis += "; times understood: " + strings.Join(said, "; ")
	}
	return from, to, basis
}
