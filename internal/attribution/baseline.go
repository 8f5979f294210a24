package attribution

import (
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Baseline is what a principal did before, as far as nobody holds it against
// anyone. An unknown baseline makes nothing new.
type Baseline struct {
	Known  bool
	Some   bool // there is history, if not enough of it
	Events int
	Days   int

	networks map[string]int // days
	agents   map[string]int
	pairs    map[[2]string]int // network, agent → days
	services map[string]bool
	regions  map[string]bool
	actions  map[[2]string]int // action, resource → days
	plain    map[string]bool   // actions
	hours    [168]int
	mfa      bool
	console  bool
	sources  map[string]bool    // source identities
	subjects map[string]bool    // federated identities that took the role, see subjectOf
	comers   map[string]*comers // by sort of subject

	w    *Weights
	days map[string]bool
	once map[string]bool // day and what was counted on it
}

func newBaseline(w *Weights) *Baseline {
	return &Baseline{
		networks: map[string]int{}, agents: map[string]int{}, pairs: map[[2]string]int{}, services: map[string]bool{}, regions: map[string]bool{},
		actions: map[[2]string]int{}, plain: map[string]bool{}, sources: map[string]bool{}, subjects: map[string]bool{}, comers: map[string]*comers{}, w: w, days: map[string]bool{}, once: map[string]bool{},
	}
}

// add learns from one event. Forwarded calls and calls from inside AWS teach no
// network.
func (b *Baseline) add(e *evidence.Event) {
	day := e.Time.Format("2006-01-02")
	count := func(what string, add func()) {
		if k := day + "\x00" + what; !b.once[k] {
			b.once[k] = true
			add()
		}
	}
	b.Events++
	b.days[day] = true
	b.services[e.Source] = true
	b.plain[e.Action()] = true
	b.regions[e.Region] = true
	b.hours[hourOfWeek(e.Time)]++
	b.mfa = b.mfa || e.Identity.MFA == "true"
	b.console = b.console || e.Identity.FromConsole || e.Name == "ConsoleLogin"
	if s := e.Identity.SourceIdentity; s != "" {
		b.sources[s] = true
	}
	for _, r := range e.Resources {
		k := [2]string{e.Action(), r}
		count("a"+k[0]+"\x00"+k[1], func() { b.actions[k]++ })
	}
	if !e.FromAWS() {
		network, agent := e.Network(), evidence.AgentFamily(e.UserAgent)
		count("n"+network, func() { b.networks[network]++ })
		count("u"+agent, func() { b.agents[agent]++ })
		count("p"+network+"\x00"+agent, func() { b.pairs[[2]string{network, agent}]++ })
	}
	b.Days = len(b.days)
	b.Some = true
	b.Known = b.Events >= b.w.Baseline.MinEvents && b.Days >= b.w.Baseline.MinDays
}

func hourOfWeek(t time.Time) int { return int(t.Weekday())*24 + t.Hour() }

// Usual says whether network and tool were seen together on enough days.
func (b *Baseline) usual(network, agent string, w *Weights) bool {
	return b.pairs[[2]string{network, agent}] >= w.Baseline.UsualDays
}

// stranger says whether neither the place nor the tool of a call was ever seen.
func (b *Baseline) stranger(e *evidence.Event) bool {
	return !e.FromAWS() && b.networks[e.Network()] == 0 && b.agents[evidence.AgentFamily(e.UserAgent)] == 0
}

// HasNetwork says whether the principal used the network; known is false where
// the baseline cannot tell.
func (b *Baseline) HasNetwork(network string) (has, known bool) {
	return b.networks[network] > 0, b.Known
}

// HasAgent is HasNetwork for a family of tools.
func (b *Baseline) HasAgent(agent string) (has, known bool) { return b.agents[agent] > 0, b.Known }

// HasService is HasNetwork for a service (eventSource).
func (b *Baseline) HasService(source string) (has, known bool) { return b.services[source], b.Known }

// HasAction is HasNetwork for an action on a resource.
func (b *Baseline) HasAction(action, resource string) (has, known bool) {
	return b.actions[[2]string{action, resource}] > 0, b.Known
}
