package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
)

// sweep looks for what a case without an anchor may mean, and goes on with the
// best candidate if anything speaks for it.
func (in *inquiry) sweep(ctx context.Context) error {
	in.swept = true
	from, to := in.window()
	if in.reading.Kind == "logging_tampered" && !in.input.Doubted && in.actsNamed(from, to) {
		return nil
	}
	// What was taken away is a better lead than who departed from their habits.
	if gone, err := in.takenAway(ctx, from, to); err != nil || gone {
		return err
	}
	cands, n, anytime, err := in.standOut(ctx)
	if err != nil {
		return err
	}
	when := " in the time in question"
	if anytime && n > 0 {
		when, in.input.Exposed = ", though not in the time that it gives,", time.Time{} // nor does that time bound anybody's habits
	}
	in.cands = cands
	in.note("candidates, since the case names nothing that can be looked up", len(cands))
	var names []string
	for _, c := range cands[:n] {
		in.input.Examine, in.input.Swept = append(in.input.Examine, c.Person), append(in.input.Swept, c.Person)
		names = append(names, c.ARN)
	}
	if n > 0 {
		why := "The case names nobody, no credential, no address and no event that the evidence holds. So"
		if len(in.guessed) > 0 {
			why = "Since it names nobody else,"
		}
		in.assume("principal", fmt.Sprintf("%s whoever departed most from their own habits%s was examined: %s.", why, when, strings.Join(names, ", ")))
	}
	return nil
}

// standOut ranks everybody by how much they departed from their own habits in the time of
// the case, and counts for whom of them enough speaks. Days are remembered wrongly: where
// nobody stands out, anytime will do, but then it must be plain by itself.
func (in *inquiry) standOut(ctx context.Context) (cands []attribution.Candidate, n int, anytime bool, err error) {
	t := in.o.Content.Weights.Thresholds
	from, to := in.window()
	if cands, err = in.candidates(ctx, from, to, in.interest()); err != nil {
		return nil, 0, false, err
	}
	if n = strong(cands, t.Undetermined); n > 0 || from.IsZero() {
		return cands, n, false, nil
	}
	cands, err = in.candidates(ctx, time.Time{}, time.Time{}, in.interest())
	return cands, strong(cands, t.Intruder), true, err
}

// candidates ranks everybody by how much they departed from their own habits in a window.
func (in *inquiry) candidates(ctx context.Context, from, to time.Time, interest attribution.Interest) ([]attribution.Candidate, error) {
	return attribution.Candidates(ctx, in.q, in.g, in.pass.survey, in.o.Content.Weights, from, to, interest, in.input.Known, in.input.Addresses)
}

// strong counts the first candidates for whom enough speaks, three at most.
func strong(cands []attribution.Candidate, enough int) int {
	n := slices.IndexFunc(cands, func(c attribution.Candidate) bool { return c.Score < enough })
	if n < 0 {
		n = len(cands)
	}
	return min(n, 3)
}

// actsNamed anchors a case about switched-off logging in the calls that switched
// it off: they are what the case is about, whoever made them.
func (in *inquiry) actsNamed(from, to time.Time) bool {
	for _, c := range in.pass.logBase {
		inside := (from.IsZero() || !c.at.Before(from)) && (to.IsZero() || c.at.Before(to))
		if inside && !c.failed && (c.name == "StopLogging" || c.name == "DeleteTrail") {
			in.input.Events = append(in.input.Events, c.event)
		}
	}
	if len(in.input.Events) == 0 {
		return false
	}
	slices.Sort(in.input.Events)
	in.assume("principal", "The case names nothing by id. The calls that stopped or deleted a trail in its window are taken for what it is about.")
	return true
}

// interest gives points to the calls that the kind of case is about.
func (in *inquiry) interest() attribution.Interest {
	// The points raise a rank and judge nobody.
	names := kindCalls[in.reading.Kind]
	for _, a := range in.reading.Actions {
		names = append(slices.Clone(names), a)
	}
	root := in.reading.Kind == "root_activity"
	return func(e *evidence.Event) int {
		switch {
		case root && e.Identity.Type == "Root":
			return 60
		case slices.Contains(names, e.Name):
			return 30
		}
		return 0
	}
}

// kindCalls are the calls that each kind of case turns on, after the flows of
// the domain guide.
var kindCalls = map[string][]string{
	"console_takeover":          {"ConsoleLogin", "SwitchRole", "CreateLoginProfile", "UpdateLoginProfile", "DeactivateMFADevice", "EnableMFADevice"},
	"cost_spike":                {"RunInstances", "RequestSpotInstances", "CreateAutoScalingGroup", "RegisterTaskDefinition", "CreateService", "CreateFleet", "InvokeModel", "RequestServiceQuotaIncrease"},
	"s3_exfiltration_or_ransom": {"GetObject", "DeleteObject", "DeleteObjects", "PutBucketPolicy", "PutBucketLifecycle", "PutBucketVersioning", "CopyObject", "DeleteBucket"},
	"logging_tampered":          {"StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors", "DeleteFlowLogs", "DeleteDetector", "StopConfigurationRecorder"},
	"model_abuse":               {"InvokeModel", "InvokeModelWithResponseStream", "Converse", "ConverseStream", "PutFoundationModelEntitlement", "PutUseCaseForModelAccess"},
	"pipeline_compromise":       {"StartBuild", "UpdateProject", "CreateWebhook", "UpdateWebhook", "ImportSourceCredentials", "PutImage"},
	"root_activity":             {"ConsoleLogin", "PasswordRecoveryRequested", "PasswordRecoveryCompleted", "EmailUpdated"},
}
