package access

import (
	"slices"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/access/policy"
	"pgregory.net/rapid"
)

// The generator stays in a small world, so that statements and requests meet.
var (
	someActions    = rapid.SampledFrom([]string{"*", "s3:*", "s3:Get*", "s3:GetObject", "s3:PutObject", "iam:*"})
	someResources  = rapid.SampledFrom([]string{"*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/k", "arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::?/k"})
	somePrincipals = rapid.SampledFrom([]string{"*", home, "arn:aws:iam::" + home + ":user/alice", "arn:aws:iam::" + home + ":role/app",
		"arn:aws:sts::" + home + ":assumed-role/app/s", "444455556666", "lambda.amazonaws.com"})
	someConditions = rapid.SampledFrom([]string{"", "", "", " if StringEquals aws:username alice", " if Bool aws:SecureTransport true",
		" if ForAnyValue:StringLike aws:TagKeys a*", " if NotIpAddress aws:SourceIp 203.0.113.0/24", " if Null aws:TokenIssueTime true"})
	someCallers = rapid.SampledFrom([]string{"user alice", "role app/s", "role app", "root", "federated bob", "user eve of 444455556666",
		"service lambda.amazonaws.com", "anonymous"})
)

func drawLine(t *rapid.T, effect string, kind Kind) string {
	if effect == "" {
		effect = rapid.SampledFrom([]string{"Allow", "Allow", "Deny"}).Draw(t, "effect")
	}
	not := func() string { return rapid.SampledFrom([]string{"", "", "", "not "}).Draw(t, "not") }
	line := effect + " " + not() + someActions.Draw(t, "action") + " on " + not() + someResources.Draw(t, "resource")
	if kind == Resource {
		line += " for " + not() + somePrincipals.Draw(t, "principal")
	}
	return line + someConditions.Draw(t, "condition")
}

func drawPolicies(t *rapid.T, kind Kind, low, high int) []Policy {
	out := []Policy{}
	for range rapid.IntRange(low, high).Draw(t, "policies") {
		p := drawPolicy(t, kind)
		if rapid.IntRange(0, 15).Draw(t, "broken") == 0 {
			p = Policy{Kind: kind, Name: "broken", Problem: "cut off"}
		}
		out = append(out, p)
	}
	return out
}

func drawPolicy(t *rapid.T, kind Kind) Policy {
	var lines []string
	for range rapid.IntRange(1, 3).Draw(t, "statements") {
		lines = append(lines, drawLine(t, "", kind))
	}
	return linesPolicy(t, kind, lines...)
}

func linesPolicy(t *rapid.T, kind Kind, lines ...string) Policy {
	doc, err := documentJSON(lines...)
	if err != nil {
		t.Fatal(err)
	}
	p := ParsePolicy(kind, strings.Join(lines, "; "), doc)
	if p.Problem != "" {
		t.Fatal(p.Problem)
	}
	return p
}

func drawCase(rt *rapid.T, t *testing.T) (Request, Policies) {
	req := Request{
		Caller:   caller(t, someCallers.Draw(rt, "caller")),
		Action:   rapid.SampledFrom([]string{"s3:GetObject", "s3:PutObject", "s3:Get*", "iam:CreateUser"}).Draw(rt, "do"),
		Resource: rapid.SampledFrom([]string{"arn:aws:s3:::b/k", "arn:aws:s3:::b/*", "", "arn:aws:s3:::alice/k"}).Draw(rt, "on"),
	}
	for key, values := range map[string][]string{"aws:username": {"alice", "b"}, "aws:SecureTransport": {"true", "false"}, "aws:TagKeys": {"a", "b"}, "aws:SourceIp": {"203.0.113.1", "192.0.2.1"}, "aws:TokenIssueTime": {"2026-01-01"}} {
		switch rapid.IntRange(0, 2).Draw(rt, key) {
		case 0:
			req.Context.Set(key, rapid.SampledFrom(values).Draw(rt, "value"))
		case 1:
			req.Context.SetAbsent(key)
		}
	}
	ps := Policies{Identity: drawPolicies(rt, Identity, 0, 3), Resource: drawPolicies(rt, Resource, 0, 2),
		SCPsKnown: rapid.Bool().Draw(rt, "scps"), RCPsKnown: true, ResourceKnown: rapid.Bool().Draw(rt, "resources")}
	if rapid.Bool().Draw(rt, "bounded") {
		ps.Boundary = drawPolicies(rt, Boundary, 1, 1)
	}
	if rapid.Bool().Draw(rt, "session") {
		ps.Session = drawPolicies(rt, Session, 1, 2)
	}
	for range rapid.IntRange(0, 2).Draw(rt, "levels") {
		ps.SCPs = append(ps.SCPs, Level{"level", drawPolicies(rt, SCP, 1, 2)})
	}
	return req, ps
}

