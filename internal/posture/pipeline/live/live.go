// Package live reads build pipelines from accounts: projects, source
// credentials and builds of every region, by calls that only read. What a region
// refuses is a gap of the inventory, named, and the other regions are still read.
package live

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

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
	// Progress, if set, is told of every region that is done. It is called from several goroutines.
	Progress func(region string)
}

// chunk is how many names or ids one batch call takes. Source: API reference,
// BatchGetProjects and BatchGetBuilds.
const chunk = 100

// atOnce bounds the regions that are read at the same time; within one region
// calls follow one another, which is as gentle as the service's limits ask for.
const atOnce = 4

// Read reads all regions. The error is the context's only: everything else that
// goes wrong is a gap.
func Read(ctx context.Context, api awsapi.API, o Options) (*model.Inventory, error) {
	found := make([]*model.Inventory, len(o.Regions))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i, name := range o.Regions {
		g.Go(func() error {
			r := &region{api: api, o: &o, name: name}
			r.read(ctx)
			found[i] = r.inventory()
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
	return all, nil
}

type region struct {
	api     awsapi.API
	o       *Options
	name    string
	answers []read.Answer
	gaps    []model.Gap
}

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
	r.gaps = append(r.gaps, model.Gap{Account: r.o.Account, Region: r.name, What: what, Why: awsapi.Explain(err), Denied: awsapi.TroubleOf(err) == awsapi.Refused})
}

func (r *region) read(ctx context.Context) {
	names := r.o.Projects
	if len(names) == 0 {
		var err error
		if names, err = r.list(ctx, "ListProjects", "projects", nil, 0); err != nil {
			r.gap("projects", err)
			if len(names) == 0 && awsapi.TroubleOf(err) == awsapi.Refused {
				return // whatever else is asked here would be refused too
			}
		}
	}
	r.batch(ctx, "BatchGetProjects", "names", "project", names)
	call := awsapi.Call{Service: "codebuild", Operation: "ListSourceCredentials", Region: r.name}
	if a, err := r.api.Call(ctx, call); err != nil {
		r.gap("source credentials", err)
	} else {
		r.keep("ListSourceCredentials", a)
	}
	if r.o.Builds == 0 {
		return
	}
	var ids []string
	for _, name := range names {
		list, err := r.list(ctx, "ListBuildsForProject", "ids", awsapi.Input{"projectName": name, "sortOrder": "DESCENDING"}, r.o.Builds)
		if err != nil {
			r.gap("builds of "+name, err)
		}
		ids = append(ids, list[:min(len(list), r.o.Builds)]...)
	}
	r.batch(ctx, "BatchGetBuilds", "ids", "build", ids)
}

// list reads the pages of a listing until there are enough; 0 is all of them.
// What came before an error is returned with it.
func (r *region) list(ctx context.Context, operation, member string, in awsapi.Input, enough int) (all []string, err error) {
	err = awsapi.Pages(ctx, r.api, awsapi.Call{Service: "codebuild", Operation: operation, Region: r.name, Input: in}, func(a awsapi.Answer) error {
		var page map[string]json.RawMessage
		var names []string
		if err := json.Unmarshal(a.Body, &page); err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		if raw, ok := page[member]; ok {
			if err := json.Unmarshal(raw, &names); err != nil {
				return fmt.Errorf("read the answer: %s: %w", member, err)
			}
		}
		if all = append(all, names...); enough > 0 && len(all) >= enough {
			return errEnough
		}
		return nil
	})
	if err == errEnough {
		err = nil
	}
	return all, err
}

var errEnough = fmt.Errorf("that is enough")

// batch asks for a hundred at a time. A chunk that brings nothing is a gap with
// the names that it would have told of.
func (r *region) batch(ctx context.Context, operation, member, what string, names []string) {
	for part := range slices.Chunk(names, chunk) {
		a, err := r.api.Call(ctx, awsapi.Call{Service: "codebuild", Operation: operation, Region: r.name, Input: awsapi.Input{member: part}})
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			r.gap(fmt.Sprintf("%d of the %ss, from %s to %s", len(part), what, part[0], part[len(part)-1]), err)
			continue
		}
		r.keep(operation, a)
	}
}

func (r *region) keep(operation string, a awsapi.Answer) {
	r.answers = append(r.answers, read.Answer{Name: operation + " in " + r.name, Data: a.Body})
}
