package trust

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/rx"
)

// Way is one way in: a filter group, or the webhook when it has none.
type Way struct {
	Group   int // from 0; -1: the webhook as a whole
	At      model.Location
	Verdict Verdict
	Why     string   // one clause: what decides
	Events  []string // that start a build and need no write access, or all when none do
	Witness string   // an account id that gets in and nobody listed
	Actors  *Actors  // nil without an actor filter
	Policy  string   // what the comment policy does: "", strong, weak, default, off
	Gates   []string // types of filter of the group that gate nothing on pull requests
}

// Actors is what the actor filters of a group let through.
type Actors struct {
	Finite  bool
	Count   string   // decimal; of an infinite set, ids of at most nine digits
	Listed  []string // what passes, when it is a short list
	Spelled []string // what the patterns spell
	Witness string
	Cannot  string // why it cannot be told
}

// Result is who can make a project run code.
type Result struct {
	Verdict Verdict
	Why     string
	Witness string
	Ways    []Way
	Rung    string // where the project stands on the ladder
}

// Way returns the way that decides, nil without a webhook.
func (r *Result) Way() *Way {
	for i := range r.Ways {
		// Of several that decide alike the first group is told, so that a report
		// names the same one each time.
		if r.Ways[i].Verdict == r.Verdict {
			return &r.Ways[i]
		}
	}
	return nil
}

// Evaluate judges a project in the light of its repository.
func Evaluate(p *model.Project, repo Repo) Result { return EvaluateWith(nil, p, repo) }

// EvaluateWith is Evaluate with a memory of patterns, for many projects.
func EvaluateWith(memo *rx.Memo, p *model.Project, repo Repo) Result {
	switch {
	case p.Webhook.Absent():
		return Result{Verdict: None, Why: "no webhook starts it", Rung: "no webhook"}
	case p.Webhook.Unknown():
		return Result{Verdict: Unknown, Why: "whether it has a webhook cannot be told: " + p.Webhook.Why, Rung: "cannot be told"}
	}
	w := p.Webhook.V
	e := evaluator{p: p, w: &w, repo: repo, memo: memo}
	var ways []Way
	switch {
	case w.Groups.Unknown():
		ways = []Way{{Group: -1, At: w.At, Verdict: Unknown, Why: "the filter groups are not known: " + w.Groups.Why}}
	case len(w.Groups.V) == 0:
		ways = []Way{e.ungrouped()}
	default:
		for i, g := range w.Groups.V {
			ways = append(ways, e.group(i, g))
		}
	}
	return conclude(ways)
}

func conclude(ways []Way) Result {
	r := Result{Verdict: None, Ways: ways}
	for _, way := range ways {
		r.Verdict = Weaker(r.Verdict, way.Verdict)
	}
	if way := r.Way(); way != nil {
		r.Why, r.Witness = way.Why, way.Witness
	}
	r.Rung = rung(r)
	return r
}

type evaluator struct {
	p    *model.Project
	w    *model.Webhook
	repo Repo
	memo *rx.Memo
}

// ungrouped judges a webhook without filter groups. Only a policy that is written
// down gates it: no default is trusted where nothing at all is filtered.
func (e *evaluator) ungrouped() Way {
	way := Way{Group: -1, At: e.w.At, Events: slices.Clone(untrusted)}
	if e.w.Policy.Absent() {
		way.Verdict, way.Witness = e.repo.Ungated(), e.stranger()
		way.Why = "the webhook has no filter: every event starts a build"
		if b := e.w.BranchFilter; b.V != "" {
			way.Why = "only the old branch filter stands before the build, and the author of a pull request names the branch"
		}
		return e.closed(way)
	}
	return e.pullRequests(way, eventSet{names: model.Events}, nil)
}

