package main

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/posture/pipeline/ladder"
	"github.com/trailhound/trailhound/internal/posture/pipeline/live"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
	"github.com/trailhound/trailhound/internal/source/awsapi"
)

// livePipelines are the flags by which verbs read pipelines from an account.
type livePipelines struct {
	awsFlags
	on bool // read the account; without it only files
	// As given: names, or "all" alone; none is the one of the profile.
	regions []string
	around  bool // read what surrounds the projects: only the audit looks at it
	github  githubFlags
	told    []ladder.Delivery // deliveries that GitHub told of
}

// standardRegions are those that every account has without asking for them. They are
// read when the account does not tell which it has, and the rest then is a gap.
// Source: AWS Account Management reference guide, "Regions enabled by default", as it
// was in November 2026.
var standardRegions = []string{"us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3",
	"eu-central-1", "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2"}

// register declares them, with those of GitHub: a project's source is half of who can start it.
func (l *livePipelines) register(c *cobra.Command) {
	c.Flags().BoolVar(&l.on, "aws", false, "read the live account, by calls that only read")
	c.Flags().StringSliceVar(&l.regions, "regions", nil, "regions to read, or all for those that the account has turned on (default: that of the profile)")
	l.awsFlags.register(c)
	l.github.register(c)
}

// connect signs in and says which regions are meant. The account and the caller
// are "" where AWS does not say.
func (l *livePipelines) connect(ctx context.Context) (cfg aws.Config, regions []string, account, caller string, err error) {
	// No call is made by loading: without credentials the first one fails, in words of AWS.
	if cfg, err = l.load(ctx); err != nil {
		return cfg, nil, "", "", err
	}
	switch {
	// Asked for later, once there is a client to ask with.
	case l.all():
	case len(l.regions) > 0:
		regions = l.regions
	default:
		regions = []string{cfg.Region}
	}
	// Without it the audit goes on: what is read names its account itself.
	if id, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, nil); err == nil {
		account, caller = aws.ToString(id.Account), aws.ToString(id.Arn)
	} else if ctx.Err() != nil {
		return cfg, nil, "", "", ctx.Err()
	}
	return cfg, regions, account, caller, nil
}

// all says whether every region of the account was asked for.
func (l *livePipelines) all() bool { return slices.Equal(l.regions, []string{"all"}) }

// everywhere are the regions that the account has turned on. Where it does not tell,
// they are those that every account has, and the gap says that there may be more.
func everywhere(ctx context.Context, api awsapi.API, home, account string) ([]string, []model.Gap) {
	regions, err := live.Regions(ctx, api, home)
	if err == nil {
		return regions, nil
	}
	return standardRegions, []model.Gap{{Account: account, What: "which regions are turned on", Denied: awsapi.TroubleOf(err) == awsapi.Refused,
		Why: "ec2:DescribeRegions: " + awsapi.Explain(err) + "; the regions that every account has were read, and there may be others"}}
}

// inventory reads files and, if asked, the account, into one.
func (a *app) pipelineInventory(ctx context.Context, l *livePipelines, paths, projects []string, builds int) (*read.Result, error) {
	if len(paths) == 0 && !l.on {
		return nil, withHint(usage("nothing to read was given"), "give files: the output of aws codebuild batch-get-projects, templates, Terraform; or --aws for the live account")
	}
	if g := &l.github; !g.on && (len(g.tokens) > 0 || g.try || g.orgTokens) {
		return nil, withHint(usage("tokens are asked about at GitHub"), "add --github")
	}
	// Files first, which cost nothing; the account and GitHub add to them and take nothing away.
	res, err := read.Files(ctx, paths)
	if err != nil {
		return nil, withHint(err, "check the path")
	}
	if l.on {
		if err := a.addAccount(ctx, l, res, projects, builds); err != nil {
			return nil, err
		}
	}
	if l.github.on {
		if l.told, err = l.github.ask(ctx, res); err != nil {
			return nil, err
		}
	}
	return res, nil
}

// addAccount adds what the account says.
func (a *app) addAccount(ctx context.Context, l *livePipelines, res *read.Result, projects []string, builds int) error {
	cfg, regions, account, _, err := l.connect(ctx)
	if err != nil {
		return err
	}
	api := awsapi.New(cfg, a.now)
	if l.all() {
		var gaps []model.Gap
		regions, gaps = everywhere(ctx, api, cfg.Region, account)
		res.Inventory.Gaps = append(res.Inventory.Gaps, gaps...)
	}
	// What surrounds the projects (networks, roles, secrets' metadata) takes many more calls.
	o := live.Options{Regions: regions, Account: account, Projects: projects, Builds: builds}
	if l.around {
		o.Around, o.Identities = true, iam.NewFromConfig(cfg)
	}
	inv, err := live.Read(ctx, api, o)
	if err != nil {
		return err
	}
	res.Inventory.Add(inv)
	return nil
}

// named keeps the projects of these names; no names keep all.
func named(list []*model.Project, names []string) []*model.Project {
	if len(names) == 0 {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(p *model.Project) bool { return !slices.Contains(names, p.Name.V) })
}
