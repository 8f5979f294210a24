package awsapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/trailhound/trailhound/internal/source/awsapi/wire"
)

// Input is the input of a call by member, spelled as the service's API reference
// spells it. Values are what encoding/json can encode; for EC2 they are text,
// whole numbers and lists of text, by the names of its query parameters
// ("Owner", not "OwnerIds").
type Input map[string]any

// Call is one question to an account.
type Call struct {
	Service   string // as IAM names it: "cloudtrail", "ce", "access-analyzer"
	Operation string // "LookupEvents"
	Region    string // "" for that of the configuration
	Input     Input
}

// Answer is what AWS said, byte for byte, with what proves it. Of EC2, which
// answers in XML, Body is the JSON that the AWS CLI prints, and SHA256 the hash of
// what was on the wire.
type Answer = wire.Answer

// API answers calls. Client is the real one; tests and replays bring their own.
type API interface {
	// Call makes one call. AWS's refusals can be told apart with TroubleOf.
	Call(ctx context.Context, c Call) (Answer, error)
}

// ErrNotListed is a call that is not on the list of those that only read. It was
// not sent.
var ErrNotListed = errors.New("this call is not on the list of calls that only read")

// Client is the thin client. It may be used by many goroutines.
type Client struct{ transport *wire.Transport }

var _ API = (*Client)(nil)

// New makes a client over a loaded configuration. now is the clock that
// signatures are dated by.
func New(cfg aws.Config, now func() time.Time) *Client {
	return &Client{wire.New(cfg, now)}
}

// Skew is AWS's clock minus ours where AWS objected to the difference, else 0.
func (c *Client) Skew() time.Duration { return c.transport.Skew() }

// Call implements API.
func (c *Client) Call(ctx context.Context, call Call) (Answer, error) {
	// Asked before anything else: what is not on the list is neither signed nor
	// sent.
	op, service, ok := find(call.Service, call.Operation)
	if !ok {
		return Answer{}, fmt.Errorf("%s %s: %w", call.Service, call.Operation, ErrNotListed)
	}
	r := wire.Request{Service: service, Region: call.Region, Operation: call.Operation, Method: op.method}
	// Cloned, since fill takes members out, and the caller turns pages with the same
	// input.
	rest := maps.Clone(call.Input)
	if op.path != "" {
		path, err := fill(op.path, rest)
		if err != nil {
			return Answer{}, fmt.Errorf("%s %s: %w", call.Service, call.Operation, err)
		}
		r.Path = path
	}
	if op.shape != "" {
		r.Body = []byte(form(call.Operation, service.Version, rest))
		a, err := c.transport.Do(ctx, r)
		if err == nil {
			a.Body, err = jsonOf(a.Body, op.shape)
		}
		return a, err
	}
	if op.method == http.MethodGet {
		r.Path += query(rest)
		return c.transport.Do(ctx, r)
	}
	if rest == nil {
		rest = Input{}
	}
	body, err := json.Marshal(rest)
	if err != nil {
		return Answer{}, fmt.Errorf("%s %s: encode input: %w", call.Service, call.Operation, err)
	}
	r.Body = body
	return c.transport.Do(ctx, r)
}

// fill moves members of the input into the path, escaped so that a value can
// never lead to another operation's path.
func fill(path string, in Input) (string, error) {
	for {
		before, after, found := strings.Cut(path, "{")
		if !found {
			return path, nil
		}
		member, rest, _ := strings.Cut(after, "}")
		value, _ := in[member].(string)
		if value == "" || value == "." || value == ".." {
			return "", fmt.Errorf("%s is missing", member)
		}
		delete(in, member)
		path = before + url.PathEscape(value) + rest
	}
}

// query writes what is left of a GET's input.
func query(in Input) string {
	v := url.Values{}
	for k, x := range in {
		switch x := x.(type) {
		case string:
			v.Set(k, x)
		case int:
			v.Set(k, strconv.Itoa(x))
		}
	}
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

// form writes the input of a call in ec2Query.
func form(operation, version string, in Input) string {
	v := url.Values{"Action": {operation}, "Version": {version}}
	for k, x := range in {
		switch x := x.(type) {
		case string:
			v.Set(k, x)
		case int:
			v.Set(k, strconv.Itoa(x))
		case []string:
			for i, s := range x {
				v.Set(k+"."+strconv.Itoa(i+1), s)
			}
		}
	}
	return v.Encode()
}
