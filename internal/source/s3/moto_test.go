package s3

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/source/awsapi/mototest"
)

// Another S3 that others wrote, with versions, multipart etags and paging of its own.
func TestAgainstMoto(t *testing.T) {
	url := mototest.Start(t)
	c := New(mototest.Config(url, "us-east-1"), Options{Filter: Filter{Regions: []string{"eu-west-1"}}})
	put := func(path, body string) { // by hand: no code of ours can write to a bucket
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("PUT %s: %v, %v", path, resp, err)
		}
		resp.Body.Close()
	}
	put("/trail", "")
	objects := map[string]string{}
	for i := range 30 {
		region := []string{"eu-west-1", "us-east-1"}[i%2]
		key := fmt.Sprintf("AWSLogs/o-abcdefghij/111122223333/CloudTrail/%s/2026/11/%02d/%d.json", region, 1+i%20, i)
		body := strings.Repeat("content ", i)
		put("/trail/"+key, body)
		if i%2 == 0 {
			objects[key] = body
		}
	}
	if err := c.Check(t.Context(), "s3://trail/AWSLogs/"); err != nil {
		t.Error(err)
	}
	g := collect(t, c, "s3://trail/AWSLogs/")
	if len(g.content) != len(objects) || len(g.missing) > 0 {
		t.Errorf("%d of %d, missing %v", len(g.content), len(objects), g.missing)
	}
	for key, want := range objects {
		if g.content[key] != want {
			t.Errorf("%s: %q", key, g.content[key])
		}
	}
	var none *LocationError
	if err := c.Check(t.Context(), "s3://elsewhere"); !errors.As(err, &none) || none.Reason != "there is no such bucket" {
		t.Errorf("%v", err)
	}
}
