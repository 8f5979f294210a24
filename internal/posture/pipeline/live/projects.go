package live

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/trailhound/trailhound/internal/source/awsapi"
)

// chunk is how many names or ids one batch call takes. Source: API reference,
// BatchGetProjects and BatchGetBuilds.
const chunk = 100

// projects reads what CodeBuild itself tells of a region. It returns false where the
// region refuses, so that whatever else is asked there would be refused too.
func (r *region) projects(ctx context.Context) bool {
	names := r.o.Projects
	if len(names) == 0 {
		var err error
		if names, err = r.list(ctx, "ListProjects", "projects", nil, 0); err != nil {
			r.gap("projects", err)
			// Refused after some pages is something else: those projects are judged,
			// and what is around them read.
			if len(names) == 0 && awsapi.TroubleOf(err) == awsapi.Refused {
				return false
			}
		}
	}
	r.batch(ctx, "BatchGetProjects", "names", "project", names)
	// Credentials are of the account and region, not of a project: asked for even
	// where no project is, for a stored token is a way in by itself.
	call := awsapi.Call{Service: "codebuild", Operation: "ListSourceCredentials", Region: r.name}
	if a, err := r.api.Call(ctx, call); err != nil {
		r.gap("source credentials", err)
	} else {
		r.keep("ListSourceCredentials", a)
	}
	if r.o.Builds == 0 {
		return true
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
	return true
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

// It ends Pages early and never leaves list.
var errEnough = fmt.Errorf("that is enough")

// batch asks for a hundred at a time. A chunk that brings nothing is a gap with
// the names that it would have told of.
func (r *region) batch(ctx context.Context, operation, member, what string, names []string) {
	for part := range slices.Chunk(names, chunk) {
		a, err := r.api.Call(ctx, awsapi.Call{Service: "codebuild", Operation: operation, Region: r.name, Input: awsapi.Input{member: part}})
		if err != nil {
			// A read that is broken off is no finding about the account: the caller
			// returns the context's error instead.
			if ctx.Err() != nil {
				return
			}
			r.gap(fmt.Sprintf("%d of the %ss, from %s to %s", len(part), what, part[0], part[len(part)-1]), err)
			continue
		}
		r.keep(operation, a)
	}
}
