package attribution

import (
	"context"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

// Input is what the case gives: where to start, and what people said.
type Input struct {
	Credentials  []string  // node ids that the case calls stolen
	Principals   []string  // unique ids that the case names
	IPs          []string  // addresses or prefixes that the case names
	Events       []string  // event ids that the case names
	Examine      []string  // unique ids to judge without holding anything against them
	Mentioned    []string  // node ids of sessions that the case names, to be told of without holding anything against them
	Regions      []string  // regions that the case names and where none of theirs works
	Workloads    []string  // instance ids and the like whose credentials are in question
	Exposed      time.Time // earliest possible exposure as stated; zero if not
	Stated       bool      // somebody says outright that something was stolen, exposed or nobody's
	Assume       bool      // what is named may be taken for stolen where nothing shows whose it is: somebody says so, or names a key by its id
	Doubted      bool      // the case asks whether anything was stolen, and does not say so
	Denied       bool      // somebody says that what the case is about was not theirs
	Strangers    []string  // unique ids of users and roles that somebody calls nobody's of theirs
	Robbed       bool      // somebody says outright that something was stolen or exposed, or that somebody left
	Away         bool      // somebody is said to travel, or to have a new device, and nothing to be stolen
	Abroad       []string  // regions near where they are said to be: with Away, nothing there is odd for its region
	Swept        []string  // of Examine, who only stood out: place, hour and tool alone make nobody of them an intruder
	Noticed      []string  // of Examine, whom nothing in the case leads to, and who departs in no more than place, hour, tool and what they took up: asked about
	Look         []string  // events of those in Examine whose credentials are told of, whatever comes out
	Told         []string  // events that brought about what the case tells of as harm: theirs who is not at home where it was done
	Terminated   time.Time // when the person's right to use what is named ended; zero if that is not the case
	TerminatedBy time.Time // the latest that it may have ended, where no time zone is told; zero if it is known
	Leavers      []string  // unique ids of those who are said to have left; empty where that holds of all that is named
	Known        []Known
	Ours         []string  // accounts that somebody says are the organisation's own, beside those that spoke
	Addresses    []Address // that snapshots show to be the account's own; those of calls are read
}

// Result is the attribution of every event of every credential touched.
type Result struct {
	Rows     []Row
	Events   []evidence.Event // in evidence.Compare order, no bodies; index i is Rows[i]
	Clusters []*Cluster       // of every principal examined, by time
	Leads    []lineage.Edge   // tier ≤ 2: not inherited

	// NoOwner names the credentials that were held to be the intruder's because
	// the case calls them stolen and nothing in them is recognisable as anybody
	// else's: an assumption, to be stated as one.
	NoOwner   []string
	Welcomed  []string             // unique ids of users and roles whose making is in the evidence and was an owner's, sorted
	Baselines map[string]*Baseline // person → habits before the intrusion
	Networks  []string             // the intruder's, unshared, sorted
	TooWide   []string             // stated networks that were ignored, since they name nobody, sorted
	Doors     []Door               // ways in of the intruder's, made by hands that nothing tells to be whose, in order
	Held      []Held               // addresses of the account's own that calls came from
	Unvouched []Unvouched          // what the word for an outside party did not clear
	Shared    []string             // the intruder's, but shared with unrelated principals, sorted

	actors map[string]Actor
}

// Actor is who made the event, "" if it was not touched.
func (r *Result) Actor(event string) Actor { return r.actors[event] }

type run struct {
	q    evidence.Querier
	g    *lineage.Graph
	w    *Weights
	in   *Input
	s    *Survey
	nets *networks

	people       map[string]*person
	order        []string
	loose        []evidence.Event          // calls without a principal, from a named address
	hostileNets  map[string]map[string]int // network → persons whose credentials the intruder used on it → round in which that was found
	hostileSince map[[2]string]time.Time   // network, person → the intruder's first such use
	round        int
	readOpened   int                 // principals read for the sessions that open calls obtained
	assuming     assumption          // how far what cannot be shown may be assumed by now
	letInBy      map[string][]string // user → the calls that made it or gave it a password; see welcomers
	settled      map[string]bool     // gifts of who left at which their users are at work
	spent        map[string]bool     // edges, networks and persons already followed
	handed       map[string]Actor    // hostile event → as whose it was handed on
	leads        []lineage.Edge
	noOwner      map[string]bool
	factors      map[string][]factor // by network
	firstHostile time.Time           // the earliest hostile cluster so far
	byEvent      map[string]place
	doorCalls    []evidence.Event // that may have let anybody in, in order; see doors
	doorBy       map[string][]int // what they name → which
	unvouched    []Unvouched
	held         map[string][]*Address // by address, in order of time; see addresses
}

func newRun(q evidence.Querier, g *lineage.Graph, s *Survey, in *Input, w *Weights) *run {
	return &run{
		q: q, g: g, w: w, in: in, s: s, nets: newNetworks(g, s, w), people: map[string]*person{},
		hostileNets: map[string]map[string]int{}, hostileSince: map[[2]string]time.Time{}, spent: map[string]bool{}, handed: map[string]Actor{}, settled: map[string]bool{}, letInBy: map[string][]string{}, noOwner: map[string]bool{}, byEvent: map[string]place{},
	}
}

// place finds an event again.
type place struct {
	p *person
	i int
}

// maxRounds bounds the fixpoint. Each round follows every hostile event found
// so far one step, so real chains end within a few.
const maxRounds = 64

// Run attributes. It starts from what the case names, follows lineage from
// hostile events only, judges the clusters of every credential it reaches, and
// repeats until nothing changes.
func Run(ctx context.Context, q evidence.Querier, g *lineage.Graph, s *Survey, in Input, w *Weights) (*Result, error) {
	var wide []string
	in.Known, wide = narrowed(in.Known)
	r := newRun(q, g, s, &in, w)
	if err := r.guests(ctx); err != nil {
		return nil, err
	}
	if err := r.doors(ctx); err != nil {
		return nil, err
	}
	if err := r.findFactors(ctx); err != nil {
		return nil, err
	}
	if err := r.seed(ctx); err != nil {
		return nil, err
	}
	for range maxRounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := r.landlords(ctx); err != nil {
			return nil, err
		}
		r.index()
		r.judge()
		changed, err := r.follow(ctx)
		if err != nil {
			return nil, err
		}
		back, err := r.back(ctx)
		if err != nil {
			return nil, err
		}
		left, err := r.bequests(ctx)
		if err != nil {
			return nil, err
		}
		opened, err := r.openedBy(ctx)
		if err != nil {
			return nil, err
		}
		if changed || back || left || opened {
			continue
		}
		home, err := r.homecomings(ctx) // once it is known what the leaver had given away
		if err != nil {
			return nil, err
		}
		if !home {
			if r.assuming == assumeAll {
				break
			}
			r.assuming++ // nothing more is to be shown
		}
	}
	r.judge()
	r.followers()
	r.secretContent()
	res, err := r.result(ctx)
	if err == nil {
		res.TooWide = wide
	}
	return res, err
}
