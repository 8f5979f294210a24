package playbook

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
)

// check answers one question about a result with yes, no or cannot_tell.
type check struct {
	args bool // whether it takes arguments
	run  func(v *view, args []string) answer
}

// checks is the vocabulary that playbooks choose from; docs/formats/playbooks.md
// explains each, and a test holds the two together.
var checks = map[string]check{
	"entry_explained":                   {run: entryExplained},
	"exposure_known":                    {run: exposureKnown},
	"lineage_fixpoint_all_states_known": {run: statesKnown},
	"credential_disabled":               {run: func(v *view, _ []string) answer { r, _ := v.roots(); return v.dead(r) }},
	"children_dead":                     {run: func(v *view, _ []string) answer { _, c := v.roots(); return v.dead(c) }},
	"every_planted_thing_has_state":     {run: plantedHasState},
	"no_way_back_live":                  {run: noWayBack},
	"impact_stated_with_coverage":       {run: impactStated},
	"recovery_known":                    {run: recoveryKnown},
	"build_reach_known":                 {run: buildReachKnown},
	"no_success_after_containment_24h":  {run: quietAfterContainment},
	"containment_seen":                  {run: containmentSeen},
	"nothing_undetermined":              {run: nothingUndetermined},
	"statements_hold":                   {run: statementsHold},
	"anchors_found":                     {run: anchorsFound},
	"regions_all_covered":               {run: regionsCovered},
	"cost_data_present":                 {run: func(v *view, _ []string) answer { return limitAbsent(v, []string{"no_cost_data"}) }},
	"termination_known":                 {run: terminationKnown},
	"limit_absent":                      {args: true, run: limitAbsent},
	"class_covered":                     {args: true, run: classCovered},
	"answered":                          {args: true, run: answeredAll},
	"intruder_succeeded":                {args: true, run: intruderSucceeded},
	"intruder_tried":                    {args: true, run: intruderTried},
	"intruder_changed":                  {run: intruderChanged},
	"spend_explained":                   {run: spendExplained},
	"several_builds":                    {run: severalBuilds},
	"cost_back":                         {run: costBack},
	"seen":                              {args: true, run: seen},
	"technique_found":                   {args: true, run: techniqueFound},
	"identity_type_hostile":             {args: true, run: identityHostile},
	"several_identities":                {run: severalIdentities},
	"network_shared":                    {run: networkShared},
	"several_networks":                  {run: severalNetworks},
	"logging_restored":                  {run: loggingRestored},
	"acts_in_gap":                       {run: actsInGap},
	"intruder_after_termination":        {run: afterTermination},
	"resources_all_gone":                {run: resourcesGone},
	"metadata_v1":                       {run: metadataV1},
	"role_on_other_hosts":               {run: otherHosts},
}

// CheckNames lists the vocabulary, for tests and documentation.
func CheckNames() []string { return slices.Sorted(maps.Keys(checks)) }

// stateDecides is where the state of a credential can be looked up: no session
// lives longer than a federation token may.
const stateDecides = "The account's credential report tells of keys and passwords; a session is over 36 hours after it began at the latest."

// dead says whether credentials can no longer be used, as far as events tell.
// The worst state of any decides: one live key is enough for no, one unknown for
// "cannot tell".
func (v *view) dead(list []lineage.Credential) answer {
	if len(list) == 0 {
		// No child was issued, so none is left to kill; that there is a root another check asks.
		return v.yes("There is none in the evidence.")
	}
	var live, open, reissue, refs []string
	for _, c := range list {
		switch c.State {
		case "disabled", "deleted":
			refs = append(refs, c.StateEvidence...)
		case "expired":
			if again := outlivesSession(c); again != "" {
				reissue = append(reissue, c.ID+" ("+again+")")
			}
			refs = append(refs, c.StateEvidence...)
		case "active":
			live = append(live, c.ID)
		default:
			open = append(open, c.ID)
		}
	}
	switch {
	case len(live) > 0:
		return v.no(fmt.Sprintf("Still active at the end of the evidence: %s.", names(live)))
	case len(open) > 0:
		return v.cannot(fmt.Sprintf("The evidence does not show the state of %s. %s", names(open), stateDecides))
	case len(reissue) > 0:
		return v.cannot(fmt.Sprintf("The session is over, and what it came from gives the next one: %s. Whether that is closed the evidence does not show.", names(reissue)), refs...)
	}
	return v.yes(fmt.Sprintf("%s: disabled, deleted or expired.", number(len(list), "credential")), refs...)
}

