package drift

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/posture/pipeline/ladder"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// Baseline is what somebody approved: canonical JSON, see
// docs/formats/pipeline-drift.md. It holds no secret: of texts that may be one, a
// buildspec or a variable's value, it has a hash or nothing.
type Baseline struct {
	Format   string     `json:"format"`
	Approved time.Time  `json:"approved"`
	By       string     `json:"by,omitempty"`
	Projects []Snapshot `json:"projects"` // by account, region, name
}

// BaselineFormat is the value of Baseline.Format.
const BaselineFormat = "trailhound-pipeline-baseline/1"

// Snapshot is one project as far as its safety goes.
type Snapshot struct {
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	Name    string `json:"name"`
	// Webhook is nil if nothing starts the project.
	Webhook *ladder.State `json:"webhook,omitempty"`
	// Facts are the rest, by a path in the API's words. What cannot be told is "?".
	Facts map[string]string `json:"facts"`
}

// unknown stands for what an input could not tell.
// No role, location, image or type of the API is spelled so.
const unknown = "?"

func (s *Snapshot) key() string { return s.Account + "/" + s.Region + "/" + s.Name }

// Approve makes a baseline of what is.
func Approve(projects []*model.Project, at time.Time, by string) (*Baseline, error) {
	b := &Baseline{Format: BaselineFormat, Approved: at.UTC(), By: by, Projects: []Snapshot{}}
	for _, p := range projects {
		if !p.Name.Known() {
			return nil, errors.New("a project whose name cannot be told cannot be approved")
		}
		s := Take(p)
		// To approve what nobody can see would make every later look at it a change.
		if s.Facts["webhook"] == unknown {
			return nil, fmt.Errorf("the webhook of %s cannot be told, so it cannot be approved", p.Name.V)
		}
		b.Projects = append(b.Projects, s)
	}
	slices.SortFunc(b.Projects, func(x, y Snapshot) int { return strings.Compare(x.key(), y.key()) })
	return b, nil
}

// ReadBaseline reads a baseline that Approve made.
func ReadBaseline(data []byte) (*Baseline, error) {
	var b Baseline
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, fmt.Errorf("read baseline: %w", err)
	}
	if b.Format != BaselineFormat {
		return nil, fmt.Errorf("read baseline: the format is %q, not %s", b.Format, BaselineFormat)
	}
	for i := range b.Projects {
		if b.Projects[i].Facts == nil {
			b.Projects[i].Facts = map[string]string{}
		}
	}
	return &b, nil
}

