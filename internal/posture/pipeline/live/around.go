package live

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
	"github.com/trailhound/trailhound/internal/source/awsapi"
)

// around reads what the region's projects touch, and no more: the networks that they
// name, the secrets and parameters that they take values from, and the pipelines,
// each of which may run any of them.
//
// It runs after projects, since it asks only about what they named. A part that
// fails is a gap and stops none of the others.
func (r *region) around(ctx context.Context, inv *model.Inventory) {
	r.network(ctx, inv.Projects)
	stored, parameters := references(inv)
	r.secrets(ctx, stored)
	r.parameters(ctx, parameters)
	r.pipelines(ctx)
}

// set is names, each once.
type set map[string]bool

func (s set) add(names ...string) {
	for _, n := range names {
		if n != "" {
			s[n] = true
		}
	}
}

func (s set) sorted() []string { return slices.Sorted(maps.Keys(s)) }

// network reads the security groups, subnets, routes and endpoints of the VPCs that
// projects build in. It asks by filter: unlike a list of ids, that does not fail as a
// whole when one of them is gone.
func (r *region) network(ctx context.Context, projects []*model.Project) {
	vpcs, subnets, groups := set{}, set{}, set{}
	for _, p := range projects {
		if v := p.VPC; v.Known() {
			vpcs.add(v.V.ID.V)
			subnets.add(v.V.Subnets.V...)
			groups.add(v.V.Groups.V...)
		}
	}
	for _, ask := range []struct {
		operation, filter, what string
		ids                     set
	}{
		{"DescribeSecurityGroups", "group-id", "security groups of builds", groups},
		{"DescribeSubnets", "subnet-id", "subnets of builds", subnets},
		{"DescribeRouteTables", "vpc-id", "route tables of the VPCs of builds", vpcs},
		{"DescribeVpcEndpoints", "vpc-id", "endpoints of the VPCs of builds", vpcs},
	} {
		// Sorted first: the same account gives the same calls, hence the same names
		// of gaps.
		for ids := range slices.Chunk(ask.ids.sorted(), chunk) { // of values of one filter EC2 takes 200
			in := awsapi.Input{"Filter.1.Name": ask.filter, "Filter.1.Value": ids}
			if err := r.pages(ctx, "ec2", ask.operation, in); err != nil {
				r.gap("the "+ask.what, err)
			}
		}
	}
}

// pages keeps every page of an answer.
func (r *region) pages(ctx context.Context, service, operation string, in awsapi.Input) error {
	return awsapi.Pages(ctx, r.api, awsapi.Call{Service: service, Operation: operation, Region: r.name, Input: in}, func(a awsapi.Answer) error {
		r.keep(operation, a)
		return nil
	})
}

// pipelines reads every pipeline of the region: which projects one runs, only it says.
func (r *region) pipelines(ctx context.Context) {
	var names []string
	err := awsapi.Pages(ctx, r.api, awsapi.Call{Service: "codepipeline", Operation: "ListPipelines", Region: r.name}, func(a awsapi.Answer) error {
		var page struct{ Pipelines []struct{ Name string } }
		if err := json.Unmarshal(a.Body, &page); err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		for _, p := range page.Pipelines {
			names = append(names, p.Name)
		}
		// One that fails must not stop the others, so the group never sees an error.
		return nil
	})
	if err != nil {
		r.gap("pipelines", err)
	}
	r.each(ctx, "pipeline", names, func(ctx context.Context, name string) ([]awsapi.Answer, error) {
		a, err := r.api.Call(ctx, awsapi.Call{Service: "codepipeline", Operation: "GetPipeline", Region: r.name, Input: awsapi.Input{"name": name}})
		return []awsapi.Answer{a}, err
	})
}

// each asks about things one by one, a few at a time, and keeps the answers in the
// order of the names. What fails for the same reason is one gap.
func (r *region) each(ctx context.Context, what string, names []string, ask func(context.Context, string) ([]awsapi.Answer, error)) {
	// Each goroutine writes its own places, which needs no lock and keeps the order
	// of names whichever answer comes first.
	answers, errs := make([][]awsapi.Answer, len(names)), make([]error, len(names))
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, name := range names {
		g.Go(func() error {
			if errs[i] = ctx.Err(); errs[i] == nil {
				answers[i], errs[i] = ask(ctx, name)
			}
			return nil
		})
	}
	_ = g.Wait()
	failed := map[string][]string{} // reason to names
	first := map[string]error{}
	for i, name := range names {
		// What came before the failure is kept: that a secret exists is known even
		// if its policy is refused.
		for _, a := range answers[i] {
			if len(a.Body) > 0 {
				r.answers = append(r.answers, read.Answer{Name: what + " " + name + " in " + r.name, Data: a.Body})
			}
		}
		if errs[i] != nil {
			why := awsapi.Explain(errs[i])
			failed[why] = append(failed[why], name)
			first[why] = cmp.Or(first[why], errs[i])
		}
	}
	for _, why := range slices.Sorted(maps.Keys(failed)) {
		r.gap(some(what, failed[why]), first[why])
	}
}

// some names what a gap is about: one thing, or how many and from which to which.
func some(what string, names []string) string {
	if len(names) == 1 {
		return what + " " + names[0]
	}
	return fmt.Sprintf("%d %ss, from %s to %s", len(names), what, names[0], names[len(names)-1])
}
