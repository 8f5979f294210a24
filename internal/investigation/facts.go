package investigation

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
)

var _ detection.Facts = (*inquiry)(nil)

// Fact implements detection.Facts from baselines, lineage and the case. A fact
// that cannot be known from what is here stays unknown: the rule is then
// reported as not covered, and nothing is called new.
// Baselines hold what came before the exposure, or before the first hostile call: what the
// intruder did never becomes a habit. Facts are asked for one event at a time and may be asked
// often; what needs a walk over the rows is kept in judged.
func (in *inquiry) Fact(name string, e *evidence.Event) (value, known bool) {
	b := in.at.Baselines[e.Identity.Person()]
	switch name {
	case "actor.new_network":
		return novel(b, func() (bool, bool) { return b.HasNetwork(e.Network()) })
	case "ua.new_for_principal":
		return novel(b, func() (bool, bool) { return b.HasAgent(evidence.AgentFamily(e.UserAgent)) })
	case "actor.new_network_or_ua":
		return in.newNetworkOrAgent(b, e)
	case "principal.never_used_service", "principal.new_service_use":
		return novel(b, func() (bool, bool) { return b.HasService(e.Source) })
	case "new_principal_resource_pair", "action_new_for_role", "edge_new_for_actor":
		return in.newPair(name, b, e)
	case "service_first_use_in_account":
		return in.firstUse("service", e.Account, e.Source, e)
	case "region.new_for_account":
		if e.Region == "us-east-1" {
			return false, true // global services speak there, whoever calls
		}
		return in.firstUse("region", e.Account, e.Region, e)
	case "actor.not_usual_deployer", "actor.not_usual_iam_admin", "actor.not_usual_invoker":
		return in.notUsual(e)
	case "not_security_principal":
		return in.rows()[e.ID].Actor != attribution.Responder, true
	case "credential.unexplained":
		n := in.g.Node(in.g.CredentialOf(e))
		return n != nil && n.Temporary() && n.Best() == nil, n != nil
	case "first_for_key_on_network":
		return in.firstOnNetwork(e)
	case "target.created_by_intruder":
		if s := in.subject(e.ID); s != nil {
			return in.selfMade(*s), true
		}
		return false, false
	case "bucket.not_ours":
		return in.strangeBucket(e)
	case "bucket.is_log_bucket":
		return in.logBucket(e)
	case "ip.not_instance_egress", "ip.not_usual_for_session", "ip.not_aws_egress_or_new":
		return in.offHost(e)
	case "actor.departed", "actor.departing", "case.within_30d_before_termination":
		return in.departure(name, e)
	case "volume_outlier", "volume_outlier_vs_self":
		return in.volume(e)
	case "flow.outbound_outlier":
		return in.sentOut(e)
	case "stated.authorized_test":
		return strings.Contains(in.rows()[e.ID].Because, "authorized_testing"), true
	case "workload.session":
		return in.ofWorkload(e), true
	case "ip.differs_from_signer":
		return in.awayFromSigner(e)
	case "ip.differs_from_user_auth":
		return in.awayFromSignIn(e)
	case "role.more_privileged_than_actor":
		return in.morePrivileged(e)
	case "oidc.subject_new_for_role", "model_new_for_account", "tag_overwrite", "key.protects_logs", "launch_outlier", "layer.new":
		return in.past.fact(in, name, e)
	case "vpce.not_ours":
		return in.foreignEndpoint(e)
	case "periodic_cycle":
		return in.periodic(e)
	case "group.privileged", "policy.removed_had_deny", "target.preexisting_admin":
		return in.byPolicies(name, e)
	}
	return false, false
}

// novel negates a baseline's answer, and stays unknown with it.
func novel(b *attribution.Baseline, has func() (bool, bool)) (bool, bool) {
	if b == nil {
		return false, false
	}
	v, known := has()
	return known && !v, known
}

