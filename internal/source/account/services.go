package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/trailhound/trailhound/internal/source/awsapi"
)

// call makes a call of the thin client in the region of an entry.
func (g *gatherer) call(e *Entry, service, operation string, in awsapi.Input) awsapi.Call {
	region := e.Region
	if region == global {
		region = g.cfg.Region
	}
	return awsapi.Call{Service: service, Operation: operation, Region: region, Input: in}
}

// paged keeps every page of a call's answer in a file of its own.
func (g *gatherer) paged(ctx context.Context, e *Entry, name string, c awsapi.Call) error {
	n := 0
	return awsapi.Pages(ctx, g.api, c, func(a awsapi.Answer) error {
		n++
		return g.keepAnswer(e, fmt.Sprintf("%s-%04d", name, n), c.Operation, "", a)
	})
}

// errNotInUse is a service that answers, and has nothing turned on.
var errNotInUse = errors.New("nothing of the service is turned on")

// trailSteps tell what is logged, and whether it was.
var trailSteps = []step{
	{action: "cloudtrail:DescribeTrails", also: []string{"cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors"}, scope: perRegion,
		run: func(ctx context.Context, g *gatherer, e *Entry) error {
			a, err := g.api.Call(ctx, g.call(e, "cloudtrail", "DescribeTrails", awsapi.Input{"includeShadowTrails": false}))
			if err != nil {
				return err
			}
			if err := g.keepAnswer(e, "describe-trails", "DescribeTrails", "", a); err != nil {
				return err
			}
			var out struct {
				TrailList []struct{ Name, TrailARN string }
			}
			if err := json.Unmarshal(a.Body, &out); err != nil {
				return fmt.Errorf("read the answer: %w", err)
			}
			for _, t := range out.TrailList {
				status, err := g.api.Call(ctx, g.call(e, "cloudtrail", "GetTrailStatus", awsapi.Input{"Name": t.TrailARN}))
				if err != nil {
					return err
				}
				if err := g.keepAnswer(e, "get-trail-status-"+fileName(t.Name), "GetTrailStatus", t.TrailARN, status); err != nil {
					return err
				}
				selectors, err := g.api.Call(ctx, g.call(e, "cloudtrail", "GetEventSelectors", awsapi.Input{"TrailName": t.TrailARN}))
				if err != nil {
					return err
				}
				if err := g.keepAnswer(e, "get-event-selectors-"+fileName(t.Name), "GetEventSelectors", t.TrailARN, selectors); err != nil {
					return err
				}
			}
			return nil
		}},
}

// alertSteps tell what AWS's own detectors claim. Security Hub passes on those
// of Access Analyzer, Macie and Inspector too.
var alertSteps = []step{
	{action: "guardduty:ListDetectors", also: []string{"guardduty:ListFindings", "guardduty:GetFindings"}, scope: perRegion,
		run: func(ctx context.Context, g *gatherer, e *Entry) error {
			var detectors []string
			err := awsapi.Pages(ctx, g.api, g.call(e, "guardduty", "ListDetectors", nil), func(a awsapi.Answer) error {
				var out struct{ DetectorIds []string }
				err := json.Unmarshal(a.Body, &out)
				detectors = append(detectors, out.DetectorIds...)
				return err
			})
			if err == nil && len(detectors) == 0 {
				return errNotInUse
			}
			for _, d := range detectors {
				if err == nil {
					err = g.findings(ctx, e, d)
				}
			}
			return err
		}},
	{action: "access-analyzer:ListAnalyzers", also: []string{"access-analyzer:ListFindings"}, scope: perRegion, run: externalAccess},
	{action: "securityhub:GetFindings", scope: perRegion, run: func(ctx context.Context, g *gatherer, e *Entry) error {
		day := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
		return g.paged(ctx, e, "get-findings", g.call(e, "securityhub", "GetFindings", awsapi.Input{"MaxResults": 100, "Filters": map[string]any{
			"UpdatedAt": []any{map[string]any{"Start": day(g.c.index.Since), "End": day(g.c.index.Until)}},
		}}))
	}},
}

