package s3

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/awsapi"
)

// scheme begins every location of this collector.
const scheme = "s3://"

// Bounds of what goes on at once. Fetching waits for the network most of the
// time, so that far more of it is under way than there are processors.
const (
	listers  = 8
	fetchers = 32
	inFlight = 96 << 20 // bytes fetched and not yet read
)

// Options tune a Collector. The zero Options are ready to use.
type Options struct {
	Filter        Filter
	RequesterPays bool // whoever reads pays, as some buckets of others demand
	// Known gives the artifact that an earlier run read at exactly this URI, so
	// that the object need not be fetched again. It may be nil.
	Known func(uri string) (artifact string, ok bool)
	// Failed says whether an earlier run could not list a prefix, named by its
	// URI: once it can be listed, an artifact tells so. It may be nil.
	Failed func(uri string) bool
}

// Collector collects from buckets. It may be used for one Collect at a time.
type Collector struct {
	client *awss3.Client
	o      Options
	unit   time.Duration // the first wait after a body broke off

	mu    sync.Mutex
	fatal error // credentials ran out: nothing more can be read
	after int   // objects that were not read because of it
}

var _ source.Collector = (*Collector)(nil)

// New makes a collector that signs with the configuration's credentials.
func New(cfg aws.Config, o Options) *Collector {
	return &Collector{o: o, unit: 100 * time.Millisecond, client: awss3.NewFromConfig(cfg, func(s *awss3.Options) {
		// An endpoint of one's own rarely has a host name for each bucket.
		s.UsePathStyle = cfg.BaseEndpoint != nil
	})}
}

// Name implements source.Collector.
func (*Collector) Name() string { return "s3" }

// Holds says whether a location is one in S3.
func Holds(location string) bool { return strings.HasPrefix(location, scheme) }

// Holds implements source.Place.
func (*Collector) Holds(location string) bool { return Holds(location) }

// split takes a location apart.
func split(location string) (bucket, prefix string) {
	bucket, prefix, _ = strings.Cut(strings.TrimPrefix(location, scheme), "/")
	return bucket, prefix
}

// Collect implements source.Collector.
func (c *Collector) Collect(ctx context.Context, location string, found func(source.Item) error) error {
	bucket, prefix := split(location)
	g, ctx := errgroup.WithContext(ctx)
	var one sync.Mutex // found is called by one goroutine at a time
	r := &round{
		c: c, bucket: bucket, client: c.inRegion(ctx, bucket),
		listing: semaphore.NewWeighted(listers), memory: semaphore.NewWeighted(inFlight), objects: make(chan object),
		found: func(i source.Item) error {
			one.Lock()
			defer one.Unlock()
			return found(i)
		},
	}
	g.Go(func() error {
		defer close(r.objects)
		return r.list(ctx, prefix)
	})
	for range fetchers {
		g.Go(func() error {
			for o := range r.objects {
				if err := r.collect(ctx, o); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// round is one Collect under way.
type round struct {
	c       *Collector
	client  *awss3.Client
	bucket  string
	listing *semaphore.Weighted
	memory  *semaphore.Weighted
	objects chan object
	found   func(source.Item) error
}

// object is one version of one key, as it was listed.
type object struct {
	key  string
	etag string // with its quotes, as S3 compares it
	size int64
}

// uri names an object and its version.
func (r *round) uri(key, etag string) string {
	uri := scheme + r.bucket + "/" + key
	if etag = strings.Trim(etag, `"`); etag != "" {
		uri += "?etag=" + etag
	}
	return uri
}

func (c *Collector) payer() types.RequestPayer {
	if c.o.RequesterPays {
		return types.RequestPayerRequester
	}
	return ""
}

// stop notes what ends all reading, and says whether it does.
func (c *Collector) stop(err error) bool {
	if t := awsapi.TroubleOf(err); t != awsapi.Expired && t != awsapi.Invalid {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fatal == nil {
		c.fatal = err
	}
	return true
}

// stopped is why nothing more can be read, nil while it can.
func (c *Collector) stopped() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fatal
}

// Err tells why the last Collect had to leave objects unread that it could not
// know anything about, such as credentials that ran out; nil if it had not to.
// What was read before stands.
func (c *Collector) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fatal == nil {
		return nil
	}
	return fmt.Errorf("read from S3: %w; %d listed objects were not read", c.fatal, c.after)
}