// lastingWords are how a criterion names what outlives a session.
var lastingWords = map[lineage.Lasting]string{
	lineage.Outside: "a role's trust in somebody outside", lineage.SignIn: "somebody's sign-in", lineage.Workload: "a workload that is handed credentials",
}

// outlivesSession names what opened a session and is not ended with it: whoever came in so
// comes in so again until that is closed. "" where another credential, which has a row and
// a state of its own, opened it.
func outlivesSession(c lineage.Credential) string {
	if c.IssuedBy == nil || c.IssuedBy.Credential != "" {
		return ""
	}
	return lastingWords[lineage.LastingOf(c.IssuedBy.Rule)]
}

// statesKnown asks whether everything that the intruder held is listed with its state: a
// chain that leaves the evidence, or a credential of unknown state, leaves that open.
func statesKnown(v *view, _ []string) answer {
	held, open := v.held(), []string(nil)
	for _, c := range held {
		if c.State == "unknown" || c.State == "" {
			open = append(open, c.ID)
		}
	}
	switch orphans := v.limits("orphan_session", "account_missing"); {
	case len(held) == 0:
		return v.cannot("No credential is held to be the intruder's.")
	case len(orphans) > 0:
		return v.cannot(fmt.Sprintf("The chain leaves the evidence: %s Logs from before, or of that account, would decide.", orphans[0].Text), v.limitRefs("orphan_session", "account_missing")...)
	case len(open) > 0:
		return v.cannot(fmt.Sprintf("The state of %s is not in the evidence. %s", names(open), stateDecides))
	}
	return v.yes(fmt.Sprintf("All that the intruder held is listed with its state: %s.", number(len(held), "credential")))
}

// entryExplained asks for both ends: a chain that begins inside the evidence,
// and an account of how its first credential left its owner.
func entryExplained(v *view, _ []string) answer {
	roots, _ := v.roots()
	if orphans := v.limits("orphan_session"); len(orphans) > 0 {
		return v.no("A session of the intruder has no beginning in the evidence: "+orphans[0].Text, v.limitRefs("orphan_session")...)
	}
	if len(roots) == 0 {
		return v.cannot("No credential is held to be the intruder's, so nothing shows where they came in.", cite(v.hostile)...)
	}
	var ids []string
	for _, c := range roots {
		ids = append(ids, c.ID)
	}
	first := v.hostile[:min(len(v.hostile), 1)]
	// A departed employee needs no leak: they had the credential by right.
	if told := v.stated("exposed"); len(told) > 0 {
		return v.yes(fmt.Sprintf("The chain begins with %s, and the exposure is stated: %q.", names(ids), told[0].Text), cite(first)...)
	}
	if at := v.res.Terminated; !at.IsZero() {
		return v.yes(fmt.Sprintf("The chain begins with %s, which the person held by right until %s UTC.", names(ids), at.Format("2006-01-02 15:04:05")), cite(first)...)
	}
	return v.cannot(fmt.Sprintf("The chain begins with %s; how it left its owner happens outside CloudTrail. Whoever kept it must say where it was stored.", names(ids)), append(cite(first), v.limitRefs("outside_aws")...)...)
}

// exposureKnown wants a moment and not only the fact: the time before the first hostile
// call is what a search for earlier uses must cover.
func exposureKnown(v *view, _ []string) answer {
	for _, s := range v.stated("exposed") {
		if len(s.When) > 0 {
			return v.yes(fmt.Sprintf("Stated: %q.", s.Text))
		}
	}
	if v.answered("exposed_at") {
		return v.yes("The question was answered.")
	}
	return v.cannot("Nobody said since when it could be known to others; the first hostile call only bounds it.", cite(v.hostile[:min(len(v.hostile), 1)])...)
}

