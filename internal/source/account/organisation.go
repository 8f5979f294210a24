package account

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// orgSteps tell of the organisation; only its management account and delegated
// administrators may ask.
var orgSteps = []step{
	{action: "organizations:DescribeOrganization", org: true, run: func(ctx context.Context, g *gatherer, e *Entry) error {
		out, err := organizations.NewFromConfig(g.cfg).DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
		if err != nil {
			return err
		}
		return g.keep(e, "describe-organization", out, made("DescribeOrganization", out.ResultMetadata))
	}},
	{action: listAccounts, org: true, run: func(ctx context.Context, g *gatherer, e *Entry) error {
		all := &organizations.ListAccountsOutput{}
		calls, err := orgPages(ctx, organizations.NewListAccountsPaginator(organizations.NewFromConfig(g.cfg), &organizations.ListAccountsInput{}), func(out *organizations.ListAccountsOutput) Made {
			out.Accounts, out.NextToken = slices.Insert(out.Accounts, 0, all.Accounts...), nil // an empty list stays one
			all = out
			return made("ListAccounts", out.ResultMetadata)
		})
		if err != nil {
			return err
		}
		return g.keep(e, "list-accounts", all, calls...)
	}},
	{action: "organizations:ListRoots", also: []string{"organizations:DescribePolicy", "organizations:ListParents", "organizations:ListPoliciesForTarget"}, org: true, run: controls},
}

// orgPages turns the pages of one answer and gives the calls that they took. add puts a
// page to those before it.
func orgPages[T any](ctx context.Context, pages interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*organizations.Options)) (*T, error)
}, add func(*T) Made) ([]Made, error) {
	var calls []Made
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		calls = append(calls, add(page))
	}
	return calls, nil
}

const listAccounts = "organizations:ListAccounts"

// controlTypes are the policies of an organisation that decide about requests.
var controlTypes = map[types.PolicyType]string{types.PolicyTypeServiceControlPolicy: "scp", types.PolicyTypeResourceControlPolicy: "rcp"}

// controls tells which control policies stand over which account: the way up from
// every account to a root, all that hangs on each step of it, and what those
// policies say. It goes by target and not by policy, since only the list of all
// that hangs on a target says that nothing else does.
func controls(ctx context.Context, g *gatherer, e *Entry) error {
	o := &organisation{g: g, e: e, client: organizations.NewFromConfig(g.cfg), done: map[string]bool{}}
	roots, err := o.client.ListRoots(ctx, &organizations.ListRootsInput{}) // there is one: more than a page there cannot be
	if err != nil {
		return err
	}
	if err := g.keep(e, "list-roots", roots, made("ListRoots", roots.ResultMetadata)); err != nil {
		return err
	}
	for _, r := range roots.Roots {
		for _, t := range r.PolicyTypes {
			if controlTypes[t.Type] != "" && t.Status == types.PolicyTypeStatusEnabled {
				o.types = append(o.types, t.Type)
			}
		}
	}
	if len(o.types) == 0 {
		return nil // nothing can hang anywhere
	}
	for _, r := range roots.Roots {
		if err := o.target(ctx, aws.ToString(r.Id)); err != nil {
			return err
		}
	}
	for _, id := range append(g.c.members(g.id), g.id) {
		if err := o.climb(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// organisation is one reading of the control policies.
type organisation struct {
	g      *gatherer
	e      *Entry
	client *organizations.Client
	types  []types.PolicyType // those that are turned on
	done   map[string]bool    // targets and policies that were asked about
}

// maxUnits is how deep AWS lets an account stand under its root, with room.
const maxUnits = 8

// climb asks about an account and each unit above it.
func (o *organisation) climb(ctx context.Context, id string) error {
	// Bounded, although ListParents cannot lead in a circle: an answer is input like
	// any other.
	for range maxUnits {
		if o.done[id] || strings.HasPrefix(id, "r-") {
			return nil
		}
		out, err := o.client.ListParents(ctx, &organizations.ListParentsInput{ChildId: &id}) // there is one
		if err != nil {
			return err
		}
		if err := o.g.keepAbout(o.e, "parents/"+fileName(id), id, out, made("ListParents", out.ResultMetadata)); err != nil {
			return err
		}
		if err := o.target(ctx, id); err != nil || len(out.Parents) == 0 {
			return err
		}
		id = aws.ToString(out.Parents[0].Id)
	}
	return nil
}

// target lists all that hangs on one root, unit or account, and asks what each of
// those policies says. AWS's own are known.
func (o *organisation) target(ctx context.Context, id string) error {
	if o.done[id] {
		return nil
	}
	o.done[id] = true
	for _, kind := range o.types {
		all := &organizations.ListPoliciesForTargetOutput{}
		calls, err := orgPages(ctx, organizations.NewListPoliciesForTargetPaginator(o.client, &organizations.ListPoliciesForTargetInput{TargetId: &id, Filter: kind}), func(out *organizations.ListPoliciesForTargetOutput) Made {
			out.Policies, out.NextToken = slices.Insert(out.Policies, 0, all.Policies...), nil // an empty list stays one
			all = out
			return made("ListPoliciesForTarget", out.ResultMetadata)
		})
		if err != nil {
			return err
		}
		if err := o.g.keepAbout(o.e, "policies/"+fileName(id)+"-"+controlTypes[kind], id, all, calls...); err != nil {
			return err
		}
		for _, p := range all.Policies {
			if err := o.describe(ctx, aws.ToString(p.Id), p.AwsManaged); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *organisation) describe(ctx context.Context, id string, awsManaged bool) error {
	if o.done[id] || awsManaged {
		return nil
	}
	o.done[id] = true
	out, err := o.client.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: &id})
	if err != nil {
		return err
	}
	return o.g.keep(o.e, "describe-policy/"+fileName(id), out, made("DescribePolicy", out.ResultMetadata))
}
