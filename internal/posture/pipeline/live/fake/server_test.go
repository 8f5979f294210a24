package fake

import (
	"net/http"
	"strings"
	"testing"
)

// TestTrailHoldsRefusals: a write that was refused stands in the trail with its error,
// whichever of create, update and delete it is; what only reads does not stand there.
func TestTrailHoldsRefusals(t *testing.T) {
	s := New(t)
	for _, op := range []string{"CreateWebhook", "UpdateWebhook", "DeleteWebhook", "ListProjects"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, strings.NewReader(map[bool]string{true: `{}`, false: `{"projectName":"gone"}`}[op == "ListProjects"]))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Amz-Target", "CodeBuild_20161006."+op)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=key/20261102/eu-west-1/codebuild/aws4_request")
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	var got []string
	for _, rec := range s.Trail() {
		for _, op := range []string{"CreateWebhook", "UpdateWebhook", "DeleteWebhook", "ListProjects"} {
			if text := string(rec); strings.Contains(text, `"eventName":"`+op+`"`) && strings.Contains(text, `"errorCode"`) {
				got = append(got, op)
			}
		}
	}
	if want := "CreateWebhook UpdateWebhook DeleteWebhook"; strings.Join(got, " ") != want {
		t.Errorf("the trail holds %q, want %s", got, want)
	}
}
