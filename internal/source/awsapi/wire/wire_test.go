package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
)

// served is a service in memory: time in these tests is that of synctest.
type served func(*http.Request) (*http.Response, error)

func (s served) Do(r *http.Request) (*http.Response, error) { return s(r) }

func response(status int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

var (
	trail = Service{ID: "CloudTrail", Prefix: "cloudtrail", Signing: "cloudtrail", Target: "CloudTrail_20131101"}
	costs = Service{ID: "Cost Explorer", Prefix: "ce", Signing: "ce", Target: "AWSInsightsIndexService", Home: true}
	cloud = Service{ID: "EC2", Prefix: "ec2", Signing: "ec2", Version: "2016-11-15"}
	duty  = Service{ID: "GuardDuty", Prefix: "guardduty", Signing: "guardduty"}
)

func transport(client aws.HTTPClient) *Transport {
	return New(aws.Config{Region: "eu-west-1", HTTPClient: client, Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret", SessionToken: "token"}, nil
	})}, time.Now)
}

func TestCallsAreSignedAndSpelledAsTheProtocolsAsk(t *testing.T) {
	for name, c := range map[string]struct {
		request             Request
		url, target, accept string
		scope               string
	}{
		"json":    {Request{Service: trail, Operation: "LookupEvents", Body: []byte(`{}`)}, "POST https://cloudtrail.eu-west-1.amazonaws.com/", "CloudTrail_20131101.LookupEvents", "application/x-amz-json-1.1", "/eu-west-1/cloudtrail/aws4_request"},
		"home":    {Request{Service: costs, Operation: "GetCostAndUsage", Body: []byte(`{}`)}, "POST https://ce.us-east-1.amazonaws.com/", "AWSInsightsIndexService.GetCostAndUsage", "application/x-amz-json-1.1", "/us-east-1/ce/aws4_request"},
		"china":   {Request{Service: costs, Region: "cn-north-1", Operation: "GetCostAndUsage", Body: []byte(`{}`)}, "POST https://ce.cn-northwest-1.amazonaws.com.cn/", "AWSInsightsIndexService.GetCostAndUsage", "application/x-amz-json-1.1", "/cn-northwest-1/ce/aws4_request"},
		"rest":    {Request{Service: duty, Region: "us-gov-west-1", Operation: "GetFindings", Method: "POST", Path: "/detector/d%2F1/findings/get", Body: []byte(`{}`)}, "POST https://guardduty.us-gov-west-1.amazonaws.com/detector/d%2F1/findings/get", "", "application/json", "/us-gov-west-1/guardduty/aws4_request"},
		"ec2":     {Request{Service: cloud, Operation: "DescribeVolumes", Body: []byte(`Action=DescribeVolumes`)}, "POST https://ec2.eu-west-1.amazonaws.com/", "", "application/x-www-form-urlencoded; charset=utf-8", "/eu-west-1/ec2/aws4_request"},
		"restGet": {Request{Service: duty, Operation: "ListDetectors", Method: "GET", Path: "/detector?nextToken=a%2Fb"}, "GET https://guardduty.eu-west-1.amazonaws.com/detector?nextToken=a%2Fb", "", "", "/eu-west-1/guardduty/aws4_request"},
	} {
		t.Run(name, func(t *testing.T) {
			tr := transport(served(func(r *http.Request) (*http.Response, error) {
				if got := r.Method + " " + r.URL.String(); got != c.url {
					t.Errorf("sent %s, want %s", got, c.url)
				}
				if r.Header.Get("X-Amz-Target") != c.target || r.Header.Get("Content-Type") != c.accept {
					t.Errorf("headers %v", r.Header)
				}
				auth := r.Header.Get("Authorization")
				if !strings.HasPrefix(auth, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") || !strings.Contains(auth, c.scope) || r.Header.Get("X-Amz-Security-Token") != "token" {
					t.Errorf("signature %q, want scope %s", auth, c.scope)
				}
				if c.request.Service.Version != "" {
					return response(200, `<a><requestId>r-1</requestId></a>`, "Date", "Tue, 03 Nov 2026 10:00:00 GMT"), nil
				}
				return response(200, `{"a": 1}`, "X-Amzn-RequestId", "r-1", "Date", "Tue, 03 Nov 2026 10:00:00 GMT"), nil
			}))
			a, err := tr.Do(t.Context(), c.request)
			if err != nil {
				t.Fatal(err)
			}
			if want := map[bool]string{true: `<a><requestId>r-1</requestId></a>`, false: `{"a": 1}`}[c.request.Service.Version != ""]; string(a.Body) != want || a.SHA256 != hash(a.Body) || a.RequestID != "r-1" || a.Attempts != 1 || a.Time.Format(time.RFC3339) != "2026-11-03T10:00:00Z" {
				t.Errorf("%+v", a)
			}
		})
	}
}

