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
func (in *inquiry) exposure(ctx context.Context) error {
	if in.o.Content.Access == nil || len(in.hostile()) == 0 || !in.hasIdentities(ctx) {
		return nil
	}
	h, err := access.Collect(ctx, in.q, in.o.Content.Access.Managed)
	if err != nil {
		return err
	}
	x := access.Examiner{History: h, Classes: in.o.Content.Access.Classes, Primitives: in.o.Content.Access.Primitives}
	order, first, used := in.inHand()
	var open []string
	told := 0
	for _, arn := range order {
		if told == maxExposed {
			in.limit("other", fmt.Sprintf("What %d further principals in the intruder's hands could do is not told here.", len(order)-told), nil, "trailhound access what-can and path tell it for any of them.")
			break
		}
		e, ok := x.Exposure(arn, first[arn], used[arn])
		if !ok || len(e.Evidence) == 0 {
			continue
		}
		told++
		for _, s := range e.Sentences() {
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

// inHand lists the principals whose credentials the intruder used, in order of
// first use, and what each was seen to do with success.
func (in *inquiry) inHand() (order []string, first map[string]time.Time, used map[string][]string) {
	first, used = map[string]time.Time{}, map[string][]string{}
	for _, s := range in.hostile() {
		c, ok := access.CallerOf(s.Event)
		if !ok || c.ARN == "" {
			continue
		}
		if _, seen := first[c.ARN]; !seen {
			first[c.ARN] = s.Event.Time
			order = append(order, c.ARN)
		}
		if s.Event.Outcome() == evidence.Success {
			used[c.ARN] = append(used[c.ARN], s.Event.Action())
		}
	}
	return order, first, used
}
