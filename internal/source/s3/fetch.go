package s3

import (
	"bytes"
	"context"
	"crypto/md5" // not for secrecy: S3 names a plain upload's content by it
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/trailhound/trailhound/internal/source/awsapi"
)

// maxCuts is how often a body may break off before an object is given up; each
// time, reading goes on from where it stopped.
const maxCuts = 5

var (
	errCut     = errors.New("the object was cut short again and again")
	errDamaged = errors.New("what arrived is not what S3 holds: its checksum does not match")
)

// fetch reads one version of an object into w, whole and checked. It returns
// the etag of what was read.
func (r *round) fetch(ctx context.Context, o object, w io.Writer) (etag string, err error) {
	in := &awss3.GetObjectInput{Bucket: &r.bucket, Key: &o.key, RequestPayer: r.c.payer(), ChecksumMode: types.ChecksumModeEnabled}
	if o.etag != "" {
		in.IfMatch = &o.etag
	}
	sum, at, want := md5.New(), int64(0), int64(-1)
	verify := false
	for cuts := 0; ; {
		if at > 0 {
			in.Range = aws.String(fmt.Sprintf("bytes=%d-", at))
			in.ChecksumMode = "" // of a part there is none
		}
		out, err := r.client.GetObject(ctx, in)
		if err != nil {
			return "", err
		}
		if want < 0 {
			want, etag = aws.ToInt64(out.ContentLength), aws.ToString(out.ETag)
			in.IfMatch = out.ETag
			verify = plain(etag) && !strings.HasPrefix(string(out.ServerSideEncryption), "aws:kms") && out.SSECustomerAlgorithm == nil
		}
		n, err := copyBody(w, sum, out.Body)
		at += n
		switch {
		case errors.As(err, new(*diskError)), ctx.Err() != nil:
			return "", errors.Join(ctx.Err(), err)
		case err == nil && at == want:
			if verify && hex.EncodeToString(sum.Sum(nil)) != strings.Trim(etag, `"`) {
				return "", errDamaged
			}
			return etag, nil
		case err != nil && strings.Contains(err.Error(), "checksum did not match"):
			return "", errDamaged
		}
		if n > 0 {
			cuts = 0 // it goes on, however slowly
		}
		if cuts++; cuts >= maxCuts || at > want {
			return "", errCut
		}
		if err := wait(ctx, r.c.backoff(cuts)); err != nil {
			return "", err
		}
	}
}

// diskError is trouble on our side of a copy.
type diskError struct{ error }

func copyBody(w io.Writer, sum hash.Hash, body io.ReadCloser) (int64, error) {
	defer body.Close()
	var disk error
	n, err := io.Copy(io.MultiWriter(writerFunc(func(p []byte) (int, error) {
		n, err := w.Write(p)
		if err != nil {
			disk = err
		}
		return n, err
	}), sum), body)
	if disk != nil {
		return n, &diskError{disk}
	}
	return n, err
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// multipart etags have a dash and are no hash of the content.
var md5Form = regexp.MustCompile(`^"?[0-9a-f]{32}"?$`)

func plain(etag string) bool { return md5Form.MatchString(etag) }

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// backoff doubles.
func (c *Collector) backoff(cuts int) time.Duration { return c.unit << (cuts - 1) }

// stored is where an object's bytes are until it was read.
type stored struct {
	io.ReaderAt
	size    int64
	release func()
}

// maxInMemory is the size from which an object goes through a temporary file.
const maxInMemory = 8 << 20

// store fetches an object and tries again what can be tried again: an object
// that was replaced meanwhile is read as it is now.
func (r *round) store(ctx context.Context, o object) (s stored, etag string, err error) {
	for try := 0; ; try++ {
		s, etag, err = r.storeOnce(ctx, o)
		again := errors.Is(err, errDamaged) || errors.Is(err, errCut)
		if awsapi.Code(err) == "PreconditionFailed" {
			o.etag, again = "", true
		}
		if err == nil || !again || try == 2 {
			return s, etag, err
		}
	}
}

func (r *round) storeOnce(ctx context.Context, o object) (stored, string, error) {
	if o.etag != "" && o.size <= maxInMemory { // without, it may be another version, of any size
		var buf bytes.Buffer
		buf.Grow(int(o.size))
		etag, err := r.fetch(ctx, o, &buf)
		return stored{ReaderAt: bytes.NewReader(buf.Bytes()), size: int64(buf.Len()), release: func() {}}, etag, err
	}
	f, err := os.CreateTemp("", "trailhound-object-*")
	if err != nil {
		return stored{}, "", &diskError{err}
	}
	gone := func() { f.Close(); os.Remove(f.Name()) }
	etag, err := r.fetch(ctx, o, f)
	if err != nil {
		gone()
		return stored{}, "", err
	}
	size, err := f.Seek(0, io.SeekEnd)
	return stored{ReaderAt: f, size: size, release: gone}, etag, err
}

// explain says in plain words why an object or a bucket cannot be read.
func explain(err error) string {
	var disk *diskError
	switch code := awsapi.Code(err); {
	case code == "NoSuchKey":
		return "it was deleted between listing and reading"
	case code == "NoSuchBucket":
		return "there is no such bucket"
	case code == "InvalidObjectState":
		return "it lies in an archive (Glacier): restore it first"
	case code == "PermanentRedirect", code == "AuthorizationHeaderMalformed":
		return "the bucket is in another region"
	case errors.As(err, &disk):
		return "no temporary copy of it could be made: " + disk.Error()
	case errors.Is(err, errCut), errors.Is(err, errDamaged):
		return err.Error()
	}
	return awsapi.Explain(err)
}
