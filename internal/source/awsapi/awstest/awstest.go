// Package awstest is a small AWS for tests: one account with a little of
// everything, served in process in the wire formats of the services. It records
// every call, allows only what it is told to, and fails on demand.
//
// It is kept honest from outside: the AWS CLI is driven against it where it is
// installed, and moto answers the same questions where it can.
package awstest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// Account is the account that is served.
const Account = "111122223333"

// Call is one request that reached the server.
type Call struct {
	Action string // as IAM names it
	Region string // that it was signed for
	Input  string // body or query, as sent
}

// Server is the small AWS.
type Server struct {
	URL string

	// Allowed are the actions that are not refused; nil allows all.
	Allowed map[string]bool
	// Fault may answer a call in the server's place; n counts the calls of this
	// action in this region from 1.
	Fault func(w http.ResponseWriter, c Call, n int) bool
	// Events is how many events each region's history holds.
	Events int
	// History, if set, is the history of us-east-1 in place of made-up events:
	// CloudTrail records, the newest first. Other regions then have none.
	History []string

	mu    sync.Mutex
	calls []Call
	count map[string]int
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	s := &Server{count: map[string]int{}, Events: 120}
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Config signs as somebody in the account.
func (s *Server) Config() aws.Config {
	hasty := func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff, o.RateLimiter = 4, time.Millisecond, ratelimit.None
		})
	}
	return aws.Config{Region: "us-east-1", BaseEndpoint: &s.URL, Retryer: hasty, Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}, nil
	})}
}

// Calls are those that reached the server so far, in order.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// Forget forgets the calls so far.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls, s.count = nil, map[string]int{}
}

// member is the key of a session in another account of the organisation, as
// AssumeRole gives it out.
var member = regexp.MustCompile(`Credential=ASIA([0-9]{12})/`)

// scope is the credential scope of a signature: region and service.
var scope = regexp.MustCompile(`Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request`)

// ActionOf tells the region and the action of a signed request, "" if it is not
// signed.
func ActionOf(r *http.Request, body []byte) (region, action string) {
	m := scope.FindStringSubmatch(r.Header.Get("Authorization"))
	if m == nil {
		return "", ""
	}
	op, _ := operationOf(m[2], r, body)
	return m[1], m[2] + ":" + op
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	region, action := ActionOf(r, body)
	if action == "" {
		http.Error(w, "not signed", http.StatusForbidden)
		return
	}
	service, op, _ := strings.Cut(action, ":")
	_, in := operationOf(service, r, body)
	c := Call{Action: action, Region: region, Input: string(body) + r.URL.RawQuery}
	s.mu.Lock()
	s.calls = append(s.calls, c)
	s.count[c.Action+region]++
	n := s.count[c.Action+region]
	refused := s.Allowed != nil && !s.Allowed[c.Action] && c.Action != "sts:GetCallerIdentity" // which cannot be refused
	fault := s.Fault
	s.mu.Unlock()
	w.Header().Set("X-Amzn-Requestid", fmt.Sprintf("request-%s-%s-%d", op, region, n))
	if fault != nil && fault(w, c, n) {
		return
	}
	if refused {
		Refuse(w, c, denial(service))
		return
	}
	text, ok := s.answer(c, in)
	if m := member.FindStringSubmatch(r.Header.Get("Authorization")); m != nil { // the same, in another account
		text = strings.ReplaceAll(text, Account, m[1])
	}
	if !ok {
		Refuse(w, c, "UnknownOperationException")
		return
	}
	fmt.Fprint(w, text)
}

// operationOf tells the call and its input from the request.
func operationOf(service string, r *http.Request, body []byte) (string, url.Values) {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndexByte(target, '.')+1:], nil
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		in, _ := url.ParseQuery(string(body))
		return in.Get("Action"), in
	}
	for _, rest := range []struct{ service, method, path, op string }{
		{"guardduty", "GET", `/detector`, "ListDetectors"},
		{"guardduty", "POST", `/detector/[^/]+/findings`, "ListFindings"},
		{"guardduty", "POST", `/detector/[^/]+/findings/get`, "GetFindings"},
		{"access-analyzer", "GET", `/analyzer`, "ListAnalyzers"},
		{"access-analyzer", "POST", `/findingv2`, "ListFindings"}, // as IAM names the permission
		{"securityhub", "POST", `/findings`, "GetFindings"},
	} {
		if ok, _ := regexp.MatchString("^"+rest.path+"/?$", r.URL.Path); ok && rest.service == service && rest.method == r.Method {
			return rest.op, nil
		}
	}
	return r.Method + r.URL.Path, nil
}

func denial(service string) string {
	switch service {
	case "iam", "sts":
		return "AccessDenied"
	case "ec2":
		return "UnauthorizedOperation"
	}
	return "AccessDeniedException"
}

// Refuse answers with an error in the service's way.
func Refuse(w http.ResponseWriter, c Call, code string) {
	service, _, _ := strings.Cut(c.Action, ":")
	message := "User: arn:aws:iam::" + Account + ":user/test is not authorized to perform: " + c.Action
	switch service {
	case "iam", "sts":
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>r</RequestId></ErrorResponse>`, code, message)
	case "ec2":
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `<Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors><RequestID>r</RequestID></Response>`, code, message)
	case "guardduty", "securityhub", "access-analyzer":
		w.Header().Set("X-Amzn-Errortype", code)
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `{"message":%q}`, message)
	default:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":%q,"message":%q}`, code, message)
	}
}
