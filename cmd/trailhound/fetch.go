package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/source/all"
	"github.com/trailhound/trailhound/internal/source/awsapi"
	"github.com/trailhound/trailhound/internal/source/s3"
	"github.com/trailhound/trailhound/internal/store"
)

// fetchFlags say what of AWS is fetched as evidence, and how it is reached. Verbs
// that do not register them fetch as the AWS CLI would by default.
type fetchFlags struct {
	awsFlags
	// What is fetched is of these only; none is all of them.
	accounts []string
	regions  []string
	// RFC 3339, as written. Objects of a bucket are chosen by the day in their name, so that
	// some events outside of the two are read too.
	since, until string
	// Buckets of others may bill whoever reads: only a flag agrees to that.
	requesterPays bool
}

// register declares them. They narrow what is fetched, and never what was read from disk.
func (f *fetchFlags) register(c *cobra.Command) {
	f.awsFlags.register(c)
	c.Flags().StringSliceVar(&f.accounts, "accounts", nil, "fetch from AWS only what is of these accounts")
	c.Flags().StringSliceVar(&f.regions, "regions", nil, "fetch from AWS only what is of these regions")
	c.Flags().StringVar(&f.since, "since", "", "fetch from AWS only what can hold events from this time on, RFC 3339")
	c.Flags().StringVar(&f.until, "until", "", "fetch from AWS only what can hold events before this time, RFC 3339")
	c.Flags().BoolVar(&f.requesterPays, "requester-pays", false, "agree to pay for what is read from buckets of others")
}

// The shapes of accounts and regions; whether there is such a one AWS tells.
var (
	isAccount = regexp.MustCompile(`^\d{12}$`)
	isRegion  = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-\d$`)
)

// filter checks the flags that narrow down. A slip in them would silently leave
// everything out.
func (f *fetchFlags) filter() (s3.Filter, error) {
	o := s3.Filter{Accounts: f.accounts, Regions: f.regions}
	for _, a := range f.accounts {
		if !isAccount.MatchString(a) {
			return o, withHint(usage("%q, given with --accounts, is not an account id", a), "an account id has 12 digits")
		}
	}
	for _, r := range f.regions {
		if !isRegion.MatchString(r) {
			return o, withHint(usage("%q, given with --regions, is not a region", r), "write it as eu-west-1")
		}
	}
	for _, t := range []struct {
		flag, value string
		to          *time.Time
	}{{"--since", f.since, &o.From}, {"--until", f.until, &o.To}} {
		if t.value == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, t.value)
		if err != nil {
			return o, withHint(usage("%q, given with %s, is not a time", t.value, t.flag), "write it as 2026-11-02T14:00:00Z")
		}
		*t.to = at.UTC()
	}
	if !o.To.IsZero() && !o.From.Before(o.To) {
		return o, withHint(usage("--since is not before --until"), "swap the two times")
	}
	return o, nil
}

// places gives the collectors that the paths need beside that of files, once it
// is sure that the paths lead somewhere. old is the store that is imported into.
// The function tells afterwards what ended the fetching early, if anything did.
func (a *app) places(ctx context.Context, paths []string, old *store.Store) ([]all.Place, func() error, error) {
	// Without a bucket among the paths AWS is not asked for anything, not even who we are.
	buckets := slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return !s3.Holds(p) })
	if len(buckets) == 0 {
		return nil, func() error { return nil }, nil
	}
	filter, err := a.fetch.filter()
	if err != nil {
		return nil, nil, err
	}
	cfg, err := a.fetch.load(ctx)
	if err != nil {
		return nil, nil, err
	}
	before, err := old.Places(ctx)
	if err != nil {
		return nil, nil, err
	}
	c := s3.New(cfg, s3.Options{
		Filter: filter, RequesterPays: a.fetch.requesterPays,
		// What the store has read before is not fetched again.
		Known:  func(uri string) (string, bool) { id, ok := before.Read[uri]; return id, ok },
		Failed: func(uri string) bool { return before.Not[uri] },
	})
	// Each is tried before any is read: a name that is mistyped must not show after an hour.
	for _, b := range buckets {
		if err := c.Check(ctx, b); err != nil {
			return nil, nil, a.awsHint(ctx, cfg, err)
		}
	}
	return []all.Place{c}, func() error {
		if err := c.Err(); err != nil {
			return a.awsHint(ctx, cfg, err)
		}
		return nil
	}, nil
}

// awsHint says what can be done about trouble with AWS. An interruption is none, and an error that
// nothing is known about stays as it is: a wrong hint costs more than none.
func (a *app) awsHint(ctx context.Context, cfg aws.Config, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	// Without credentials every call fails in its own words; the reason is told once, in ours.
	if _, cerr := cfg.Credentials.Retrieve(ctx); cerr != nil && awsapi.Code(err) == "" {
		return withHint(fmt.Errorf("no AWS credentials could be had: %w", cerr), "sign in first (aws sso login, aws configure), or name a profile with --profile")
	}
	hint := ""
	switch awsapi.TroubleOf(err) {
	case awsapi.Expired:
		hint = "sign in again and repeat the command: what was read is kept, and is not fetched again"
	case awsapi.Invalid:
		hint = "aws sts get-caller-identity tells whose credentials these are; --profile chooses others"
	case awsapi.Refused:
		hint = "reading a bucket needs s3:ListBucket on it and s3:GetObject on its objects, and kms:Decrypt where it is encrypted with a key of yours; --requester-pays where its owner demands it"
	}
	var nowhere *s3.LocationError
	if hint == "" && errors.As(err, &nowhere) {
		hint = "check the name: s3://BUCKET/PREFIX, as aws s3 ls shows it"
	}
	if hint == "" {
		return err
	}
	return withHint(err, hint)
}

// onDisk are the paths that the file system has to know.
func onDisk(path string) bool { return path != "-" && !s3.Holds(path) }
