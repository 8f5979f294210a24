package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/access"
	"github.com/trailhound/trailhound/internal/evidence"
)

// maxExposed bounds the principals whose exposure a report tells; the rest are
// counted in a limit.
const maxExposed = 10

// exposure tells what the principals in the intruder's hands could have done by
// the policies in force at first hostile use: impact that is possible and no
// more. Without a snapshot of IAM nothing is said, for the policies of principals
// that were there before the log began are then not known.
// It comes after the check of the claims: what could have been done is no act, and no claim
// about events can hold it.
func (in *inquiry) exposure(ctx context.Context) error {
	if in.o.Content.Access == nil || len(in.hostile()) == 0 || !in.hasIdentities(ctx) {
		return nil
	}
	h, err := access.Collect(ctx, in.q, in.o.Content.Access.Managed)
	if err != nil {
		return err
	}
	if err := in.makings(ctx, h); err != nil {
		return err
	}
	x := access.Examiner{History: h, Classes: in.o.Content.Access.Classes, Primitives: in.o.Content.Access.Primitives}
	// The order is that of first use: a report tells of the way in before what followed.
	order, first, used := in.inHand(h)
	var open []string
	told := 0
	for _, name := range order {
		if told == maxExposed {
			in.limit("other", fmt.Sprintf("What %d further principals in the intruder's hands could do is not told here.", len(order)-told), nil, "trailhound access what-can and path tell it for any of them.")
			break
		}
		e, ok := x.Exposure(name, first[name], used[name])
		if !ok || len(e.Evidence) == 0 {
			continue
		}
		told++
		for _, s := range e.Sentences() {
			// What keeps a policy from being judged is the same for many principals, and is said
			// once.
			if s.About == "limit" {
				if text := strings.TrimSuffix(s.Text, "."); !slices.Contains(open, text) {
					open = append(open, text)
				}
				continue
			}
			in.res.Impact = append(in.res.Impact, Impact{Class: "identity", Level: "possible", Text: s.Text, Evidence: s.Evidence, Coverage: []string{}})
		}
	}
	if len(open) > 0 {
		in.limit("other", "What principals could do is judged by the policies in evidence: "+strings.Join(open, "; ")+".", nil, "More, or less, may have been open to the intruder than is said.")
	}
	return nil
}

// hasIdentities says whether the evidence holds a snapshot of users or roles.
func (in *inquiry) hasIdentities(ctx context.Context) bool {
	o, ok := in.q.(evidence.Observer)
	if !ok {
		return false
	}
	for _, err := range o.Observations(ctx, evidence.ObservationQuery{Kinds: []string{"iam_user", "iam_role"}}) {
		return err == nil
	}
	return false
}

// makings reads the calls that made the sessions in the intruder's hands, as far
// as lineage knows them: what was passed there narrows what the session could do.
func (in *inquiry) makings(ctx context.Context, h *access.History) error {
	var ids []string
	seen := map[string]bool{}
	for _, s := range in.hostile() {
		key := in.g.CredentialOf(s.Event)
		if seen[key] {
			continue
		}
		seen[key] = true
		if n := in.g.Node(key); n != nil && n.Temporary() && n.Best() != nil {
			ids = append(ids, n.Best().Event)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	return h.ReadSessions(ctx, in.q, slices.Compact(ids)...)
}

// inHand lists the principals whose credentials the intruder used, in order of
// first use, and what each was seen to do with success: by ARN, and sessions that
// were narrowed when they were made by the key of the first that was given the same.
func (in *inquiry) inHand(h *access.History) (order []string, first map[string]time.Time, used map[string][]string) {
	first, used = map[string]time.Time{}, map[string][]string{}
	narrowed := map[string]string{}
	for _, s := range in.hostile() {
		c, ok := access.CallerOf(s.Event)
		if !ok || c.ARN == "" {
			continue
		}
		name := c.ARN
		// Two sessions of one role under different session policies are two, as to what they could
		// do.
		if given := h.Narrowing(s.Event.Identity.AccessKey); given != "" {
			if narrowed[c.ARN+given] == "" {
				narrowed[c.ARN+given] = s.Event.Identity.AccessKey
			}
			name = narrowed[c.ARN+given]
		}
		if _, seen := first[name]; !seen {
			first[name] = s.Event.Time
			order = append(order, name)
		}
		if s.Event.Outcome() == evidence.Success {
			used[name] = append(used[name], s.Event.Action())
		}
	}
	// A role whose builds ran the intruder's code was at their call, whether or not its key left.
	for _, b := range in.res.Builds {
		if _, seen := first[b.Role]; !seen && b.Role != "" {
			first[b.Role] = b.since
			order = append(order, b.Role)
		}
	}
	return order, first, used
}
