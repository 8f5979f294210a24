package ladder

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/trust"
)

// Plan is one step for one project. It is the JSON of "trailhound pipeline plan";
// see docs/formats/pipeline-plan.md.
type Plan struct {
	ID      string `json:"id"` // what an application consents to: a hash of project, before and after
	Project string `json:"project"`
	ARN     string `json:"arn,omitempty"`
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	// Form is the template a project was read from; empty for the account itself.
	Form model.Form `json:"form,omitempty"`

	RungBefore string `json:"rung_before"`
	RungAfter  string `json:"rung_after,omitempty"`
	Who        Change `json:"who"`

	Before     State  `json:"before"`
	After      State  `json:"after"`
	BeforeHash string `json:"before_sha256"`
	AfterHash  string `json:"after_sha256"`

	Edit    Forms    `json:"edit"`
	Inverse Forms    `json:"inverse"`
	Notes   []string `json:"notes"`
	Replay  Replay   `json:"replay"`

	// Managed says which infrastructure-as-code owns the project: then a template has to change, and applying
	// the plan is refused.
	Managed string `json:"managed,omitempty"`
	// Refused says why there is no step to take; then After is Before.
	Refused string `json:"refused,omitempty"`
}

// Change is who could start a build before and after.
type Change struct {
	Before  trust.Verdict `json:"before"`
	Why     string        `json:"before_why"`
	Witness string        `json:"before_witness,omitempty"` // an account that gets in and nobody listed
	After   trust.Verdict `json:"after"`
	WhyNow  string        `json:"after_why"`
}

// Format is the value of the format member of a document of plans.
const Format = "trailhound-pipeline-plan/1"

// Options are what a plan is drawn with.
type Options struct {
	Target Target
	Repo   trust.Repo
	Force  bool // more than one rung at once
	Builds []*model.Build
	Hooks  []Delivery
}

// Make draws the plan of a project. A project that cannot be planned for gives a
// plan that is refused, with the reason.
// It is pure: the same project and options give the same plan and id. The order of
// refusals is from what is not known to what is not wise; the first is the one told.
func Make(p *model.Project, o Options) Plan {
	plan := Plan{Project: p.Name.V, ARN: p.ARN.V, Account: p.Account, Region: p.Region, Form: templateForm(p), Managed: managed(p), Notes: []string{}, Replay: empty()}
	now := trust.Evaluate(p, o.Repo)
	plan.RungBefore = now.Rung
	plan.Who = Change{Before: now.Verdict, Why: now.Why, Witness: now.Witness, After: now.Verdict, WhyNow: now.Why}
	refuse := func(format string, args ...any) Plan {
		plan.Refused = fmt.Sprintf(format, args...)
		plan.After, plan.AfterHash, plan.RungAfter = plan.Before, plan.BeforeHash, plan.RungBefore
		return plan
	}
	switch {
	case !p.Name.Known():
		return refuse("its name cannot be told")
	case p.Webhook.Absent():
		return refuse("no webhook starts it")
	case p.Webhook.Unknown():
		return refuse("whether it has a webhook cannot be told: %s", p.Webhook.Why)
	}
	w := p.Webhook.V
	before, err := Read(&w)
	if err != nil {
		return refuse("%v", err)
	}
	plan.Before, plan.BeforeHash = before, before.Hash()
	at := standing(now.Rung)
	switch {
	case at < 0:
		return refuse("where it stands on the ladder cannot be told or is no rung: %s", now.Rung)
	// Rung 0 as a target stands for "the next step".
	case o.Target.Rung == 0 && at == Gate:
		return refuse("it stands on the highest rung")
	case o.Target.Rung == 0:
		// First what is wanting of the rung it stands on: an unanchored branch, say.
		if o.Target.Rung = at; at == Open || o.Target.idle(before, p.Source.Provider()) {
			o.Target.Rung = at + 1
		}
	case o.Target.Rung < at || o.Target.Rung == at && o.Target.idle(before, p.Source.Provider()):
		return refuse("it stands on rung %s", now.Rung)
	}
	if o.Target.Rung > at+1 && !o.Force {
		return refuse("rung %d is %d steps up from %q: take one at a time, or force it", o.Target.Rung, o.Target.Rung-at, now.Rung)
	}
	after, notes, err := o.Target.apply(before, p.Source.Provider())
	if err != nil {
		return refuse("%v", err)
	}
	plan.Notes = append(plan.Notes, notes...)
	// Better refused here than by the service, after consent was given.
	if err := Check(after, p.Source.Provider()); err != nil {
		return refuse("the step would give a webhook that the service refuses: %v", err)
	}
	if after.Equal(before) {
		return refuse("there is nothing to change for rung %d", o.Target.Rung)
	}
	// The project after the step is judged by the same evaluator as before it; a
	// plan never claims a verdict of its own.
	next := *p
	next.Webhook = model.Of(after.Webhook(w))
	then := trust.Evaluate(&next, o.Repo)
	// No step may let in more than there was; rung 3 lets in whom it names, on purpose.
	if trust.Weaker(now.Verdict, then.Verdict) != now.Verdict && o.Target.Rung != Gate {
		return refuse("the step would not close it: from %s to %s, %s", now.Verdict, then.Verdict, then.Why)
	}
	// Not a reason to refuse: pushes only may still be open by another way, and each step
	// closes something.
	if then.Verdict.Open() {
		plan.Notes = append(plan.Notes, "after this step people without write access can still start a build: "+then.Why)
	}
	plan.After, plan.AfterHash, plan.RungAfter = after, after.Hash(), then.Rung
	plan.Who.After, plan.Who.WhyNow = then.Verdict, then.Why
	plan.Edit, plan.Inverse = forms(p, before, after), forms(p, after, before)
	plan.Replay = replay(before, after, o.Builds, o.Hooks, p.Name.V)
	plan.ID = id(&plan)
	return plan
}

