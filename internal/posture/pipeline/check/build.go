package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/common/types/ref"

	"github.com/trailhound/trailhound/internal/access/generate"
	"github.com/trailhound/trailhound/internal/access/policy"
	"github.com/trailhound/trailhound/internal/posture/pipeline/buildspec"
	"github.com/trailhound/trailhound/internal/posture/pipeline/grant"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
	"github.com/trailhound/trailhound/internal/posture/pipeline/rx"
	"github.com/trailhound/trailhound/internal/posture/pipeline/secret"
	"github.com/trailhound/trailhound/internal/posture/pipeline/trust"
)

// Scene is everything the checks look at: the inventory judged, and the subjects
// made of it.
// It is made once and then only read, but for grants, specs and refs, which are worked
// out when first asked for.
type Scene struct {
	Inventory *model.Inventory
	Settings  *read.Settings
	Now       time.Time
	Projects  []*Judged
	Calls     *generate.Table // which actions a call needs

	r        *reasons
	memo     *rx.Memo
	specs    sync.Map // text of a buildspec to what parsing it gave
	owners   []*owner
	byName   map[string][]*owner
	byRole   map[string][]*owner // by the ARN of their role
	hooks    hooks
	mu       sync.Mutex // guards grants
	grants   map[*model.Role]*grant.Grants
	roles    map[string]*model.Role            // by ARN
	named    map[string]map[string]*model.Role // by name and account, "" where the account is not told
	pipes    map[string][]*model.Pipeline
	sharedBy map[string][]*owner // secret references to the projects that use them
	fetchers map[string][]*owner // names of secrets to the projects that fetch their code with them
	caches   map[string][]*owner
	groups   map[string]*model.SecurityGroup
	subnets  map[string]*model.Subnet
	buckets  map[string]*model.Bucket
	logs     map[string]*model.LogGroup
	tokens   map[string][]*model.Token
}

// Judged is a project with its verdict.
type Judged struct {
	Project *model.Project
	Result  trust.Result
	Repo    trust.Repo
	Purpose string
	Role    *model.Role // nil when it was not given
}

// owner is a project as the subjects below it see it.
// declared and repo are what is known of its repository, view what conditions see as
// "project", words what messages may name.
type owner struct {
	*Judged
	declared read.Declared
	repo     trust.Repo
	view     view
	open     any // bool or unknown
	words    map[string]string
	pipes    []*model.Pipeline
	creds    []*model.Credential
	token    *model.Token
	refs     []string                                       // see Scene.secretRefs
	spec     func() (*buildspec.Spec, model.Location, *Hit) // parsed once, for all checks
}

func (o *owner) name() string { return o.Project.Name.V }

// isOpen is what is known of open: an undecided verdict counts as open, for what
// cannot be told is not safe.
func (o *owner) isOpen() bool { return o.Result.Verdict.Open() }