func (e *evaluator) group(i int, g model.Group) Way {
	way := Way{Group: i, At: g.At}
	if !g.Filters.Known() {
		way.Verdict, way.Why = Unknown, "its filters are not known: "+g.Filters.Why
		return way
	}
	set := events(g.Filters.V)
	way.Events = set.untrusted()
	for _, f := range g.Filters.V {
		if k := f.Kind(); slices.Contains([]string{model.HeadRef, model.BaseRef, model.CommitMessage, model.FilePath}, k.V) && !slices.Contains(way.Gates, k.V) {
			way.Gates = append(way.Gates, k.V)
		}
	}
	switch {
	case set.unsure != "":
		// What is unsure adds events at most: a verdict that is closed with all of
		// them stays closed, an open one may owe it to the doubt.
		if way = e.pullRequests(way, set, g.Filters.V); way.Verdict.Open() {
			way.Verdict, way.Why, way.Witness = Unknown, set.unsure, ""
		}
		return way
	case len(set.names) == 0:
		way.Verdict, way.Why = None, "its event filters leave no event"
		return way
	case len(way.Events) == 0 && set.has(model.WorkflowQueue):
		return e.runner(way, g.Filters.V)
	case len(way.Events) == 0:
		way.Events = set.names
		way.Verdict, way.Why = Writers, "only events that need write access start a build"
		way.Actors = e.actors(g.Filters.V)
		switch a := way.Actors; {
		case a.nobody():
			way.Verdict, way.Why = None, "its actor filter lets nobody pass"
		case a.list():
			way.Verdict, way.Why = IDs, fmt.Sprintf("pushes of %s listed accounts start a build", a.Count)
		}
		return way
	}
	return e.pullRequests(way, set, g.Filters.V)
}

// pullRequests judges a way that pull requests can take: the stronger of an
// allow-list and a comment policy, and what is there without either.
//
// Where the group also lets pushes through, a comment policy leaves writers: it
// asks nothing of a push. An actor filter holds for every event.
func (e *evaluator) pullRequests(way Way, set eventSet, filters []model.Filter) Way {
	way.Actors = e.actors(filters)
	p, policy, why := e.policy()
	way.Policy = policy
	a := way.Actors
	switch {
	case a.nobody():
		way.Verdict, way.Why = None, "its actor filter lets nobody pass"
		return way
	case a.list():
		way.Verdict, way.Why = IDs, fmt.Sprintf("pull requests of %s listed accounts start a build", a.Count)
		return way
	case p == Approved:
		way.Verdict, way.Why = Approved, why
		if set.writers() {
			way.Verdict, way.Why = Writers, "pushes start a build; "+why
		}
		return way
	case p == Unknown:
		way.Verdict, way.Why = Unknown, why
	case a != nil && a.Cannot != "":
		way.Verdict, way.Why = Unknown, "its actor filter cannot be analysed: "+a.Cannot
	case p == Readers:
		way.Verdict, way.Why, way.Witness = min(Readers, e.repo.Ungated()), why, ""
	case a != nil:
		way.Verdict, way.Witness = e.repo.Ungated(), a.Witness
		way.Why = fmt.Sprintf("its actor filter is no allow-list: it also lets account %s pass", a.Witness)
	default:
		way.Verdict, way.Witness, way.Why = e.repo.Ungated(), e.stranger(), openWhy(way)
	}
	// An unknown filter can only narrow: what is open without it cannot be told.
	if uncertain := unknownFilter(filters); uncertain != "" && way.Verdict.Open() {
		way.Verdict, way.Why, way.Witness = Unknown, uncertain, ""
	}
	if way.Verdict == Unknown && e.repo.Ungated() == Writers {
		way.Verdict = Writers // whatever the filters are, nobody else can open a pull request
	}
	return e.closed(way)
}

// closed words a way that is no worse than writers because nobody else can open a
// pull request here.
func (e *evaluator) closed(way Way) Way {
	switch {
	case way.Verdict == Writers:
		way.Why, way.Witness = "pull requests start a build, and only writers can open one: the repository is private and not forkable", ""
	case way.Verdict == Readers && way.Witness != "":
		way.Witness = ""
		way.Why += "; the repository is private, so readers can"
	}
	return way
}

