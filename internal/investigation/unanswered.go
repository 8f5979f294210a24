package investigation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// untold is what cannot be said where a live account gave no answer, by the
// question. A test holds it against the questions that gathering asks.
var untold = map[string]string{
	"access-analyzer:ListAnalyzers":      "What Access Analyzer found open to others cannot be said; that no such finding is here says nothing.",
	"ce:GetCostAndUsage":                 "What was spent, and whether spending rose, cannot be said.",
	"cloudtrail:DescribeTrails":          "Whether a trail records there now, and what it leaves out, cannot be said.",
	"cloudtrail:LookupEvents":            "What was called there cannot be said from the event history; that no call of the region is here says nothing.",
	"codebuild:ListProjects":             "Which build projects there are, and who can make them run code, cannot be said.",
	"codebuild:ListSourceCredentials":    "Which source credentials builds hold cannot be said.",
	"ec2:DescribeAddresses":              "Whether an address in the case belongs to the account cannot be said from its elastic addresses.",
	"ec2:DescribeInstances":              "Which instances run there now, with which role, address and user data, cannot be said; whether one of the intruder's still runs is judged from calls alone.",
	"ec2:DescribeLaunchTemplateVersions": "What launch templates would start there cannot be said.",
	"ec2:DescribeRegions":                "Which regions are turned on cannot be said; only the region at hand was asked.",
	"ec2:DescribeSnapshots":              "Whether snapshots that the intruder made are still there cannot be said.",
	"ec2:DescribeVolumes":                "Which volumes are there now cannot be said.",
	"guardduty:ListDetectors":            "What GuardDuty found there cannot be said; that no alert of it is here says nothing.",
	"iam:GetAccountAuthorizationDetails": "What users, roles and policies allow now, and whether what was left behind is still there, cannot be said from the account; permissions are judged from calls alone.",
	"iam:GetCredentialReport":            "Which passwords and keys are on, and when they were last used, cannot be said from the credential report.",
	"iam:ListUsers":                      "Which access keys, MFA devices and service credentials are active now cannot be said from their lists.",
	"organizations:DescribeOrganization": "Which account manages the organisation cannot be said.",
	"organizations:ListAccounts":         "Which other accounts the organisation has cannot be said, and none of them was asked.",
	"organizations:ListRoots":            "Which control policies stand over an account cannot be said: what they forbid may be given as possible.",
	"organizations:ListPolicies":         "What the organisation's service and resource control policies forbid cannot be said; permissions are judged as if they forbade nothing.",
	"securityhub:GetFindings":            "What Security Hub holds there cannot be said, with what Macie and Inspector passed on to it; that no alert of these is here says nothing.",
	"sts:AssumeRole":                     "The account was not entered: nothing of its state, alerts or history is here.",
}

// maxPlaces bounds how many accounts and regions one sentence names.
const maxPlaces = 6

// unanswered says what a live account was asked and did not answer, where, why,
// and what cannot be said for that: one limit for each question and reason.
func (in *inquiry) unanswered(list []evidence.Artifact) {
	type question struct{ action, reason string }
	places := map[question][]string{}
	for _, a := range list {
		account, region, action, ok := a.Unanswered()
		if !ok {
			continue
		}
		place := account + " in " + region
		if region == "global" {
			place = account
		}
		q := question{action, a.Reason}
		places[q] = append(places[q], place)
	}
	asked := make([]question, 0, len(places))
	for q := range places {
		asked = append(asked, q)
	}
	slices.SortFunc(asked, func(a, b question) int {
		return strings.Compare(a.action+"\x00"+a.reason, b.action+"\x00"+b.reason)
	})
	for _, q := range asked {
		at := places[q]
		slices.Sort(at)
		more := ""
		if n := len(at) - maxPlaces; n > 0 {
			at, more = at[:maxPlaces], fmt.Sprintf(" and %d more places", n)
		}
		// By the question and its reason: a report names the places and says the rest once.
		effect, ok := untold[q.action]
		if !ok { // a collection of a later version asks more
			effect = "What the call would have told is not part of this report."
		}
		in.limit("unreadable_input", fmt.Sprintf("The live account gave no whole answer to %s, of account %s%s: %s.", q.action, strings.Join(at, ", "), more, strings.TrimSuffix(q.reason, ".")), nil, effect)
	}
}
