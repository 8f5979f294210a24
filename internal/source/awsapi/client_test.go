package awsapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
)

// client is a thin client of a server of the test's own.
func client(t *testing.T, serve http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)
	return New(aws.Config{
		Region: "eu-west-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}, nil
		}),
	}, time.Now)
}

func TestOnlyListedCallsAreSent(t *testing.T) {
	sent := 0
	c := client(t, func(w http.ResponseWriter, _ *http.Request) { sent++; io.WriteString(w, `{}`) })
	for _, call := range []Call{
		{Service: "codebuild", Operation: "UpdateWebhook"},
		{Service: "codebuild", Operation: "updateWebhook"},
		{Service: "codebuild", Operation: "BatchGetProjects "},
		{Service: "cloudtrail", Operation: "StopLogging"},
		{Service: "guardduty", Operation: "DeleteDetector"},
		{Service: "iam", Operation: "ListUsers"},
		{Service: "", Operation: "cloudtrail:LookupEvents"},
		{Service: "cloudtrail:LookupEvents", Operation: ""},
	} {
		if _, err := c.Call(t.Context(), call); !errors.Is(err, ErrNotListed) {
			t.Errorf("%v: %v", call, err)
		}
		if err := Pages(t.Context(), c, call, func(Answer) error { return nil }); !errors.Is(err, ErrNotListed) {
			t.Errorf("pages of %v: %v", call, err)
		}
	}
	if sent > 0 {
		t.Errorf("%d calls were sent", sent)
	}
}

func TestTableIsWhole(t *testing.T) {
	names := Operations()
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("not sorted, or twice: %v", names)
	}
	for _, o := range operations {
		service, _, _ := strings.Cut(o.name, ":")
		s, ok := services[service]
		if !ok {
			t.Errorf("%s: no such service", o.name)
		}
		rest := s.Target == "" && s.Version == ""
		if (s.Version != "") != (o.shape != "") || o.shape != "" && shapes()[o.shape] == nil {
			t.Errorf("%s: the form of its answer: %+v", o.name, o)
		}
		if rest != (o.method != "") || rest != (o.path != "") || (o.in == "") != (o.out == "") {
			t.Errorf("%s: half an entry: %+v", o.name, o)
		}
	}
}

func TestInputsGoWhereTheyBelong(t *testing.T) {
	var got string
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = r.Method + " " + r.URL.RequestURI() + " " + string(body)
		io.WriteString(w, `{}`)
	})
	for want, call := range map[string]Call{
		`POST / {"MaxResults":50}`: {Service: "cloudtrail", Operation: "LookupEvents", Input: Input{"MaxResults": 50}},
		`POST / {}`:                {Service: "codebuild", Operation: "ListProjects"},
		`GET /detector?maxResults=50&nextToken=a%2Fb `:  {Service: "guardduty", Operation: "ListDetectors", Input: Input{"nextToken": "a/b", "maxResults": 50}},
		`POST /detector/abc/findings {"maxResults":50}`: {Service: "guardduty", Operation: "ListFindings", Input: Input{"detectorId": "abc", "maxResults": 50}},
		// A hostile value stays one segment of the path.
		`POST /detector/..%2F..%2Fx/findings {}`: {Service: "guardduty", Operation: "ListFindings", Input: Input{"detectorId": "../../x"}},
	} {
		in := call.Input
		before := fmt.Sprint(in)
		if _, err := c.Call(t.Context(), call); err != nil || got != want {
			t.Errorf("sent %q, want %q; %v", got, want, err)
		}
		if fmt.Sprint(in) != before {
			t.Error("the caller's input was changed")
		}
	}
	got = ""
	for _, bad := range []any{nil, "", ".", "..", 7} {
		if _, err := c.Call(t.Context(), Call{Service: "guardduty", Operation: "GetDetector", Input: Input{"detectorId": bad}}); err == nil || got != "" {
			t.Errorf("detectorId %v was sent: %s", bad, got)
		}
	}
}

func TestPages(t *testing.T) {
	pages := map[string]string{"": `{"projects":["a"],"nextToken":"2"}`, "2": `{"projects":["b"],"nextToken":"3"}`, "3": `{"projects":["c"],"nextToken":null}`}
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		var in struct{ NextToken, SortBy string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.SortBy != "NAME" {
			t.Errorf("%+v, %v", in, err)
		}
		io.WriteString(w, pages[in.NextToken])
	})
	read := func() (got []string, err error) {
		err = Pages(t.Context(), c, Call{Service: "codebuild", Operation: "ListProjects", Input: Input{"sortBy": "NAME"}}, func(a Answer) error {
			got = append(got, string(a.Body))
			return nil
		})
		return got, err
	}
	if got, err := read(); err != nil || len(got) != 3 || got[2] != pages["3"] {
		t.Errorf("%q, %v", got, err)
	}
	pages["3"] = `{"nextToken":"2"}` // in a circle
	if got, err := read(); !errors.Is(err, ErrPageRepeats) || len(got) != 3 {
		t.Errorf("%q, %v", got, err)
	}
	stop := errors.New("enough")
	if err := Pages(t.Context(), c, Call{Service: "codebuild", Operation: "ListProjects", Input: Input{"sortBy": "NAME"}}, func(Answer) error { return stop }); err != stop {
		t.Errorf("%v", err)
	}
}

func TestTroubleIsTold(t *testing.T) {
	for code, want := range map[string]Trouble{
		"AccessDeniedException": Refused, "ExpiredTokenException": Expired, "UnrecognizedClientException": Invalid,
		"ThrottlingException": Throttled, "InvalidAccessException": NotInUse, "InvalidNextTokenException": StalePage, "InternalFailure": Other,
	} {
		err := fmt.Errorf("a call: %w", &smithy.GenericAPIError{Code: code, Message: "words"})
		if got := TroubleOf(err); got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
		if s := Explain(err); !strings.Contains(s, code) || strings.HasSuffix(s, ".") {
			t.Errorf("%s: %q", code, s)
		}
	}
	c := client(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403); io.WriteString(w, "<html>") })
	if _, err := c.Call(t.Context(), Call{Service: "cloudtrail", Operation: "DescribeTrails"}); TroubleOf(err) != Refused {
		t.Errorf("a bare 403: %v", err)
	}
	if s := Explain(context.DeadlineExceeded); s != "AWS did not answer in time" {
		t.Error(s)
	}
}
