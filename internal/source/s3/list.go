package s3

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
)

// maxFolders is how many folders outside AWSLogs are looked into one by one;
// where there are more, one flat listing is cheaper.
const maxFolders = 64

// list walks a prefix folder by folder as long as the layout lets it leave
// something out or go on in parallel, and lists the rest in one go.
func (r *round) list(ctx context.Context, prefix string) error {
	g, ctx := errgroup.WithContext(ctx)
	var walk func(prefix string, depth int) error
	walk = func(prefix string, depth int) error {
		if !r.c.o.Filter.wants(prefix) {
			return nil
		}
		if !foldable(prefix, depth) {
			return r.flat(ctx, prefix)
		}
		folders, err := r.folders(ctx, prefix)
		if err != nil {
			return err
		}
		if !locate(prefix).logs && len(folders) > maxFolders {
			for _, f := range folders {
				if err := r.flat(ctx, f); err != nil {
					return err
				}
			}
			return nil
		}
		for _, f := range folders {
			g.Go(func() error { return walk(f, depth+1) })
		}
		return nil
	}
	g.Go(func() error { return walk(prefix, 0) })
	return g.Wait()
}

// foldable says whether looking at the folders under a prefix can help: above
// the region inside AWSLogs, and near the place that was named outside it.
func foldable(prefix string, depth int) bool {
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		return depth == 0 // the beginning of a name: AWSLogs/1234
	}
	p := locate(prefix)
	if p.logs {
		return p.region == "" && depth < 6 && !(p.service != "" && strings.Count(prefix, "/") > 6)
	}
	return depth < 3
}

// folders lists one level: its objects are passed on, its folders are returned.
func (r *round) folders(ctx context.Context, prefix string) (folders []string, err error) {
	in := &awss3.ListObjectsV2Input{Bucket: &r.bucket, Prefix: &prefix, Delimiter: aws.String("/"), RequestPayer: r.c.payer()}
	err = r.pages(ctx, in, func(page *awss3.ListObjectsV2Output) (bool, error) {
		for _, p := range page.CommonPrefixes {
			folders = append(folders, aws.ToString(p.Prefix))
		}
		return true, r.pass(ctx, page, "")
	})
	return folders, err
}

// flat lists everything under a prefix, or the days of it that are wanted.
func (r *round) flat(ctx context.Context, prefix string) error {
	s := r.c.o.Filter.spanOf(prefix)
	in := &awss3.ListObjectsV2Input{Bucket: &r.bucket, Prefix: &s.prefix, RequestPayer: r.c.payer()}
	if s.after != "" {
		in.StartAfter = &s.after
	}
	return r.pages(ctx, in, func(page *awss3.ListObjectsV2Output) (bool, error) {
		if err := r.pass(ctx, page, s.stop); err != nil {
			return false, err
		}
		n := len(page.Contents)
		return s.stop == "" || n == 0 || aws.ToString(page.Contents[n-1].Key) <= s.stop, nil
	})
}

// pages makes a listing page by page until visit has seen enough. What cannot
// be listed becomes an artifact that says so; the error is visit's or ctx's.
func (r *round) pages(ctx context.Context, in *awss3.ListObjectsV2Input, visit func(*awss3.ListObjectsV2Output) (bool, error)) error {
	sum, n := sha256.New(), 0
	pages := awss3.NewListObjectsV2Paginator(r.client, in, func(o *awss3.ListObjectsV2PaginatorOptions) { o.StopOnDuplicateToken = true })
	for pages.HasMorePages() {
		if r.c.stopped() != nil {
			return r.unlisted(ctx, aws.ToString(in.Prefix), r.c.stopped())
		}
		if err := r.listing.Acquire(ctx, 1); err != nil {
			return err
		}
		page, err := pages.NextPage(ctx)
		r.listing.Release(1)
		if err != nil {
			return r.unlisted(ctx, aws.ToString(in.Prefix), err)
		}
		for _, o := range page.Contents {
			fmt.Fprintf(sum, "%s %s\n", aws.ToString(o.ETag), aws.ToString(o.Key))
			n++
		}
		if more, err := visit(page); err != nil {
			return err
		} else if !more {
			break
		}
	}
	if uri := r.uri(aws.ToString(in.Prefix), ""); r.c.o.Failed != nil && r.c.o.Failed(uri) {
		return r.found(listing{evidence.Artifact{
			ID: hex.EncodeToString(sum.Sum(nil)), URI: uri, Kind: evidence.KindArchive,
			Reason: fmt.Sprintf("a listing of %d objects, which could not be had before", n),
		}})
	}
	return nil
}

// listing is an item that tells of a prefix; its objects are items of their own.
type listing struct{ a evidence.Artifact }

// Artifacts implements source.Item.
func (l listing) Artifacts(_ context.Context, visit func(source.Found) error) error {
	return visit(source.Found{Artifact: l.a})
}

// pass gives the wanted objects of a page to the fetchers.
func (r *round) pass(ctx context.Context, page *awss3.ListObjectsV2Output, stop string) error {
	for _, o := range page.Contents {
		key := aws.ToString(o.Key)
		if stop != "" && key > stop {
			return nil
		}
		size := aws.ToInt64(o.Size)
		if size == 0 && strings.HasSuffix(key, "/") || !r.c.o.Filter.wants(key) {
			continue // a folder that a console made, or nothing that is wanted
		}
		select {
		case r.objects <- object{key, aws.ToString(o.ETag), size}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// unlisted says that whatever lies under a prefix was not seen, or not all of it.
func (r *round) unlisted(ctx context.Context, prefix string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r.c.stop(err)
	return r.found(source.Missing(scheme+r.bucket+"/"+prefix, 0, "it could not be listed to its end: "+explain(err)))
}

// inRegion is a client for the region of the bucket, which S3 tells everybody.
func (c *Collector) inRegion(ctx context.Context, bucket string) *awss3.Client {
	o := c.client.Options()
	if o.BaseEndpoint != nil {
		return c.client
	}
	region := ""
	out, err := c.client.HeadBucket(ctx, &awss3.HeadBucketInput{Bucket: &bucket})
	var refused *awshttp.ResponseError
	switch {
	case err == nil:
		region = aws.ToString(out.BucketRegion)
	case errors.As(err, &refused):
		region = refused.Response.Header.Get("X-Amz-Bucket-Region")
	}
	if region == "" || region == o.Region {
		return c.client
	}
	o.Region = region
	return awss3.New(o)
}

// Check finds out before anything is read whether a location can be listed.
func (c *Collector) Check(ctx context.Context, location string) error {
	bucket, prefix := split(location)
	out, err := c.inRegion(ctx, bucket).ListObjectsV2(ctx, &awss3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix, MaxKeys: aws.Int32(1), RequestPayer: c.payer()})
	switch {
	case err != nil:
		return &LocationError{Location: location, Reason: explain(err), Err: err}
	case len(out.Contents) == 0:
		return &LocationError{Location: location, Reason: "there is no object"}
	}
	return nil
}

// LocationError is a location that nothing can be read from.
type LocationError struct {
	Location string
	Reason   string // in plain words
	Err      error  // nil where the location is only empty
}

// Error implements error.
func (e *LocationError) Error() string { return "read " + e.Location + ": " + e.Reason }

// Unwrap gives what AWS said.
func (e *LocationError) Unwrap() error { return e.Err }
