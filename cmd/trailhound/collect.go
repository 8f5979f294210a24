package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/source/account"
	"github.com/trailhound/trailhound/internal/source/awsapi"
)

// liveFlags say whether a live account is evidence.
type liveFlags struct {
	aws bool
	// Every account of the organisation, each through the role of that name in it.
	organization bool
	memberRole   string
	// A folder that is kept is gone on with after an interruption; without one the
	// evidence is gone when the case is done.
	keep string
}

// register declares what verbs have that may gather an account on their way.
func (f *liveFlags) register(c *cobra.Command) {
	c.Flags().BoolVar(&f.aws, "aws", false, "gather evidence from the live account that the credentials belong to")
	f.organizationFlags(c)
	c.Flags().StringVar(&f.keep, "keep", "", "with --aws: keep what is gathered in this folder, and go on there after an interruption")
	_ = c.MarkFlagDirname("keep")
}

// organizationFlags are apart, since collect has them without --aws: there it is the point.
func (f *liveFlags) organizationFlags(c *cobra.Command) {
	c.Flags().BoolVar(&f.organization, "organization", false, "gather every account of the organisation, through a role in each")
	c.Flags().StringVar(&f.memberRole, "member-role", account.RoleName, "name of the role to assume in each account of the organisation")
}

// collectCmd gathers and stops there: whoever may read the account need not be who investigates.
func (a *app) collectCmd() *cobra.Command {
	var dir, role string
	c := &cobra.Command{
		Use:   "collect --out DIR",
		Short: "Gather evidence from a live account into a folder, without investigating",
		Long: `Collect asks a live account, read-only, for its event history, trails, identities,
instances, costs, alerts and build projects, and keeps every answer in a folder
that can be handed over: with its hash, AWS's request id and its time. What is
refused is noted and the rest is gathered. Repeated with the same folder it goes
on where it stopped. It can change nothing: the only call that makes AWS do
anything is GenerateCredentialReport, by which AWS writes a report.

Exit status: 0 done, even with calls refused; 1 could not run, or the credentials
ran out; 2 usage; 130 interrupted.`,
		Example: `  trailhound collect --out ./handover --profile audit --regions us-east-1,eu-west-1
  trailhound collect --out ./handover --role-arn arn:aws:iam::111122223333:role/trailhound-read-only --organization
  trailhound collect --print-role cloudformation > role.yaml
  trailhound investigate --evidence ./handover "key AKIA... leaked on 2 November"`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if role != "" {
				text, err := account.Role(role)
				if err != nil {
					return withHint(usageError{err}, "choose one of "+strings.Join(account.RoleFormats(), ", "))
				}
				_, err = fmt.Fprint(a.stdout, text)
				return err
			}
			if dir == "" {
				return withHint(usage("no folder was given"), "add --out DIR; the folder is made if it is missing")
			}
			r, err := a.gather(c.Context(), dir)
			if err != nil {
				return err
			}
			a.tellGathered(r, dir)
			return a.gatheringEnded(r, dir)
		},
	}
	c.Flags().StringVar(&dir, "out", "", "folder to gather into; made if it is missing")
	c.Flags().StringVar(&role, "print-role", "", "print the least-privilege role as a template instead: "+strings.Join(account.RoleFormats(), ", "))
	_ = c.MarkFlagDirname("out")
	_ = c.RegisterFlagCompletionFunc("print-role", cobra.FixedCompletions(account.RoleFormats(), cobra.ShellCompDirectiveNoFileComp))
	a.fetch.register(c)
	a.live.organizationFlags(c)
	return c
}