// NewScene judges every project and indexes what surrounds them.
// Judging is done on all processors, since analysing patterns takes nearly all of the
// time; what comes of it stands in the order of the inventory. A webhook that the
// provider says takes any certificate is marked so in the inventory itself.
func NewScene(inv *model.Inventory, settings *read.Settings, calls *generate.Table, now time.Time) *Scene {
	if settings == nil {
		settings = &read.Settings{}
	}
	s := &Scene{Inventory: inv, Settings: settings, Calls: calls, Now: now, r: &reasons{}, memo: &rx.Memo{}, byName: map[string][]*owner{}, byRole: map[string][]*owner{}, grants: map[*model.Role]*grant.Grants{},
		roles: map[string]*model.Role{}, named: map[string]map[string]*model.Role{}, pipes: map[string][]*model.Pipeline{}, sharedBy: map[string][]*owner{}, fetchers: map[string][]*owner{}, caches: map[string][]*owner{},
		groups: map[string]*model.SecurityGroup{}, subnets: map[string]*model.Subnet{}, buckets: map[string]*model.Bucket{}, logs: map[string]*model.LogGroup{},
		tokens: map[string][]*model.Token{}}
	s.index()
	results := make([]*owner, len(inv.Projects))
	parallel(len(results), func(i int) {
		p := inv.Projects[i]
		o := &owner{Judged: &Judged{Project: p}}
		// Nothing here may depend on another project, as all are judged at once;
		// what joins them comes in the loop below.
		o.Repo, o.declared = settings.For(p.Source.Location.V, inv.Forks)
		o.repo = o.Repo
		o.Result = trust.EvaluateWith(s.memo, p, o.Repo)
		results[i] = o
	})
	for i, p := range inv.Projects {
		o := results[i]
		o.Role = s.role(p.Role, p.At)
		o.spec = once(func() (*buildspec.Spec, model.Location, *Hit) { return s.buildspec(p) })
		o.Purpose = s.purpose(o)
		o.pipes = s.pipes[o.name()]
		o.open = any(o.isOpen())
		if o.Result.Verdict == trust.Unknown {
			o.open = s.r.unknown("who can make it run code is not known: " + o.Result.Why)
		}
		s.owners = append(s.owners, o)
		s.Projects = append(s.Projects, o.Judged)
		// A list, because one name may stand in several regions and accounts.
		s.byName[o.name()] = append(s.byName[o.name()], o)
		s.byRole[p.Role.V] = append(s.byRole[p.Role.V], o)
		for _, ref := range s.secretRefs(o) {
			s.sharedBy[ref] = append(s.sharedBy[ref], o)
		}
		if f := p.Source.AuthFrom; f.Known() {
			s.fetchers[secret.Name(f.V)] = append(s.fetchers[secret.Name(f.V)], o)
		}
		if c := p.Cache; c.Type.V == "S3" && c.Location.Known() {
			// Projects share a cache only under one namespace. Source: CodeBuild API
			// reference, ProjectCache.
			key := c.Location.V + "#" + c.Namespace.V
			s.caches[key] = append(s.caches[key], o)
		}
	}
	for _, o := range s.owners {
		s.credentials(o)
	}
	s.hooks = indexHooks(s.owners, inv.Hooks)
	for _, h := range inv.Hooks {
		// CodeBuild does not know what the provider was told about certificates;
		// only the provider's answer does.
		if o := s.hooked(h); o != nil && h.Insecure.Or(false) {
			o.Project.Webhook.V.ManualInsecure = model.Of(true)
		}
	}
	return s
}

// once is sync.OnceValues for three.
func once[A, B, C any](f func() (A, B, C)) func() (A, B, C) {
	var a A
	var b B
	var c C
	do := sync.OnceFunc(func() { a, b, c = f() })
	return func() (A, B, C) {
		do()
		return a, b, c
	}
}

// index finds things by the names that projects use for them. Users are no roles that a
// build can have.
func (s *Scene) index() {
	for _, r := range s.Inventory.Roles {
		if r.User {
			continue
		}
		if r.ARN.Known() {
			s.roles[model.Scoped(r.ARN.V, r.At)] = r
		}
		if r.Name.Known() {
			key := model.Scoped(r.Name.V, r.At)
			if s.named[key] == nil {
				s.named[key] = map[string]*model.Role{}
			}
			s.named[key][accountOf(r.ARN.V)] = r
		}
	}
	for _, p := range s.Inventory.Pipelines {
		for _, st := range p.Stages.V {
			for _, a := range st.Actions.V {
				if a.Provider.V == "CodeBuild" && a.Project.Known() {
					s.pipes[projectSymbol(a.Project.V)] = append(s.pipes[projectSymbol(a.Project.V)], p)
				}
			}
		}
	}
	for _, g := range s.Inventory.Groups {
		s.groups[model.Scoped(g.ID.V, g.At)] = g
	}
	for _, n := range s.Inventory.Subnets {
		s.subnets[n.ID.V] = n
	}
	for _, b := range s.Inventory.Buckets {
		s.buckets[model.Scoped(b.Name.V, b.At)] = b
	}
	for _, l := range s.Inventory.LogGroups {
		s.logs[model.Scoped(l.Name.V, l.At)] = l
	}
	for _, t := range s.Inventory.Tokens {
		s.tokens[t.For] = append(s.tokens[t.For], t)
	}
}

// projectSymbol is the name by which a template's project is known here.
// An action of a pipeline names its project by Ref or by an attribute; both lead to
// the logical id that cfnProject takes for a name.
func projectSymbol(s string) string {
	if inner, ok := strings.CutPrefix(s, "${"); ok {
		inner = strings.TrimSuffix(inner, "}")
		inner = strings.TrimSuffix(strings.TrimSuffix(inner, ".name"), ".id")
		return inner
	}
	return s
}

// accountOf is the account in an ARN, "" where there is none or it is a symbol.
func accountOf(arn string) string {
	a, ok := policy.ParseARN(arn)
	if !ok || strings.Contains(a.Account, "${") {
		return ""
	}
	return a.Account
}