// externalAccess fetches what Access Analyzer found, by analyzer. IAM knows the
// permission for ListFindingsV2 by the name of the older call.
func externalAccess(ctx context.Context, g *gatherer, e *Entry) error {
	var analyzers []string
	err := awsapi.Pages(ctx, g.api, g.call(e, "access-analyzer", "ListAnalyzers", nil), func(a awsapi.Answer) error {
		var out struct{ Analyzers []struct{ Arn string } }
		err := json.Unmarshal(a.Body, &out)
		for _, x := range out.Analyzers {
			analyzers = append(analyzers, x.Arn)
		}
		return err
	})
	if err == nil && len(analyzers) == 0 {
		return errNotInUse
	}
	for i, arn := range analyzers {
		if err == nil {
			err = g.paged(ctx, e, fmt.Sprintf("list-findings-v2-%02d", i+1), g.call(e, "access-analyzer", "ListFindingsV2", awsapi.Input{"analyzerArn": arn, "maxResults": 100}))
		}
	}
	return err
}

// findings fetches a detector's findings, 50 at a time as GuardDuty gives them.
func (g *gatherer) findings(ctx context.Context, e *Entry, detector string) error {
	n := 0
	list := g.call(e, "guardduty", "ListFindings", awsapi.Input{"detectorId": detector, "maxResults": 50, "findingCriteria": map[string]any{
		// By update and not by creation: an old finding that fired again within the
		// case belongs to it. Units: milliseconds since 1970.
		"criterion": map[string]any{"updatedAt": map[string]any{"greaterThanOrEqual": g.c.index.Since.UnixMilli()}},
	}})
	return awsapi.Pages(ctx, g.api, list, func(a awsapi.Answer) error {
		var out struct{ FindingIds []string }
		if err := json.Unmarshal(a.Body, &out); err != nil || len(out.FindingIds) == 0 {
			return err
		}
		got, err := g.api.Call(ctx, g.call(e, "guardduty", "GetFindings", awsapi.Input{"detectorId": detector, "findingIds": out.FindingIds}))
		if err != nil {
			return err
		}
		n++
		return g.keepAnswer(e, fmt.Sprintf("get-findings-%s-%04d", fileName(detector), n), "GetFindings", detector, got)
	})
}

// costSteps tell what was spent, by day, service and region.
var costSteps = []step{
	{action: "ce:GetCostAndUsage", run: func(ctx context.Context, g *gatherer, e *Entry) error {
		const day = "2006-01-02"
		from, to := g.c.index.Since, g.c.index.Until.Add(24*time.Hour) // End is not included
		return g.paged(ctx, e, "get-cost-and-usage", g.call(e, "ce", "GetCostAndUsage", awsapi.Input{
			"TimePeriod":  map[string]string{"Start": from.Format(day), "End": to.Format(day)},
			"Granularity": "DAILY", "Metrics": []string{"UnblendedCost", "UsageQuantity"},
			"GroupBy": []map[string]string{{"Type": "DIMENSION", "Key": "SERVICE"}, {"Type": "DIMENSION", "Key": "REGION"}},
		}))
	}},
}

// buildSteps tell who can run code in builds.
var buildSteps = []step{
	{action: "codebuild:ListProjects", also: []string{"codebuild:BatchGetProjects"}, scope: perRegion, run: func(ctx context.Context, g *gatherer, e *Entry) error {
		n := 0
		return awsapi.Pages(ctx, g.api, g.call(e, "codebuild", "ListProjects", nil), func(a awsapi.Answer) error {
			var out struct{ Projects []string }
			if err := json.Unmarshal(a.Body, &out); err != nil || len(out.Projects) == 0 {
				return err
			}
			got, err := g.api.Call(ctx, g.call(e, "codebuild", "BatchGetProjects", awsapi.Input{"names": out.Projects}))
			if err != nil {
				return err
			}
			n++
			return g.keepAnswer(e, fmt.Sprintf("batch-get-projects-%04d", n), "BatchGetProjects", "", got)
		})
	}},
	{action: "codebuild:ListSourceCredentials", scope: perRegion, run: func(ctx context.Context, g *gatherer, e *Entry) error {
		a, err := g.api.Call(ctx, g.call(e, "codebuild", "ListSourceCredentials", nil))
		if err != nil {
			return err
		}
		return g.keepAnswer(e, "list-source-credentials", "ListSourceCredentials", "", a)
	}},
}

// fileName makes a name of AWS's fit for every file system, and keeps names that
// differ different.
func fileName(s string) string {
	// PathEscape keeps what differs apart, which cutting or replacing would not:
	// user names differ by one sign, and an attacker chooses them.
	escaped := url.PathEscape(s)
	if escaped == "." || escaped == ".." || escaped == "" {
		return "%" + escaped
	}
	return escaped
}
