// Package wire signs and sends one call to an AWS service that no SDK module is
// to be had for, or only one that is far too large: awsJson 1.1, restJson and
// ec2Query over the SDK's own credentials, SigV4
// signer and adaptive retries. The answer is kept byte for byte, with its hash.
//
// It sends whatever it is given and knows no list of operations, so it is not for
// general use: only awsapi, whose closed list reads, and internal/response/aws,
// which is meant to change accounts, may import it. A test in the root package
// enforces that.
//
// Source of the protocols: https://smithy.io/2.0/aws/protocols/
package wire

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// Service is how a service is reached.
type Service struct {
	ID      string // as the SDK names it for endpoints of its own: "CloudTrail"
	Prefix  string // first label of the host: "cloudtrail"
	Signing string // the name in the signature: "cloudtrail"
	Target  string // prefix of X-Amz-Target for awsJson 1.1: "CloudTrail_20131101"; "" for the others
	Version string // version of the API for ec2Query: "2016-11-15"; "" for the others
	Home    bool   // one endpoint a partition, in its first region (Cost Explorer)
}

// Request is one call, encoded.
type Request struct {
	Service   Service
	Region    string
	Operation string
	Method    string // restJson only; the others are always POST
	Path      string // restJson only: escaped, with its query
	Body      []byte // JSON, or a form for ec2Query; nil for none
}

// Answer is what came back, unchanged.
type Answer struct {
	Body      []byte
	SHA256    string    // of Body, lower-case hex
	RequestID string    // AWS's name for the call, under which its support finds it
	Time      time.Time // when AWS says it answered, UTC; our own clock if it does not say
	Attempts  int
}

// maxBody bounds an answer; the largest that AWS gives are a few megabytes.
const maxBody = 64 << 20

// Transport sends calls. It may be used by many goroutines.
type Transport struct {
	cfg    aws.Config
	client aws.HTTPClient
	signer *v4.Signer
	now    func() time.Time
	sleep  func(context.Context, time.Duration) error

	mu      sync.Mutex
	retries map[string]aws.RetryerV2 // by host: a throttled service slows itself alone
	skew    time.Duration            // AWS's clock minus ours, once it has objected
}

// New makes a transport over a loaded configuration: its credentials, HTTP
// client, endpoints and number of attempts. now is the clock signatures are
// dated by.
func New(cfg aws.Config, now func() time.Time) *Transport {
	t := &Transport{cfg: cfg, client: cfg.HTTPClient, signer: v4.NewSigner(), now: now, sleep: pause, retries: map[string]aws.RetryerV2{}}
	if t.client == nil {
		t.client = awshttp.NewBuildableClient()
	}
	return t
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Do sends the request until it is answered, refused, or tried often enough.
// What AWS refuses is an *awshttp.ResponseError around a smithy.APIError, as
// from an SDK client.
func (t *Transport) Do(ctx context.Context, r Request) (Answer, error) {
	endpoint, region, err := t.endpoint(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	retryer := t.retryer(endpoint)
	settle := func(error) error { return nil }
	corrected := false
	for attempt := 1; ; attempt++ {
		release, err := retryer.GetAttemptToken(ctx)
		if err != nil {
			return Answer{}, fmt.Errorf("%s %s: %w", r.Service.Prefix, r.Operation, err)
		}
		answer, err := t.once(ctx, r, endpoint, region)
		_ = release(err)
		_ = settle(err)
		if err == nil {
			answer.Attempts = attempt
			return answer, nil
		}
		err = &smithy.OperationError{ServiceID: r.Service.Prefix + " in " + region, OperationName: r.Operation, Err: err}
		if ctx.Err() != nil {
			return Answer{}, ctx.Err()
		}
		if !corrected && t.correctClock(err) {
			corrected = true
			continue
		}
		if attempt >= retryer.MaxAttempts() || !retryer.IsErrorRetryable(err) {
			return Answer{}, err
		}
		if settle, err = again(ctx, retryer, attempt, err, t.sleep); err != nil {
			return Answer{}, err
		}
	}
}

// again waits before the next attempt. Without a retry token left it gives back
// what went wrong.
func again(ctx context.Context, retryer aws.RetryerV2, attempt int, wrong error, sleep func(context.Context, time.Duration) error) (func(error) error, error) {
	settle, err := retryer.GetRetryToken(ctx, wrong)
	if err != nil {
		return nil, wrong
	}
	delay, err := retryer.RetryDelay(attempt, wrong)
	if err != nil {
		return nil, wrong
	}
	return settle, sleep(ctx, delay)
}

// retryer gives every host its own bucket.
func (t *Transport) retryer(endpoint string) aws.RetryerV2 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r := t.retries[endpoint]; r != nil {
		return r
	}
	var r aws.RetryerV2 = retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
		o.StandardOptions = append(o.StandardOptions, func(s *retry.StandardOptions) {
			if t.cfg.RetryMaxAttempts > 0 {
				s.MaxAttempts = t.cfg.RetryMaxAttempts
			}
		})
	})
	if t.cfg.Retryer != nil {
		if own, ok := t.cfg.Retryer().(aws.RetryerV2); ok {
			r = own
		}
	}
	t.retries[endpoint] = r
	return r
}

// maxSkew is how far AWS lets a signature's date be off, less a minute.
const maxSkew = 4 * time.Minute

// correctClock takes over AWS's time when AWS refused a signature and its clock
// shows another time than ours.
func (t *Transport) correctClock(err error) bool {
	var refused *awshttp.ResponseError
	if !errors.As(err, &refused) || !clockCodes[codeOf(err)] {
		return false
	}
	date, perr := parseDate(refused.Response.Header.Get("Date"))
	if perr != nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	off := date.Sub(t.now())
	if (off - t.skew).Abs() < maxSkew {
		return false
	}
	t.skew = off
	return true
}

// Skew is AWS's clock minus ours, as far as AWS objected to it; else 0.
func (t *Transport) Skew() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.skew
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
