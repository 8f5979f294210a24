package notice

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Sender posts notices to one address.
type Sender struct {
	url   *url.URL
	key   []byte // nil: unsigned
	http  *http.Client
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
}

// Bounds of sending one notice.
const (
	timeout  = 30 * time.Second
	attempts = 3
	maxWait  = time.Minute // of what a receiver asks for
)

// NewSender makes a sender to an https address, or an http one of the own machine. key
// signs, as Standard Webhooks writes keys: "whsec_" and base64; "" does not sign. now
// dates signatures, sleep waits between attempts.
//
// The address is followed nowhere else, and never reaches a link-local one, where
// clouds keep the credentials of the machine, whatever its name resolves to.
func NewSender(address, key string, now func() time.Time, sleep func(context.Context, time.Duration) error) (*Sender, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, errors.New("the address of notices is none") // which may hold a secret: it is not repeated
	}
	ip, _ := netip.ParseAddr(u.Hostname())
	if u.Scheme != "https" && !(u.Scheme == "http" && (u.Hostname() == "localhost" || ip.IsLoopback())) {
		return nil, errors.New("notices are sent over https only")
	}
	if u.User != nil {
		return nil, errors.New("the address of notices holds a password: sign them with a key instead")
	}
	s := &Sender{url: u, now: now, sleep: sleep}
	if key != "" {
		if s.key, err = base64.StdEncoding.DecodeString(strings.TrimPrefix(key, "whsec_")); err != nil || len(s.key) < 24 || len(s.key) > 64 {
			return nil, errors.New("the key of notices must be whsec_ and base64 of 24 to 64 bytes")
		}
	}
	dialer := &net.Dialer{Timeout: timeout, Control: func(_, address string, _ syscall.RawConn) error { return reachable(address) }}
	s.http = &http.Client{Timeout: timeout, Transport: &http.Transport{DialContext: dialer.DialContext, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return s, nil
}

// reachable looks at the address that a name came to, just before it is called.
func reachable(address string) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return errors.New("its address cannot be told")
	}
	switch ip := a.Addr().Unmap(); {
	case ip.IsLinkLocalUnicast(), ip.IsMulticast(), ip.IsUnspecified(), ip == netip.MustParseAddr("fd00:ec2::254"):
		return fmt.Errorf("%s is no address for notices", ip)
	}
	return nil
}

// Host is where notices go, without the path, which of many services is a secret.
func (s *Sender) Host() string { return s.url.Host }

// ID tells the receiver from others at the same host, and does not say its address.
func (s *Sender) ID() string { return s.url.Host + "#" + hash(s.url.String())[:16] }

// Send posts a notice. It is tried again when the receiver is busy or broken; what
// took it before and answers again tells the two apart by webhook-id.
func (s *Sender) Send(ctx context.Context, n *Notice) error {
	body, err := n.Body()
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		wait, err := s.post(ctx, n.Key, body)
		if err == nil || wait < 0 || attempt == attempts || ctx.Err() != nil {
			return err
		}
		if wait == 0 {
			wait = time.Duration(attempt) * time.Second
		}
		if err := s.sleep(ctx, min(wait, maxWait)); err != nil {
			return err
		}
	}
}

// post sends once. wait says when to try again: 0 soon, less than 0 never.
func (s *Sender) post(ctx context.Context, id string, body []byte) (wait time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url.String(), bytes.NewReader(body))
	if err != nil {
		return -1, errors.New("notice: the address is none")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "trailhound")
	stamp := strconv.FormatInt(s.now().Unix(), 10)
	req.Header.Set("Webhook-Id", id)
	req.Header.Set("Webhook-Timestamp", stamp)
	if s.key != nil {
		req.Header.Set("Webhook-Signature", sign(s.key, id, stamp, body))
	}
	resp, err := s.http.Do(req)
	if err != nil {
		var u *url.Error // which repeats the address
		if errors.As(err, &u) {
			err = u.Err
		}
		return 0, fmt.Errorf("notice to %s: %w", s.url.Host, err)
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // so that the connection can be used again
	switch code := resp.StatusCode; {
	case code/100 == 2:
		return 0, nil
	case code == http.StatusTooManyRequests, code/100 == 5:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return time.Duration(max(seconds, 0)) * time.Second, fmt.Errorf("notice to %s: it answered %d", s.url.Host, code)
	default:
		return -1, fmt.Errorf("notice to %s: it answered %d", s.url.Host, code)
	}
}

// sign is the signature of Standard Webhooks 1.0, version 1: HMAC-SHA-256 over id,
// time and body. Source: https://github.com/standard-webhooks/standard-webhooks.
func sign(key []byte, id, stamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.", id, stamp)
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
