package account

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"github.com/trailhound/trailhound/internal/source/awsapi"
)

// Options say what to gather. Dir, Now and Config must be set.
type Options struct {
	Dir     string   // made if missing; an interrupted collection in it is gone on with
	Regions []string // all that are turned on in the account, unless named
	// Since and Until bound events and costs. LookupEvents goes back 90 days at
	// most; that is the default.
	Since, Until time.Time
	Config       aws.Config
	// Member gives the configuration for a member account of the organisation;
	// nil gathers the one account alone.
	Member   func(account string) aws.Config
	Now      func() time.Time
	Progress func(account, region, action string) // called by one goroutine at a time; may be nil

	pace rate.Limit // of LookupEvents in a region; 0 is what AWS documents
}

// lookback is how far LookupEvents reaches.
const lookback = 90 * 24 * time.Hour

// regionsAction is the permission to ask which regions are turned on.
const regionsAction = "ec2:DescribeRegions"

// workers is how many regions are asked at once.
// More would only meet the throttling that AWS applies to an account as a whole,
// while responders and the console need calls too.
const workers = 4

// Result is how a gathering went.
type Result struct {
	Accounts []string
	Done     int // steps with an answer, also of earlier runs
	NotInUse int
	Missing  []Entry // refused, failed or partial
	Fatal    error   // credentials that ran out: the next run goes on from there
}

// Collect gathers. The error is of our own side: no identity, no room on the disk,
// an interruption. Whatever AWS refuses is in the result and in the folder.
func Collect(ctx context.Context, o Options) (Result, error) {
	index, err := readIndex(o.Dir)
	if errors.Is(err, ErrNotCollection) {
		index, err = fresh(o)
	}
	if err != nil {
		return Result{}, err
	}
	c := &collection{o: o, index: index}
	who, err := c.identity(ctx, o.Config)
	if err != nil {
		return Result{}, err
	}
	if err := c.account(ctx, who, o.Config, o.Member != nil); err != nil {
		return c.result(), err
	}
	if o.Member != nil {
		for _, id := range c.members(who) {
			if err := c.member(ctx, id); err != nil {
				return c.result(), err
			}
		}
	}
	return c.result(), c.save()
}

// fresh begins a collection in a folder that holds nothing.
func fresh(o Options) (*Index, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the collection: %w", err)
	}
	// Into somebody's folder nothing is mixed: what lies in a collection is read as
	// evidence later.
	if entries, err := os.ReadDir(o.Dir); err != nil || len(entries) > 0 {
		return nil, errors.Join(err, fmt.Errorf("%s holds something else: name a new or an empty folder", o.Dir))
	}
	now := o.Now().UTC().Truncate(time.Second)
	x := &Index{Format: Format, Started: now, Since: o.Since.UTC(), Until: o.Until.UTC(), Entries: []*Entry{}}
	if x.Until.IsZero() || x.Until.After(now) {
		x.Until = now
	}
	if oldest := now.Add(-lookback); x.Since.IsZero() {
		x.Since = oldest
	}
	return x, nil
}

// collection is one Collect under way.
type collection struct {
	o Options

	mu    sync.Mutex // guards index, seen, fatal, and holds Progress to one at a time
	index *Index
	seen  []string
	fatal error
}

// ErrNoIdentity is that AWS did not say whose the credentials are: none can be
// had, or they are not good.
var ErrNoIdentity = errors.New("ask AWS whose credentials these are")

// identity asks whose credentials these are. That needs no permission.
func (c *collection) identity(ctx context.Context, cfg aws.Config) (string, error) {
	out, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNoIdentity, err)
	}
	return aws.ToString(out.Account), nil
}

