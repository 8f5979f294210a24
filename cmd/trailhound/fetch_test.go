package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// trailBucket is a bucket in process with n files of a trail, one event each, and
// the same as a folder. Requests for objects are counted, and refused while
// there is a code in refuse and more than so many were answered.
type trailBucket struct {
	folder string
	gets   atomic.Int64
	allow  atomic.Int64
}

const keyForm = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/%02d/%d.json"

func newTrailBucket(t *testing.T, n int) *trailBucket {
	t.Helper()
	b := &trailBucket{folder: t.TempDir()}
	b.allow.Store(1 << 30)
	backend := s3mem.New()
	if err := backend.CreateBucket("trail"); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		day := 1 + i%20
		record := fmt.Sprintf(`{"Records":[{"eventVersion":"1.08","eventID":"00000000-0000-4000-8000-%012d","eventTime":"2026-11-%02dT10:00:00Z",
"eventSource":"s3.amazonaws.com","eventName":"ListBuckets","awsRegion":"us-east-1","recipientAccountId":"111122223333","sourceIPAddress":"192.0.2.7",
"userAgent":"aws-cli/2","eventType":"AwsApiCall","readOnly":true,"userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLEEXAMPLE00","arn":"arn:aws:iam::111122223333:user/ann","accountId":"111122223333","accessKeyId":"AKIAEXAMPLEEXAMPLE00","userName":"ann"}}]}`, i, day)
		key := fmt.Sprintf(keyForm, day, i)
		if _, err := backend.PutObject("trail", key, map[string]string{}, strings.NewReader(record), int64(len(record)), nil); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(b.folder, filepath.FromSlash(key))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(record), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	serve := gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !r.URL.Query().Has("list-type") && b.gets.Add(1) > b.allow.Load() {
			w.WriteHeader(400)
			fmt.Fprint(w, "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>")
			return
		}
		serve.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	awayFromHome(t, "[default]\nregion = us-east-1\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = s\nendpoint_url = "+server.URL+"\n")
	return b
}

// say runs a command line and gives its exit code and both outputs.
func say(t *testing.T, args ...string) (int, string, string) {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), args, quietApp(&out, &errs))
	return code, out.String(), errs.String()
}

func TestBucketsReadLikeFolders(t *testing.T) {
	b := newTrailBucket(t, 30)
	_, want, _ := say(t, "events", "--evidence", b.folder, "--format", "json")
	code, got, errs := say(t, "events", "--evidence", "s3://trail/AWSLogs/", "--format", "json")
	if code != 0 || got != want || strings.Count(got, "\n") != 30 {
		t.Errorf("exit %d, %d lines: %s", code, strings.Count(got, "\n"), errs)
	}
	store := filepath.Join(t.TempDir(), "st")
	code, got, errs = say(t, "import", "--store", store, "--since", "2026-11-02T00:00:00Z", "--until", "2026-11-03T00:00:00Z", "s3://trail")
	if code != 0 || !strings.Contains(got, "read 4 new artifacts") { // the 2nd and, for late delivery, the 3rd
		t.Errorf("exit %d: %s%s", code, got, errs)
	}
	for want, args := range map[string][]string{
		"is not an account id": {"--accounts", "123"}, "is not a region": {"--regions", "EU"}, "is not a time": {"--since", "yesterday"},
		"not before": {"--since", "2026-11-02T00:00:00Z", "--until", "2026-11-01T00:00:00Z"},
	} {
		if code, _, errs := say(t, append([]string{"import", "--store", store, "s3://trail"}, args...)...); code != exitUsage || !strings.Contains(errs, want) || !strings.Contains(errs, "hint: ") {
			t.Errorf("%v: exit %d: %s", args, code, errs)
		}
	}
}

func TestImportFromS3GoesOn(t *testing.T) {
	b := newTrailBucket(t, 100)
	store := filepath.Join(t.TempDir(), "st")
	b.allow.Store(40)
	code, out, errs := say(t, "import", "--store", store, "s3://trail")
	if code != exitFailed || !strings.Contains(out, "the store holds 40 events") || !strings.Contains(errs, "60 listed objects were not read") ||
		!strings.Contains(errs, "hint: sign in again and repeat the command") {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	b.allow.Store(1 << 30)
	b.gets.Store(0)
	code, out, errs = say(t, "import", "--store", store, "s3://trail")
	if code != 0 || !strings.Contains(out, "(40 known") || !strings.Contains(out, "the store holds 100 events") || strings.Contains(errs, "set aside") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	if n := b.gets.Load(); n != 60 {
		t.Errorf("%d objects were fetched for the 60 that were missing", n)
	}
	// An investigation without a store goes on with what it has, and says so.
	b.gets.Store(0)
	b.allow.Store(40)
	code, out, errs = say(t, "investigate", "--evidence", "s3://trail", "--no-input", "unusual calls from 192.0.2.7")
	if code != 0 || !strings.Contains(errs, "listed objects were not read") || !strings.Contains(out, "Some inputs could not be read") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}

func TestBucketsThatCannotBeRead(t *testing.T) {
	newTrailBucket(t, 1)
	for location, want := range map[string]string{"s3://nowhere/": "there is no such bucket", "s3://trail/nothing/": "there is no object"} {
		code, _, errs := say(t, "summary", "--evidence", location)
		if code != exitFailed || !strings.Contains(errs, want) || !strings.Contains(errs, "hint: check the name") {
			t.Errorf("%s: exit %d: %s", location, code, errs)
		}
	}
}