// plantedHasState asks about what was left behind and about what else was made or
// changed. What commands on hosts did has no state anywhere in the evidence.
func plantedHasState(v *view, _ []string) answer {
	n, open, refs := 0, []string(nil), []string(nil)
	for _, p := range v.res.Persistence {
		n++
		if p.Status == "unknown" {
			open, refs = append(open, p.ID), append(refs, p.Evidence...)
		}
	}
	for _, r := range v.res.Resources {
		if !slices.Contains(r.Effect, "created") && !slices.Contains(r.Effect, "modified") {
			continue
		}
		n++
		if r.StateNow == "unknown" || r.StateNow == "" {
			open, refs = append(open, r.ID), append(refs, events(r.ByEvent)...)
		}
	}
	ran := v.ranCommands()
	switch {
	case len(open) > 0:
		return v.cannot(fmt.Sprintf("The evidence does not show whether these still exist: %s. Look each up in its service.", names(unique(open))), refs...)
	case len(ran) > 0:
		return v.cannot(onHosts(ran), cite(ran)...)
	case n == 0:
		return v.yes("The evidence shows nothing that the intruder created or changed.")
	}
	if len(v.limits("no_snapshot")) > 0 {
		return v.yes("Each has a state, judged from later events: no snapshot was given to check them against.", v.limitRefs("no_snapshot")...)
	}
	return v.yes("Each has a state, judged from later events, and from snapshots where they tell.")
}

// noWayBack says no where one is live, whoever opened it: what was open before the
// intruder came (ledger.OpenBefore) lets them in again like what they made.
func noWayBack(v *view, _ []string) answer {
	var live, open, before, refs []string
	for _, p := range v.res.Persistence {
		switch {
		case p.Means == ledger.OpenBefore && p.Status == "live":
			before, refs = append(before, p.ID), append(refs, p.Evidence...)
		case p.Status == "live":
			live, refs = append(live, p.ID), append(refs, p.Evidence...)
		case p.Status == "unknown":
			open = append(open, p.ID)
		}
	}
	switch {
	case len(live)+len(before) > 0:
		text := ""
		if len(live) > 0 {
			text = fmt.Sprintf("Made and not removed: %s.", names(unique(live)))
		}
		if len(before) > 0 {
			text += fmt.Sprintf(" They came in by what was open before, and nothing shows it closed: %s.", names(unique(before)))
		}
		return v.no(strings.TrimSpace(text), refs...)
	case len(open)+len(v.res.Doubtful) > 0:
		return v.mayBeOpen(open)
	}
	if ran := v.ranCommands(); len(ran) > 0 {
		return v.cannot(onHosts(ran), cite(ran)...)
	}
	return v.yes("No way back that the evidence shows is still there.", v.limitRefs("no_snapshot")...)
}

// mayBeOpen says what may be there: things of unknown state, and those that could be put down
// to nobody.
func (v *view) mayBeOpen(unknown []string) answer {
	var nobodys, refs []string
	for _, d := range v.res.Doubtful {
		nobodys = append(nobodys, d.ID)
		for _, id := range d.Events {
			refs = append(refs, "event:"+id)
		}
	}
	text := ""
	if len(unknown) > 0 {
		text = fmt.Sprintf("Unknown whether it is still there: %s.", names(unknown))
	}
	if len(nobodys) > 0 {
		text += fmt.Sprintf(" Made by calls that could be put down to nobody, and not removed: %s.", names(unique(nobodys)))
	}
	return v.cannot(strings.TrimSpace(text), refs...)
}