// The SDK's adaptive mode rounds a wait down to nothing at times and asks again,
// which never ends where the clock stands still; so these tests of waiting use its
// standard mode. TestServicesSlowDownAlone sees that we use the other.
func TestWhatPassesIsTriedAgain(t *testing.T) {
	steady := func(client aws.HTTPClient) *Transport {
		tr := transport(client)
		tr.cfg.Retryer = func() aws.Retryer { return retry.NewStandard() }
		return tr
	}
	throttled := func() (*http.Response, error) {
		return response(400, `{"__type":"com.amazon#ThrottlingException","message":"Rate exceeded"}`), nil
	}
	for name, first := range map[string]func() (*http.Response, error){
		"throttle":    throttled,
		"unavailable": func() (*http.Response, error) { return response(503, `<html>busy</html>`), nil },
		"cut short":   func() (*http.Response, error) { return response(200, `{"Events":[`), nil },
		"connection":  func() (*http.Response, error) { return nil, errors.New("connection reset by peer") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				tr := steady(served(func(*http.Request) (*http.Response, error) {
					if calls++; calls < 3 {
						return first()
					}
					return response(200, `{}`), nil
				}))
				a, err := tr.Do(t.Context(), Request{Service: trail, Operation: "LookupEvents", Body: []byte(`{}`)})
				if err != nil || a.Attempts != 3 || calls != 3 {
					t.Errorf("%d calls, %d attempts, %v", calls, a.Attempts, err)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		tr := steady(served(func(*http.Request) (*http.Response, error) { calls++; return throttled() }))
		_, err := tr.Do(t.Context(), Request{Service: trail, Operation: "LookupEvents", Body: []byte(`{}`)})
		if codeOf(err) != "ThrottlingException" || calls != 3 {
			t.Errorf("after %d calls: %v", calls, err)
		}
	})
}

func TestServicesSlowDownAlone(t *testing.T) {
	tr := transport(nil)
	one, other := tr.retryer("https://a"), tr.retryer("https://b")
	if _, ok := one.(*retry.AdaptiveMode); !ok || one == other || tr.retryer("https://a") != one {
		t.Errorf("%T, %p, %p", one, one, other)
	}
}

func TestRefusalsAreNotTriedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		answer *http.Response
		code   string
	}{
		"type with namespace": {response(400, `{"__type":"com.amazonaws.cloudtrail#AccessDeniedException","Message":"no"}`, "X-Amzn-Requestid", "r"), "AccessDeniedException"},
		"header":              {response(403, `{"message":"no"}`, "X-Amzn-ErrorType", "AccessDeniedException:http://internal.amazon.com/"), "AccessDeniedException"},
		"code":                {response(403, `{"code":"ExpiredTokenException","message":"no"}`), "ExpiredTokenException"},
		"no AWS at all":       {response(403, `<html>proxy</html>`), "HTTP403"},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			tr := transport(served(func(*http.Request) (*http.Response, error) { calls++; return c.answer, nil }))
			_, err := tr.Do(t.Context(), Request{Service: trail, Operation: "LookupEvents", Body: []byte(`{}`)})
			var api smithy.APIError
			if !errors.As(err, &api) || api.ErrorCode() != c.code || calls != 1 {
				t.Errorf("%d calls, %v", calls, err)
			}
		})
	}
}

