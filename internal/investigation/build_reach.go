package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
)

// Build is a build project in which the intruder's code ran, or whose build's key was taken,
// and what its builds were given to read.
type Build struct {
	Project string
	Role    string // ARN of the service role, where a record tells
	Known   bool   // a call in the evidence says what builds are given
	Given   []Given
	Events  []string // what shows that a build was in the intruder's hands

	since, until time.Time // of the calls that show it
	sessions     []string  // keys of its builds in the intruder's hands
}

// Given is one variable of a build's environment.
type Given struct {
	Variable string
	Kind     string // SECRETS_MANAGER | PARAMETER_STORE | PLAINTEXT
	From     string // the secret or parameter, as the project names it
	Read     string // the call in which a build in the intruder's hands read it; "" if none is seen
}

const (
	buildSession   = "AWSCodeBuild-"
	buildLogs      = "/aws/codebuild/"
	codebuild      = "codebuild.amazonaws.com"
	maxGiven       = 50 // variables told of one project
	fromSecret     = "SECRETS_MANAGER"
	fromParameter  = "PARAMETER_STORE"
	fromPlain      = "PLAINTEXT"
	maxBuildsTold  = 10
	maxBuildEvents = 10
)

// definitions are the calls whose record says what builds of a project are given, and where it
// stands: the answer first, for a request names only what it changes.
var definitions = map[string][]string{
	"CreateProject":   {"responseElements.project", "requestParameters"},
	"UpdateProject":   {"responseElements.project", "requestParameters"},
	"StartBuild":      {"responseElements.build"},
	"StartBuildBatch": {"responseElements.buildBatch"},
	"RetryBuild":      {"responseElements.build"},
}

// buildReach tells of each build in the intruder's hands what it was given to read, which is
// not what was read: whoever runs code in a build holds its variables without a call of its
// own, and the secrets among them are fetched at its start. What its role could do beside
// that, the policies tell (exposure).
func (in *inquiry) buildReach(ctx context.Context) error {
	builds, err := in.buildsInHand(ctx)
	if err != nil || len(builds) == 0 {
		return err
	}
	names := keys(builds)
	// In order of their first sign, as the rest of the report is.
	slices.SortStableFunc(names, func(a, b string) int { return builds[a].since.Compare(builds[b].since) })
	defined, err := in.definitions(ctx, builds)
	if err != nil {
		return err
	}
	reads, err := in.buildReads(ctx, builds)
	if err != nil {
		return err
	}
	for _, p := range names[:min(len(names), maxBuildsTold)] {
		in.givenTo(builds[p], defined[p], reads[p])
		in.res.Builds = append(in.res.Builds, *builds[p])
	}
	return nil
}

// buildsInHand are the projects of which a build's key is in the intruder's hands, or whose
// builds the intruder started.
func (in *inquiry) buildsInHand(ctx context.Context) (map[string]*Build, error) {
	builds, sessions := map[string]*Build{}, map[string]string{}
	note := func(project string, e *evidence.Event) *Build {
		if project == "" || !claim.Quotable(project) {
			return nil
		}
		b := builds[project]
		if b == nil {
			b = &Build{Project: project, since: e.Time}
			builds[project] = b
		}
		if e.Time.Before(b.since) {
			b.since = e.Time
		}
		if e.Time.After(b.until) {
			b.until = e.Time
		}
		if len(b.Events) < maxBuildEvents && !slices.Contains(b.Events, e.ID) {
			b.Events = append(b.Events, e.ID)
		}
		return b
	}
	for _, s := range in.hostile() {
		e := s.Event
		if _, build, ok := strings.Cut(e.Identity.PrincipalID, ":"+buildSession); ok && e.Identity.AccessKey != "" {
			sessions[e.Identity.AccessKey] = build
		}
		if e.Source == codebuild && e.Outcome() == evidence.Success && strings.HasPrefix(e.Name, "StartBuild") {
			if b := note(s.Record.Str("requestParameters.projectName"), e); b != nil && b.Role == "" {
				b.Role = s.Record.Str("responseElements.build.serviceRole")
			}
		}
	}
	if len(sessions) == 0 {
		return builds, nil
	}
	// A build's session does not name its project; the stream of its log does, which it makes
	// itself, unless the project keeps its log elsewhere.
	for e, err := range in.q.Events(ctx, evidence.Query{Credentials: keys(sessions), Names: []string{"CreateLogStream"}, Body: true}) {
		if err != nil {
			return nil, fmt.Errorf("read of which project a build is: %w", err)
		}
		r, err := e.Parse()
		if err != nil {
			continue
		}
		project, ok := strings.CutPrefix(r.Str("requestParameters.logGroupName"), buildLogs)
		if !ok || !strings.HasPrefix(r.Str("requestParameters.logStreamName"), sessions[e.Identity.AccessKey]) {
			continue
		}
		if b := note(project, &e); b != nil {
			if !slices.Contains(b.sessions, e.Identity.AccessKey) {
				b.sessions = append(b.sessions, e.Identity.AccessKey)
			}
			b.Role = e.Identity.IssuerARN
		}
	}
	for key := range sessions {
		for _, b := range builds {
			if slices.Contains(b.sessions, key) {
				delete(sessions, key)
			}
		}
	}
	return builds, in.startedBuilds(ctx, sessions, note)
}

