package attribution

import (
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Baseline is what a principal did before the earliest possible exposure. An
// unknown baseline makes nothing new.
type Baseline struct {
	Known  bool
	Some   bool // there is history, if not enough of it
	From   time.Time
	To     time.Time
	Events int
	Days   int

	networks map[string]int // days
	agents   map[string]int
	pairs    map[[2]string]int // network, agent → days
	services map[string]bool
	regions  map[string]bool
	actions  map[[2]string]int // action, resource → days
	hours    [168]int
	mfa      bool
	console  bool
	sources  map[string]bool // source identities
}

// learn reads a principal's habits from its events in [t0-days, t0). Forwarded
// calls and calls from inside AWS teach no network.
func learn(events []evidence.Event, t0 time.Time, w *Weights) *Baseline {
	b := &Baseline{
		From: t0.AddDate(0, 0, -w.Baseline.Days), To: t0, networks: map[string]int{}, agents: map[string]int{}, pairs: map[[2]string]int{},
		services: map[string]bool{}, regions: map[string]bool{}, actions: map[[2]string]int{}, sources: map[string]bool{},
	}
	days := map[string]bool{}
	once := map[string]bool{} // day and what was counted on it
	count := func(day, what string, add func()) {
		if k := day + "\x00" + what; !once[k] {
			once[k] = true
			add()
		}
	}
	for i := range events {
		e := &events[i]
		if e.Time.Before(b.From) || !e.Time.Before(t0) {
			continue
		}
		b.Events++
		day := e.Time.Format("2006-01-02")
		days[day] = true
		b.services[e.Source] = true
		b.regions[e.Region] = true
		b.hours[hourOfWeek(e.Time)]++
		b.mfa = b.mfa || e.Identity.MFA == "true"
		b.console = b.console || e.Identity.FromConsole || e.Name == "ConsoleLogin"
		if s := e.Identity.SourceIdentity; s != "" {
			b.sources[s] = true
		}
		for _, r := range e.Resources {
			k := [2]string{e.Action(), r}
			count(day, "a"+k[0]+"\x00"+k[1], func() { b.actions[k]++ })
		}
		if e.FromAWS() {
			continue
		}
		network, agent := e.Network(), evidence.AgentFamily(e.UserAgent)
		count(day, "n"+network, func() { b.networks[network]++ })
		count(day, "u"+agent, func() { b.agents[agent]++ })
		count(day, "p"+network+"\x00"+agent, func() { b.pairs[[2]string{network, agent}]++ })
	}
	b.Days = len(days)
	b.Some = b.Events > 0
	b.Known = b.Events >= w.Baseline.MinEvents && b.Days >= w.Baseline.MinDays
	return b
}

// exposure finds when a credential or principal first strayed from its habits:
// the first call from a network not seen before, once there is history enough
// to know habits at all. The zero time means it never did.
func exposure(events []evidence.Event, w *Weights) time.Time {
	seen, days, n := map[string]bool{}, map[string]bool{}, 0
	for i := range events {
		e := &events[i]
		if e.FromAWS() {
			continue
		}
		network := e.Network()
		if n >= w.Baseline.MinEvents && len(days) >= w.Baseline.MinDays && !seen[network] {
			return e.Time
		}
		seen[network] = true
		days[e.Time.Format("2006-01-02")] = true
		n++
	}
	return time.Time{}
}

func hourOfWeek(t time.Time) int { return int(t.Weekday())*24 + t.Hour() }

// Usual says whether network and tool were seen together on enough days.
func (b *Baseline) usual(network, agent string, w *Weights) bool {
	return b.pairs[[2]string{network, agent}] >= w.Baseline.UsualDays
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
