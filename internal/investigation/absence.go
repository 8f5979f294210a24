package investigation

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/claim"
)

// accountTakers are the IAM calls by which a stolen credential is turned into
// another way in. IAM speaks in us-east-1 wherever the caller is.
var accountTakers = []string{"CreateUser", "CreateAccessKey", "CreateLoginProfile", "UpdateLoginProfile", "AttachUserPolicy", "PutUserPolicy", "CreateRole", "UpdateAssumeRolePolicy"}

// absences adds what was looked for and not found to a calm verdict: only
// where the coverage of every day in question proves it, and never otherwise.
func (in *inquiry) absences(ctx context.Context) error {
	v := &in.res.Verdict
	if v.Status == "incident" {
		return nil
	}
	w := in.world()
	// Three are as many as the box of a verdict can bear; each is a walk over the evidence.
	for _, cred := range in.input.Credentials[:min(len(in.input.Credentials), 3)] {
		n := in.g.Node(cred)
		if n == nil || strings.Contains(cred, "/") || n.Account == "" || !n.First.Before(n.Last) {
			continue
		}
		c := in.takeoverAbsent(cred, n.Account, stamp(n.First), stamp(n.Last.Add(time.Second))) // windows are half-open
		if err := w.Check(ctx, c); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			continue // not provable: then nothing is said
		}
		v.Claims = append(v.Claims, in.claims.add(c.Text, c.Predicate, c.Evidence, c.Grade))
	}
	return nil
}

// takeoverAbsent is the claim that a credential did none of that between two moments, the
// latter excluded. It names the rows of coverage on which it rests; whether they suffice, the
// check decides and not this.
func (in *inquiry) takeoverAbsent(cred, account, from, to string) claim.Claim {
	const region = "us-east-1"
	var ids []string
	for _, row := range in.res.Coverage {
		if row.Account == account && row.Region == region && row.Day >= from[:10] && row.Day <= to[:10] {
			ids = append(ids, coverageID(row))
		}
	}
	var evidence []string
	for _, r := range in.at.Rows {
		if r.Credential == cred {
			evidence = cite(r.Event)
			break
		}
	}
	return claim.Claim{
		ID:   "absence",
		Text: fmt.Sprintf("Credential `%s` made no successful call of %s between %s and %s.", cred, strings.Join(accountTakers, ", "), from, to),
		Predicate: claim.Predicate{
			Op: "absence", Window: &claim.Interval{From: from, To: to}, Coverage: ids,
			Filter: claim.Filter{"credential": cred, "account": account, "region": region, "event_name": list(accountTakers), "outcome": "success"},
		},
		Evidence: evidence, Grade: "E",
	}
}

// coverageID names a row of the coverage table, as claims do.
func coverageID(c Coverage) string { return c.Account + "/" + c.Region + "/" + c.Day }
