package playbook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/investigation"
)

// limitAbsent answers by the limits that the investigation wrote. That none of the kind is
// listed means that it was looked for and does not apply.
func limitAbsent(v *view, kinds []string) answer {
	if l := v.limits(kinds...); len(l) > 0 {
		return v.no(l[0].Text+" "+l[0].Effect, v.limitRefs(kinds...)...)
	}
	return v.yes("No such limit applies.")
}

// classCovered asks whether any day holds events of each class. It is about what was
// given, not about every day of the case: those the coverage table shows.
func classCovered(v *view, classes []string) answer {
	if len(v.res.Coverage) == 0 {
		return v.cannot("No coverage is stated.")
	}
	if missing := v.uncovered(classes); missing != "" {
		return v.no("No day of the evidence holds "+missing+" events.", v.limitRefs("no_data_events", "write_only")...)
	}
	return v.yes("The evidence holds such events; the coverage table says where and when.")
}

// answeredAll: an answer, or a statement that settles the question in passing.
func answeredAll(v *view, ids []string) answer {
	for _, id := range ids {
		if !v.answered(id) {
			return v.no("Nobody answered the question " + id + ".")
		}
	}
	return v.yes("Answered or stated.")
}

// intruderSucceeded: a refused attempt is told, and is no yes.
func intruderSucceeded(v *view, actions []string) answer {
	tried := where(v.hostile, does(actions))
	ok := where(tried, done)
	switch {
	case len(ok) > 0:
		return v.yes(fmt.Sprintf("%s succeeded, first %s.", number(len(ok), "call"), ok[0].Action()), cite(ok)...)
	case len(tried) > 0:
		return v.no(fmt.Sprintf("%s, and every one failed.", number(len(tried), "call")), cite(tried)...)
	}
	return v.no("No such call of the intruder is in the evidence.", v.limitRefs("region_missing")...)
}

// signs are the services whose calls open a session and change nothing, though
// CloudTrail does not call all of them read-only.
var signs = []string{"signin.amazonaws.com", "sts.amazonaws.com", "sso.amazonaws.com"}

// intruderChanged asks for any successful call that is not a read: which
// services the intruder would use is not to be guessed.
func intruderChanged(v *view, _ []string) answer {
	tried := where(v.hostile, func(a act) bool { return !a.ReadOnly && !slices.Contains(signs, a.Source) })
	ok := where(tried, done)
	switch {
	case len(ok) > 0:
		return v.yes(fmt.Sprintf("%s succeeded, first %s.", number(len(ok), "call"), ok[0].Action()), cite(ok)...)
	case len(tried) > 0:
		return v.no(fmt.Sprintf("%s, and none is known to have succeeded.", number(len(tried), "call")), cite(tried)...)
	}
	return v.no("No call of the intruder that changes something is in the evidence.", v.limitRefs("region_missing")...)
}

// costBack says yes only where no bill ever stood out: bills arrive days late,
// and whether the last of them are what is usual again is for whoever pays them.
func costBack(v *view, _ []string) answer {
	if l := v.limits("no_cost_data"); len(l) > 0 {
		return v.no(l[0].Text+" "+l[0].Effect, v.limitRefs("no_cost_data")...)
	}
	for _, i := range v.res.Impact {
		if i.Class == "money" && strings.Contains(i.Text, "times the usual") {
			return v.cannot(i.Text+" Whether the last days in the bills are back to what is usual is not judged here.", i.Evidence...)
		}
	}
	return v.yes("No bill that was given stands out from the days before.")
}

// spendExplained looks for the limit by which the investigation says of a spike that no call
// can have caused it, or that its region is not in the evidence: whoever words these otherwise
// there must do so here.
func spendExplained(v *view, _ []string) answer {
	if l := v.limits("no_cost_data"); len(l) > 0 {
		return v.cannot(l[0].Text+" "+l[0].Effect, v.limitRefs("no_cost_data")...)
	}
	var refs []string
	open := ""
	for _, l := range v.limits("other", "region_missing") {
		if strings.Contains(l.Text, "no call that would have caused it") || strings.Contains(l.Text, " cost ") && strings.Contains(l.Text, "no events of that region") {
			if open == "" {
				open = l.Text
			}
			refs = append(refs, "limit:"+l.ID)
		}
	}
	if open != "" {
		return v.no(open, refs...)
	}
	return v.yes("No spend that stands out is without a call that can have caused it.")
}

// severalBuilds asks whether builds of several projects were in the intruder's hands: one
// project is a matter of its own source, several of what they share.
func severalBuilds(v *view, _ []string) answer {
	var projects, refs []string
	for _, b := range v.res.Builds {
		projects, refs = append(projects, b.Project), append(refs, events(b.Events)...)
	}
	switch projects = unique(projects); {
	case len(projects) == 0:
		return v.cannot("No build is seen in the intruder's hands, by its key or by who started it.")
	case len(projects) == 1:
		return v.no(fmt.Sprintf("Only builds of %s are.", projects[0]), refs...)
	}
	return v.yes(fmt.Sprintf("Builds of %s are.", names(projects)), refs...)
}

// ranCommands are the acts that ran something on a host. What was done there is
// in no record of AWS's.
func (v *view) ranCommands() []act {
	return where(v.hostile, func(a act) bool {
		return done(a) && slices.Contains([]string{"ssm:SendCommand", "ssm:StartSession", "ssm:StartAutomationExecution", "ec2-instance-connect:SendSSHPublicKey",
			"ec2-instance-connect:SendSerialConsoleSSHPublicKey", "ecs:ExecuteCommand"}, a.Action())
	})
}

