package investigation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
)

// Rollout is a role that somebody of the account made for one workload, of which calls are
// in doubt: who made it, for whom, and that it was taken as it says.
type Rollout struct {
	Role, Subject string // the role's ARN, and the one subject that its trust names
	By            string // the maker, as sentences call a principal
	Made          string // the event
	Sessions      int    // that were opened in the evidence, all of them by the subject
	Events        []string
}

// Bounds of a rollout, of judgement: work begins soon after the role was made for it, and
// its maker has worked from there, with that, on some days before.
const (
	rolloutSoon = 3 * 24 * time.Hour
	makerDays   = 3
)

// rollouts looks for where the roles came from whose calls are in doubt. That a workload is
// new is what makes it look odd, and is no reason to suspect it where its beginning is on
// record: somebody of the account made the role from where and with what they always work,
// let in one subject of one provider and nobody else, each session since was opened by
// just that subject, and each call came from a network that is the organisation's own. It
// is no proof, for a token of that subject may be in other hands in the same place; so it is
// an explanation for people to confirm, and no attribution.
func (in *inquiry) rollouts(ctx context.Context) error {
	type doubt struct {
		arn, subject string
		events       []string
		first        time.Time
		sessions     map[string]bool
		bad          bool
	}
	roles := map[string]*doubt{} // by the role's unique id
	for i, row := range in.at.Rows {
		e := &in.at.Events[i]
		id := e.Identity.IssuerID
		if row.Actor.Hostile() {
			return nil // then it is not what is in doubt that wants explaining
		}
		if row.Actor != attribution.Undetermined || !strings.HasPrefix(id, "AROA") || e.Identity.AccessKey == "" {
			continue
		}
		d := roles[id]
		if d == nil {
			d = &doubt{arn: e.Identity.IssuerARN, first: e.Time, sessions: map[string]bool{}}
			roles[id] = d
		}
		subject := in.federatedBy(row.Credential)
		switch {
		case subject == "" || d.subject != "" && d.subject != subject, !strings.Contains(row.Because, ownNetwork):
			d.bad = true
		default:
			d.subject = subject
			d.sessions[row.Credential] = true
			d.events = append(d.events, e.ID)
		}
	}
	for _, id := range keys(roles) {
		d := roles[id]
		if d.bad || len(d.events) == 0 {
			continue
		}
		made, err := in.madeFor(ctx, id, d.arn, d.subject, d.first)
		if err != nil {
			return err
		}
		if made == nil {
			continue
		}
		in.res.RolledOut = append(in.res.RolledOut, Rollout{Role: d.arn, Subject: d.subject, By: maker(made), Made: made.ID, Sessions: len(d.sessions), Events: d.events})
	}
	return nil
}

// maker is who made it, in words: of a role that people share the session tells the person,
// if a sentence can hold what its holder chose to call it.
func maker(e *evidence.Event) string {
	if s := e.Identity.SessionName(); s != "" && claim.Quotable(s) {
		return "`" + s + "` in " + e.Identity.Called()
	}
	return e.Identity.Called()
}

// ownNetwork is the reason of the attribution that a call came from where several
// unrelated principals of the organisation work.
const ownNetwork = "corporate_network"

// federatedBy is the subject of an identity provider that opened a session; "" where
// somebody else did, or nobody is known to have.
func (in *inquiry) federatedBy(credential string) string {
	n := in.g.Node(credential)
	if n == nil || len(n.In) == 0 || n.In[0].Rule != "irsa" && n.In[0].Rule != "oidc_federation" {
		return ""
	}
	return n.In[0].Holder
}

// madeFor is the call by which somebody at their usual work made the role for just that
// subject, shortly before it was first used; nil if there is none.
func (in *inquiry) madeFor(ctx context.Context, id, arn, subject string, first time.Time) (*evidence.Event, error) {
	q := evidence.Query{Sources: []string{"iam.amazonaws.com"}, Names: []string{"CreateRole"}, From: first.Add(-rolloutSoon), To: first, Body: true}
	for e, err := range in.q.Events(ctx, q) {
		if err != nil {
			return nil, fmt.Errorf("look who made a role: %w", err)
		}
		if e.Outcome() == evidence.Failure || e.FromAWS() || in.at.Actor(e.ID).Hostile() || in.at.Actor(e.ID) == attribution.Undetermined {
			continue
		}
		r, err := e.Parse()
		if err != nil || r.Str("responseElements.role.roleId") != id || !onlyFor(document(r.Get("requestParameters.assumeRolePolicyDocument")), subject) {
			continue
		}
		usual, err := in.usualWork(ctx, &e)
		if err != nil || !usual {
			return nil, err
		}
		return &e, nil
	}
	return nil, nil
}

// usualWork says whether whoever called had worked from that network on some days before,
// and with that tool as well, or with one of their usual tools from there on the same day:
// people run a tool for the first time, at the desk at which they always sit.
func (in *inquiry) usualWork(ctx context.Context, e *evidence.Event) (bool, error) {
	person, family, today := e.Identity.Person(), evidence.AgentFamily(e.UserAgent), e.Time.Truncate(day)
	places, before, now := map[time.Time]bool{}, map[string]bool{}, map[string]bool{}
	for o, err := range in.q.Events(ctx, evidence.Query{Principals: []string{person}, To: today.Add(day)}) {
		if err != nil {
			return false, fmt.Errorf("look where a maker works: %w", err)
		}
		if o.Identity.Person() != person || o.Network() != e.Network() {
			continue
		}
		if tool := evidence.AgentFamily(o.UserAgent); o.Time.Before(today) {
			places[o.Time.Truncate(day)], before[tool] = true, true
		} else {
			now[tool] = true
		}
	}
	usual := before[family] || slices.ContainsFunc(keys(now), func(tool string) bool { return before[tool] })
	return len(places) >= makerDays && usual, nil
}

// onlyFor says whether a trust lets in one federated subject by its exact name and
// nobody else. What cannot be read as that is not.
func onlyFor(text, subject string) bool {
	var doc struct {
		Statement []struct {
			Effect    string
			Principal map[string]any
			Condition map[string]map[string]any
		}
	}
	if json.Unmarshal([]byte(text), &doc) != nil || len(doc.Statement) != 1 || doc.Statement[0].Effect != "Allow" {
		return false
	}
	st := doc.Statement[0]
	if _, one := st.Principal["Federated"].(string); !one || len(st.Principal) != 1 {
		return false
	}
	return slices.ContainsFunc(keys(st.Condition["StringEquals"]), func(k string) bool {
		v, one := st.Condition["StringEquals"][k].(string)
		return one && strings.HasSuffix(k, ":sub") && v == subject
	})
}
