package read

import (
	"bytes"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/trust"
)

// Settings is pipelines.yaml: what the owners of repositories declare, and, where
// they are silent, what GitHub says about a repository.
type Settings struct {
	Repositories []Declared      `yaml:"repositories"`
	Projects     []Purpose       `yaml:"projects"`
	Owners       []string        `yaml:"owners"`     // organisations whose repositories may be built
	Admins       []string        `yaml:"admins"`     // role names that may change pipelines
	NotSecret    []string        `yaml:"not_secret"` // names of variables that hold no secret, whatever they look like
	Tokens       []DeclaredToken `yaml:"tokens"`
	SecretDays   int             `yaml:"max_secret_days"` // age of a webhook or stored secret, default 90

	// found is what GitHub said, kept apart since it is more than a declaration; see
	// For.
	found []Declared
}

// Declared is a repository, or a pattern of repositories as path.Match has it.
type Declared struct {
	Repo       string   `yaml:"repo"`              // github.com/acme/app, acme/app, acme/*
	Visibility string   `yaml:"visibility"`        // public, private, internal
	Forks      string   `yaml:"forks"`             // allowed, forbidden
	Trust      string   `yaml:"trust"`             // internal, oss
	Writers    []string `yaml:"writers"`           // logins or account ids
	ForkBuilds string   `yaml:"allow_fork_builds"` // never, approved, runner
	ForkRuns   string   `yaml:"fork_workflow_approval"`
	Scanned    string   `yaml:"scanned"` // elsewhere: something else than its builds scans the code
}

// Purpose says what a project is for.
type Purpose struct {
	Name string `yaml:"name"` // pattern
	For  string `yaml:"for"`  // test, release, deploy
}

// DeclaredToken is what somebody found out about a token with its response headers
// or probes.
type DeclaredToken struct {
	For         string            `yaml:"for"`  // ARN or name of the credential or secret
	Name        string            `yaml:"name"` // of a fine-grained token at GitHub, to know it by among the organisation's
	Kind        string            `yaml:"kind"`
	Scopes      []string          `yaml:"scopes"`
	Permissions map[string]string `yaml:"permissions"`
	Selection   string            `yaml:"repositories"` // all, subset, none
	Expires     *time.Time        `yaml:"expires"`
	Never       bool              `yaml:"never_expires"`
	Evidence    string            `yaml:"evidence"` // headers, organization, probe
}

// isSettings goes by the file's name.
func isSettings(name string) bool {
	return slices.Contains([]string{"pipelines.yaml", "pipelines.yml"}, filepath.Base(name))
}

// read takes one file in. A word that is not known is an error: a misspelt "forbiden" must
// not leave forks allowed in silence. Several files add up.
func (s *Settings) read(name string, data []byte) error {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	var in Settings
	if err := dec.Decode(&in); err != nil {
		return fmt.Errorf("the trust model is not understood: %s", firstLine(err.Error()))
	}
	for _, d := range in.Repositories {
		for _, w := range []struct {
			what, word string
			allowed    []string
		}{
			{"visibility", d.Visibility, []string{"", "public", "private", "internal"}},
			{"forks", d.Forks, []string{"", "allowed", "forbidden"}},
			{"trust", d.Trust, []string{"", "internal", "oss"}},
			{"scanned", d.Scanned, []string{"", "elsewhere"}},
			{"allow_fork_builds", d.ForkBuilds, []string{"", "never", "approved", "runner"}},
		} {
			if !slices.Contains(w.allowed, w.word) {
				return fmt.Errorf("the trust model has no %s %q", w.what, w.word)
			}
		}
	}
	s.Repositories = append(s.Repositories, in.Repositories...)
	s.Projects = append(s.Projects, in.Projects...)
	s.Owners = append(s.Owners, in.Owners...)
	s.Admins = append(s.Admins, in.Admins...)
	s.NotSecret = append(s.NotSecret, in.NotSecret...)
	s.Tokens = append(s.Tokens, in.Tokens...)
	if in.SecretDays > 0 {
		s.SecretDays = in.SecretDays
	}
	return nil
}

// Join takes over what another reading found out about repositories.
func (s *Settings) Join(o *Settings) { s.found = append(s.found, o.found...) }

// repository reads GET /repos/{owner}/{repo}.
func (s *Settings) repository(n *model.Node) {
	d := Declared{Repo: n.Get("full_name").Text().V, Visibility: n.Get("visibility").Text().V, Forks: "forbidden"}
	if d.Visibility == "" {
		// Answers of old GitHub Enterprise Servers have only the flag.
		d.Visibility = map[bool]string{true: "private", false: "public"}[n.Get("private").Flag().Or(false)]
	}
	// Without the member forks are possible: the careful reading, since a fork is
	// how a stranger gets in.
	if n.Get("allow_forking").Flag().Or(true) {
		d.Forks = "allowed"
	}
	s.found = append(s.found, d)
}

