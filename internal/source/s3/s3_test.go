package s3

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/trailhound/trailhound/internal/source/awsapi"
)

func refuse(w http.ResponseWriter, status int, code string) bool {
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>words</Message></Error>", code)
	return true
}

func isGet(r *http.Request) bool { return !r.URL.Query().Has("list-type") }

func some(n int) map[string]string {
	objects := map[string]string{}
	for i := range n {
		key := fmt.Sprintf("AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/%02d/%d.json", 1+i%28, i)
		objects[key] = "content of " + key
	}
	return objects
}

func TestArtifactsAreNamedByVersionAndHashed(t *testing.T) {
	b := newBucket(t, map[string]string{"AWSLogs/a.json": "hello"})
	g := collect(t, b.collector(Options{}), "s3://trail/AWSLogs/")
	sum := sha256.Sum256([]byte("hello"))
	if id := g.id["s3://trail/AWSLogs/a.json?etag=5d41402abc4b2a76b9719d911017c592"]; id != hex.EncodeToString(sum[:]) {
		t.Errorf("%v", g.id)
	}
	for _, h := range b.headers {
		if h.Get("X-Amz-Request-Payer") != "" {
			t.Error("nobody asked to pay")
		}
	}
	b.headers = nil
	collect(t, b.collector(Options{RequesterPays: true}), "s3://trail")
	for _, h := range b.headers {
		if h.Get("X-Amz-Request-Payer") != "requester" {
			t.Errorf("a request without %v", h)
		}
	}
}

func TestManyPages(t *testing.T) {
	objects := some(1100)
	g := collect(t, newBucket(t, objects).collector(Options{}), "s3://trail/AWSLogs/1111")
	if len(g.content) != len(objects) || len(g.missing) > 0 {
		t.Errorf("%d of %d, missing %v", len(g.content), len(objects), g.missing)
	}
}

func TestKnownVersionsAreNotFetched(t *testing.T) {
	b := newBucket(t, some(3))
	first := collect(t, b.collector(Options{}), "s3://trail")
	b.put("AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/02/1.json", "replaced")
	b.requests = nil
	known := func(uri string) (string, bool) { id, ok := first.id[uri]; return id, ok }
	g := collect(t, b.collector(Options{Known: known}), "s3://trail")
	if n := b.asked("GET"); n != 1 {
		t.Errorf("%d objects were fetched: %v", n, b.requests)
	}
	if len(g.id) != 3 || g.content["AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/02/1.json"] != "replaced" {
		t.Errorf("%v", g)
	}
}

// What was replaced between listing and reading is read as it is now, which may be
// a thousand times what was listed: it does not go into memory.
func TestWhatWasReplacedMayBeOfAnySize(t *testing.T) {
	b := newBucket(t, some(1))
	const key = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/02/0.json"
	b.put(key, "short")
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none")) // no temporary file can be made
	r := &round{c: b.collector(Options{}), bucket: "trail"}
	r.client = r.c.client
	for etag, want := range map[string]bool{`"listed"`: false, "": true} {
		_, _, err := r.storeOnce(t.Context(), object{key: key, etag: etag, size: 5})
		var disk *diskError
		if errors.As(err, &disk) != want {
			t.Errorf("etag %q: %v", etag, err)
		}
	}
}

