package investigation

import (
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
)

// caseInterval is the time in which an intruder can have acted: from the stated
// exposure, or the beginning of the evidence, to its end. What was attributed
// does not bound it: harm that nobody recognised lies outside of that. Zero if
// nothing is held against an intruder.
func (in *inquiry) caseInterval() (from, to time.Time) {
	first, _ := in.intrusion()
	if first.IsZero() {
		return first, first
	}
	from = in.pass.survey.First
	if exp := in.input.Exposed; exp.After(from) && exp.Before(first) {
		from = exp
	}
	return from, in.pass.survey.Last
}

// openEnds are the kinds of limit under any of which an act of the intruder may
// be missing from the evidence, or be there and not recognised.
// The limits of what is never recorded at all, such as how a key left its owner, are none of
// them: they hold for every case.
var openEnds = []string{"logging_stopped", "selectors_narrowed", "trail_gap", "write_only", "orphan_session", "account_missing", "retention",
	"attribution_ambiguous", "no_baseline", "truncated_field", "unreadable_input", "conflicting_records"}

// traced says whether everything that the intruder held is followed to both
// ends, so that an act of theirs can be nowhere but among what was judged: no
// limit leaves room for one, no way back is open, no lead is left unfollowed,
// nobody undetermined changed anything, and each credential has a known start.
// It asks for much, since it is what lets a report say that something did not happen.
func (in *inquiry) traced() bool {
	if slices.ContainsFunc(openEnds, func(kind string) bool { return len(in.limitIDs(kind)) > 0 }) || len(in.at.Leads) > 0 {
		return false
	}
	if slices.ContainsFunc(in.res.Persistence, func(p ledger.Persistence) bool {
		return p.Means != ledger.OpenBefore && (p.Status == ledger.Live || p.Status == ledger.Unknown) // who came by that is among what was judged
	}) {
		return false
	}
	for i, r := range in.at.Rows {
		if e := &in.at.Events[i]; r.Actor == attribution.Undetermined && !e.ReadOnly && e.Outcome() == evidence.Success {
			return false
		}
	}
	for _, s := range in.hostile() { // what runs with a role of its own acts under that role's name
		if s.Event.Outcome() == evidence.Success && handsOver[s.Event.Name] {
			return false
		}
	}
	return !slices.ContainsFunc(in.res.Credentials, func(c lineage.Credential) bool {
		return (c.HeldBy == "intruder" || c.HeldBy == "shared") && !in.begun(c)
	})
}

// handsOver are the calls whose caller goes on acting as somebody else: as a
// workload, or with what a command or a console answered outside of CloudTrail.
var handsOver = names(
	"CreateFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration", "PublishLayerVersion", "SendCommand", "StartSession", "CreateActivation", "RunInstances", "ModifyInstanceAttribute",
	"SendSSHPublicKey", "CreateProject", "UpdateProject", "StartBuild", "RunTask", "RegisterTaskDefinition", "CreateService", "UpdateService",
	"CreateStack", "UpdateStack", "CreateNotebookInstance", "CreatePresignedNotebookInstanceUrl", "CreateDevEndpoint", "PutImage",
	"CreateLaunchTemplateVersion", "CreateTrustAnchor", "CreateProfile", "CreateSAMLProvider", "CreateOpenIDConnectProvider", "CreateEnvironment")

// begun says whether it is known where a credential of the intruder's comes
// from: a key from before the evidence, or a call of somebody who was judged.
func (in *inquiry) begun(c lineage.Credential) bool {
	if c.IssuedBy == nil {
		return c.Kind == "access_key" && len(c.ID) > 4 && c.ID[:4] == "AKIA"
	}
	if c.IssuedBy.Credential == "" { // a service issued it, or another account did
		return false
	}
	actor := in.at.Actor(c.IssuedBy.Event)
	return actor.Hostile() || actor == attribution.Owner || actor == attribution.Responder
}