// idle says whether the target would change nothing.
func (t Target) idle(s State, provider string) bool {
	after, _, err := t.apply(s, provider)
	return err != nil || after.Equal(s)
}

// id is what consent is given to: it changes with anything that would be changed.
func id(p *Plan) string {
	// Sixteen hex digits are 64 bits: enough that no two plans of an account meet,
	// and short enough to be typed as consent. Notes and replay are left out, as
	// they change nothing.
	return State{FilterGroups: [][]Filter{{{Type: p.ARN + p.Project + p.Region, Pattern: p.BeforeHash + p.AfterHash}}}}.Hash()[:16]
}

// Genuine says whether the plan still is what its id was made of.
// A plan comes back from a file that anybody may have edited.
func (p *Plan) Genuine() bool { return p.ID != "" && p.ID == id(p) }

// standing is the rung by number, -1 for what is none.
func standing(rung string) Rung {
	if i := slices.Index([]string{trust.RungOpen, trust.RungPush, trust.RungBranch, trust.RungGate}, rung); i >= 0 {
		return Rung(i)
	}
	return -1
}

// managed names what owns the project's definition: a tag, or the template that
// it was read from.
func managed(p *model.Project) string {
	if m := p.Managed(); m != "" {
		return m
	}
	if p.Form.Template() {
		return "the template " + p.At.String()
	}
	return ""
}

// Check says what the service would refuse of a state. Sources: API reference,
// WebhookFilter and PullRequestBuildPolicy.
func Check(s State, provider string) error {
	for i, g := range s.FilterGroups {
		events := []string{}
		for _, f := range g {
			if !slices.Contains(model.FilterTypes, f.Type) {
				return fmt.Errorf("group %d: there is no filter type %q", i+1, f.Type)
			}
			if f.Pattern == "" {
				return fmt.Errorf("group %d: the filter %s has no pattern", i+1, f.Type)
			}
			if f.Type != model.Event {
				continue
			}
			for _, e := range names(f.Pattern) {
				if !slices.Contains(model.Events, e) {
					return fmt.Errorf("group %d: there is no event %q", i+1, e)
				}
				if only := eventProviders[e]; only != nil && !slices.Contains(only, provider) {
					return fmt.Errorf("group %d: %s has no event %s", i+1, provider, e)
				}
				events = append(events, e)
			}
		}
		// A group must name an event. Source: API reference, WebhookFilter: at least
		// one filter of a group must be of type EVENT.
		if len(events) == 0 {
			return fmt.Errorf("group %d names no event", i+1)
		}
	}
	if s.Policy != nil {
		if !slices.Contains([]string{Disabled, AllPulls, Forks}, s.Policy.Requires) {
			return fmt.Errorf("there is no comment policy %q", s.Policy.Requires)
		}
		for _, r := range s.Policy.Roles {
			family, _, _ := strings.Cut(r, "_")
			if !slices.Contains(trust.Roles(), r) || !strings.HasPrefix(provider, family) {
				return fmt.Errorf("%s has no approver role %q", provider, r)
			}
		}
	}
	if s.BuildType != "" && !slices.Contains([]string{"BUILD", "BUILD_BATCH", "RUNNER_BUILDKITE_BUILD"}, s.BuildType) {
		return fmt.Errorf("there is no build type %q", s.BuildType)
	}
	return nil
}

// eventProviders are events that not every provider has.
var eventProviders = map[string][]string{
	model.PRReopened:    {"GITHUB", "GITHUB_ENTERPRISE"},
	model.WorkflowQueue: {"GITHUB", "GITHUB_ENTERPRISE"},
	model.Released:      {"GITHUB"},
	model.Prereleased:   {"GITHUB"},
}

// templateForm is the form of a template, "" for the account itself.
func templateForm(p *model.Project) model.Form {
	if p.Form.Template() {
		return p.Form
	}
	return ""
}
