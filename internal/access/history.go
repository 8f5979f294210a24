package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/trailhound/trailhound/internal/access/policy"
	"github.com/trailhound/trailhound/internal/evidence"
)

// History is what the evidence tells of policies over time: snapshots, and the
// IAM write events between, before and after them. Ask it for the World of a
// moment with At. It is made by Collect, and after ReadSessions never changes.
type History struct {
	entities   map[string]*entity // by account/kind/name, names in lower case
	order      []string           // keys, sorted
	managed    map[string][]byte  // AWS's own policies by ARN: documents that come with the program
	management string             // account that manages the organisation, "" if nothing tells
	// off and management change how a World is governed; the first needs the root's own
	// description, which few accounts can see.
	off    map[Kind]bool // kinds of control policy that a root says are turned off
	latest time.Time     // of all that was read
	notes  []string
	// undated: some snapshot has no time, and was put one second behind latest. step
	// numbers events of one second in the order in which they were read.
	undated bool
	step    int

	sessions map[string]*session   // by key; see ReadSessions
	named    map[string][]*session // by the ARN of the session

	tagged bool // whether a document asks for the caller's tags

	mu     sync.Mutex
	parsed map[string]Policy // documents compiled, by text: most are the same at most moments
}

// Collect reads every observation of IAM and every IAM write event of the
// evidence. managed are AWS's own policies, for evidence that only names them;
// see LoadManaged.
func Collect(ctx context.Context, q evidence.Querier, managed map[string][]byte) (*History, error) {
	h := newHistory(managed)
	var events []evidence.Event
	for e, err := range q.Events(ctx, evidence.Query{Sources: writeSources, Names: writeNames(), Body: true}) {
		if err != nil {
			return nil, fmt.Errorf("read write events: %w", err)
		}
		// A failed call changed nothing, though CloudTrail may show its request. A lossy
		// record (a console's CSV, say) lacks the very members that would be followed, and
		// would look like a call that left its document out.
		if e.Outcome() == evidence.Success && !e.Lossy {
			events = append(events, e)
		}
	}
	var seen []evidence.Observation
	if o, ok := q.(evidence.Observer); ok {
		for x, err := range o.Observations(ctx, evidence.ObservationQuery{Kinds: stateKinds}) {
			if err != nil {
				return nil, fmt.Errorf("read snapshots: %w", err)
			}
			seen = append(seen, x)
		}
	}
	h.build(seen, events)
	return h, nil
}

// stateKinds are the observations that policies are read from.
var stateKinds = []string{"iam_user", "iam_group", "iam_role", "iam_policy", "org_policy", "org_attachment", "org_parent", "org_organization", "org_root", "resource_policy"}

func newHistory(managed map[string][]byte) *History {
	return &History{off: map[Kind]bool{}, entities: map[string]*entity{}, managed: managed, parsed: map[string]Policy{}, sessions: map[string]*session{}, named: map[string][]*session{}}
}

// Of makes a history from parts at hand, as tests and samples do.
func Of(seen []evidence.Observation, events []evidence.Event, managed map[string][]byte) *History {
	h := newHistory(managed)
	h.build(seen, events)
	return h
}

func (h *History) build(seen []evidence.Observation, events []evidence.Event) {
	// The newest moment first, since undated snapshots are placed behind it.
	for i := range events {
		if events[i].Time.After(h.latest) {
			h.latest = events[i].Time
		}
	}
	for i := range seen {
		if seen[i].Time.After(h.latest) {
			h.latest = seen[i].Time
		}
	}
	for i := range seen {
		// Observations go before events: an event's entity then has its ARN and id already.
		h.addObservation(&seen[i])
	}
	for i := range events {
		h.addEvent(&events[i])
		if events[i].Source == "sts.amazonaws.com" {
			h.addSession(&events[i])
		}
	}
	if h.undated && len(events) > 0 {
		h.notes = append(h.notes, "a snapshot does not say when it was taken; it is taken to be later than every event")
	}
	for key, e := range h.entities {
		e.complete()
		for _, r := range e.slots {
			h.tagged = h.tagged || slices.ContainsFunc(r.facts, func(f fact) bool { return asksForTags(f.value) })
		}
		h.order = append(h.order, key)
	}
	slices.Sort(h.order)
}

// Latest is the moment of the newest thing in the history: At(Latest()) is the
// state at the end of the evidence.
func (h *History) Latest() time.Time {
	if h.undated {
		return h.latest.Add(time.Second)
	}
	return h.latest
}

// Empty says that the evidence tells of no principal and no policy of one.
func (h *History) Empty() bool {
	for _, e := range h.entities {
		// What Organizations says of control policies is about no principal.
		if e.kind != "control" && e.kind != "target" {
			return false
		}
	}
	return true
}

// entity finds or makes one. Names are unique in an account whatever their path
// and case.
func (h *History) entity(account, kind, name string) *entity {
	key := account + "/" + kind + "/" + strings.ToLower(name)
	e := h.entities[key]
	if e == nil {
		e = &entity{kind: kind, name: name, slots: map[string]*register{}}
		h.entities[key] = e
	}
	return e
}

// byARN finds an entity by its ARN, of IAM or of a resource with a policy.
// Users, roles and groups are known by account and name, since write events leave
// their path out.
func (h *History) byARN(arn string) *entity {
	a, ok := policy.ParseARN(arn)
	if !ok {
		return nil
	}
	if a.Service == "iam" && a.Type() != "policy" {
		return h.entities[a.Account+"/"+a.Type()+"/"+strings.ToLower(a.Name())]
	}
	kind := "resource"
	if a.Service == "iam" {
		kind = "policy"
	}
	return h.entities["/"+kind+"/"+strings.ToLower(arn)]
}
