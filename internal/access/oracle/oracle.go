package oracle

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/access"
	"github.com/trailhound/trailhound/internal/access/generate"
	"github.com/trailhound/trailhound/internal/access/policy"
	"github.com/trailhound/trailhound/internal/evidence"
)

// Result is how the policies and the log agree.
type Result struct {
	Events        int            `json:"events"`        // calls that AWS allowed or refused, by users and roles
	Agree         int            `json:"agree"`         // decided here, and decided the same
	Allowed       int            `json:"agree_allowed"` // of these, allowed
	Refused       int            `json:"agree_refused"` // of these, refused
	CannotTell    int            `json:"cannot_tell"`   // not decided here
	Why           []Count        `json:"why"`           // the reasons for it, commonest first
	Disagreements []Disagreement `json:"disagreements"` // in order of time
}

// Count is a reason and how often it was given.
type Count struct {
	Reason string `json:"reason"`
	Events int    `json:"events"`
}

// Disagreement is one call that was decided otherwise than here.
type Disagreement struct {
	Event     string   `json:"event"`
	At        string   `json:"at"`
	Principal string   `json:"principal"`
	Action    string   `json:"action"`
	Resource  string   `json:"resource"`
	AWS       string   `json:"aws"`  // allow or deny
	Here      string   `json:"here"` // deny or allow
	Reasons   []string `json:"reasons"`
	// Settling is how many seconds before the call policies of the evidence last
	// changed; IAM takes some to settle. -1 if never.
	Settling int64 `json:"settling"`
	// Explained is what accounts for it; "" if nothing does.
	Explained string `json:"explained"`
}

// maxListed bounds the list of disagreements; Result counts none of the rest, so
// the bound is said by the caller if it is reached.
const maxListed = 10_000

// Check decides every call of the evidence by the policies in force before it, a
// session's by what was passed when it was made.
func Check(ctx context.Context, q evidence.Querier, h *access.History, table *generate.Table) (Result, error) {
	var r Result
	if err := h.ReadSessions(ctx, q); err != nil {
		return r, err
	}
	why := map[string]int{}
	c := checker{h: h, table: table, changes: h.Changes()}
	for e, err := range q.Events(ctx, evidence.Query{Body: true}) {
		if err != nil {
			return r, fmt.Errorf("read events: %w", err)
		}
		aws := decided(&e)
		caller, ok := access.CallerOf(&e)
		if aws == "" || !ok || caller.Kind == policy.Service {
			continue
		}
		permissions, err := c.permissions(&e, aws)
		if err != nil || len(permissions) == 0 {
			continue
		}
		r.Events++
		here := c.decide(&e, caller, permissions)
		switch {
		case here.effect == access.CannotTell:
			r.CannotTell++
			why[here.reasons[0]]++
		case here.effect == aws:
			r.Agree++
			if aws == access.Allow {
				r.Allowed++
			} else {
				r.Refused++
			}
		case len(r.Disagreements) < maxListed:
			r.Disagreements = append(r.Disagreements, Disagreement{
				Event: e.CitedAs(), At: e.Time.UTC().Format(time.RFC3339), Principal: caller.ARN, Action: here.action, Resource: here.resource,
				AWS: string(aws), Here: string(here.effect), Reasons: here.reasons, Settling: c.settling(e.Time),
				Explained: explain(&e, h, caller, aws, here, c.settling(e.Time)),
			})
		}
	}
	for reason, n := range why {
		r.Why = append(r.Why, Count{reason, n})
	}
	slices.SortFunc(r.Why, func(a, b Count) int { return cmp.Or(b.Events-a.Events, strings.Compare(a.Reason, b.Reason)) })
	return r, nil
}

// decided is what AWS decided of a call: "" where another error hides it.
func decided(e *evidence.Event) access.Effect {
	if e.Type != "" && e.Type != "AwsApiCall" {
		return ""
	}
	code := strings.TrimPrefix(e.ErrorCode, "Client.")
	switch {
	case e.Outcome() == evidence.Success:
		return access.Allow
	case code == "UnauthorizedOperation", strings.HasPrefix(code, "AccessDenied"):
		return access.Deny
	}
	return ""
}

