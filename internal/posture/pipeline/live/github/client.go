// Package github reads what GitHub says about repositories, webhooks and accounts,
// by GET requests of a closed list. Whoever reads does so through API, so that tests
// put a server of their own in GitHub's place.
package github

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// API answers one GET. next is the query of the page behind this one, "" for none.
//
// It has no method that writes and takes no address, only paths below the one that
// the client was made with.
type API interface {
	Get(ctx context.Context, path string, query url.Values) (body []byte, next url.Values, err error)
}

// Status is an answer that is none: 404 is gone, 401 and 403 refused.
type Status struct {
	Code int
	Path string
	Wait time.Duration // how long GitHub asks to wait, 0 when it does not say
}

// Error says it for people.
func (s *Status) Error() string {
	switch {
	case s.Wait > 0:
		return fmt.Sprintf("GitHub asks to wait %s before %s", s.Wait.Round(time.Second), s.Path)
	case s.Code == http.StatusNotFound:
		return s.Path + " is not there, or the token may not see it"
	case s.Code == http.StatusUnauthorized, s.Code == http.StatusForbidden:
		return "GitHub refused " + s.Path
	}
	return fmt.Sprintf("GitHub answered %d to %s", s.Code, s.Path)
}

// listed are the paths that may be asked for; each only reads. Source: GitHub REST
// API reference, 2022-11-28.
// Parts of a path come from answers and from webhooks, which strangers write. What
// does not look like a name of GitHub is not asked for, so that no one can steer a
// request with a token to another path.
var listed = regexp.MustCompile(`^/(?:rate_limit|user/\d+|users/[\w.\[\]-]+|orgs/[\w.-]+/personal-access-tokens|` +
	`repos/[\w.-]+/[\w.-]+(?:/hooks(?:/\d+/deliveries(?:/\d+)?)?|/collaborators/[\w.\[\]-]+/permission|` +
	`/actions/(?:permissions(?:/fork-pr-contributor-approval)?|secrets|variables)|/dependabot/secrets)?)$`)

// maxBody bounds an answer: a payload of a delivery is at most 25 MB.
const maxBody = 26 << 20

// Client asks GitHub, or a GitHub Enterprise Server. Make one with New.
type Client struct {
	base  *url.URL
	token string
	http  *http.Client
	sleep func(context.Context, time.Duration) error
}

// New is a client of the API at base, https://api.github.com for GitHub itself. The
// token is sent to that address only, encrypted or to the own machine, and follows no
// redirect. sleep waits when GitHub asks to; nil does not wait.
func New(base, token string, sleep func(context.Context, time.Duration) error) (*Client, error) {
	u, err := url.Parse(strings.TrimSuffix(base, "/"))
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%q is no address", base)
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme != "https" && !(u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())) {
		return nil, errors.New("a token is sent over https only")
	}
	// A redirect would carry the token to wherever the answer points.
	c := &http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Client{u, token, c, sleep}, nil
}

// maxWait is the longest pause that is kept; a longer one is an error that says it.
const maxWait = time.Minute

// Get implements API.
func (c *Client) Get(ctx context.Context, path string, query url.Values) ([]byte, url.Values, error) {
	body, h, err := c.ask(ctx, path, query)
	if err != nil {
		return nil, nil, err
	}
	return body, following(h.Get("Link")), nil
}

// ask is one GET, made again once if GitHub asks to wait for less than maxWait.
func (c *Client) ask(ctx context.Context, path string, query url.Values) ([]byte, http.Header, error) {
	if !listed.MatchString(path) || strings.Contains(path, "..") {
		return nil, nil, fmt.Errorf("%s is not among what may be asked for", path)
	}
	body, h, err := c.once(ctx, path, query)
	var s *Status
	if errors.As(err, &s) && s.Wait > 0 && s.Wait <= maxWait && c.sleep != nil {
		if err := c.sleep(ctx, s.Wait); err != nil {
			return nil, nil, err
		}
		// Once and no more: whoever is told to wait twice is better told so than
		// kept waiting.
		return c.once(ctx, path, query)
	}
	return body, h, err
}

func (c *Client) once(ctx context.Context, path string, query url.Values) ([]byte, http.Header, error) {
	u := *c.base
	u.Path, u.RawQuery = c.base.Path+path, query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, nil, fmt.Errorf("ask for %s: %w", path, err)
	}
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	req.Header.Set("User-Agent", "trailhound")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, nil, fmt.Errorf("ask for %s: %w", path, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, nil, &Status{resp.StatusCode, path, wait(resp.Header, resp.StatusCode)}
	}
	// One byte beyond the bound tells "too large" from "just fits".
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", path, err)
	}
	if len(body) > maxBody {
		return nil, nil, fmt.Errorf("%s is larger than %d MB", path, maxBody>>20)
	}
	return body, resp.Header, nil
}

// wait is how long GitHub asks to wait after it refused for being asked too often.
func wait(h http.Header, code int) time.Duration {
	if code != http.StatusForbidden && code != http.StatusTooManyRequests {
		return 0
	}
	if s, err := time.ParseDuration(h.Get("Retry-After") + "s"); err == nil && s > 0 {
		return s
	}
	if h.Get("X-RateLimit-Remaining") == "0" {
		return time.Hour // the limit is one of the hour
	}
	return 0
}

var nextLink = regexp.MustCompile(`<([^>]*)>; rel="next"`)

// following is the query of the next page. Only the query is taken over: where the
// link points to is not followed.
func following(link string) url.Values {
	m := nextLink.FindStringSubmatch(link)
	if m == nil {
		return nil
	}
	u, err := url.Parse(m[1])
	if err != nil {
		return nil
	}
	return u.Query()
}