func TestFaultsThatPass(t *testing.T) {
	objects := some(20)
	objects["big"] = strings.Repeat("0123456789abcdef", (maxInMemory+3<<20)/16)
	for name, fault := range map[string]func(n int64, serve http.Handler, w http.ResponseWriter, r *http.Request) bool{
		"503": func(n int64, _ http.Handler, w http.ResponseWriter, _ *http.Request) bool {
			return n < 3 && refuse(w, 503, "SlowDown")
		},
		"500 without a body": func(n int64, _ http.Handler, w http.ResponseWriter, _ *http.Request) bool {
			if n < 3 {
				w.WriteHeader(500)
			}
			return n < 3
		},
		"bodies cut short": func(n int64, serve http.Handler, w http.ResponseWriter, r *http.Request) bool {
			if !isGet(r) || n > 3 {
				return false
			}
			serve.ServeHTTP(&cutter{ResponseWriter: w, left: (n - 1) << 20}, r)
			panic(http.ErrAbortHandler)
		},
		"a damaged body": func(n int64, serve http.Handler, w http.ResponseWriter, r *http.Request) bool {
			if !isGet(r) || n > 1 {
				return false
			}
			serve.ServeHTTP(damager{w}, r)
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBucket(t, objects)
			var mu sync.Mutex
			tries := map[string]int64{}
			b.fault = func(w http.ResponseWriter, r *http.Request) bool {
				mu.Lock()
				tries[r.URL.String()]++
				n := tries[r.URL.String()]
				mu.Unlock()
				return fault(n, b.serve, w, r)
			}
			g := collect(t, b.collector(Options{}), "s3://trail")
			if len(g.missing) > 0 {
				t.Errorf("missing: %v", g.missing)
			}
			for key, want := range objects {
				if g.content[key] != want {
					t.Errorf("%s: %d bytes, want %d", key, len(g.content[key]), len(want))
				}
			}
		})
	}
}

// cutter writes the headers and a part of the body.
type cutter struct {
	http.ResponseWriter
	left int64
}

func (c *cutter) Write(p []byte) (int, error) {
	c.ResponseWriter.(http.Flusher).Flush() // the headers are out, whatever follows
	n := min(int64(len(p)), c.left)
	c.left -= n
	if _, err := c.ResponseWriter.Write(p[:n]); err != nil {
		return 0, err
	}
	if n < int64(len(p)) {
		return int(n), io.ErrShortWrite
	}
	return int(n), nil
}

type damager struct{ http.ResponseWriter }

func (d damager) Write(p []byte) (int, error) {
	q := append([]byte(nil), p...)
	if len(q) > 0 {
		q[0] ^= 1
	}
	return d.ResponseWriter.Write(q)
}

func TestWhatNeverArrivesIsMissing(t *testing.T) {
	b := newBucket(t, map[string]string{"a": "whole", "b": "always cut", "c": "always damaged", "d": "deleted", "e": "refused", "f": "archived"})
	b.fault = func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case !isGet(r):
			return false
		case strings.HasSuffix(r.URL.Path, "/b"):
			b.serve.ServeHTTP(&cutter{ResponseWriter: w, left: 0}, r)
			panic(http.ErrAbortHandler)
		case strings.HasSuffix(r.URL.Path, "/c"):
			b.serve.ServeHTTP(damager{w}, r)
			return true
		case strings.HasSuffix(r.URL.Path, "/d"):
			return refuse(w, 404, "NoSuchKey")
		case strings.HasSuffix(r.URL.Path, "/e"):
			return refuse(w, 403, "AccessDenied")
		case strings.HasSuffix(r.URL.Path, "/f"):
			return refuse(w, 403, "InvalidObjectState")
		}
		return false
	}
	c := b.collector(Options{})
	g := collect(t, c, "s3://trail")
	if len(g.content) != 1 || g.content["a"] != "whole" || c.Err() != nil {
		t.Errorf("%v, %v", g.content, c.Err())
	}
	for key, want := range map[string]string{"b": "cut short", "c": "checksum", "d": "deleted", "e": "may not make this call", "f": "restore it"} {
		found := false
		for uri, reason := range g.missing {
			found = found || strings.HasPrefix(uri, "s3://trail/"+key+"?etag=") && strings.Contains(reason, want)
		}
		if !found {
			t.Errorf("%s, %q, is not among %v", key, want, g.missing)
		}
	}
}

