package fake

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Account is the account of everything in the fake.
const Account = "111122223333"

// page is how many names or ids one page of a listing holds, as at the service.
const page = 100

// Object is a structure of the API.
// It is kept as decoded JSON and not in the SDK's types: a member that those types
// do not know must still be seen, to be refused.
type Object = map[string]any

// Server is the fake. Its fields may be set before it is used, and Faults at any
// time under Lock.
type Server struct {
	URL string

	// mu guards all that follows. It is held during a whole call, so calls are one
	// after the other, as if CodeBuild had a single writer.
	mu      sync.Mutex
	regions map[string]*region
	trail   []json.RawMessage
	calls   map[string]int
	busy    int
	now     time.Time
	asked   map[string]bool
	Faults  Faults
	Around  Around
}

// Faults are what goes wrong.
type Faults struct {
	Throttle int             // every so-manieth call is throttled; 0 for none
	Denied   map[string]bool // regions in which nothing is allowed
	Allowed  map[string]bool // the only actions that are, as IAM names them; nil for all
	Lost     map[string]int  // operation to how many answers get lost after the work was done: 500
	Failing  map[string]int  // operation to how many calls fail before any work: 400 InvalidInputException
	// Mangle changes what a call asks for before it is done, as a middleman would or
	// a service that stores something else than it was given.
	Mangle func(operation string, in Object)
	After  func(operation string) // somebody else at work, called under lock after a call; see Server.Edit
}

type region struct {
	projects    map[string]Object
	credentials []Object
	builds      map[string]Object
}

// New starts a fake that ends with the test.
func New(t testing.TB) *Server {
	s := &Server{regions: map[string]*region{}, calls: map[string]int{}, asked: map[string]bool{}, now: time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	s.URL = h.URL
	return s
}

func (s *Server) region(name string) *region {
	r := s.regions[name]
	if r == nil {
		r = &region{projects: map[string]Object{}, builds: map[string]Object{}}
		s.regions[name] = r
	}
	return r
}

// Project puts a project in place, with the members given over what a small one
// has.
func (s *Server) Project(regionName, name string, with Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := Object{"name": name, "arn": arn(regionName, name), "serviceRole": "arn:aws:iam::" + Account + ":role/" + name,
		"source":    Object{"type": "GITHUB", "location": "https://github.com/acme/" + name + ".git"},
		"artifacts": Object{"type": "NO_ARTIFACTS"}, "environment": Object{"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0", "computeType": "BUILD_GENERAL1_SMALL"},
		"tags": []any{}, "lastModified": float64(s.now.Unix())}
	maps.Copy(p, with)
	s.region(regionName).projects[name] = p
}

// Credential puts a source credential in place.
func (s *Server) Credential(regionName string, c Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.region(regionName)
	r.credentials = append(r.credentials, c)
}

// Build puts a build in place; its id begins with the project's name and a colon.
func (s *Server) Build(regionName, id string, b Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b["id"] = id
	b["projectName"], _, _ = strings.Cut(id, ":")
	s.region(regionName).builds[id] = b
}

// Webhook is a copy of a project's webhook, nil if it has none.
func (s *Server) Webhook(regionName, name string) Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, _ := s.region(regionName).projects[name]["webhook"].(Object)
	return clone(w)
}

// Edit changes a project behind everybody's back. From within Faults.After use
// EditLocked.
func (s *Server) Edit(regionName, name string, edit func(project Object)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.EditLocked(regionName, name, edit)
}

// EditLocked is Edit for who already is inside a call.
func (s *Server) EditLocked(regionName, name string, edit func(project Object)) {
	edit(s.region(regionName).projects[name])
}

// Calls is how often an operation was asked for, throttled calls included.
func (s *Server) Calls(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[operation]
}

// Asked are the actions that were asked for, as IAM names them, sorted.
func (s *Server) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.asked))
}

// Trail is the CloudTrail records of the writes so far.
func (s *Server) Trail() []json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.trail)
}

// Through JSON, so that numbers become float64 as they do in a request: what is
// stored and what is sent compare equal.
func clone(o Object) Object {
	if o == nil {
		return nil
	}
	data, err := json.Marshal(o)
	if err != nil {
		return nil
	}
	var out Object
	_ = json.Unmarshal(data, &out)
	return out
}

func arn(region, name string) string {
	return "arn:aws:codebuild:" + region + ":" + Account + ":project/" + name
}

// The region and service of a call stand in the scope of its signature only: all
// clients are pointed at one address. Signatures are not checked.
var scope = regexp.MustCompile(`Credential=([^/]+)/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request`)

// fault is an error answer.
type fault struct {
	status  int
	code    string
	message string
}

