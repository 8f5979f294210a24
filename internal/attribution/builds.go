package attribution

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

// buildCalls start builds of CodeBuild.
var buildCalls = []string{"StartBuild", "StartBuildBatch", "RetryBuild", "RetryBuildBatch"}

// buildWindow is how soon after a build was asked for its session begins: queue and machine
// take minutes.
const buildWindow = 10 * time.Minute

const (
	codebuild    = "codebuild.amazonaws.com"
	buildSession = "AWSCodeBuild-"
	whyBuildTime = "lineage:build_by_time"
)

// A build's id, and how it begins where it may be cut short.
var (
	idBegins = regexp.MustCompile(`^[0-9a-f]{8}`)
	buildID  = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
)

// builds follows a build that the intruder started to its session where no id can tell which
// it is: the answer is not in the record, the sessions' names are masked or cut short, or it
// was a batch, whose builds have ids of their own. Then the time tells, but only of a session
// that does what the role's builds never did, that no other start may explain, and, but for
// a batch, that is the only one such. The rest are leads. Ids that can be compared and
// differ are of another build.
func (r *run) builds(ctx context.Context, e *evidence.Event) error {
	if e.Source != codebuild || !slices.Contains(buildCalls, e.Name) {
		return nil
	}
	batch := strings.HasSuffix(e.Name, "Batch")
	named, err := r.namesBuild(ctx, e)
	if err != nil || r.toldByID(e.ID) {
		return err
	}
	type session struct {
		p *person
		n *lineage.Node
	}
	var strange []session
	begun, err := r.collect(ctx, evidence.Query{From: e.Time, To: e.Time.Add(buildWindow), Sources: []string{"sts.amazonaws.com"}, Names: []string{"AssumeRole"}, IPs: []string{codebuild}, Accounts: []string{e.Account}})
	if err != nil {
		return err
	}
	for i := range begun {
		p, n, err := r.begunBy(ctx, &begun[i])
		if err != nil {
			return err
		}
		if n == nil || slices.ContainsFunc(n.In, func(o lineage.Edge) bool { return o.Rule == "codebuild" && o.Parent != "" }) {
			continue // unused, or another start is named after it
		}
		if _, name, _ := strings.Cut(n.PrincipalID, ":"+buildSession); named != "" && !batch && idBegins.MatchString(name) && !strings.HasPrefix(named, name[:8]) {
			continue // however short the name was cut, it is of another build
		}
		other, err := r.otherStart(ctx, e, begun[i].Time)
		if err != nil {
			return err
		}
		if !other && r.strangeBuild(p, n.ID, begun[i].Time) {
			strange = append(strange, session{p, n})
			continue
		}
		r.leads = append(r.leads, r.buildLead(e, n))
	}
	for _, s := range strange {
		if len(strange) > 1 && !batch {
			r.leads = append(r.leads, r.buildLead(e, s.n))
			continue
		}
		s.p.taint(r, s.n.ID, e.Time.Add(-slack), LikelyIntruder, whyBuildTime)
	}
	return nil
}

func (r *run) collect(ctx context.Context, q evidence.Query) (out []evidence.Event, err error) {
	for e, err := range r.q.Events(ctx, q) {
		if err != nil {
			return nil, fmt.Errorf("look for the session of a build: %w", err)
		}
		if e.Outcome() == evidence.Success {
			out = append(out, e)
		}
	}
	return out, nil
}

// namesBuild is the id of the one build that a start began, as its answer names it, or "".
func (r *run) namesBuild(ctx context.Context, e *evidence.Event) (string, error) {
	for full, err := range r.q.Events(ctx, evidence.Query{IDs: []string{e.ID}, From: e.Time, To: e.Time.Add(time.Second), Body: true}) {
		if err != nil {
			return "", fmt.Errorf("read which build was started: %w", err)
		}
		if rec, err := full.Parse(); err == nil {
			if id := buildID.FindString(rec.Str("responseElements.build.id")); id != "" {
				return id, nil
			}
		}
	}
	return "", nil
}

// toldByID says whether an id leads from a start to the session of its build.
func (r *run) toldByID(event string) bool {
	return slices.ContainsFunc(r.g.IssuedBy(event), func(o lineage.Edge) bool { return o.Rule == "codebuild" })
}

// begunBy is the session that CodeBuild's call began, and whose it is; nil if it was never used.
func (r *run) begunBy(ctx context.Context, e *evidence.Event) (*person, *lineage.Node, error) {
	for _, res := range e.Resources {
		role, _, _ := strings.Cut(res, ":")
		if !strings.HasPrefix(role, "AROA") {
			continue
		}
		p, err := r.load(ctx, role)
		if err != nil {
			return nil, nil, err
		}
		for _, c := range p.clusters {
			n := r.g.Node(c.Credential)
			if n != nil && slices.ContainsFunc(n.In, func(o lineage.Edge) bool { return o.Event == e.ID }) {
				return p, n, nil
			}
		}
	}
	return nil, nil, nil
}

// otherStart says whether a build that somebody else asked for may be what began at a moment.
func (r *run) otherStart(ctx context.Context, e *evidence.Event, at time.Time) (bool, error) {
	starts, err := r.collect(ctx, evidence.Query{From: at.Add(-buildWindow), To: at.Add(slack), Sources: []string{codebuild}, Names: buildCalls, Accounts: []string{e.Account}})
	if err != nil {
		return false, err
	}
	for i := range starts {
		s := &starts[i]
		if where, ok := r.find(s.ID); s.ID == e.ID || ok && where.p.verdicts[where.i].actor.Hostile() {
			continue
		}
		if s.Identity.Person() != "" { // or no id could be looked for
			r.g.Read(s.Identity.Person())
		}
		if !r.toldByID(s.ID) {
			return true, nil
		}
	}
	return false, nil
}

// strangeBuild says whether a build's session called with a tool, or for something, of which
// the role's builds before knew nothing. One call for each build makes no many, so builds on
// as many days as make a habit will do.
func (r *run) strangeBuild(p *person, node string, since time.Time) bool {
	b, builds := newBaseline(r.w), map[string]bool{}
	for i := range p.events {
		e := &p.events[i]
		if e.Time.Before(since) && !p.verdicts[i].actor.Hostile() && !e.FromAWS() {
			b.add(e)
			builds[r.g.CredentialOf(e)] = true
		}
	}
	if !b.Known && (b.Days < r.w.Baseline.UsualDays || len(builds) < r.w.Baseline.UsualDays) {
		return false
	}
	return slices.ContainsFunc(p.events, func(e evidence.Event) bool {
		return r.g.CredentialOf(&e) == node && !e.FromAWS() && (!b.plain[e.Action()] || b.agents[evidence.AgentFamily(e.UserAgent)] == 0)
	})
}

func (r *run) buildLead(e *evidence.Event, n *lineage.Node) lineage.Edge {
	return lineage.Edge{Parent: r.g.CredentialOf(e), Child: n.ID, Event: e.ID, At: e.Time, Rule: "codebuild", Tier: 2,
		Network: e.Network(), Agent: evidence.AgentFamily(e.UserAgent)}
}
