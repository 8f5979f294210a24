package verify

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
)

// accessKey tells ids that events can be looked up by from native ids: AKIA…,
// ASIA… and their kin. Source: IAM User Guide, "IAM identifiers", unique prefixes.
var accessKey = regexp.MustCompile(`^A[A-Z]{3}[A-Z0-9]{8,}$`)

// credentials: first and last use and the networks are those of events made
// with it, and the lineage rebuilt from evidence knows the edge that issued it.
func (c *check) credentials(ctx context.Context) error {
	byID := map[string][]*watch{}
	var keys, principals []string
	hands := c.hands()
	for i, x := range c.r.Credentials {
		c.issue(i)
		switch h := hands[x.ID]; {
		// "shared" and "unknown" agree with any hands: only a word that excludes
		// somebody can be wrong.
		case x.HeldBy == "owner" && h.hostile:
			c.problem(at("credentials", i, "held_by"), x.ID, "the credential is its owner's alone, and calls with it are attributed to an intruder")
		case x.HeldBy == "intruder" && h.friendly:
			c.problem(at("credentials", i, "held_by"), x.ID, "the credential is an intruder's alone, and calls with it are attributed to others")
		}
		c.follow(at("credentials", i, "state_evidence"), x.StateEvidence)
		if (x.State == "disabled" || x.State == "deleted") && len(x.StateEvidence) == 0 {
			c.problem(at("credentials", i, "state"), x.ID, "the credential is %s by no evidence", x.State)
		}
		byID[x.ID] = append(byID[x.ID], c.newWatch(i))
		// Each row decides how its events are found: by key where the id is one, else
		// by the principal, whose events are then told apart by the ids they bear.
		switch key, _, _ := strings.Cut(x.ID, "/"); {
		case accessKey.MatchString(key):
			keys = append(keys, key)
		case strings.HasPrefix(x.ID, "arn:"):
			arn, _, _ := strings.Cut(x.ID, "#") // a way in by Git is the user's
			principals = append(principals, arn)
		case x.PrincipalID != "": // a bearer token's id is in the record, but nothing is looked up by it
			principals = append(principals, x.PrincipalID)
		default:
			principals = append(principals, x.Principal)
		}
	}
	for part := range slices.Chunk(keys, chunk) {
		if err := c.stream(ctx, evidence.Query{Credentials: part}, byID); err != nil {
			return err
		}
	}
	slices.Sort(principals)
	for part := range slices.Chunk(slices.Compact(principals), chunk) {
		if err := c.stream(ctx, evidence.Query{Principals: part}, byID); err != nil {
			return err
		}
	}
	if len(principals) > 0 { // a root's sign-in carries no ARN
		if err := c.stream(ctx, evidence.Query{Sources: []string{"signin.amazonaws.com"}}, byID); err != nil {
			return err
		}
	}
	for _, list := range byID { // in any order: problems are sorted in the end
		for _, wt := range list {
			c.unseen(wt)
		}
	}
	return nil
}

// hand is who used a credential, by the attribution.
type hand struct{ hostile, friendly bool }

// hands leaves undetermined and service calls out: they speak for nobody. So does a guess at a
// password that was wrong.
func (c *check) hands() map[string]hand {
	out := map[string]hand{}
	for _, a := range c.r.Attribution {
		if facts := c.events[a.Event]; len(facts) > 0 && !anyFact(facts, func(f fact) bool { return !f.turnedAway }) {
			continue
		}
		h := out[a.Credential]
		h.hostile = h.hostile || a.Actor.Hostile()
		h.friendly = h.friendly || a.Actor == attribution.Owner || a.Actor == attribution.Responder
		out[a.Credential] = h
	}
	return out
}

// issue holds an edge against the lineage rebuilt from the evidence.
func (c *check) issue(i int) {
	x := c.r.Credentials[i]
	if x.IssuedBy == nil {
		return
	}
	where := at("credentials", i, "issued_by")
	if x.IssuedBy.Event != "" {
		c.event(where+"/event", x.IssuedBy.Event)
	}
	if c.w.Links == nil {
		c.problem(where, x.ID, "no lineage was rebuilt from the evidence to hold this against")
		return
	}
	by, ok := c.w.Links.Linked(x.ID, x.IssuedBy.Credential, x.IssuedBy.Rule)
	switch {
	case !ok:
		parent := x.IssuedBy.Credential
		if parent == "" {
			parent = "a service"
		}
		c.problem(where, x.ID, "the evidence does not show that %s issued it by rule %q", parent, x.IssuedBy.Rule)
	// The edge is there and by another call: the reader would be sent to a record
	// that shows nothing of it.
	case !slices.Contains(by, x.IssuedBy.Event):
		c.problem(where+"/event", x.ID, "the credential was not issued by event %q", x.IssuedBy.Event)
	}
}