// account gathers one account.
func (c *collection) account(ctx context.Context, id string, cfg aws.Config, org bool) error {
	c.seen = append(c.seen, id)
	g := &gatherer{c: c, id: id, cfg: cfg, api: awsapi.New(cfg, c.o.Now), lookups: map[string]*rate.Limiter{}}
	regions, err := g.regions(ctx)
	if err != nil {
		return err
	}
	// Steps follow one another and only regions run side by side, so that an
	// interruption leaves whole steps behind.
	for _, s := range steps {
		switch {
		case s.org && !org:
			continue
		case s.scope == once:
			if err := g.step(ctx, s, global); err != nil {
				return err
			}
			continue
		}
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(workers)
		for _, r := range regions {
			group.Go(func() error { return g.step(ctx, s, r) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	return nil
}

// gatherer gathers one account.
type gatherer struct {
	c       *collection
	id      string
	cfg     aws.Config
	api     awsapi.API
	lookups map[string]*rate.Limiter // by region, guarded by c.mu
}

// regions are those to ask: the ones named, or all that are turned on.
func (g *gatherer) regions(ctx context.Context) ([]string, error) {
	if len(g.c.o.Regions) > 0 {
		return g.c.o.Regions, nil
	}
	var list []string
	err := g.step(ctx, step{action: regionsAction, run: func(ctx context.Context, g *gatherer, e *Entry) error {
		_, err := g.listed(ctx, e, "DescribeRegions", "describe-regions", "Regions", nil)
		return err
	}}, global)
	if err != nil {
		return nil, err
	}
	if e := g.c.index.find(g.id, global, regionsAction); e != nil && e.Status == Done {
		list, err = g.c.readRegions(e)
	}
	if len(list) == 0 { // refused: better the region at hand than nothing
		list = []string{g.cfg.Region}
	}
	return list, err
}

// step makes one step, unless an earlier run has, and writes down how it went.
// The error is of our own side.
func (g *gatherer) step(ctx context.Context, s step, region string) error {
	e, todo := g.c.begin(g.id, region, s.action)
	if !todo {
		return ctx.Err()
	}
	err := s.run(ctx, g, e)
	// LookupEvents goes on by itself from its oldest event; every other list has to
	// begin again.
	if awsapi.TroubleOf(err) == awsapi.StalePage && !e.Oldest.After(time.Time{}) {
		e.Files = nil
		err = s.run(ctx, g, e) // from the first page on, once
	}
	if ctx.Err() != nil {
		e.Status = Partial
		return errors.Join(ctx.Err(), g.c.save())
	}
	var own *ownError
	if errors.As(err, &own) {
		return err
	}
	g.c.end(e, err)
	return g.c.save()
}

// begin finds or makes the entry of a step. There is nothing to do where an
// earlier run has the answer, or nothing can be asked any more.
func (c *collection) begin(account, region, action string) (e *Entry, todo bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e = c.index.find(account, region, action)
	if e != nil && (e.Status == Done || e.Status == NotInUse) {
		return e, false
	}
	if e == nil {
		e = &Entry{Account: account, Region: region, Action: action}
		c.index.Entries = append(c.index.Entries, e)
	}
	if c.fatal != nil {
		if e.Status == "" {
			e.Status, e.Reason = Failed, "it was not asked for: "+awsapi.Explain(c.fatal)
		}
		return e, false
	}
	// Half of a list is of no use to its second half; only LookupEvents adds to the
	// files that it has.
	if e.Oldest.IsZero() {
		e.Files = nil
	}
	e.Status, e.Reason = Partial, ""
	if c.o.Progress != nil {
		c.o.Progress(account, region, action)
	}
	return e, true
}

// end writes down how a step went.
func (c *collection) end(e *Entry, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		e.Status = Done
		return
	}
	e.Status, e.Reason = Failed, awsapi.Explain(err)
	if errors.Is(err, errNotInUse) {
		e.Status = NotInUse
	}
	if op := awsapi.Operation(err); op != "" {
		e.Reason = op + ": " + e.Reason
	}
	switch awsapi.TroubleOf(err) {
	case awsapi.Refused:
		e.Status = Refused
	case awsapi.NotInUse:
		e.Status = NotInUse
	// Nothing that follows could be answered. The steps that are left become Failed
	// with this reason, and the next run makes them.
	case awsapi.Expired:
		if e.Status = Failed; c.fatal == nil {
			c.fatal = err
		}
	}
}

// save writes the index, in an order that does not depend on who was faster.
func (c *collection) save() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	slices.SortStableFunc(c.index.Entries, func(a, b *Entry) int {
		for _, d := range []int{strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region), strings.Compare(a.Action, b.Action)} {
			if d != 0 {
				return d
			}
		}
		return 0
	})
	if err := c.index.save(c.o.Dir); err != nil {
		return &ownError{err}
	}
	return nil
}

func (c *collection) result() Result {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := Result{Accounts: c.seen, Fatal: c.fatal}
	for _, e := range c.index.Entries {
		switch e.Status {
		case Done:
			r.Done++
		case NotInUse:
			r.NotInUse++
		default:
			r.Missing = append(r.Missing, *e)
		}
	}
	return r
}

// path is where an entry's files lie.
func (e *Entry) path(name string) string {
	service, _, _ := strings.Cut(e.Action, ":")
	return strings.Join([]string{e.Account, e.Region, service, name}, "/")
}

// abs is a file of the collection on disk.
func (c *collection) abs(name string) string { return filepath.Join(c.o.Dir, filepath.FromSlash(name)) }

// ownError is trouble on our side, which ends everything.
type ownError struct{ error }

func (o *ownError) Unwrap() error { return o.error }
