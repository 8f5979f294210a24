package github

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// endless answers every list with one more page.
type endless struct{ pages map[string]int }

func (e *endless) Get(_ context.Context, path string, _ url.Values) ([]byte, url.Values, error) {
	e.pages[path]++
	next := url.Values{"page": {"2"}}
	switch {
	case strings.HasSuffix(path, "/hooks"):
		if e.pages[path] > 1 {
			return []byte(`[]`), next, nil
		}
		return []byte(`[{"id":7,"config":{"url":"https://codebuild.example/h"}}]`), next, nil
	case strings.HasSuffix(path, "/deliveries"), strings.HasPrefix(path, "/orgs/"):
		return []byte(`[]`), next, nil
	}
	return []byte(`{}`), nil, nil
}

// TestMorePagesAreAGap: a list that was not read to its end says so.
func TestMorePagesAreAGap(t *testing.T) {
	api := &endless{map[string]int{}}
	got, err := Read(t.Context(), api, []Wanted{{Repo: "acme/app", Payload: []string{"https://codebuild.example/h"}, Deliveries: 10}})
	if err != nil {
		t.Fatal(err)
	}
	var what []string
	for _, g := range append(got.Inventory.Gaps, OrgTokens(t.Context(), api, []string{"acme"}).Gaps...) {
		if g.Why == errMore.Error() {
			what = append(what, g.What)
		}
	}
	if want := []string{"deliveries /repos/acme/app/hooks/7/deliveries", "the webhooks of acme/app", "the fine-grained tokens of acme"}; !slices.Equal(what, want) {
		t.Errorf("gaps %q, want %q", what, want)
	}
	for path, n := range api.pages {
		if n > maxPages {
			t.Errorf("%d pages of %s", n, path)
		}
	}
}
