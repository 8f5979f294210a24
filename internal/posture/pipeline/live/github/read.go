package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
)

// Wanted is what is asked about one repository.
type Wanted struct {
	Repo       string   // owner/name
	Accounts   []string // ids that its allow-lists name
	Payload    []string // addresses that CodeBuild's webhooks deliver to
	Deliveries int      // of each such hook the newest so many; 0 for none
}

// Found is what GitHub said.
type Found struct {
	*read.Result
	Deliveries []json.RawMessage // with their payloads, as ladder.ReadDeliveries takes them
}

// Bounds of one reading: pages of hooks, deliveries of a hook.
const (
	// of 100 entries each
	maxPages      = 20
	maxDeliveries = 1000
)

// Read asks about every repository. What GitHub refuses is a gap, and the rest is
// still read; the error is the context's only.
func Read(ctx context.Context, api API, list []Wanted) (*Found, error) {
	r := &reader{api: api, seen: map[string]bool{}}
	for _, w := range list {
		r.repository(ctx, w)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	res := read.Answers(r.answers)
	res.Inventory.Gaps = append(r.gaps, res.Inventory.Gaps...)
	return &Found{res, r.deliveries}, nil
}

// errMore is why a list was not read to its end. What stands on the pages behind is not
// known, and whoever finds nothing in the list must be told so.
var errMore = fmt.Errorf("only the first %d pages were read, and there are more", maxPages)

type reader struct {
	api        API
	answers    []read.Answer
	deliveries []json.RawMessage
	gaps       []model.Gap
	seen       map[string]bool // repository and account that were asked about
}

func (r *reader) gap(what string, err error) {
	var s *Status
	r.gaps = append(r.gaps, model.Gap{What: what, At: "GitHub", Why: err.Error(), Denied: errors.As(err, &s) && (s.Code == 401 || s.Code == 403)})
}

func (r *reader) keep(name string, doc any) {
	if data, err := json.Marshal(doc); err == nil {
		r.answers = append(r.answers, read.Answer{Name: "GitHub " + name, Data: data})
	}
}

func (r *reader) repository(ctx context.Context, w Wanted) {
	path := "/repos/" + w.Repo
	body, _, err := r.api.Get(ctx, path, nil)
	if err != nil {
		r.gap("the repository "+w.Repo, err)
		return
	}
	r.answers = append(r.answers, read.Answer{Name: "GitHub " + path, Data: body})
	// Runs of forks ask for approval by a policy that only some repositories have.
	var approval struct {
		Policy string `json:"approval_policy"`
	}
	// Where there is no such policy GitHub answers 404, which is no gap.
	if body, _, err := r.api.Get(ctx, path+"/actions/permissions/fork-pr-contributor-approval", nil); err == nil && json.Unmarshal(body, &approval) == nil && approval.Policy != "" {
		r.keep(path+" fork approval", map[string]string{"repository": strings.ToLower(w.Repo), "fork_pr_contributor_approval": approval.Policy})
	} else if err != nil && !gone(err) {
		r.gap("the fork approval policy of "+w.Repo, err)
	}
	r.hooks(ctx, w)
	for _, id := range w.Accounts {
		if key := w.Repo + " " + id; !r.seen[key] {
			r.seen[key] = true
			r.account(ctx, w.Repo, id)
		}
	}
}

func gone(err error) bool {
	var s *Status
	return errors.As(err, &s) && s.Code == 404
}

// hooks reads the repository's webhooks, and the deliveries of those that are
// CodeBuild's.
func (r *reader) hooks(ctx context.Context, w Wanted) {
	path := "/repos/" + w.Repo + "/hooks"
	query := url.Values{"per_page": {"100"}}
	for range maxPages {
		body, next, err := r.api.Get(ctx, path, query)
		if err != nil {
			r.gap("the webhooks of "+w.Repo, err)
			return
		}
		var hooks []struct {
			ID     int64
			Config struct{ URL string }
		}
		err = json.Unmarshal(body, &hooks)
		if err != nil || len(hooks) > 0 { // a repository without webhooks is no gap
			r.answers = append(r.answers, read.Answer{Name: "GitHub " + path, Data: body})
		}
		if err == nil {
			for _, h := range hooks {
				// Deliveries of other hooks hold payloads that are nobody's business
				// here.
				if w.Deliveries > 0 && slices.Contains(w.Payload, h.Config.URL) {
					r.delivered(ctx, path+"/"+strconv.FormatInt(h.ID, 10)+"/deliveries", min(w.Deliveries, maxDeliveries))
				}
			}
		}
		if query = next; query == nil {
			return
		}
	}
	r.gap("the webhooks of "+w.Repo, errMore)
}

// delivered reads the newest deliveries with their payloads. A redelivery says
// nothing new.
func (r *reader) delivered(ctx context.Context, path string, want int) {
	query := url.Values{"per_page": {strconv.Itoa(min(want, 100))}}
	guids := map[string]bool{}
	for range maxPages {
		body, next, err := r.api.Get(ctx, path, query)
		if err != nil {
			r.gap("deliveries "+path, err)
			return
		}
		var list []struct {
			ID   int64
			GUID string
		}
		if err := json.Unmarshal(body, &list); err != nil {
			r.gap("deliveries "+path, fmt.Errorf("read the answer: %w", err))
			return
		}
		for _, d := range list {
			// A redelivery has an id of its own and the GUID of the first.
			if guids[d.GUID] || len(guids) >= want {
				continue
			}
			guids[d.GUID] = true
			one, _, err := r.api.Get(ctx, path+"/"+strconv.FormatInt(d.ID, 10), nil)
			if err != nil {
				r.gap("the delivery "+d.GUID, err)
				continue
			}
			r.deliveries = append(r.deliveries, one)
		}
		if query = next; query == nil || len(guids) >= want {
			return
		}
	}
	r.gap("deliveries "+path, errMore)
}

// person is an account.
type person struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
	Type  string `json:"type"`
}