// discover takes over what other files say about fork approval and tokens.
func (s *Settings) discover(inv *model.Inventory) {
	s.Link(inv)
	for _, t := range s.Tokens {
		if t.Name != "" && t.Kind == "" && t.Scopes == nil && t.Permissions == nil {
			continue // it only says whose token the organisation's is
		}
		tok := &model.Token{For: t.For, Evidence: t.Evidence}
		if t.Kind != "" {
			tok.Kind = model.Of(t.Kind)
		}
		if t.Scopes != nil {
			tok.Scopes = model.Of(t.Scopes)
		}
		if t.Permissions != nil {
			tok.Permissions = model.Of(t.Permissions)
		}
		if t.Selection != "" {
			tok.Selection = model.Of(t.Selection)
		}
		tok.Expires = model.Cannot[time.Time]("nobody said when it expires")
		if t.Expires != nil {
			tok.Expires = model.Of(*t.Expires)
		} else if t.Never {
			tok.Expires = model.Value[time.Time]{}
		}
		inv.Tokens = append(inv.Tokens, tok)
	}
}

// Link says of tokens that an organisation listed, which know only their own name,
// which credential or secret holds them, as far as that is declared.
func (s *Settings) Link(inv *model.Inventory) {
	for _, t := range s.Tokens {
		for _, listed := range inv.Tokens {
			if t.Name != "" && listed.Evidence == "organization" && listed.For == t.Name {
				listed.For = t.For
			}
		}
	}
}

// RepoName is owner/name of a source's location, lower case, without .git.
func RepoName(location string) string {
	_, rest, ok := strings.Cut(location, "://")
	if !ok {
		_, rest, ok = strings.Cut(location, "@") // git@host:owner/name
		rest = strings.Replace(rest, ":", "/", 1)
	}
	if !ok {
		return strings.ToLower(strings.TrimSuffix(location, ".git"))
	}
	_, rest, _ = strings.Cut(rest, "/")
	return strings.ToLower(strings.TrimSuffix(strings.Trim(rest, "/"), ".git"))
}

// For is what is known about the repository of a location. What is declared wins
// over what GitHub says only where GitHub is silent: a public repository that is
// declared private is public.
func (s *Settings) For(location string, forks map[string]string) (trust.Repo, Declared) {
	name := RepoName(location)
	var out Declared
	pick := func(list []Declared) {
		for _, d := range list {
			pattern := strings.ToLower(d.Repo)
			if i := strings.Index(pattern, "/"); strings.Count(pattern, "/") > 1 && strings.Contains(pattern[:i], ".") {
				pattern = pattern[i+1:] // without the host
			}
			if ok, _ := path.Match(pattern, name); !ok && pattern != name {
				continue
			}
			out.Repo = name
			for _, f := range []struct{ to, from *string }{{&out.Visibility, &d.Visibility}, {&out.Forks, &d.Forks}, {&out.Trust, &d.Trust},
				{&out.ForkBuilds, &d.ForkBuilds}, {&out.ForkRuns, &d.ForkRuns}, {&out.Scanned, &d.Scanned}} {
				if *f.to == "" {
					*f.to = *f.from
				}
			}
			// Writers add up over all declarations that fit, where every other
			// member is the first one's.
			out.Writers = append(out.Writers, d.Writers...)
		}
	}
	// What is found first fills a member, so GitHub's word goes before the declared one.
	pick(s.found)
	pick(s.Repositories)
	// An open-source project that does not say it is public is public: whoever
	// declares it means strangers to read it.
	if out.Trust == "oss" && out.Visibility == "" {
		out.Visibility = "public"
	}
	if out.ForkRuns == "" {
		if out.ForkRuns = forks[name]; out.ForkRuns == "" {
			// The entry without a name is an approval policy whose file did not say
			// of which repository: it is taken for all that have none of their own.
			out.ForkRuns = forks[""]
		}
	}
	return trust.Repo{Visibility: out.Visibility, Forks: out.Forks, ForkRuns: out.ForkRuns}, out
}

// PurposeOf is what a project is declared to be for, "" when nothing is said.
func (s *Settings) PurposeOf(name string) string {
	for _, p := range s.Projects {
		if ok, _ := path.Match(p.Name, name); ok {
			return p.For
		}
	}
	return ""
}
