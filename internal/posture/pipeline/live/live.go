// Package live reads build pipelines from accounts: projects, source
// credentials and builds of every region, and what surrounds them: pipelines,
// networks, the secrets and parameters that builds take values from, and the
// account's roles. Every call only reads. What a region or a service refuses is a
// gap of the inventory, named, and the rest is still read.
package live

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"golang.org/x/sync/errgroup"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
	"github.com/trailhound/trailhound/internal/source/awsapi"
)

// Options say what is read.
type Options struct {
	Regions  []string
	Account  string   // for gaps; "" if not known
	Projects []string // only these; none for all
	Builds   int      // of each project the newest so many; 0 for none
	// Around says to read what surrounds the projects, too.
	Around bool
	// Identities tells of roles and policies, once for the account; nil leaves them out.
	Identities iam.GetAccountAuthorizationDetailsAPIClient
	// Progress, if set, is told of every region that is done. It is called from several goroutines.
	Progress func(region string)
}

// atOnce bounds the regions that are read at the same time; within one region
// calls follow one another, which is as gentle as the service's limits ask for.
// The exception is each, which asks about single secrets and pipelines, also so many
// at a time.
const atOnce = 4

// Read reads all regions. The error is the context's only: everything else that
// goes wrong is a gap.
func Read(ctx context.Context, api awsapi.API, o Options) (*model.Inventory, error) {
	found := make([]*model.Inventory, len(o.Regions))
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, name := range o.Regions {
		g.Go(func() error {
			r := &region{api: api, o: &o, name: name}
			found[i] = r.read(ctx)
			if o.Progress != nil {
				o.Progress(name)
			}
			return ctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	all := &model.Inventory{Buildspecs: map[string]model.Secret{}, Forks: map[string]string{}}
	for _, inv := range found { // in the order given, whichever was done first
		all.Add(inv)
	}
	if o.Identities != nil {
		// IAM is not regional: read once, after the regions, and never once for each
		// of them.
		all.Add(identities(ctx, &o))
	}
	return all, ctx.Err()
}

type region struct {
	api     awsapi.API
	o       *Options
	name    string
	answers []read.Answer
	gaps    []model.Gap
}

// read reads the region: the projects, then what surrounds those that were found.
func (r *region) read(ctx context.Context) *model.Inventory {
	open := r.projects(ctx)
	inv := r.inventory()
	// What surrounds the projects is another batch of answers with gaps of its own.
	// Those of the projects are in inv already and must not be counted twice.
	if open && r.o.Around {
		r.answers, r.gaps = nil, nil
		r.around(ctx, inv)
		inv.Add(r.inventory())
	}
	return inv
}

// inventory is what the answers so far tell.
func (r *region) inventory() *model.Inventory {
	inv := read.Answers(r.answers).Inventory
	for i := range inv.Gaps { // what was not found, or not understood, was so here
		inv.Gaps[i].Region, inv.Gaps[i].Account = r.name, r.o.Account
	}
	inv.Gaps = append(r.gaps, inv.Gaps...)
	return inv
}

// gap notes what a call did not bring.
func (r *region) gap(what string, err error) {
	r.gaps = append(r.gaps, gap(r.o.Account, r.name, what, err))
}

func gap(account, region, what string, err error) model.Gap {
	// Denied is told apart from other trouble because it can be mended by a
	// permission, and because a region that a policy closes may well hide projects.
	return model.Gap{Account: account, Region: region, What: what, Why: awsapi.Explain(err), Denied: awsapi.TroubleOf(err) == awsapi.Refused}
}

func (r *region) keep(operation string, a awsapi.Answer) {
	r.answers = append(r.answers, read.Answer{Name: operation + " in " + r.name, Data: a.Body})
}