// startedBuilds finds the projects of those builds whose log does not tell by the calls that
// started them: an answer names the build as project:id.
func (in *inquiry) startedBuilds(ctx context.Context, sessions map[string]string, note func(string, *evidence.Event) *Build) error {
	if len(sessions) == 0 {
		return nil
	}
	byBuild := map[string]string{}
	for key, build := range sessions {
		byBuild[build] = key
	}
	for e, err := range in.q.Events(ctx, evidence.Query{Sources: []string{codebuild}, Names: []string{"StartBuild", "RetryBuild"}, Body: true}) {
		if err != nil {
			return fmt.Errorf("read which build was started: %w", err)
		}
		r, err := e.Parse()
		if err != nil {
			continue
		}
		project, id, ok := strings.Cut(r.Str("responseElements.build.id"), ":")
		if key := byBuild[id]; ok && key != "" {
			if b := note(project, &e); b != nil {
				b.sessions, b.Role = append(b.sessions, key), r.Str("responseElements.build.serviceRole")
			}
		}
	}
	return nil
}

// definition is what a call says that builds of a project are given.
type definition struct {
	e    *evidence.Event
	r    evidence.Record
	path string // of what is defined
}

// definitions finds, for each project, the last call that says what its builds are given, made
// no later than the last sign of the intruder in a build of it.
func (in *inquiry) definitions(ctx context.Context, builds map[string]*Build) (map[string]definition, error) {
	out := map[string]definition{}
	for e, err := range in.q.Events(ctx, evidence.Query{Sources: []string{codebuild}, Names: keys(definitions), Body: true}) {
		if err != nil {
			return nil, fmt.Errorf("read what builds are given: %w", err)
		}
		r, err := e.Parse()
		if err != nil || e.Outcome() != evidence.Success {
			continue
		}
		for _, path := range definitions[e.Name] {
			project := r.Str(path + ".name")
			if project == "" {
				project = r.Str(path + ".projectName")
			}
			b := builds[project]
			if b == nil || e.Time.After(b.until) || r.Get(path+".environment") == nil {
				continue
			}
			out[project] = definition{&e, r, path}
			break
		}
	}
	return out, nil
}

// buildRead is a call that read a secret or parameter, and how it named it.
type buildRead struct {
	e    *evidence.Event
	name string
}

// buildReads are the secrets and parameters that builds in the intruder's hands read, by
// project: the call, by what it names.
func (in *inquiry) buildReads(ctx context.Context, builds map[string]*Build) (map[string]map[string]buildRead, error) {
	out, of := map[string]map[string]buildRead{}, map[string]string{}
	for _, p := range keys(builds) {
		out[p] = map[string]buildRead{}
		for _, key := range builds[p].sessions {
			of[key] = p
		}
	}
	if len(of) == 0 {
		return out, nil
	}
	q := evidence.Query{Credentials: keys(of), Names: []string{"GetSecretValue", "BatchGetSecretValue", "GetParameter", "GetParameters"}, Body: true}
	for e, err := range in.q.Events(ctx, q) {
		if err != nil {
			return nil, fmt.Errorf("read what builds read: %w", err)
		}
		r, err := e.Parse()
		if err != nil || e.Outcome() != evidence.Success {
			continue
		}
		for _, path := range []string{"secretId", "secretIdList", "name", "names"} {
			for _, name := range r.Strs("requestParameters." + path) {
				if key := secretName(name); out[of[e.Identity.AccessKey]][key].e == nil {
					out[of[e.Identity.AccessKey]][key] = buildRead{&e, name}
				}
			}
		}
	}
	return out, nil
}
