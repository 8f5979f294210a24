package generate

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Options say whose policy, from what.
type Options struct {
	Principal string    // ARN of a role or user, or its name where only one has it
	From, To  time.Time // zero is open
	Project   string    // only builds of this project; "" for everything the principal did

	Builds   map[string]Build // what is known of builds, by UUID; see ReadBuilds
	Vouched  bool             // pull requests are built only after somebody trusted approved: count their builds
	Strict   bool             // leave out builds that nothing tells the trigger of
	Hostile  map[string]bool  // ids of events that were not the principal's own doing
	Projects []Project        // for what the service itself does with the role
}

// Use is how often a permission was used and where that can be read.
// Events come in order of time, so First is that of the first one added.
type Use struct {
	Count       int
	First, Last time.Time
	Events      []string // the first three
	Builds      int      // distinct builds; 0 outside builds
}

// add counts one event.
func (u *Use) add(e *evidence.Event) {
	if u.Count++; u.Count == 1 {
		u.First = e.Time
	}
	u.Last = e.Time
	if len(u.Events) < 3 {
		u.Events = append(u.Events, e.ID)
	}
}

// held is one permission on one resource as it was used.
type held struct {
	need
	region string
	use    Use
	builds map[string]bool
	vouch  bool // seen at least once where the trigger is known, or outside builds
}

// key tells permissions apart.
// A region is part of it: what was used in one region is no reason to allow another.
func (n *need) key(region string) string {
	k := n.action + "\x00" + n.res.pattern + "\x00" + region
	for _, c := range slices.Sorted(maps.Keys(n.with)) {
		k += "\x00" + c + "=" + n.with[c]
	}
	return k
}

// activity is what the principal did, held apart.
// One permission may stand in several of the sets; what the principal itself did
// counts before what was left out of it.
type activity struct {
	principal  string
	kept       map[string]*held // what the policy has to allow
	denied     map[string]*held // what was refused
	untrusted  map[string]*held // what builds of pull requests used
	hostile    map[string]*held // what was not the principal's own doing
	assumed    map[string]bool  // roles that it went on to
	builds     map[string]bool  // kept builds
	left       map[string]bool  // builds left out, of pull requests
	unknown    map[string]bool  // builds whose trigger nothing tells
	foreign    int              // events of other projects' builds, or of none, when a project was asked for
	events     int
	unread     []string // ids of events whose record could not be read
	unreadN    int
	first      time.Time
	last       time.Time
	days       map[string]bool
	networks   map[string]map[string]bool // build session to the public networks it called from
	truncated  int
	actions    map[string]bool
	evidenceOf map[string]bool // sources that have data events at all
}

// maxNeeds bounds distinct permissions of one kind; beyond, the last segment of
// a resource is taken as a wildcard.
const maxNeeds = 100_000

// collect reads the principal's events.
func (t *Table) collect(ctx context.Context, q evidence.Querier, o *Options) (*activity, error) {
	arn, err := resolve(ctx, q, o.Principal)
	if err != nil {
		return nil, err
	}
	builds := maps.Clone(o.Builds)
	if builds == nil {
		builds = map[string]Build{}
	}
	if err := findBuilds(ctx, q, builds); err != nil {
		return nil, err
	}
	a := &activity{principal: arn, kept: map[string]*held{}, denied: map[string]*held{}, untrusted: map[string]*held{}, hostile: map[string]*held{},
		assumed: map[string]bool{}, builds: map[string]bool{}, left: map[string]bool{}, unknown: map[string]bool{}, days: map[string]bool{},
		networks: map[string]map[string]bool{}, actions: map[string]bool{}, evidenceOf: map[string]bool{}}
	query := evidence.Query{From: o.From, To: o.To, Principals: []string{arn}, Body: true}
	for e, err := range q.Events(ctx, query) {
		if err != nil {
			return nil, err
		}
		if owner(&e.Identity) != arn {
			continue // named by the record, but somebody else's call
		}
		if err := t.take(a, &e, o, builds); err != nil {
			return nil, err
		}
	}
	if a.events == 0 {
		return nil, fmt.Errorf("the evidence holds no call of %s", arn)
	}
	return a, t.dataEvents(ctx, q, o, a)
}

// owner is the ARN of the role or user whose permissions a call used. The ARN of
// a session is no key: it lacks the role's path.
func owner(id *evidence.Identity) string {
	switch id.Type {
	case "AssumedRole":
		return id.IssuerARN
	case "IAMUser":
		return id.ARN
	}
	return ""
}