// role is the role that a value names, at is where the value stands.
// Accounts have roles of one name that may do quite different things, so a name alone
// leads to a role only in the account that the value names, or where all that have the
// name are of one account.
func (s *Scene) role(v model.Value[string], at model.Location) *model.Role {
	if !v.Known() {
		return nil
	}
	if r := s.roles[model.Scoped(v.V, at)]; r != nil {
		return r
	}
	list := s.named[model.Scoped(v.V, at)]
	if list == nil {
		list = s.named[model.LastPart(v.V)]
	}
	if account := accountOf(v.V); account != "" {
		return cmp.Or(list[account], list[""])
	}
	var found *model.Role
	for account, r := range list {
		if account != "" && found != nil {
			return nil
		}
		if account != "" {
			found = r
		}
	}
	return cmp.Or(found, list[""])
}

// grant is what a role's policies allow, worked out once; a nil role allows what
// nobody knows.
func (s *Scene) grant(r *model.Role) *grant.Grants {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.grants[r]
	if g == nil {
		g = grant.Of(r)
		s.grants[r] = g
	}
	return g
}

// purpose is what a project is for: as declared, as its tags say, or release when
// its role can put something out.
// The order is that of how far each can be trusted: the owners' word, a tag that
// whoever tags may set, a guess. The guess is never "test": that a role can put
// nothing out may be for want of policies.
func (s *Scene) purpose(o *owner) string {
	if p := s.Settings.PurposeOf(o.name()); p != "" {
		return p
	}
	for k, v := range o.Project.Tags.Or(nil) {
		if strings.EqualFold(k, "purpose") && slices.Contains([]string{"test", "release", "deploy"}, strings.ToLower(v)) {
			return strings.ToLower(v)
		}
	}
	if o.Role != nil && len(releases(s.grant(o.Role))) > 0 {
		return "release"
	}
	return ""
}

// secretRefs are the secrets and parameters that a project's variables and its
// buildspec name, as far as that is known: kind, a blank and the name.
func (s *Scene) secretRefs(o *owner) []string {
	if o.refs != nil {
		return o.refs
	}
	spec, _, _ := o.spec()
	o.refs = []string{}
	for _, ref := range secret.Refs(o.Project, spec) {
		// The kind is part of the word, since a secret and a parameter may have one
		// name.
		if word := ref.Kind + " " + secret.Name(ref.Name); !slices.Contains(o.refs, word) {
			o.refs = append(o.refs, word)
		}
	}
	return o.refs
}

// credentials finds which source credential and token a project's code is fetched
// with.
func (s *Scene) credentials(o *owner) {
	// A source that says another way to sign in does not use the account's credential,
	// which CodeBuild keeps by provider and region.
	src := o.Project.Source
	if src.AuthFrom.Known() {
		o.token = first(s.tokens[src.AuthFrom.V], s.tokens[secret.Name(src.AuthFrom.V)])
		return
	}
	if src.AuthType.Known() && src.AuthType.V != "OAUTH" {
		return
	}
	for _, c := range s.Inventory.Credentials {
		// An account keeps one credential for each kind of server and region, so
		// several only fit where regions are not told.
		if c.Server.V == src.Provider() && (c.Region == "" || o.Project.Region == "" || c.Region == o.Project.Region) {
			o.creds = append(o.creds, c)
			if o.token == nil {
				o.token = first(s.tokens[c.ARN.V], s.tokens[c.Resource.V])
			}
		}
	}
}

// first is the token of which most is known.
func first(lists ...[]*model.Token) *model.Token {
	var out *model.Token
	for _, l := range lists {
		for _, t := range l {
			// Response headers, the organisation and probes say more than a prefix.
			if out == nil || out.Evidence == "prefix" {
				out = t
			}
		}
	}
	return out
}

func (s *Scene) unknown(format string, args ...any) ref.Val {
	return s.r.unknown(fmt.Sprintf(format, args...))
}

// age is how many days ago, null when absent.
func (s *Scene) age(v model.Value[time.Time]) any {
	switch v.State {
	case model.Known:
		return s.Now.Sub(v.V).Hours() / 24
	case model.Unknown:
		return s.r.unknown(v.Why)
	}
	return nil
}

// TokenKnown says whether evidence tells what the token that fetches the
// project's code may do.
func (s *Scene) TokenKnown(j *Judged) bool {
	for _, o := range s.byName[j.Project.Name.V] {
		if o.Judged == j && o.token != nil {
			return o.token.Permissions.Known() || o.token.Scopes.Known()
		}
	}
	return false
}
