package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/posture/pipeline/ladder"
	"github.com/trailhound/trailhound/internal/posture/pipeline/live/github"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
	"github.com/trailhound/trailhound/internal/posture/pipeline/trust"
)

// githubFlags are the flags by which verbs ask GitHub.
type githubFlags struct {
	on         bool
	url        string
	tokenFile  string // "" for GITHUB_TOKEN
	deliveries int    // how many recent ones of each webhook
	audit      bool   // the verb judges tokens

	// Of the audit alone. Tokens to be asked about, as CREDENTIAL=FILE; whether to try what
	// one can read, by requests; and whether to ask organisations.
	tokens    []string
	try       bool
	orgTokens bool
}

// Tokens are given by file and never by value: a command line is seen by every process of
// the machine and stays in the shell's history.
func (f *githubFlags) register(c *cobra.Command) {
	c.Flags().BoolVar(&f.on, "github", false, "ask GitHub about the repositories, their webhooks and the accounts on allow-lists, by calls that only read; the token is that of --github-token-file, else of GITHUB_TOKEN")
	c.Flags().StringVar(&f.tokenFile, "github-token-file", "", "with --github: a file with the token, and nothing else")
	c.Flags().StringVar(&f.url, "github-url", "https://api.github.com", "with --github: the address of the API, for GitHub Enterprise Server https://HOST/api/v3")
	_ = c.MarkFlagFilename("github-token-file")
	if !f.audit {
		return
	}
	c.Flags().StringArrayVar(&f.tokens, "token-file", nil, "with --github: CREDENTIAL=FILE, the ARN or name of a source credential or secret and a file with its token, to ask GitHub by that token what it may do; may be repeated")
	c.Flags().BoolVar(&f.try, "try-tokens", false, "with --token-file: also try, by requests that read, what a token can read of the repositories that GitHub does not tell")
	c.Flags().BoolVar(&f.orgTokens, "github-org-tokens", false, "with --github: ask the organisations for their fine-grained tokens, which only a GitHub App may")
}

// client is GitHub with the token, which the environment gives if no file does.
func (f *githubFlags) client() (*github.Client, error) {
	token := strings.TrimSpace(os.Getenv("GITHUB_TOKEN"))
	if f.tokenFile != "" {
		var err error
		if token, err = readToken(f.tokenFile); err != nil {
			return nil, err
		}
	}
	return f.with(token)
}

// with is GitHub with a token.
func (f *githubFlags) with(token string) (*github.Client, error) {
	// A token with a blank in it is a file of something else; it is not sent anywhere.
	if token == "" || strings.ContainsAny(token, " \t\r\n") {
		return nil, withHint(usage("there is no token for GitHub"), "set GITHUB_TOKEN, or name a file that holds the token alone with --github-token-file")
	}
	c, err := github.New(f.url, token, sleep)
	if err != nil {
		return nil, withHint(usageError{err}, "give the address of the API with --github-url")
	}
	return c, nil
}

// maxToken is above any token of GitHub's, in bytes.
const maxToken = 4096

// readToken reads a file that holds a token and nothing else. The bound keeps a wrong file
// from being read whole; the token is never part of an error.
func readToken(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", hintFor(fmt.Errorf("read the token: %w", err))
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxToken+1))
	if err != nil {
		return "", hintFor(fmt.Errorf("read the token: %w", err))
	}
	if len(data) > maxToken { // its beginning must not be sent anywhere either
		return "", withHint(usage("%s is too long for a token", name), "name a file that holds the token alone")
	}
	return strings.TrimSpace(string(data)), nil
}

// ask adds to what was read what GitHub says about it, and returns deliveries of
// CodeBuild's webhooks.
func (f *githubFlags) ask(ctx context.Context, res *read.Result) ([]ladder.Delivery, error) {
	c, err := f.client()
	if err != nil {
		return nil, err
	}
	wanted := f.wanted(res)
	found, err := github.Read(ctx, c, wanted)
	if err != nil {
		return nil, err
	}
	if err := f.askTokens(ctx, c, res, wanted); err != nil {
		return nil, err
	}
	res.Inventory.Add(found.Inventory)
	res.Settings.Join(found.Settings)
	var out []ladder.Delivery
	for _, data := range found.Deliveries {
		list, err := ladder.ReadDeliveries(data)
		if err != nil {
			continue // one that is no delivery decides nothing
		}
		out = append(out, list...)
	}
	return out, nil
}

// askTokens adds what GitHub says of the tokens themselves.
func (f *githubFlags) askTokens(ctx context.Context, c *github.Client, res *read.Result, wanted []github.Wanted) error {
	var repos, orgs []string
	for _, w := range wanted {
		repos = append(repos, w.Repo)
		orgs = append(orgs, w.Repo[:strings.IndexByte(w.Repo, '/')])
	}
	// Each token asks for itself: what it may do, GitHub tells nobody else.
	var list []github.Token
	for _, pair := range f.tokens {
		owner, name, ok := strings.Cut(pair, "=")
		if !ok || owner == "" {
			return withHint(usage("--token-file names no credential"), "give --token-file CREDENTIAL=FILE")
		}
		token, err := readToken(name)
		if err != nil {
			return err
		}
		t := github.Token{For: owner}
		if t.Client, err = f.with(token); err != nil {
			return err
		}
		if f.try {
			t.Try = repos
		}
		list = append(list, t)
	}
	res.Inventory.Add(github.Tokens(ctx, list))
	if f.orgTokens {
		slices.Sort(orgs)
		listed := github.OrgTokens(ctx, c, slices.Compact(orgs))
		res.Settings.Link(listed)
		res.Inventory.Add(listed)
	}
	return ctx.Err()
}

// wanted is what to ask: each repository of a project once, with the accounts that
// allow-lists name and the addresses that webhooks deliver to.
func (f *githubFlags) wanted(res *read.Result) []github.Wanted {
	// Several projects may build one repository: it is asked about once. The map is sorted below.
	by := map[string]*github.Wanted{}
	for _, p := range res.Inventory.Projects {
		name := read.RepoName(p.Source.Location.V)
		if !strings.HasPrefix(p.Source.Provider(), "GITHUB") || strings.Count(name, "/") != 1 {
			continue
		}
		w := by[name]
		if w == nil {
			w = &github.Wanted{Repo: name, Deliveries: f.deliveries}
			by[name] = w
		}
		if url := p.Webhook.V.PayloadURL; url.Known() {
			w.Payload = append(w.Payload, url.V)
		}
		for _, way := range trust.Evaluate(p, trust.Repo{}).Ways {
			if way.Actors != nil {
				w.Accounts = append(w.Accounts, way.Actors.Listed...)
			}
		}
	}
	var out []github.Wanted
	for _, w := range by {
		slices.Sort(w.Accounts)
		w.Accounts = slices.Compact(w.Accounts)
		out = append(out, *w)
	}
	slices.SortFunc(out, func(a, b github.Wanted) int { return cmp.Compare(a.Repo, b.Repo) })
	return out
}