// newNetworkOrAgent says whether place or tool is new for the principal. Through AWS a
// caller's network is the service's and tells nothing.
func (in *inquiry) newNetworkOrAgent(b *attribution.Baseline, e *evidence.Event) (bool, bool) {
	if b == nil {
		return false, false
	}
	n, known := b.HasNetwork(e.Network())
	a, _ := b.HasAgent(evidence.AgentFamily(e.UserAgent))
	return known && (!n && !e.FromAWS() || !a), known
}

// newPair says whether the principal never made this call on any of the things that it names.
// Of a call that takes a role only roles are compared.
func (in *inquiry) newPair(name string, b *attribution.Baseline, e *evidence.Event) (bool, bool) {
	if b == nil || !b.Known {
		return false, false
	}
	for _, r := range e.Resources {
		if name == "edge_new_for_actor" && !strings.Contains(r, ":role/") {
			continue
		}
		// One known thing makes the call known: calls name keys and regions beside it that vary.
		if has, _ := b.HasAction(e.Action(), r); has {
			return false, true
		}
	}
	return true, true
}

// firstUse needs days of the account's history before: the first days of a log make
// everything first, the home region too, and another account's log tells nothing of this one.
// Before the intrusion's first call it is no intruder's first use: whoever came upon a region
// that was in use already opened none.
func (in *inquiry) firstUse(kind, account, value string, e *evidence.Event) (bool, bool) {
	first, ok := in.pass.survey.FirstSeen(kind, account, value)
	days := in.o.Content.Weights.Baseline.MinDays
	known := in.pass.survey.Began(account).AddDate(0, 0, days)
	if !ok || known.After(e.Time) {
		return false, false
	}
	from, _ := in.intrusion()
	if from.IsZero() || first.Before(from) {
		return false, true
	}
	return !known.After(first), !known.After(first)
}

// notUsual says whether the principal is not among those who do this. Whoever
// an event is attributed to as the intruder is not, whatever the stolen
// identity used to do.
func (in *inquiry) notUsual(e *evidence.Event) (bool, bool) {
	if in.at.Actor(e.ID).Hostile() {
		return true, true
	}
	days := in.o.Content.Weights.Baseline.MinDays
	if in.pass.survey.First.AddDate(0, 0, days).After(e.Time) {
		return false, false
	}
	return in.pass.survey.DaysDone(e.Account, e.Action(), e.Identity.Person(), e.Time) < days, true
}

// firstOnNetwork says whether no earlier call of the credential came from this network. Rows
// show the key itself and the graph may have divided it: both sides go by the graph.
func (in *inquiry) firstOnNetwork(e *evidence.Event) (bool, bool) {
	if in.judged.firsts == nil {
		in.judged.firsts = map[[2]string]string{}
		for i := range in.at.Events {
			o := &in.at.Events[i]
			k := [2]string{in.g.CredentialOf(o), o.Network()}
			if _, ok := in.judged.firsts[k]; !ok {
				in.judged.firsts[k] = o.ID
			}
		}
	}
	return in.judged.firsts[[2]string{in.g.CredentialOf(e), e.Network()}] == e.ID, true
}

// logBucket says whether the bucket is one that a trail of the evidence names,
// or that CloudTrail itself was seen writing to.
func (in *inquiry) logBucket(e *evidence.Event) (bool, bool) {
	for _, c := range in.pass.logBase {
		for _, r := range c.resources {
			if r != "" && slices.Contains(e.Resources, r) {
				return true, true
			}
		}
	}
	return false, false
}

// departure holds a call against the first end of employment that anybody states, whoever made the
// call: who left comes back under other names as well, and what is nobody's but the owner's no
// finding rests on.
func (in *inquiry) departure(name string, e *evidence.Event) (bool, bool) {
	for _, r := range in.readings() {
		for _, st := range r.Statements {
			if st.Relation != intake.Terminated || st.Negated || len(st.When) == 0 {
				continue
			}
			at := st.When[0].From
			switch name {
			case "actor.departed":
				return !e.Time.Before(at), true
			case "actor.departing":
				return e.Time.Before(at), true
			}
			return e.Time.Before(at) && e.Time.After(at.AddDate(0, 0, -30)), true
		}
	}
	return false, false
}
