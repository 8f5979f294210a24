package account

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/awsapi/awstest"
)

// options gather the small AWS, without waiting for LookupEvents.
func options(s *awstest.Server, dir string) Options {
	return Options{Dir: dir, Config: s.Config(), Now: func() time.Time { return awstest.Latest.Add(time.Hour) }, pace: rate.Inf}
}

func gatherAll(t *testing.T, o Options) Result {
	t.Helper()
	r, err := Collect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEveryStepBringsItsAnswer(t *testing.T) {
	s := awstest.New(t)
	dir := filepath.Join(t.TempDir(), "out")
	r := gatherAll(t, options(s, dir))
	if len(r.Missing) > 0 || r.Fatal != nil || !slices.Equal(r.Accounts, []string{awstest.Account}) {
		t.Errorf("%+v", r)
	}
	want := 1
	for _, s := range steps {
		switch {
		case s.org:
		case s.scope == perRegion:
			want += 2
		default:
			want++
		}
	}
	if r.Done != want {
		t.Errorf("%d steps were done, not %d", r.Done, want)
	}
	x, err := readIndex(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range x.Entries {
		if len(e.Files) == 0 {
			t.Errorf("%s in %s left no file", e.Action, e.Region)
		}
		for _, f := range e.Files {
			if sum, err := hashOf(filepath.Join(dir, filepath.FromSlash(f.Name))); sum != f.SHA256 || err != nil {
				t.Errorf("%s: %v, %s is not %s", f.Name, err, sum, f.SHA256)
			}
			for _, c := range f.Calls {
				if c.RequestID == "" || c.Time.IsZero() || c.Operation == "" {
					t.Errorf("%s: %+v", f.Name, c)
				}
			}
		}
	}
	// Where an answer was kept as it came, it can be had back.
	for _, e := range x.Entries {
		if e.Action != "guardduty:ListDetectors" {
			continue
		}
		for _, f := range e.Files {
			data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Name)))
			if err != nil {
				t.Fatal(err)
			}
			bare := regexp.MustCompile(`^\{"Collected":\{[^}]*\},`).ReplaceAll(data, []byte("{"))
			if sum := sha(bare); sum != f.Calls[0].SHA256 {
				t.Errorf("%s without the note is not the answer: %s", f.Name, bare)
			}
		}
	}
}

// The calls are those that the permissions speak of, neither more nor less, and
// none can change anything.
func TestCallsAreThoseThatAreListed(t *testing.T) {
	s := awstest.New(t)
	o := options(s, filepath.Join(t.TempDir(), "out"))
	o.Member = nil
	gatherAll(t, o)
	made := map[string]bool{}
	for _, c := range s.Calls() {
		made[c.Action] = true
	}
	delete(made, "sts:GetCallerIdentity")
	if got := slices.Sorted(maps.Keys(made)); !slices.Equal(got, Actions()) {
		t.Errorf("made %q\nlisted %q", got, Actions())
	}
	reads := regexp.MustCompile(`^[a-z0-9-]+:(Get|List|Describe|Lookup|BatchGet)[A-Za-z]+$`)
	for _, action := range slices.Concat(Actions(), OrgActions()) {
		if !reads.MatchString(action) && action != "iam:GenerateCredentialReport" {
			t.Errorf("%s may change an account", action)
		}
	}
}

// Each permission is needed: without it, something is missing and said to be.
func TestEachPermissionIsNeeded(t *testing.T) {
	for _, action := range Actions() {
		s := awstest.New(t)
		s.Events = 1
		s.Allowed = map[string]bool{}
		for _, a := range Actions() {
			s.Allowed[a] = a != action
		}
		r := gatherAll(t, options(s, filepath.Join(t.TempDir(), "out")))
		_, op, _ := strings.Cut(action, ":")
		if !slices.ContainsFunc(r.Missing, func(e Entry) bool { return e.Status == Refused && strings.HasPrefix(e.Reason, op) }) {
			t.Errorf("without %s nothing is missing: %+v", action, r.Missing)
		}
	}
}

