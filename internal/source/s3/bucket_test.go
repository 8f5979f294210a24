package s3

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
)

// bucket is a real S3 implementation in process, with a hook for faults.
type bucket struct {
	t      *testing.T
	s3     *s3mem.Backend
	url    string
	serve  http.Handler
	client *http.Client

	mu       sync.Mutex
	requests []string // "GET key" and "LIST prefix"
	headers  []http.Header
	// fault answers a request in the bucket's place, if it returns true.
	fault func(w http.ResponseWriter, r *http.Request) bool
}

func newBucket(t *testing.T, objects map[string]string) *bucket {
	t.Helper()
	b := &bucket{t: t, s3: s3mem.New()}
	b.serve = gofakes3.New(b.s3, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	if err := b.s3.CreateBucket("trail"); err != nil {
		t.Fatal(err)
	}
	for key, content := range objects {
		b.put(key, content)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(b.handle))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of answers cut on purpose
	server.Start()
	t.Cleanup(server.Close)
	b.url, b.client = server.URL, server.Client()
	return b
}

func (b *bucket) put(key, content string) {
	b.t.Helper()
	if _, err := b.s3.PutObject("trail", key, map[string]string{}, strings.NewReader(content), int64(len(content)), nil); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bucket) handle(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	key := strings.TrimPrefix(r.URL.Path, "/trail/")
	if r.URL.Query().Has("list-type") {
		b.requests = append(b.requests, "LIST "+r.URL.Query().Get("prefix"))
	} else {
		b.requests = append(b.requests, "GET "+key)
	}
	b.headers = append(b.headers, r.Header.Clone())
	fault := b.fault
	b.mu.Unlock()
	if fault == nil || !fault(w, r) {
		b.serve.ServeHTTP(w, r)
	}
}

// asked counts the requests that begin so.
func (b *bucket) asked(prefix string) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.requests {
		if strings.HasPrefix(r, prefix) {
			n++
		}
	}
	return n
}

func (b *bucket) collector(o Options) *Collector {
	c := New(aws.Config{
		Region: "us-east-1", BaseEndpoint: &b.url, HTTPClient: b.client,
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 4, time.Millisecond })
		},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}, nil
		}),
	}, o)
	c.unit = time.Millisecond
	return c
}

// got is what a Collect brought.
type got struct {
	content map[string]string // by key
	id      map[string]string // SHA-256 by URI
	missing map[string]string // reason by URI
}

func (g got) keys() []string {
	var keys []string
	for k := range g.content {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func collect(t *testing.T, c *Collector, location string) got {
	t.Helper()
	g := got{map[string]string{}, map[string]string{}, map[string]string{}}
	err := c.Collect(t.Context(), location, func(i source.Item) error {
		return i.Artifacts(t.Context(), func(f source.Found) error {
			a := f.Artifact
			if a.Kind == evidence.KindUnreadable || a.Kind == evidence.KindArchive {
				g.missing[a.URI] = a.Reason
				return nil
			}
			g.id[a.URI] = a.ID
			r, err := f.Open()
			if err != nil {
				g.content[a.URI] = err.Error()
				return nil
			}
			defer r.Close()
			data, err := io.ReadAll(r)
			if err != nil {
				t.Errorf("%s: %v", a.URI, err)
			}
			key, _, _ := strings.Cut(strings.TrimPrefix(a.URI, "s3://trail/"), "?etag=")
			if _, twice := g.content[key]; twice {
				t.Errorf("%s came twice", key)
			}
			g.content[key] = string(data)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}