// impactStated cannot say yes while a class of harm was not covered by any log.
func impactStated(v *view, _ []string) answer {
	var blind, refs []string
	for _, i := range v.res.Impact {
		if i.Level == "not_covered" {
			blind = append(blind, i.Text)
			for _, l := range i.Coverage {
				refs = append(refs, "limit:"+l)
			}
		}
	}
	switch {
	case len(blind) > 0:
		return v.cannot(blind[0]+" Data events, access logs or flow logs of the interval would decide.", refs...)
	case len(v.res.Impact) == 0:
		return v.yes("No successful call of the intruder falls into a class of harm, within the coverage that is stated.")
	}
	return v.yes(fmt.Sprintf("%s, each with its quantity and the limits that bound it.", number(len(v.res.Impact), "statement")))
}

// recoveryKnown asks of each thing that was taken away whether it can be had back. What is
// pending is known, and waits for nobody; what is gone is known as well.
func recoveryKnown(v *view, _ []string) answer {
	var open, pending, refs []string
	for _, x := range v.res.Recovery {
		switch x.Outcome {
		case ledger.Unknown, ledger.Partly:
			open, refs = append(open, x.ID), append(refs, events(x.Events)...)
		case ledger.Pending:
			pending = append(pending, x.ID)
		}
	}
	text := ""
	if len(pending) > 0 {
		text = fmt.Sprintf(" To be called off before its time: %s.", names(unique(pending)))
	}
	switch {
	case len(v.res.Recovery) == 0:
		return v.yes("The evidence shows nothing of the owner's that was deleted, written over or locked.")
	case len(open) > 0:
		return v.cannot(fmt.Sprintf("The evidence does not tell, or not of all of it, whether these can be had back: %s.%s", names(unique(open)), text), refs...)
	}
	return v.yes(fmt.Sprintf("%s, each with what shows whether it can be had back.%s", number(len(v.res.Recovery), "thing"), text))
}

// statementsHold: what people said was held against events where it was used; here only
// the contradictions are told.
func statementsHold(v *view, _ []string) answer {
	for _, q := range v.res.Questions {
		if len(q.ContradictedBy) > 0 {
			return v.no(fmt.Sprintf("The evidence contradicts what was said: %q.", q.Answer), q.ContradictedBy...)
		}
	}
	if len(v.res.Statements) == 0 {
		return v.cannot("Nobody stated anything that could be held against the evidence.")
	}
	return v.yes("Nothing that was stated is contradicted by the evidence.")
}

// nothingUndetermined is about what was examined, and nothing examined is no reason to be calm.
func nothingUndetermined(v *view, _ []string) answer {
	if len(v.acts) == 0 {
		return v.cannot("No call was examined: the evidence holds none of what the case names, or the case names nothing.")
	}
	changes := where(v.doubted, func(a act) bool { return !a.ReadOnly && done(a) })
	switch {
	case len(changes) > 0:
		return v.no(fmt.Sprintf("%s could be the owner's or the intruder's; their owner must say.", number(len(changes), "change")), cite(changes)...)
	case len(v.doubted) > 0:
		return v.cannot(fmt.Sprintf("%s that changed nothing could be either's.", number(len(v.doubted), "call")), cite(v.doubted)...)
	}
	return v.yes(fmt.Sprintf("%s examined, each attributed.", number(len(v.acts), "event")))
}

// anchorsFound looks for the limit by which the investigation says that it did not find
// what the case names. The kind of that limit has other uses, so the beginning of its
// text decides: whoever words it otherwise there must do so here.
func anchorsFound(v *view, _ []string) answer {
	missing := slices.DeleteFunc(v.limits("other"), func(l investigation.Limit) bool { return !strings.HasPrefix(l.Text, "The case names") })
	switch {
	case len(missing) > 0:
		return v.no(missing[0].Text, "limit:"+missing[0].ID)
	case len(v.acts) == 0:
		return v.cannot("The case names nothing that could be looked up.")
	}
	return v.yes(fmt.Sprintf("%s examined.", number(len(v.acts), "event")), cite(v.acts[:1])...)
}

// events turns event ids into references.
func events(ids []string) (out []string) {
	for _, id := range ids {
		out = append(out, (&evidence.Event{ID: id}).CitedAs())
	}
	return out
}

// unique is the list sorted, without repetitions; the given one stays.
func unique(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