func TestAWrongClockIsCorrectedOnce(t *testing.T) {
	at := time.Date(2026, 11, 3, 10, 0, 0, 0, time.UTC)
	var dates []string
	refuse := 1
	tr := transport(served(func(r *http.Request) (*http.Response, error) {
		dates = append(dates, r.Header.Get("X-Amz-Date"))
		if len(dates) <= refuse {
			return response(403, `{"__type":"InvalidSignatureException"}`, "Date", "Tue, 03 Nov 2026 13:00:00 GMT"), nil
		}
		return response(200, `{}`), nil
	}))
	tr.now = func() time.Time { return at }
	if _, err := tr.Do(t.Context(), Request{Service: trail, Operation: "DescribeTrails", Body: []byte(`{}`)}); err != nil {
		t.Fatal(err)
	}
	if len(dates) != 2 || dates[0] != "20261103T100000Z" || dates[1] != "20261103T130000Z" || tr.Skew() != 3*time.Hour {
		t.Errorf("signed at %v, skew %s", dates, tr.Skew())
	}
	// The clock is right now: a refusal is a refusal.
	dates, refuse = nil, 5
	if _, err := tr.Do(t.Context(), Request{Service: trail, Operation: "DescribeTrails", Body: []byte(`{}`)}); codeOf(err) != "InvalidSignatureException" || len(dates) != 1 {
		t.Errorf("%d calls: %v", len(dates), err)
	}
}

// ownEndpoint is what the SDK's configuration sources look like.
type ownEndpoint map[string]string

func (o ownEndpoint) GetServiceBaseEndpoint(_ context.Context, id string) (string, bool, error) {
	url, ok := o[id]
	return url, ok, nil
}

func TestEndpoints(t *testing.T) {
	tr := transport(nil)
	all := "http://127.0.0.1:5000/"
	tr.cfg.BaseEndpoint = &all
	tr.cfg.ConfigSources = []any{ownEndpoint{"CloudTrail": "http://127.0.0.1:6000"}, "something else"}
	for service, want := range map[Service]string{trail: "http://127.0.0.1:6000", duty: "http://127.0.0.1:5000"} {
		if got, _, err := tr.endpoint(t.Context(), Request{Service: service}); got != want || err != nil {
			t.Errorf("%s: %s, %v", service.ID, got, err)
		}
	}
	for _, region := range []string{"eu-west-1.evil.example/", "EU", "a b"} {
		if got, _, err := tr.endpoint(t.Context(), Request{Service: duty, Region: region}); err == nil {
			t.Errorf("region %q led to %s", region, got)
		}
	}
	tr.cfg.Region = ""
	if _, err := tr.Do(t.Context(), Request{Service: duty}); err == nil {
		t.Error("a call without a region was made")
	}
}

func TestCanceledCallsEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	tr := transport(served(func(*http.Request) (*http.Response, error) { cancel(); return response(503, ``), nil }))
	if _, err := tr.Do(ctx, Request{Service: trail, Operation: "LookupEvents"}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestRefusalsInXML(t *testing.T) {
	for name, c := range map[string]struct {
		answer *http.Response
		code   string
	}{
		"refused":  {response(403, `<?xml version="1.0"?><Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors><RequestID>r</RequestID></Response>`), "UnauthorizedOperation"},
		"a proxy":  {response(403, `<html>proxy</html>`), "HTTP403"},
		"broken":   {response(403, `<Response><Errors>`), "HTTP403"},
		"no XML":   {response(200, `{"a":1}`), ""},
		"cut":      {response(200, `<DescribeVolumesResponse><volumeSet>`), ""},
		"no bytes": {response(200, ``), ""},
	} {
		t.Run(name, func(t *testing.T) {
			tr := transport(served(func(*http.Request) (*http.Response, error) { return c.answer, nil }))
			tr.cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
			_, err := tr.Do(t.Context(), Request{Service: cloud, Operation: "DescribeVolumes", Body: []byte("x")})
			if err == nil || codeOf(err) != c.code {
				t.Errorf("%v, want %q", err, c.code)
			}
		})
	}
}