// Take is a project's snapshot.
// What is taken is what can move who runs code, with which rights, and what is left
// to see of it. Time-outs, compute types and descriptions are left out: a baseline
// that changes with every tuning is one that nobody signs again with care. Adding a
// fact here makes it appear as a change against every baseline made before.
func Take(p *model.Project) Snapshot {
	s := Snapshot{Account: p.Account, Region: p.Region, Name: p.Name.V, Facts: map[string]string{}}
	switch {
	case p.Webhook.Unknown():
		s.Facts["webhook"] = unknown
	case p.Webhook.Known():
		w := p.Webhook.V
		st, err := ladder.Read(&w)
		if err != nil {
			s.Facts["webhook"] = unknown
			break
		}
		// The order of groups and filters means nothing to the service, so it must
		// mean nothing to a comparison.
		st = st.Canonical()
		s.Webhook = &st
		put(s.Facts, "webhook.scope", w.Scope.State, string(scope(w.Scope.V)))
	}
	put(s.Facts, "serviceRole", p.Role.State, p.Role.V)
	put(s.Facts, "source.type", p.Source.Type.State, p.Source.Type.V)
	put(s.Facts, "source.location", p.Source.Location.State, p.Source.Location.V)
	put(s.Facts, "source.auth", p.Source.AuthType.State, strings.TrimSpace(p.Source.AuthType.V+" "+p.Source.AuthFrom.V))
	put(s.Facts, "source.insecureSsl", p.Source.Insecure.State, fmt.Sprint(p.Source.Insecure.V))
	put(s.Facts, "source.buildspec", p.Source.Buildspec.State, buildspec(p.Source.Buildspec.V))
	put(s.Facts, "environment.image", p.Env.Image.State, p.Env.Image.V)
	put(s.Facts, "environment.privilegedMode", p.Env.Privileged.State, fmt.Sprint(p.Env.Privileged.V))
	put(s.Facts, "projectVisibility", p.Visibility.State, p.Visibility.V)
	put(s.Facts, "cache", p.Cache.Type.State, strings.TrimSpace(p.Cache.Type.V+" "+p.Cache.Location.V))
	put(s.Facts, "logs.cloudWatch", p.Logs.CloudWatch.State, p.Logs.CloudWatch.V)
	put(s.Facts, "logs.s3", p.Logs.S3.State, p.Logs.S3.V)
	if p.VPC.Known() {
		v := p.VPC.V
		put(s.Facts, "vpc", p.VPC.State, strings.TrimSpace(v.ID.V+" "+strings.Join(sorted(v.Subnets.V), ",")+" "+strings.Join(sorted(v.Groups.V), ",")))
	} else {
		put(s.Facts, "vpc", p.VPC.State, "")
	}
	// The first is the primary artifact, the others the secondary ones in their
	// order. A secondary artifact put in between therefore shows as several changes:
	// too many rather than one missed.
	for i, a := range p.Artifacts.V {
		put(s.Facts, fmt.Sprintf("artifacts.%d.encryptionDisabled", i), a.Unencrypted.State, fmt.Sprint(a.Unencrypted.V))
		put(s.Facts, fmt.Sprintf("artifacts.%d.location", i), a.Location.State, a.Location.V)
	}
	for _, v := range p.Env.Variables.V {
		if v.Name.Known() {
			// The type only: a value may be a secret, and a baseline is a file that
			// people mail to each other.
			s.Facts["variable."+v.Name.V] = cmp.Or(v.Type.V, "PLAINTEXT")
		}
	}
	return s
}

// What is absent gets no entry, which is how compare tells "not set" from "cannot be
// told".
func put(facts map[string]string, path string, state model.State, value string) {
	switch state {
	case model.Known:
		facts[path] = value
	case model.Unknown:
		facts[path] = unknown
	}
}

func scope(s model.Scope) []byte {
	return []byte(strings.TrimSpace(s.Scope.V + " " + s.Name.V + " " + s.Domain.V))
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// buildspec is a path as it is, and a hash of an inline text, which may hold a
// secret.
func buildspec(s model.Secret) string {
	text := s.Reveal()
	if !strings.Contains(text, "\n") && len(text) < 256 && !strings.Contains(text, "version:") {
		return text
	}
	// Eight bytes tell two versions apart; they are no protection against whoever
	// searches for a text of the same hash, who may as well edit the baseline.
	sum := sha256.Sum256([]byte(text))
	return "inline sha256:" + hex.EncodeToString(sum[:8])
}

// project is the way back, as far as the trust evaluator looks.
func (s *Snapshot) project() *model.Project {
	p := &model.Project{Form: model.API, Name: model.Of(s.Name), Account: s.Account, Region: s.Region}
	if t := s.Facts["source.type"]; t != "" {
		p.Source.Type = model.Of(t)
	}
	if l := s.Facts["source.location"]; l != "" {
		p.Source.Location = model.Of(l)
	}
	switch {
	case s.Facts["webhook"] == unknown:
		p.Webhook = model.Cannot[model.Webhook]("the input does not tell")
	case s.Webhook != nil:
		p.Webhook = model.Of(s.Webhook.Webhook(model.Webhook{}))
	}
	return p
}

func (s Snapshot) clone() Snapshot {
	c := s
	c.Facts = maps.Clone(s.Facts)
	if s.Webhook != nil {
		w := s.Webhook.Clone()
		c.Webhook = &w
	}
	return c
}