func TestObjectsReplacedUnderWay(t *testing.T) {
	b := newBucket(t, map[string]string{"a": "old"})
	var once atomic.Bool
	b.fault = func(_ http.ResponseWriter, r *http.Request) bool {
		if isGet(r) && once.CompareAndSwap(false, true) {
			b.put("a", "new")
		}
		return false
	}
	g := collect(t, b.collector(Options{}), "s3://trail")
	// gofakes3 holds If-Match against the object as it is now.
	if g.content["a"] != "new" || g.id["s3://trail/a?etag=22af645d1859cb5ca6da0c484f1f37ea"] == "" {
		t.Errorf("%v", g)
	}
}

func TestListingChangesUnderWay(t *testing.T) {
	b := newBucket(t, some(1100))
	var pages atomic.Int64
	b.fault = func(_ http.ResponseWriter, r *http.Request) bool {
		if !isGet(r) && r.URL.Query().Has("continuation-token") && pages.Add(1) == 1 {
			b.put("AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/01/zz-late.json", "late")
			if _, err := b.s3.DeleteObject("trail", "AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/01/0.json"); err != nil {
				t.Error(err)
			}
		}
		return false
	}
	g := collect(t, b.collector(Options{}), "s3://trail")
	if n := len(g.content) + len(g.missing); n < 1099 || n > 1101 {
		t.Errorf("%d read, %d missing", len(g.content), len(g.missing))
	}
}

func TestCredentialsThatRunOut(t *testing.T) {
	b := newBucket(t, some(200))
	var gets atomic.Int64
	b.fault = func(w http.ResponseWriter, r *http.Request) bool {
		return isGet(r) && gets.Add(1) > 50 && refuse(w, 400, "ExpiredToken")
	}
	c := b.collector(Options{})
	g := collect(t, c, "s3://trail")
	if len(g.content) != 50 || len(g.missing) != 150 {
		t.Errorf("%d read, %d missing", len(g.content), len(g.missing))
	}
	if n := gets.Load(); n > 50+fetchers {
		t.Errorf("%d requests after the credentials had run out", n-50)
	}
	if err := c.Err(); awsapi.TroubleOf(err) != awsapi.Expired || !strings.Contains(err.Error(), "150 listed objects were not read") {
		t.Errorf("%v", err)
	}
}

func TestListingsThatFail(t *testing.T) {
	objects := some(3)
	objects["AWSLogs/999900001111/CloudTrail/us-east-1/2026/11/01/x.json"] = "secret"
	b := newBucket(t, objects)
	b.fault = func(w http.ResponseWriter, r *http.Request) bool {
		return strings.HasPrefix(r.URL.Query().Get("prefix"), "AWSLogs/999900001111/") && refuse(w, 403, "AccessDenied")
	}
	g := collect(t, b.collector(Options{}), "s3://trail")
	const denied = "s3://trail/AWSLogs/999900001111/"
	if len(g.content) != 3 || len(g.missing) != 1 || !strings.Contains(g.missing[denied], "could not be listed") {
		t.Errorf("%v", g)
	}
	// Once it can be listed, that is told, so that the old trouble can be forgotten.
	b.fault = nil
	again := collect(t, b.collector(Options{Failed: func(uri string) bool { return uri == denied }}), "s3://trail")
	if again.missing[denied] != "a listing of 0 objects, which could not be had before" || len(again.content) != 4 {
		t.Errorf("%v", again)
	}
}

func TestCheck(t *testing.T) {
	b := newBucket(t, some(1))
	c := b.collector(Options{})
	if err := c.Check(t.Context(), "s3://trail/AWSLogs"); err != nil {
		t.Error(err)
	}
	for location, want := range map[string]string{"s3://trail/nothing": "there is no object", "s3://nowhere": "there is no such bucket"} {
		var bad *LocationError
		if err := c.Check(t.Context(), location); !errors.As(err, &bad) || bad.Reason != want {
			t.Errorf("%s: %v", location, err)
		}
	}
}

func TestHolds(t *testing.T) {
	for location, want := range map[string]bool{"s3://b": true, "s3://b/AWSLogs/": true, "s3": false, "./s3://b": false, "-": false} {
		if (&Collector{}).Holds(location) != want {
			t.Errorf("%q", location)
		}
	}
}