// take puts one event where it belongs.
// Hostile goes before untrusted, and refused before either: a refused call shows no
// need, whoever made it, and none of the sets that a policy is drawn from may hold it.
func (t *Table) take(a *activity, e *evidence.Event, o *Options, builds map[string]Build) error {
	uuid := buildOf(&e.Identity)
	b := builds[uuid]
	if o.Project != "" && (uuid == "" || b.Project != o.Project) {
		a.foreign++
		return nil
	}
	rec, err := e.Parse()
	if err != nil {
		if a.unreadN++; len(a.unread) < 3 {
			a.unread = append(a.unread, e.ID)
		}
		return nil
	}
	a.events++
	if a.first.IsZero() {
		a.first = e.Time
	}
	a.last = e.Time
	a.days[e.Time.Format(time.DateOnly)] = true
	if uuid != "" {
		a.from(uuid, e.SourceIP)
	}
	into, vouch := a.kept, true
	switch {
	case o.Hostile[e.ID]:
		into = a.hostile
	case uuid != "" && b.Trigger == PullRequest && !o.Vouched:
		into = a.untrusted
		a.left[uuid] = true
	case uuid != "" && (b.Trigger == NoTrigger || b.Trigger == ""):
		a.unknown[uuid] = true
		if vouch = false; o.Strict {
			into = a.untrusted
		}
	}
	if refused(e) {
		into = a.denied
	}
	if uuid != "" && !a.left[uuid] {
		a.builds[uuid] = true
	}
	for _, n := range t.needs(e, rec) {
		// A record's names are the attacker's to choose, so the number of permissions is bounded.
		if into[n.key(e.Region)] == nil && len(into) >= maxNeeds {
			n.res.pattern = folder(n.res.pattern)
			a.truncated++
		}
		if n.implied != "" && refused(e) {
			continue // a refused call implies nothing
		}
		a.add(into, n, e, uuid, vouch)
		if n.action == "sts:AssumeRole" && e.Outcome() == evidence.Success {
			a.assumed[n.res.literal] = true
		}
	}
	return nil
}

// add joins a use to what is held of its permission. It gets less doubtful with each
// use: one that shows the permission, or the resource, or came from a known trigger
// settles it for all.
func (a *activity) add(into map[string]*held, n need, e *evidence.Event, uuid string, vouch bool) {
	key := n.key(e.Region)
	h := into[key]
	if h == nil {
		h = &held{need: n, region: e.Region, builds: map[string]bool{}}
		into[key] = h
	}
	if n.implied == "" {
		h.implied = "" // seen itself, whatever implied it before
	}
	if n.res.loose == "" {
		h.res.loose = ""
	}
	h.use.add(e)
	h.vouch = h.vouch || vouch
	if uuid != "" {
		h.builds[uuid] = true
	}
}

// refusals are the error codes by which services say that a policy does not
// allow. Any other error is the service's own: the call was allowed.
var refusals = regexp.MustCompile(`(?i)^(client\.)?(access ?denied(exception)?|unauthorized(operation|access|exception)?|not ?authorized(exception)?|authorizationerror(exception)?|forbidden(exception)?|kmsaccessdenied(exception)?|accessdeniedfault|signaturedoesnotmatch|invalidclienttokenid|explicitdeny\w*)$`)

// refused also reads the message: some services tell a denial under a code of their own.
func refused(e *evidence.Event) bool {
	if refusals.MatchString(e.ErrorCode) {
		return true
	}
	_, denial := evidence.ParseDenial(e.ErrorMessage)
	return denial
}

// from notes the network that a build called from.
// A /16, since the builds of one region leave by several of AWS's addresses.
func (a *activity) from(uuid, ip string) {
	addr, err := netip.ParseAddr(ip)
	if err != nil || !addr.Is4() || addr.IsPrivate() {
		return // a service, an endpoint, IPv6: nothing that tells networks apart
	}
	if a.networks[uuid] == nil {
		a.networks[uuid] = map[string]bool{}
	}
	net, _ := addr.Prefix(16) // of an IPv4 address: cannot fail
	a.networks[uuid][net.String()] = true
}

// resolve finds the ARN of a principal that was named.
// A name costs a look at all events. One that two principals have is not guessed at.
func resolve(ctx context.Context, q evidence.Querier, name string) (string, error) {
	if strings.HasPrefix(name, "arn:") {
		if f := strings.Split(name, ":"); len(f) > 5 && f[2] == "sts" {
			return "", fmt.Errorf("%s is a session; give the ARN or the name of its role", name)
		}
		return name, nil
	}
	found := map[string]bool{}
	for e, err := range q.Events(ctx, evidence.Query{}) {
		if err != nil {
			return "", err
		}
		if e.Identity.IssuerName != name && e.Identity.UserName != name {
			continue
		}
		if arn := owner(&e.Identity); arn != "" && arn[strings.LastIndexByte(arn, '/')+1:] == name {
			found[arn] = true
		}
	}
	list := slices.Sorted(maps.Keys(found))
	switch len(list) {
	case 0:
		return "", fmt.Errorf("the evidence holds no call of a role or user %s", name)
	case 1:
		return list[0], nil
	}
	return "", fmt.Errorf("%s is the name of %d principals: %s; give the ARN", name, len(list), strings.Join(list, ", "))
}