// width orders effects by how much they let through.
func width(e Effect) int { return slices.Index([]Effect{Deny, CannotTell, Allow}, e) }

func TestAddedDenyNeverWidens(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		req, ps := drawCase(rt, t)
		before := Evaluate(req, ps)
		kind := rapid.SampledFrom([]Kind{Identity, Resource, Session, Boundary}).Draw(rt, "where")
		deny := linesPolicy(rt, kind, drawLine(rt, "Deny", kind))
		after := ps
		switch {
		case kind == Identity:
			after.Identity = append(slices.Clone(ps.Identity), deny)
		case kind == Resource:
			after.Resource = append(slices.Clone(ps.Resource), deny)
		case kind == Session && ps.Session != nil:
			after.Session = append(slices.Clone(ps.Session), deny)
		case kind == Boundary && ps.Boundary != nil:
			after.Boundary = append(slices.Clone(ps.Boundary), deny)
		}
		if got := Evaluate(req, after); width(got.Effect) > width(before.Effect) {
			rt.Fatalf("%s became %s with %s", before.Effect, got.Effect, deny.Name)
		}
	})
}

func TestAddedBoundaryNeverWidens(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		req, ps := drawCase(rt, t)
		ps.Boundary = nil
		before := Evaluate(req, ps)
		ps.Boundary = drawPolicies(rt, Boundary, 1, 1)
		if got := Evaluate(req, ps); width(got.Effect) > width(before.Effect) {
			rt.Fatalf("%s became %s with a boundary", before.Effect, got.Effect)
		}
	})
}

func TestAddedControlPolicyLevelNeverWidens(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		req, ps := drawCase(rt, t)
		before := Evaluate(req, ps)
		ps.SCPs = append(slices.Clone(ps.SCPs), Level{"more", drawPolicies(rt, SCP, 1, 2)})
		if got := Evaluate(req, ps); width(got.Effect) > width(before.Effect) {
			rt.Fatalf("%s became %s with a level more", before.Effect, got.Effect)
		}
	})
}

func TestAddedAllowNeverNarrows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		req, ps := drawCase(rt, t)
		before := Evaluate(req, ps)
		ps.Identity = append(slices.Clone(ps.Identity), linesPolicy(rt, Identity, drawLine(rt, "Allow", Identity)))
		if got := Evaluate(req, ps); width(got.Effect) < width(before.Effect) {
			rt.Fatalf("%s became %s with an allow more", before.Effect, got.Effect)
		}
	})
}

func TestOrderNeverMatters(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		req, ps := drawCase(rt, t)
		before := Evaluate(req, ps)
		turn := func(list []Policy) []Policy {
			list = slices.Clone(list)
			slices.Reverse(list)
			for i := range list {
				if list[i].Doc != nil {
					doc := *list[i].Doc
					doc.Statements = slices.Clone(doc.Statements)
					slices.Reverse(doc.Statements)
					list[i].Doc = &doc
				}
			}
			return list
		}
		after := ps
		after.Identity, after.Resource = turn(ps.Identity), turn(ps.Resource)
		if ps.Session != nil {
			after.Session = turn(ps.Session)
		}
		after.SCPs = slices.Clone(ps.SCPs)
		slices.Reverse(after.SCPs)
		if got := Evaluate(req, after); got.Effect != before.Effect || got.Explicit != before.Explicit {
			rt.Fatalf("%s became %s in another order", before.Effect, got.Effect)
		}
	})
}

// TestMoreKnowledgeNeverContradicts: what was decided with unknown keys stays
// decided once they are known.
func TestMoreKnowledgeNeverContradicts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		req, ps := drawCase(rt, t)
		before := Evaluate(req, ps)
		var all policy.Context
		all.Set("aws:username", rapid.SampledFrom([]string{"alice", "b"}).Draw(rt, "name"))
		all.Set("aws:SecureTransport", rapid.SampledFrom([]string{"true", "false"}).Draw(rt, "tls"))
		all.Close("")
		req.Context = all.With(req.Context)
		if got := Evaluate(req, ps); before.Effect != CannotTell && got.Effect != before.Effect {
			rt.Fatalf("%s became %s with more known", before.Effect, got.Effect)
		}
	})
}