// account reads who an id is and whether it may write to the repository.
func (r *reader) account(ctx context.Context, repo, id string) {
	body, _, err := r.api.Get(ctx, "/user/"+id, nil)
	var p person
	switch {
	case gone(err):
		// An id whose account is gone cannot be taken by somebody else, unlike a
		// login, but it does not belong on a list either.
		r.keep("account "+id, map[string]any{"id": id, "login": "(gone)", "gone": true})
		return
	case err == nil:
		err = json.Unmarshal(body, &p)
	}
	if err != nil {
		r.gap("the account "+id, err)
		return
	}
	doc := map[string]any{"id": id, "login": p.Login, "type": p.Type}
	var level struct {
		Permission string
	}
	body, _, err = r.api.Get(ctx, "/repos/"+repo+"/collaborators/"+p.Login+"/permission", nil)
	switch {
	case gone(err): // no collaborator
		doc["permissions"] = map[string]bool{"push": false}
	case err == nil && json.Unmarshal(body, &level) == nil:
		doc["permissions"] = map[string]bool{"push": level.Permission == "admin" || level.Permission == "write" || level.Permission == "maintain"}
	default:
		r.gap("the rights of "+p.Login+" on "+repo, err)
	}
	r.keep("account "+id, doc)
}

// IDs are the ids of accounts named by login, sorted, each once. Ids are passed on.
// A bot or an organisation is refused: nobody can say who acts through it.
func IDs(ctx context.Context, api API, logins []string) ([]string, error) {
	found := map[string]bool{}
	for _, login := range logins {
		if _, err := strconv.ParseInt(login, 10, 64); err == nil {
			found[login] = true
			continue
		}
		body, _, err := api.Get(ctx, "/users/"+login, nil)
		if err != nil {
			return nil, fmt.Errorf("who is %s: %w", login, err)
		}
		var p person
		if err := json.Unmarshal(body, &p); err != nil || p.ID <= 0 {
			return nil, fmt.Errorf("who is %s: GitHub's answer names no id", login)
		}
		if p.Type != "User" {
			return nil, fmt.Errorf("%s is a %s and no person: it does not belong on a list of contributors", login, p.Type)
		}
		found[strconv.FormatInt(p.ID, 10)] = true
	}
	return slices.Sorted(maps.Keys(found)), nil
}