// Error is the code and message.
func (f *fault) Error() string { return f.code + ": " + f.message }

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	w.Header().Set("X-Amzn-Requestid", "fake")
	// GetCallerIdentity is answered outside the lock and the faults: the AWS command
	// line asks before its first call, and it counts for nothing.
	if m := scope.FindStringSubmatch(r.Header.Get("Authorization")); m != nil && m[3] == "sts" {
		w.Header().Set("Content-Type", "text/xml")
		fmt.Fprintf(w, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::%[1]s:user/fake</Arn><UserId>AIDAFAKEFAKEFAKEFAKE0</UserId><Account>%[1]s</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`, Account)
		return
	}
	service := ""
	if m := scope.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		service = m[3]
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if service == "ec2" || service == "iam" {
		w.Header().Set("Content-Type", "text/xml")
	}
	out, err := s.answer(r, service, body)
	if err != nil {
		f, ok := err.(*fault)
		if !ok {
			f = &fault{400, "InvalidInputException", err.Error()}
		}
		refuse(w, service, f)
		return
	}
	fmt.Fprint(w, out)
}

// actionOf is the operation of a request.
func actionOf(r *http.Request, body []byte) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndexByte(target, '.')+1:]
	}
	form, _ := url.ParseQuery(string(body))
	return form.Get("Action")
}

// targets are the services that the fake speaks for, with the prefix of their
// operations; "" for those that speak XML.
var targets = map[string]string{"codebuild": "CodeBuild_20161006", "codepipeline": "CodePipeline_20150709", "secretsmanager": "secretsmanager", "ssm": "AmazonSSM", "ec2": "", "iam": ""}

func (s *Server) answer(r *http.Request, service string, body []byte) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := scope.FindStringSubmatch(r.Header.Get("Authorization"))
	if m == nil {
		return "", &fault{403, "MissingAuthenticationTokenException", "the request is not signed"}
	}
	op := actionOf(r, body)
	target, known := targets[service]
	if prefix, _, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); r.Method != http.MethodPost || !known || prefix != target {
		return "", &fault{400, "UnknownOperationException", "the fake has no " + service + " " + op}
	}
	// Counted before any fault, so that a test sees how often a throttled call was
	// tried again.
	s.calls[op]++
	s.asked[service+":"+op] = true
	if s.busy++; s.Faults.Throttle > 0 && s.busy%s.Faults.Throttle == 0 {
		return "", &fault{400, "ThrottlingException", "Rate exceeded"}
	}
	if s.Faults.Denied[m[2]] || s.Faults.Allowed != nil && !s.Faults.Allowed[service+":"+op] {
		return "", &fault{403, "AccessDeniedException", "User: arn:aws:iam::" + Account + ":user/fake is not authorized to perform: " + service + ":" + op + " with an explicit deny in a service control policy"}
	}
	if service != "codebuild" {
		return s.surroundings(r, service, op, body)
	}
	out, err := s.build(r, m, op, body)
	if err != nil {
		return "", err
	}
	data, err := json.Marshal(out)
	return string(data), err
}

// build answers CodeBuild. m is the scope of the signature.
func (s *Server) build(r *http.Request, m []string, op string, body []byte) (Object, error) {
	shape, ok := requests[op]
	if !ok {
		return nil, &fault{400, "UnknownOperationException", "the fake has no " + op}
	}
	var in Object
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, &fault{400, "SerializationException", err.Error()}
	}
	if err := shape.check(op, in); err != nil {
		return nil, err
	}
	if s.Faults.Failing[op] > 0 {
		s.Faults.Failing[op]--
		return nil, &fault{400, "InvalidInputException", "the fake was told to fail"}
	}
	if s.Faults.Mangle != nil {
		s.Faults.Mangle(op, in)
	}
	// One second for each call that gets this far, the finest that lastModified and
	// eventTime of CodeBuild tell apart.
	s.now = s.now.Add(time.Second)
	out, err := s.do(op, m[2], in)
	// CloudTrail keeps what was refused as well, with its error.
	if strings.HasPrefix(op, "Create") || strings.HasPrefix(op, "Update") || strings.HasPrefix(op, "Delete") {
		s.record(r, op, m[1], m[2], in, out, err)
	}
	if s.Faults.After != nil {
		s.Faults.After(op)
	}
	// The work is done and recorded by now: whoever tries again blindly does it
	// twice.
	if err == nil && s.Faults.Lost[op] > 0 {
		s.Faults.Lost[op]--
		return nil, &fault{500, "InternalFailure", "the answer got lost"}
	}
	return out, err
}

// paged cuts a sorted list.
func paged(all []string, in Object) ([]string, Object, error) {
	from := 0
	if token, ok := in["nextToken"].(string); ok {
		n, err := strconv.Atoi(strings.TrimPrefix(token, "page-"))
		if err != nil || n > len(all) {
			return nil, nil, &fault{400, "InvalidInputException", "the token is none of ours"}
		}
		from = n
	}
	out := Object{}
	to := min(from+page, len(all))
	if to < len(all) {
		out["nextToken"] = fmt.Sprintf("page-%d", to)
	}
	return all[from:to], out, nil
}
