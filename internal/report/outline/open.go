package outline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
)

// Open returns what would let the intruder act again: persistence that is live, and credentials
// they held that still work.
func (o *Outline) Open() (live []ledger.Persistence, active []lineage.Credential) {
	for _, p := range o.Persistence {
		if p.Status == "live" {
			live = append(live, p)
		}
	}
	for _, c := range o.Credentials {
		if Held(c) && c.State == "active" {
			active = append(active, c)
		}
	}
	return live, active
}

// NothingOpen says what it means that Open finds nothing. Where nothing is established
// against anybody it is no comfort: whoever it was may have left anything.
func (o *Outline) NothingOpen() string {
	switch o.Verdict.Status {
	case "incident":
		return "nothing that the evidence shows"
	case "no_incident":
		return "nothing, since no intruder is seen"
	}
	return "not known, since nothing is established against anybody"
}

// Left counts what is live by what it means, in words.
func Left(live []ledger.Persistence) (words []string) {
	n := map[string]int{}
	for _, p := range live {
		n[p.Meaning()]++
	}
	for _, w := range [][3]string{
		{ledger.WayBack, "way back live", "ways back live"}, {ledger.OpenBefore, "way in that was open before", "ways in that were open before"}, {ledger.Exposed, "thing open to others", "things open to others"},
		{ledger.LeftBehind, "thing left behind", "things left behind"},
	} {
		if k := n[w[0]]; k > 0 {
			words = append(words, Count(k, w[1], w[2]))
		}
	}
	if words == nil {
		words = []string{"0 ways back live"}
	}
	return words
}

// DoubtfulMeans says what the list of what nobody is held to have left is.
const DoubtfulMeans = "Not held against anybody, and open until somebody says whose it is:"

// Unknown is what was left of which the evidence does not tell whether it is still there.
func (o *Outline) Unknown() (out []ledger.Persistence) {
	for _, p := range o.Persistence {
		if p.Status == ledger.Unknown {
			out = append(out, p)
		}
	}
	return out
}

// StillOpen counts all that may let somebody act again, in words: what is live, what is of
// unknown state, credentials that work, and what nobody is held to have made. It is empty
// only where there is none of it: a thing of which it is not known whether it was removed
// is no reason to say that nothing is open.
func (o *Outline) StillOpen() (words []string) {
	live, active := o.Open()
	unknown := len(o.Unknown())
	if len(live)+len(active)+unknown+len(o.Doubtful) == 0 {
		return nil
	}
	if o.Verdict.Status == "incident" || len(live)+len(active)+unknown > 0 {
		words = Left(live)
		if unknown > 0 {
			words = append(words, fmt.Sprintf("%s of which the state is not known", Number(int64(unknown))))
		}
		words = append(words, Count(len(active), "credential")+" active")
	}
	if n := len(o.Doubtful); n > 0 {
		words = append(words, Count(n, "thing", "things")+" that could be put down to nobody")
	}
	return words
}

// detection are the actions of a plan (ids of content/actions) that turn on again what would see
// the intruder.
var detection = map[string]string{"TRAIL_ON": "trails", "GD_ON": "detection services", "LOGS_ON": "logs", "CW_ON": "alarms or rules"}

// Blind lists what the plan has to turn on again: detection or logging that the intruder turned
// off and that nothing shows turned on since.
// Where a step is for a whole account, it is what the step is about, and by which calls it
// was turned off: a number says nothing.
func (o *Outline) Blind() []string {
	var out []string
	for _, s := range o.Containment {
		what := s.Target
		if detection[s.Action] != "" && isAccount(s.Target) {
			what = detection[s.Action] + " in account " + s.Target
			if calls := o.calls(s.Why); len(calls) > 0 {
				what += " (" + strings.Join(calls, ", ") + ")"
			}
		}
		if detection[s.Action] != "" && !slices.Contains(out, what) {
			out = append(out, what)
		}
	}
	return out
}

// maxCalls bounds the calls that one thing that is off is told by.
const maxCalls = 3

// calls are those that claims are about, each once.
func (o *Outline) calls(claims []string) (out []string) {
	for _, id := range claims {
		c := o.Claim(id)
		if c == nil || c.Predicate.Op != "event" {
			continue
		}
		if action, _ := c.Predicate.Equals["action"].(string); action != "" && len(out) < maxCalls && !slices.Contains(out, action) {
			out = append(out, action)
		}
	}
	return out
}

func isAccount(s string) bool { return len(s) == 12 && strings.Trim(s, "0123456789") == "" }
