package investigation

import (
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/intake"
)

// announced says of a statement, in its reason, that what it vouches for was announced: nobody
// needs to be asked whether that was meant.
var announced = map[intake.Relation]string{intake.AuthorizedTest: ", an announced test", intake.PlannedChange: ", a planned change"}

// foretold says whether an event fits what was announced.
func (in *inquiry) foretold(id string) bool {
	because := in.rows()[id].Because
	return tested(because) || strings.HasPrefix(because, "statement:") && strings.HasSuffix(because, announced[intake.PlannedChange])
}

// known turns what people vouched for into conditions on events.
func (in *inquiry) known() []attribution.Known {
	var out []attribution.Known
	for _, r := range in.readings() {
		for _, st := range r.Statements {
			k := attribution.Known{Agents: st.Agents, Except: disowned(r), Why: st.From + announced[st.Relation]}
			relation := st.Relation
			if relation == intake.Away && st.From != intake.FromCase {
				relation = intake.Owner // who was asked whose it is, and says that they travel, owns it
			}
			switch relation {
			case intake.Owner, intake.UsualNetwork, intake.AuthorizedTest, intake.PlannedChange:
				k.Actor, k.Test, k.Planned = attribution.Owner, st.Relation == intake.AuthorizedTest, st.Relation == intake.PlannedChange
			case intake.Responder:
				k.Actor, k.Whole, k.Told = attribution.Responder, true, st.From == intake.FromCase && len(st.When) == 0
			case intake.Vendor:
				k.Actor, k.Whole = attribution.Service, true
			default:
				continue
			}
			if st.Negated || r.Voices > 1 && speaksOfItself(st) {
				continue
			}
			for _, s := range st.Seeds {
				in.vouch(&k, s)
			}
			if k.Guests = in.guests(&k, st); len(k.Networks)+len(k.Agents) == 0 && slices.ContainsFunc(k.Guests, in.troubled) {
				continue // the name of somebody who was broken into vouches for nothing
			}
			k.Full = k.Test && len(k.Principals) > 0 && len(k.Networks) > 0 && len(st.When) > 0
			in.ofTheCase(&k, st)
			// A principal that the case suspects is never vouched for whole.
			k.Whole = k.Whole && !slices.ContainsFunc(k.Principals, in.suspected)
			goesOn := false // "since January": to the end of the evidence, its last call included
			for _, s := range st.When {
				goesOn = goesOn || s.Grain == "since"
				if k.From.IsZero() || s.From.Before(k.From) {
					k.From = s.From
				}
				if s.To.After(k.To) {
					k.To = s.To
				}
			}
			if goesOn {
				k.To = time.Time{}
			}
			if r.ZoneAssumed && len(k.Networks)+len(k.Agents) > 0 { // said in local time somewhere on Earth; place or tool must still fit
				k.From, k.To = anywhere(k.From, k.To)
			}
			if st.Relation == intake.UsualNetwork {
				k.From, k.To = time.Time{}, time.Time{}
			}
			if len(k.Guests) > 0 && len(k.Networks)+len(k.Agents)+len(st.When) == 0 {
				k.Told = true // whom we know by name alone, comes from where they always came
			}
			if relation == intake.Owner && len(k.Principals)+len(k.Guests) == 0 {
				k.Principals = in.suspects()
			}
			out = append(out, twoWays(k)...)
		}
	}
	return sameGuests(out)
}

// speaksOfItself says whether a statement vouches for whoever says it ("that was me, from
// home"), and names neither from where nor with what: among several who speak it is nobody's
// word for whom the case suspects, though it may stand right behind their name.
func speaksOfItself(st intake.Statement) bool {
	placed := slices.ContainsFunc(st.Seeds, func(s intake.Seed) bool { return s.Kind == "ip" || s.Kind == "user_agent" })
	return (st.Relation == intake.Owner || st.Relation == intake.PlannedChange) && !placed && len(st.Agents) == 0 && (len(st.Seeds) == 0 && st.Relation == intake.Owner || spoken().myself.MatchString(st.English))
}

// examineVouched examines those whom the case vouches for where it suspects nobody: "the role was
// used by our auditor, was that all?" asks of them, and holds nothing against them.
func (in *inquiry) examineVouched() {
	if len(in.seeds)+len(in.input.Examine) > 0 || in.anchored() {
		return
	}
	for _, st := range in.reading.Statements {
		if st.Negated || !slices.Contains([]intake.Relation{intake.Owner, intake.Vendor, intake.AuthorizedTest, intake.PlannedChange, intake.UsualNetwork}, st.Relation) {
			continue
		}
		for _, s := range st.Seeds {
			switch s.Kind {
			case "principal", "session", "access_key":
				in.input.Examine = append(in.input.Examine, in.unique(s.Value)...)
			}
		}
	}
	slices.Sort(in.input.Examine)
	in.input.Examine = slices.Compact(in.input.Examine)
	in.vouchedFor = len(in.input.Examine) > 0
}

// disowned are the single addresses that a reading says are none of theirs: "the office is
// 192.0.2.0/24, but we do not know 192.0.2.9". A network that it vouches for does not hold
// them; another answer may well explain what the case did not know.
func disowned(r intake.Reading) (out []string) {
	for _, st := range r.Statements {
		if (st.Relation == intake.NotOurs) == st.Negated || !slices.Contains([]intake.Relation{intake.NotOurs, intake.UsualNetwork}, st.Relation) {
			continue
		}
		for _, s := range st.Seeds {
			if s.Kind == "ip" && !strings.Contains(s.Value, "/") {
				out = append(out, s.Value)
			}
		}
	}
	return out
}

// vouch adds to a statement's conditions what one of its names stands for: of a key also whose
// it is, as sessions of the same person are meant with it.
func (in *inquiry) vouch(k *attribution.Known, s intake.Seed) {
	switch s.Kind {
	case "ip":
		k.Networks = append(k.Networks, s.Value)
	case "access_key", "session":
		k.Principals = append(k.Principals, s.Value)
		for _, id := range in.g.Resolve(s.Value) {
			k.Principals = append(k.Principals, in.g.Node(id).Person)
		}
	case "principal":
		k.Principals = append(append(k.Principals, s.Value), in.unique(s.Value)...)
	case "user_agent":
		k.Agents = append(k.Agents, s.Value)
	}
}