func openWhy(way Way) string {
	if way.Policy == PolicyWeak {
		return "pull requests wait for a comment, and everybody's counts"
	}
	if len(way.Gates) > 0 {
		return fmt.Sprintf("only %s stands before the build, which the author of a pull request chooses", strings.Join(way.Gates, " and "))
	}
	return "pull requests start a build and nothing stands before it"
}

func unknownFilter(filters []model.Filter) string {
	for _, f := range filters {
		if !f.Type.Known() || !f.Pattern.Known() || f.Exclude.Unknown() {
			why := f.Type.Why + f.Pattern.Why + f.Exclude.Why
			return "one of its filters is not known: " + why
		}
	}
	return ""
}

// runner judges a group that hands out build machines to workflow jobs: what runs
// is decided by the provider's rules for workflows.
func (e *evaluator) runner(way Way, filters []model.Filter) Way {
	way.Events = []string{model.WorkflowQueue}
	way.Actors = e.actors(filters)
	switch a := way.Actors; {
	case a.nobody():
		way.Verdict, way.Why = None, "its actor filter lets nobody pass"
	case a.list():
		way.Verdict, way.Why = IDs, fmt.Sprintf("workflow jobs of %s listed accounts run on it", a.Count)
	case e.repo.Ungated() == Writers:
		way.Verdict, way.Why = Writers, "workflow jobs run on it, and only writers can cause one"
	case e.repo.ForkRuns == "all_external_contributors":
		way.Verdict, way.Why = Approved, "workflow jobs run on it, and those of outsiders wait for approval"
	case strings.HasPrefix(e.repo.ForkRuns, "first_time_contributors"):
		way.Verdict, way.Why = Readers, "workflow jobs run on it, and whoever once contributed needs no approval"
	default:
		way.Verdict, way.Why = Unknown, "workflow jobs run on it, and GitHub's approval policy for forks was not given"
	}
	return way
}

// stranger is an account id that nobody listed: the first the provider ever gave.
func (e *evaluator) stranger() string {
	if strings.HasPrefix(e.p.Source.Provider(), "BITBUCKET") {
		return "{00000000-0000-0000-0000-000000000001}"
	}
	return "1"
}

// list says whether the filters are a real allow-list.
func (a *Actors) list() bool { return a != nil && a.Finite && len(a.Listed) > 0 }

func (a *Actors) nobody() bool { return a != nil && a.Cannot == "" && a.Finite && a.Count == "0" }

// actors analyses the actor filters of a group together, nil when it has none.
func (e *evaluator) actors(filters []model.Filter) *Actors {
	var terms []rx.Term
	unknown := ""
	for _, f := range filters {
		if k := f.Kind(); !k.Known() || k.V != model.Actor {
			continue
		}
		if !f.Pattern.Known() || f.Exclude.Unknown() {
			unknown = "the pattern is not known: " + f.Pattern.Why + f.Exclude.Why
			continue
		}
		terms = append(terms, rx.Term{Pattern: f.Pattern.V, Exclude: f.Exclude.Or(false)})
	}
	if len(terms) == 0 && unknown == "" {
		return nil
	}
	acc, err := e.memo.Accept(e.p.Source.Provider(), terms)
	switch {
	case err != nil:
		// One filter alone that is a real allow-list bounds the group, whatever the others are.
		if a := e.boundedBy(terms); a != nil {
			return a
		}
		return &Actors{Cannot: rx.Reason(err)}
	case unknown != "" && !(acc.Finite && len(acc.List) > 0):
		return &Actors{Cannot: unknown}
	}
	return of(acc)
}

func (e *evaluator) boundedBy(terms []rx.Term) *Actors {
	for _, t := range terms {
		acc, err := e.memo.Accept(e.p.Source.Provider(), []rx.Term{t})
		if err == nil && acc.Finite && len(acc.List) > 0 {
			return of(acc)
		}
	}
	return nil
}

func of(acc rx.Accepted) *Actors {
	return &Actors{Finite: acc.Finite, Count: acc.Count.String(), Listed: acc.List, Spelled: acc.Spelled, Witness: acc.Witness}
}
