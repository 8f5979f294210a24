package detection

import "github.com/trailhound/trailhound/internal/evidence"

// Facts answers questions that the event alone cannot: how the actor, the
// address or the thing touched compares with what was usual before, or what
// the case says. The investigation supplies it.
type Facts interface {
	// Fact returns the value of a fact of KnownFacts for the event. Where the
	// baseline is too thin, or nothing was said, known is false: novelty is
	// then unknown, never "new".
	Fact(name string, e *evidence.Event) (value, known bool)
}

// KnownFacts are the facts that rules may ask for, with their meaning. A rule
// that asks for another does not load, so a misspelt fact cannot silence it.
// Definitions follow the context predicates of the rule catalogue; "usual"
// means: in the baseline of before the earliest possible exposure.
var KnownFacts = map[string]string{
	"actor.new_network":                  "the network is new for the principal, whose baseline is known",
	"actor.new_network_or_ua":            "the network or the tool (agent family) is new for the principal",
	"ua.new_for_principal":               "the tool (agent family, not its version) is new for the principal",
	"first_for_key_on_network":           "first event of this credential from this network",
	"principal.never_used_service":       "the principal never called this service in its baseline",
	"principal.new_service_use":          "the role's sessions began to call services they never called",
	"action_new_for_role":                "the role never made this call in its baseline",
	"service_first_use_in_account":       "the account never used this service before",
	"region.new_for_account":             "no baseline day has events of a regional service in this region",
	"model_new_for_account":              "the model was never invoked in the account before",
	"actor.not_usual_deployer":           "the principal is not among those that made this call on at least three baseline days",
	"actor.not_usual_iam_admin":          "the principal is not among those that usually change IAM",
	"actor.not_usual_invoker":            "the principal is not among those that usually make this data call",
	"not_security_principal":             "the principal is no known security, audit or SIEM identity",
	"new_principal_resource_pair":        "the principal never touched this resource in its baseline",
	"edge_new_for_actor":                 "the principal never assumed this role in its baseline",
	"role.more_privileged_than_actor":    "the role passed or assumed was seen to use a class of rights that the actor never used",
	"group.privileged":                   "the group's policies are admin-grade",
	"policy.removed_had_deny":            "the policy that was removed held a Deny",
	"layer.new":                          "the layer was never used in the account before",
	"bucket.is_log_bucket":               "the bucket receives the account's trail",
	"bucket.not_ours":                    "the bucket is in no inventory of the case's accounts",
	"key.protects_logs":                  "the KMS key encrypts the trail or its bucket",
	"tag_overwrite":                      "the image tag or object existed and was replaced",
	"target.preexisting_admin":           "the identity touched existed before the intrusion and is an administrator",
	"target.created_by_intruder":         "the thing touched was made by the intruder (without an answer, the package looks itself)",
	"volume_outlier":                     "more than ten times the daily median, and at least 100 objects or 1 GiB",
	"volume_outlier_vs_self":             "the same against the principal's own last thirty days",
	"launch_outlier":                     "more than five times the usual number of instances, or a family never launched",
	"flow.outbound_outlier":              "on a day since the call a machine that it names sent out more than ten times the median of its own days before the intrusion, and at least 1 GiB (from flow logs)",
	"periodic_cycle":                     "the same role chain is renewed at a fixed interval",
	"ip.not_instance_egress":             "the address is none of the instance's own, its NAT's, or learned egress",
	"ip.not_aws_egress_or_new":           "the address is outside AWS, or new for the workload",
	"ip.differs_from_signer":             "the address differs from the networks of the credential that signed the URL",
	"ip.differs_from_user_auth":          "the address differs from where the user authenticated",
	"workload.session":                   "the credential was issued to compute: a function, task, pod, build or instance",
	"ip.not_usual_for_session":           "the address is outside the fleet that such sessions run on",
	"vpce.not_ours":                      "the VPC endpoint belongs to none of the case's accounts",
	"oidc.subject_new_for_role":          "the token's subject never assumed this role before",
	"credential.unexplained":             "the credential first appears here and no event in evidence issued it",
	"actor.departed":                     "the person is named as departed and the event is after the date given",
	"actor.departing":                    "the person is named as leaving and the event is before the date given",
	"stated.authorized_test":             "the case announces a test, and the event fits what was announced",
	"case.within_30d_before_termination": "the event lies within thirty days before the termination date given",
}