type checker struct {
	h       *access.History
	table   *generate.Table
	changes []time.Time // sorted
	world   *access.World
	until   time.Time // the world holds before this; zero: for ever
	from    time.Time
}

// permissions are what the call needed; of a refused one what AWS's message says
// was missing, if it says.
func (c *checker) permissions(e *evidence.Event, aws access.Effect) ([]generate.Permission, error) {
	if aws == access.Deny {
		if d, ok := evidence.ParseDenial(e.ErrorMessage); ok {
			p := generate.Permission{Action: d.Action}
			if strings.HasPrefix(d.Resource, "arn:") {
				p.Resource = d.Resource
			}
			return []generate.Permission{p}, nil
		}
	}
	return c.table.Permissions(e)
}

type judgement struct {
	effect           access.Effect
	action, resource string
	reasons          []string
	assumed          []string // what the decision takes for granted
}

// decide asks before the call and, where policies changed in the very second of
// it, after that too: CloudTrail has no finer clock.
func (c *checker) decide(e *evidence.Event, caller policy.Caller, permissions []generate.Permission) judgement {
	_, found := slices.BinarySearchFunc(c.changes, e.Time, time.Time.Compare)
	if !found {
		return c.judge(c.at(e.Time), e, caller, permissions)
	}
	before := c.judge(c.at(e.Time.Add(-time.Second)), e, caller, permissions)
	if after := c.judge(c.h.At(e.Time), e, caller, permissions); after.effect != before.effect {
		return judgement{effect: access.CannotTell, reasons: []string{"its policies changed in the second of the call"}}
	}
	return before
}

// judge asks for all permissions: all must be allowed.
func (c *checker) judge(w *access.World, e *evidence.Event, caller policy.Caller, permissions []generate.Permission) judgement {
	p := w.PrincipalOf(e, caller)
	if p == nil && caller.Kind != policy.Root {
		return judgement{effect: access.CannotTell, reasons: []string{"the policies of its principal are not in the evidence"}}
	}
	out := judgement{effect: access.Allow}
	for _, need := range permissions {
		resource := w.Resolve(need.Resource)
		context := access.ContextOf(e)
		for key, value := range need.With {
			context.Set(key, value)
		}
		req := access.Request{Caller: caller, Action: need.Action, Resource: resource, Exact: resource != "", Context: context}
		if p != nil {
			req.Context, req.ServiceLinked = p.Context().With(context), p.Linked()
		}
		d := access.Evaluate(req, w.PoliciesFor(p, resource))
		if d.Effect == access.Allow {
			out.assumed = append(out.assumed, d.Assumed...)
			continue
		}
		j := judgement{effect: d.Effect, action: need.Action, resource: resource, assumed: d.Assumed}
		for _, reason := range d.Reasons {
			j.reasons = append(j.reasons, reason.Text)
		}
		if d.Effect == access.Deny {
			return j
		}
		j.reasons = []string{general(j.reasons[0])}
		out = j
	}
	if out.effect == access.Allow {
		out.action, out.resource = permissions[0].Action, permissions[0].Resource
		out.reasons = []string{"the policies in the evidence allow it"}
	}
	return out
}

// general cuts a reason to what many calls have in common.
func general(reason string) string {
	if _, rest, ok := strings.Cut(reason, " may allow: "); ok {
		return rest
	}
	if _, rest, ok := strings.Cut(reason, " may deny: "); ok {
		return rest
	}
	if strings.HasPrefix(reason, "the policy of ") {
		return "the policy of the resource is not in the evidence, and must allow it"
	}
	return reason
}

// at is the world of a moment; it is kept until the next change.
func (c *checker) at(t time.Time) *access.World {
	if c.world == nil || t.Before(c.from) || !c.until.IsZero() && !t.Before(c.until) {
		c.world, c.from, c.until = c.h.At(t), t, time.Time{}
		if i, _ := slices.BinarySearchFunc(c.changes, t, time.Time.Compare); i < len(c.changes) {
			c.until = c.changes[i]
		}
	}
	return c.world
}

func (c *checker) settling(t time.Time) int64 {
	i, _ := slices.BinarySearchFunc(c.changes, t, time.Time.Compare)
	if i == 0 {
		return -1
	}
	return int64(t.Sub(c.changes[i-1]) / time.Second)
}