func TestTroubleBecomesALimit(t *testing.T) {
	for name, c := range map[string]struct {
		fault func(w http.ResponseWriter, c awstest.Call, n int) bool
		want  map[string]Status // by "region action"; the rest is done
	}{
		"throttled for a while": {func(w http.ResponseWriter, c awstest.Call, n int) bool {
			if n > 2 || c.Action == "sts:GetCallerIdentity" {
				return false
			}
			awstest.Refuse(w, c, map[bool]string{true: "RequestLimitExceeded", false: "ThrottlingException"}[strings.HasPrefix(c.Action, "ec2")])
			return true
		}, nil},
		"a region denied": {func(w http.ResponseWriter, c awstest.Call, _ int) bool {
			if c.Region == "eu-west-1" {
				awstest.Refuse(w, c, map[bool]string{true: "UnauthorizedOperation", false: "AccessDeniedException"}[strings.HasPrefix(c.Action, "ec2")])
			}
			return c.Region == "eu-west-1"
		}, map[string]Status{"eu-west-1 *": Refused}},
		"an instance that ended after it was listed": {func(w http.ResponseWriter, c awstest.Call, _ int) bool {
			if c.Action == "ec2:DescribeInstanceAttribute" {
				awstest.Refuse(w, c, "InvalidInstanceID.NotFound")
			}
			return c.Action == "ec2:DescribeInstanceAttribute"
		}, nil},
		"a service not in use": {func(w http.ResponseWriter, c awstest.Call, _ int) bool {
			if c.Action == "securityhub:GetFindings" {
				awstest.Refuse(w, c, "InvalidAccessException")
			}
			return c.Action == "securityhub:GetFindings"
		}, map[string]Status{"us-east-1 securityhub:GetFindings": NotInUse, "eu-west-1 securityhub:GetFindings": NotInUse}},
		"no detector": {func(w http.ResponseWriter, c awstest.Call, _ int) bool {
			none := c.Action == "guardduty:ListDetectors"
			if none {
				io.WriteString(w, `{"detectorIds":[]}`)
			}
			return none
		}, map[string]Status{"us-east-1 guardduty:ListDetectors": NotInUse, "eu-west-1 guardduty:ListDetectors": NotInUse}},
		"the server breaks": {func(w http.ResponseWriter, c awstest.Call, _ int) bool {
			if c.Action == "ce:GetCostAndUsage" {
				w.WriteHeader(http.StatusNotImplemented)
			}
			return c.Action == "ce:GetCostAndUsage"
		}, map[string]Status{"global ce:GetCostAndUsage": Failed}},
		"stale page tokens": {func(w http.ResponseWriter, c awstest.Call, n int) bool {
			stale := c.Action == "cloudtrail:LookupEvents" && strings.Contains(c.Input, "NextToken") && n%3 == 2
			if stale {
				awstest.Refuse(w, c, "InvalidNextTokenException")
			}
			return stale
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := awstest.New(t)
			s.Fault = c.fault
			dir := filepath.Join(t.TempDir(), "out")
			gatherAll(t, options(s, dir))
			x, err := readIndex(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range x.Entries {
				want := Done
				for _, key := range []string{e.Region + " *", e.Region + " " + e.Action} {
					if s, ok := c.want[key]; ok {
						want = s
					}
				}
				if e.Status != want || (want != Done) != (e.Reason != "") {
					t.Errorf("%s in %s: %s (%s), want %s", e.Action, e.Region, e.Status, e.Reason, want)
				}
			}
			if got := events(t, dir)["us-east-1"]; got != s.Events {
				t.Errorf("%d different events, want %d", got, s.Events)
			}
		})
	}
}

// events counts the different events of a folder by region.
func events(t *testing.T, dir string) map[string]int {
	t.Helper()
	seen := map[string]map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasPrefix(d.Name(), "lookup-events") {
			return err
		}
		data, err := os.ReadFile(path)
		region := filepath.Base(filepath.Dir(filepath.Dir(path)))
		for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
			var page struct{ Events []struct{ EventId string } }
			if err := json.Unmarshal([]byte(line), &page); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			for _, e := range page.Events {
				if seen[region] == nil {
					seen[region] = map[string]bool{}
				}
				seen[region][e.EventId] = true
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for r, ids := range seen {
		n[r] = len(ids)
	}
	return n
}

func TestCredentialsThatRunOut(t *testing.T) {
	s := awstest.New(t)
	s.Events = 700
	expired := func(w http.ResponseWriter, c awstest.Call, n int) bool {
		if c.Action == "cloudtrail:LookupEvents" && n > 5 {
			awstest.Refuse(w, c, "ExpiredTokenException")
			return true
		}
		return false
	}
	s.Fault = expired
	dir := filepath.Join(t.TempDir(), "out")
	r := gatherAll(t, options(s, dir))
	if r.Fatal == nil || len(r.Missing) != 2 {
		t.Fatalf("%+v", r)
	}
	before := events(t, dir)
	if before["us-east-1"] == 0 || before["us-east-1"] == s.Events {
		t.Errorf("%v events before", before)
	}
	// With new credentials, only what is missing is asked for.
	s.Fault = nil
	s.Forget()
	if r = gatherAll(t, options(s, dir)); r.Fatal != nil || len(r.Missing) > 0 {
		t.Errorf("%+v", r)
	}
	for _, c := range s.Calls() {
		if c.Action != "cloudtrail:LookupEvents" && c.Action != "sts:GetCallerIdentity" {
			t.Errorf("%s was asked again", c.Action)
		}
	}
	if n := len(s.Calls()); n > 2*10+2 {
		t.Errorf("%d calls to go on", n)
	}
	if got := events(t, dir); got["us-east-1"] != s.Events || got["eu-west-1"] != s.Events {
		t.Errorf("%v of %d events", got, s.Events)
	}
}

func TestInterruptedAndGoneOnWith(t *testing.T) {
	s := awstest.New(t)
	dir := filepath.Join(t.TempDir(), "out")
	ctx, cancel := context.WithCancel(t.Context())
	s.Fault = func(_ http.ResponseWriter, c awstest.Call, n int) bool {
		if c.Action == "ec2:DescribeVolumes" {
			cancel()
		}
		return false
	}
	if _, err := Collect(ctx, options(s, dir)); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	s.Fault = nil
	s.Forget()
	if r := gatherAll(t, options(s, dir)); len(r.Missing) > 0 {
		t.Errorf("%+v", r)
	}
	for _, c := range s.Calls() {
		if strings.HasPrefix(c.Action, "iam:") {
			t.Errorf("%s was asked again", c.Action)
		}
	}
}

func TestAFolderOfSomethingElseIsRefused(t *testing.T) {
	s := awstest.New(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Collect(t.Context(), options(s, dir)); err == nil || len(s.Calls()) > 0 {
		t.Errorf("%v", err)
	}
}

// found is what reading a collection gives.
func found(t *testing.T, dir string) (artifacts, missing map[string]string) {
	t.Helper()
	artifacts, missing = map[string]string{}, map[string]string{}
	err := Folder{}.Collect(t.Context(), dir, func(i source.Item) error {
		return i.Artifacts(t.Context(), func(f source.Found) error {
			if f.Artifact.Kind == evidence.KindUnreadable {
				missing[f.Artifact.URI] = f.Artifact.Reason
			} else {
				artifacts[f.Artifact.URI] = f.Artifact.ID
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return artifacts, missing
}

func TestCollectionsAreReadByOrigin(t *testing.T) {
	s := awstest.New(t)
	s.Allowed = map[string]bool{}
	for _, a := range Actions() {
		s.Allowed[a] = a != "guardduty:ListDetectors"
	}
	dir := filepath.Join(t.TempDir(), "out")
	gatherAll(t, options(s, dir))
	if !(Folder{}).Holds(dir) || (Folder{}).Holds(filepath.Dir(dir)) {
		t.Error("a collection is not told apart")
	}
	name := "111122223333/us-east-1/ec2/describe-instances.json"
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("by hand"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash("111122223333/us-east-1/ec2/describe-volumes.json")), []byte(`{"Volumes":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	artifacts, missing := found(t, dir)
	if artifacts["aws://"+name] == "" || artifacts[filepath.Join(dir, "notes.txt")] == "" {
		t.Errorf("%v", artifacts)
	}
	if _, ok := artifacts[filepath.Join(dir, indexName)]; ok {
		t.Error("the index is no evidence of the account")
	}
	for uri, want := range map[string]string{
		"aws://111122223333/us-east-1/guardduty:ListDetectors":            "ListDetectors: the credentials may not make this call",
		"aws://111122223333/eu-west-1/guardduty:ListDetectors":            "could not be gathered",
		"aws://111122223333/us-east-1/ec2/describe-volumes.json#gathered": "not what was gathered",
	} {
		if !strings.Contains(missing[uri], want) {
			t.Errorf("%s: %q", uri, missing[uri])
		}
	}
	if len(missing) != 3 {
		t.Errorf("%v", missing)
	}
}

// An index is hostile where somebody else made it.
func TestAnIndexDoesNotLeadOutside(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret.json")
	inside := filepath.Join(dir, "in")
	if err := errors.Join(os.Mkdir(inside, 0o700), os.WriteFile(secret, []byte("{}"), 0o600), os.WriteFile(filepath.Join(inside, indexName),
		[]byte(`{"format":"trailhound.collection/v1","entries":[{"status":"done","files":[{"name":"../secret.json"},{"name":"`+filepath.ToSlash(secret)+`"}]}]}`), 0o600)); err != nil {
		t.Fatal(err)
	}
	if artifacts, missing := found(t, inside); len(artifacts) > 0 || len(missing) > 0 {
		t.Errorf("%v, %v", artifacts, missing)
	}
	for _, bad := range []string{`{`, `{"format":"other"}`, `{"format":"trailhound.collection/v1","entries":[null]}`} {
		if err := os.WriteFile(filepath.Join(inside, indexName), []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if (Folder{}).Holds(inside) {
			t.Errorf("%s is taken for an index", bad)
		}
	}
}

// Who hands over a collection may have put links and pipes into it: neither is followed,
// listed or not, nor a folder that is a link.
func TestACollectionDoesNotLeadOutsideByLinks(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	if err := errors.Join(
		os.WriteFile(filepath.Join(outside, "secret.json"), []byte("{}"), 0o600),
		os.Symlink(outside, filepath.Join(dir, "folder")), os.Symlink(outside, filepath.Join(dir, "beside")),
		os.Symlink(filepath.Join(outside, "secret.json"), filepath.Join(dir, "file.json")),
		syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600),
		os.WriteFile(filepath.Join(dir, indexName), []byte(`{"format":"trailhound.collection/v1","entries":[{"status":"done",
			"files":[{"name":"folder/secret.json"},{"name":"file.json"},{"name":"gone.json"},{"name":"pipe"},{"name":"pipe"}]}]}`), 0o600),
	); err != nil {
		t.Fatal(err)
	}
	artifacts, missing := found(t, dir)
	if len(artifacts) > 0 {
		t.Errorf("read %v", artifacts)
	}
	want := map[string]string{
		"aws://file.json": "symbolic link", "aws://gone.json": "no such file", "aws://pipe": "named pipe",
		"aws://folder/secret.json": "symbolic link", filepath.Join(dir, "beside"): "symbolic link",
	}
	for uri, why := range want {
		if !strings.Contains(missing[uri], why) {
			t.Errorf("%s: %q, not %q", uri, missing[uri], why)
		}
	}
	if len(missing) != len(want) {
		t.Errorf("%v", missing)
	}
}
