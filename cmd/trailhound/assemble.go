package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/outline"
	"github.com/trailhound/trailhound/internal/response"
)

// assemble makes the document: the investigation's sections, the containment
// plan drawn from them, and how it was all made.
func assemble(res *investigation.Result, artifacts []evidence.Artifact, pack *contentPack) *report.Report {
	r := &report.Report{
		Schema: report.Schema, Case: res.Case, Verdict: res.Verdict, Scope: res.Scope, Questions: res.Questions, Attribution: res.Attribution,
		Credentials: res.Credentials, Principals: res.Principals, Findings: res.Findings, Claims: res.Claims, StruckClaims: res.Struck,
		Timeline: res.Timeline, AffectedResources: res.Resources, Persistence: res.Persistence, Doubtful: res.Doubtful, Impact: res.Impact, Recovery: res.Recovery, Origins: res.Origins, Indicators: res.Indicators, Supplied: res.Supplied, Benign: res.Benign,
		Limits: res.Limits, Coverage: res.Coverage, OpenQuestions: res.Open,
	}
	// The plan is drawn from what the report says and from nothing else, so that every step in it
	// has its reason in the same document.
	in := planInput(res, pack)
	r.Containment = response.Plan(pack.Actions, in)
	// Where nobody is certain to be an intruder, the plan for the case that the owner
	// denies the calls stands among the questions, and not in the plan.
	if res.Verdict.Status == "suspicious" || res.Verdict.Status == "inconclusive" {
		r.OpenQuestions = append(response.IfDenied(pack.Actions, in, doubted(r)), r.OpenQuestions...)
	}
	r.Playbook, r.Hypotheses = pack.Playbooks.Evaluate(res), pack.Playbooks.Hypotheses(res)
	r.Method = report.Method{Engine: engine(), Content: pack.Rules.Hash}
	for i, q := range res.Queries {
		r.Method.Queries = append(r.Method.Queries, report.Query{ID: fmt.Sprintf("q%d", i+1), Purpose: q.Purpose, Rows: q.Rows})
	}
	for _, a := range artifacts {
		in := report.Input{Path: a.URI, SHA256: a.ID, Kind: string(a.Kind), Records: a.Records, Rejected: a.Rejected, Duplicates: a.Duplicates, Reason: a.Reason}
		if in.Reason == "" && len(a.Rejections) > 0 {
			in.Reason = fmt.Sprintf("first rejection at byte %d: %s", a.Rejections[0].Offset, a.Rejections[0].Reason)
		}
		r.Method.Inputs = append(r.Method.Inputs, in)
	}
	// Inputs are listed by path and content, whatever order they were read in.
	slices.SortFunc(r.Method.Inputs, func(a, b report.Input) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.SHA256, b.SHA256))
	})
	r.Normalize()
	return r
}

// doubted are the credentials of calls that could be put down to nobody, in the
// order in which the verdict names them.
func doubted(r *report.Report) (out []string) {
	for _, u := range outline.New(r).Undecided() {
		if id, _ := u.Claim.Predicate.Filter["credential"].(string); id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// planInput is what a containment plan is drawn from. It is a copy of parts of the result, since
// response stands downstream of investigation and must not be able to ask it for more.
func planInput(res *investigation.Result, pack *contentPack) response.Input {
	rules := map[string]response.RuleActions{}
	for _, rule := range pack.Rules.Rules {
		rules[rule.ID] = response.RuleActions{Contain: rule.Contain, Eradicate: rule.Eradicate, Preserve: rule.Preserve}
	}
	// The first account is that of the case; what happened in others is in the claims.
	account := ""
	if len(res.Accounts) > 0 {
		account = res.Accounts[0]
	}
	return response.Input{
		Status: res.Verdict.Status, Credentials: res.Credentials, Principals: res.Principals, Findings: res.Findings, Persistence: res.Persistence,
		Resources: res.Resources, Claims: res.Claims, Rules: rules, Account: account, Region: res.Region,
		VerdictClaims: res.Verdict.Claims, Accounts: actedIn(res),
		OwnerUse: func(principal string) string { return res.OwnerUse[principal] },
		RegionOf: func(event string) string { return res.RegionOf[event] },
	}
}

// actedIn lists the case's own accounts in which something is held against an
// intruder: what is to be preserved and watched is there.
func actedIn(res *investigation.Result) (out []string) {
	for i, row := range res.Attribution {
		a := res.Events[i].Account
		if row.Actor.Hostile() && slices.Contains(res.Accounts, a) && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	slices.Sort(out)
	return out
}

// The original records embedded in a report are capped so that the file stays
// one that a browser opens; what lies beyond is named as not embedded.
const (
	maxRecords     = 2000
	maxRecordBytes = 8 << 20
)

// citedRecords fetches the original records of the cited events: those of the
// findings first, then persistence, the timeline and the claims, up to the cap.
func citedRecords(ctx context.Context, q evidence.Querier, r *report.Report) (map[string][]byte, error) {
	var ids []string
	seen := map[string]bool{}
	add := func(id string) {
		if !seen[id] && len(ids) < maxRecords {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	for _, f := range r.Findings {
		for i, ref := range f.Evidence {
			if id, ok := strings.CutPrefix(ref, "event:"); ok && i < 50 {
				add(id)
			}
		}
	}
	for _, p := range r.Persistence {
		for _, id := range p.Events {
			add(id)
		}
	}
	for _, e := range r.Timeline {
		add(e.Event)
	}
	for _, c := range r.Claims {
		for _, ref := range c.Evidence {
			if id, ok := strings.CutPrefix(ref, "event:"); ok {
				add(id)
			}
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	// Read in one query, which returns them in its own order; they are taken up in ours, so that the
	// cap leaves out the least important.
	all := map[string][]byte{}
	for e, err := range q.Events(ctx, evidence.Query{IDs: ids, Body: true}) {
		if err != nil {
			return nil, err
		}
		all[e.ID] = e.Body
	}
	out, size := map[string][]byte{}, 0
	for _, id := range ids {
		if size += len(all[id]); size > maxRecordBytes {
			break
		}
		out[id] = all[id]
	}
	return out, nil
}