// onHosts is the reason for which nothing about hosts can be told.
func onHosts(ran []act) string {
	return fmt.Sprintf("%s ran commands or opened shells on hosts, first %s; what they changed there is not in the evidence. Look at those hosts.", number(len(ran), "call"), ran[0].Action())
}

// intruderTried counts attempts and successes alike.
func intruderTried(v *view, actions []string) answer {
	if tried := where(v.hostile, does(actions)); len(tried) > 0 {
		return v.yes(fmt.Sprintf("%s, %d of them failed.", number(len(tried), "call"), len(tried)-len(where(tried, done))), cite(tried)...)
	}
	return v.no("No such call of the intruder is in the evidence.", v.limitRefs("region_missing")...)
}

// seen asks for a call by anybody among the credentials that were examined.
func seen(v *view, actions []string) answer {
	if found := where(v.acts, does(actions)); len(found) > 0 {
		return v.yes(fmt.Sprintf("%s examined.", number(len(found), "such call")), cite(found)...)
	}
	return v.no("No such call by a credential of the case is in the evidence.")
}

// techniqueFound: a finding whose every act was refused is told as tried only.
func techniqueFound(v *view, ids []string) answer {
	tried := v.no("No finding of that kind.")
	for _, f := range v.res.Findings {
		if !slices.Contains(ids, f.Technique) && !slices.ContainsFunc(f.Also, func(id string) bool { return slices.Contains(ids, id) }) {
			continue
		}
		if f.Outcome != "attempted" {
			return v.yes(fmt.Sprintf("Finding %s: %s (%s).", f.ID, f.Title, f.Outcome), f.Evidence...)
		}
		tried = v.no(fmt.Sprintf("It was only tried: finding %s, %s.", f.ID, f.Title), f.Evidence...)
	}
	return tried
}

// identityHostile asks for hostile calls by a type of identity, in CloudTrail's words:
// "Root", "AssumedRole".
func identityHostile(v *view, types []string) answer {
	found := where(v.hostile, func(a act) bool { return slices.Contains(types, a.Identity.Type) })
	if len(found) == 0 {
		return v.no("No hostile call by such an identity is in the evidence.")
	}
	return v.yes(fmt.Sprintf("%s, %d succeeded.", number(len(found), "call"), len(where(found, done))), cite(found)...)
}

// severalIdentities counts persons as Identity.Person has them, so that the sessions of
// one role are one.
func severalIdentities(v *view, _ []string) answer {
	var people, called []string
	var first []act
	for _, a := range v.hostile {
		if p := a.Identity.Person(); p != "" && !slices.Contains(people, p) {
			people, called, first = append(people, p), append(called, a.Identity.Called()), append(first, a)
		}
	}
	switch len(people) {
	case 0:
		return v.cannot("No hostile call names who made it.")
	case 1:
		return v.no("All hostile calls were made as "+called[0]+".", cite(first)...)
	}
	return v.yes(fmt.Sprintf("Hostile calls were made as %d principals: %s.", len(people), names(called)), cite(first)...)
}

// severalNetworks leaves out calls from inside AWS: a service's address is nobody's place.
func severalNetworks(v *view, _ []string) answer {
	var nets []string
	var first []act
	for _, a := range v.hostile {
		if n := a.Network(); !a.FromAWS() && !slices.Contains(nets, n) {
			nets, first = append(nets, n), append(first, a)
		}
	}
	if len(nets) > 1 {
		return v.yes(fmt.Sprintf("%d networks: %s.", len(nets), names(nets)), cite(first)...)
	}
	return v.no("All came from one network, or from inside AWS.", cite(first)...)
}

// networkShared goes by the limit that the attribution wrote about shared networks, and
// by the beginning of its text, since the kind stands for other ambiguities too.
func networkShared(v *view, _ []string) answer {
	shared := slices.DeleteFunc(v.limits("attribution_ambiguous"), func(l investigation.Limit) bool { return !strings.HasPrefix(l.Text, "The intruder used networks") })
	if len(shared) > 0 {
		return v.yes(shared[0].Text, "limit:"+shared[0].ID)
	}
	if len(v.hostile) == 0 {
		return v.cannot("No event is attributed to an intruder.")
	}
	return v.no("No network of the intruder is used by unrelated principals in this evidence.")
}

// resourcesGone asks whether what the intruder made is removed: running
// instances cost money after every key is dead.
func resourcesGone(v *view, _ []string) answer {
	n, left, open, refs := 0, []string(nil), []string(nil), []string(nil)
	for _, r := range v.res.Resources {
		if !slices.Contains(r.Effect, "created") {
			continue
		}
		n++
		if r.DeletesAt != "" { // on its way out, and of no use until then
			refs = append(refs, r.StateEvidence...)
			continue
		}
		switch r.StateNow {
		case "removed":
			refs = append(refs, r.StateEvidence...)
		case "present", "restored":
			left = append(left, r.ID)
		default:
			open = append(open, r.ID)
		}
	}
	switch {
	case len(left) > 0:
		return v.no(fmt.Sprintf("Made and not removed: %s.", names(left)))
	case len(open) > 0:
		return v.cannot(fmt.Sprintf("The evidence does not show whether these still exist: %s.", names(open)))
	case n == 0:
		return v.yes("The evidence shows nothing that the intruder created.")
	}
	return v.yes(fmt.Sprintf("%s created by the intruder, each seen removed.", number(n, "resource")), refs...)
}