// gather fills a folder from the live account.
// Regions and times narrow what is asked; the account cannot be chosen, it is the
// credentials'.
func (a *app) gather(ctx context.Context, dir string) (account.Result, error) {
	filter, err := a.fetch.filter()
	if err != nil {
		return account.Result{}, err
	}
	cfg, err := a.fetch.load(ctx)
	if err != nil {
		return account.Result{}, err
	}
	bar := a.bar("")
	// Progress names what is asked, and never what was answered.
	o := account.Options{
		Dir: dir, Regions: filter.Regions, Since: filter.From, Until: filter.To, Config: cfg, Now: a.now,
		Progress: func(account, region, action string) { bar.step("gathering " + account + " " + region + " " + action) },
	}
	if a.live.organization {
		o.Member = func(id string) aws.Config { return a.member(cfg, id) }
	}
	r, err := account.Collect(ctx, o)
	bar.end()
	// Trouble with signing in has a hint of its own; that of the file system another.
	if err != nil && ctx.Err() == nil && (awsapi.Code(err) != "" || errors.Is(err, account.ErrNoIdentity)) {
		return r, a.awsHint(ctx, cfg, err)
	}
	if err != nil {
		return r, hintFor(err)
	}
	// --accounts leaves out objects of a bucket; for a live account it can only be a check
	// that the right one was signed in to.
	if len(filter.Accounts) > 0 && !slices.ContainsFunc(r.Accounts, func(id string) bool { return slices.Contains(filter.Accounts, id) }) {
		return r, withHint(fmt.Errorf("the credentials belong to account %s, not to %s", strings.Join(r.Accounts, ", "), strings.Join(filter.Accounts, ", ")),
			"choose others with --profile or --role-arn")
	}
	return r, nil
}

// member signs in to another account of the organisation.
// Sessions last an hour, the most that AWS gives where one role assumes another, and are
// renewed by the provider while an account is read.
func (a *app) member(cfg aws.Config, id string) aws.Config {
	// By the region: China and GovCloud have partitions of their own.
	partition := "aws"
	for prefix, p := range map[string]string{"cn-": "aws-cn", "us-gov-": "aws-us-gov"} {
		if strings.HasPrefix(cfg.Region, prefix) {
			partition = p
		}
	}
	role := "arn:" + partition + ":iam::" + id + ":role/" + a.live.memberRole
	other := cfg.Copy()
	other.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), role, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName, o.Duration = "trailhound", time.Hour
		if a.fetch.externalID != "" {
			o.ExternalID = &a.fetch.externalID
		}
	}))
	return other
}

// tellGathered sums up.
func (a *app) tellGathered(r account.Result, dir string) {
	fmt.Fprintf(a.stdout, "gathered %d answers of account %s into %s; %d services are not in use, %d answers are missing\n",
		r.Done, strings.Join(r.Accounts, ", "), safe(dir), r.NotInUse, len(r.Missing))
	for i, e := range r.Missing {
		if i == maxNamed {
			fmt.Fprintf(a.stderr, "… and %d more; collection.json lists them\n", len(r.Missing)-i)
			break
		}
		fmt.Fprintf(a.stderr, "missing %s\n", safe(e.Account+" "+e.Region+" "+e.Action+": "+e.Reason))
	}
}

// gatheringEnded is an error where credentials ran out.
func (a *app) gatheringEnded(r account.Result, dir string) error {
	if r.Fatal == nil {
		return nil
	}
	return withHint(fmt.Errorf("the AWS credentials ran out (%s): what was gathered before is kept", awsapi.Code(r.Fatal)),
		"sign in again and repeat the command with the same folder "+dir+": it goes on from there")
}

// livePath gathers the live account, if it is wanted, and gives its folder as one
// more path. done removes a folder that nobody asked to keep.
// The temporary folder is removed when the case is done, since it holds the account's data.
func (a *app) livePath(ctx context.Context) (path string, done func(), err error) {
	done = func() {}
	if !a.live.aws {
		if a.live.organization || a.live.keep != "" {
			return "", done, withHint(usage("--organization and --keep say how to gather a live account"), "add --aws")
		}
		return "", done, nil
	}
	// Without a folder to keep it is one below a temporary one: gathering makes its own.
	dir := a.live.keep
	if dir == "" {
		tmp, err := os.MkdirTemp("", "trailhound-aws-")
		if err != nil {
			return "", done, withHint(fmt.Errorf("make a temporary folder: %w", err), "set TMPDIR to a folder with room")
		}
		dir, done = filepath.Join(tmp, "aws"), func() { os.RemoveAll(tmp) }
	}
	r, err := a.gather(ctx, dir)
	if err != nil {
		done()
		return "", func() {}, err
	}
	if err := a.gatheringEnded(r, dir); err != nil { // what was gathered still tells something
		a.warn(err)
	}
	return dir, done, nil
}
