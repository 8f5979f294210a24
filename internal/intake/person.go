package intake

import (
	"fmt"
	"slices"
	"strings"
)

// peopleCues is content/intake/people.yml.
type peopleCues struct {
	Reports    string              `yaml:"reports"`
	Informs    string              `yaml:"informs"`
	Claims     string              `yaml:"claims"`
	Orders     string              `yaml:"orders"`
	Tells      string              `yaml:"tells"`
	Us         string              `yaml:"us"`
	Gives      string              `yaml:"gives"`
	Messages   string              `yaml:"messages"`
	Repairs    string              `yaml:"repairs"`
	Renews     map[string][]string `yaml:"renews"`
	Files      map[string][]string `yaml:"files"`
	Acts       string              `yaml:"acts"`
	Duties     string              `yaml:"duties"`
	Address    string              `yaml:"address"`
	Deeds      string              `yaml:"deeds"`
	Lead       string              `yaml:"lead"`
	Small      string              `yaml:"small"`
	Did        string              `yaml:"did"`
	Intends    string              `yaml:"intends"`
	Belongings string              `yaml:"belongings"`
	Guests     string              `yaml:"guests"`
	Grants     string              `yaml:"grants"`
	Strangers  string              `yaml:"strangers"`
	From       []string            `yaml:"from"`
	Written    []string            `yaml:"written"`
	Updates    []string            `yaml:"updates"`
	Authors    []string            `yaml:"authors"`
	Quotes     []string            `yaml:"quotes"`
	Besides    besidesCues         `yaml:"besides"`
	House      houseCues           `yaml:"house"`

	reports, informs, claims, orders, tells, us, repairs, acts, duties, address, deeds, lead, small               map[string]bool
	did, intends, belongings, guests, strangers, grants, gives, messages, from, written, updates, authors, quotes map[string]bool
	besides                                                                                                       *besidesCues
	house                                                                                                         *houseCues
}

// compile turns the lists into sets. A list that is missing is an error: a misspelt name of
// one would else make every sentence that needs it mean something else.
func (p *peopleCues) compile() error {
	for _, l := range []struct {
		name, text string
		into       *map[string]bool
	}{
		{"reports", p.Reports, &p.reports}, {"informs", p.Informs, &p.informs}, {"claims", p.Claims, &p.claims}, {"orders", p.Orders, &p.orders},
		{"tells", p.Tells, &p.tells}, {"us", p.Us, &p.us}, {"repairs", p.Repairs, &p.repairs}, {"duties", p.Duties, &p.duties},
		{"address", p.Address, &p.address}, {"acts", p.Acts, &p.acts}, {"deeds", p.Deeds, &p.deeds}, {"lead", p.Lead, &p.lead},
		{"small", p.Small, &p.small}, {"did", p.Did, &p.did}, {"intends", p.Intends, &p.intends}, {"belongings", p.Belongings, &p.belongings},
		{"guests", p.Guests, &p.guests}, {"strangers", p.Strangers, &p.strangers}, {"grants", p.Grants, &p.grants}, {"gives", p.Gives, &p.gives}, {"messages", p.Messages, &p.messages},
	} {
		if *l.into = set(l.text); len(*l.into) == 0 {
			return fmt.Errorf("read cues of people: %s is missing or empty", l.name)
		}
	}
	p.from, p.written, p.updates, p.authors, p.quotes = listed(p.From), listed(p.Written), listed(p.Updates), listed(p.Authors), listed(p.Quotes)
	p.besides, p.house = &p.Besides, &p.House
	if err := p.house.compile(); err != nil {
		return err
	}
	return p.besides.compile()
}

// listed is the words of a list as a set.
func listed(list []string) map[string]bool {
	m := map[string]bool{}
	for _, w := range list {
		m[w] = true
	}
	return m
}

// bystanders finds the people of a segment who do something about the case: who notices,
// tells, pays, is told, repairs. They become reporters or responders, whatever else the
// segment says, since its accusing words are about what they saw. Two things keep somebody
// a suspect: what was noticed is their own ("alice saw that her key was used"), and
// what they say is that they did not do it.
func (r *reader) bystanders(seg int) {
	s := r.segs[seg]
	for pos, w := range s.words {
		if !r.person(w) || r.possessive(w) {
			continue
		}
		m := r.words[w].m
		rel := r.duty(seg, pos)
		if rel == "" || r.roles[m].relation == Responder || r.answer != "" && r.answer != "owner" {
			continue
		}
		if r.denies(seg, pos) || r.victim(seg, pos) {
			continue
		}
		r.roles[m] = role{stance: vouched, relation: rel, seg: seg}
		r.alongside(seg, pos, rel)
	}
}

// alongside gives whoever is named beside a person the same part: "dave and priya confirmed it".
func (r *reader) alongside(seg, pos int, rel Relation) {
	for s := seg; pos <= 1 && s > 0 && r.segs[s].before == s-1 && r.segs[s].sentence == r.segs[s-1].sentence; s-- {
		words := r.segs[s-1].words
		if len(words) != 1 && !(len(words) == 2 && weakJoints[r.words[words[0]].text]) || !r.person(words[len(words)-1]) || r.possessive(words[len(words)-1]) {
			return
		}
		if m := r.words[words[len(words)-1]].m; r.roles[m].stance != suspect || r.roles[m].relation == "" {
			r.roles[m] = role{stance: vouched, relation: rel, seg: seg}
		}
	}
}

// person says that the word names somebody: a user or a session, no role and no key.
func (r *reader) person(w int) bool {
	i := r.words[w].m
	if i < 0 {
		return false
	}
	m := r.mentions[i]
	if m.kind != "principal" && m.kind != "session" || m.class == "root" {
		return false
	}
	return !slices.ContainsFunc(m.values, func(v string) bool {
		return strings.Contains(v, ":role/") || strings.HasPrefix(v, "AROA") && !strings.Contains(v, ":")
	})
}

// duty is what the person at pos does about the case: Reporter, Responder or "".
func (r *reader) duty(seg, pos int) Relation {
	s := r.segs[seg]
	text := func(i int) string {
		if i < 0 || i >= len(s.words) {
			return ""
		}
		return r.words[s.words[i]].text
	}
	if rel := r.agent(seg, pos); rel != "" {
		return rel
	}
	if r.quotedHere(s, pos) {
		return Reporter
	}
	switch before := text(pos - 1); {
	case before == "to" && (text(pos-2) == "according" || r.vocab.people.tells[text(pos-2)] || text(pos-2) == "reported" || text(pos-2) == "assigned" || text(pos-2) == "escalated" || text(pos-2) == "thanks"),
		before == "from" && r.vocab.people.messages[text(pos-2)],
		before == "per", (before == "says" || before == "said") && (pos == 1 || pos == len(s.words)-1), // "…, says alice", not "bob says alice did it"
		(before == "is" || before == "was") && (r.vocab.people.duties[text(pos-2)] || text(pos-2) == "name"),
		before == "" && pos == len(s.words)-1 && seg > 0 && (r.signs(seg-1) || r.signature(seg)), // "thanks, alice"
		r.vocab.people.address[before] && pos == len(s.words)-1 && (pos < 3 || before == "cc"):
		return Reporter
	case before == "with" && r.announces(seg, pos): // whom it was done with says nothing of whose keys were used
		return Reporter
	case r.vocab.people.tells[before] && r.weTell(s, pos-1):
		return Reporter
	}
	return r.subject(seg, pos)
}

// weTell says that "I told", "we informed" stand before position at: whom we tell is no suspect.
func (r *reader) weTell(s segment, at int) bool {
	for i := at - 1; i >= 0 && i >= at-3; i-- {
		switch r.words[s.words[i]].text {
		case "we", "i", "already", "have", "has", "then", "just", "also", "please", "and":
		default:
			return false
		}
	}
	return !r.vocab.people.gives[r.words[s.words[at]].text]
}

// signs says that the segment is the closing of a letter.
func (r *reader) signs(seg int) bool {
	words := r.segs[seg].words
	return len(words) > 0 && len(words) <= 3 && r.vocab.people.address[r.words[words[len(words)-1]].text]
}

// announces says that a planned change is told of before pos: "a DR exercise with bob".
func (r *reader) announces(seg, pos int) bool {
	return slices.ContainsFunc(r.found[seg], func(c cue) bool { return c.relation == PlannedChange && !c.negated && c.to < pos })
}

// signature says that the segment is a sentence of nothing but a name with a capital, at the end of
// the text, under what asks or tells: "Can you tell what it touched? Alice".
func (r *reader) signature(seg int) bool {
	s := r.segs[seg]
	return seg == len(r.segs)-1 && len(s.words) == 1 && s.sentence > r.segs[seg-1].sentence && r.capital(r.words[s.words[0]])
}

// agent reads the passive: "found yesterday by alice", "was repaired by our admin piet".
func (r *reader) agent(seg, pos int) Relation {
	s := r.segs[seg]
	by := pos - 1
	for n := 0; n < 3 && by >= 0 && r.words[s.words[by]].m < 0 && r.words[s.words[by]].text != "by"; n++ {
		by--
	}
	if by < 1 || r.words[s.words[by]].text != "by" {
		return ""
	}
	for i := by - 1; i >= 0 && i >= by-6; i-- {
		t := r.words[s.words[i]].text
		switch {
		case r.vocab.people.reports[t] || t == "told" || t == "informed" || t == "asked" || t == "notified":
			return Reporter
		case i == by-1 && r.vocab.people.orders[t] && (r.vouches(seg) || r.explains(seg)):
			return Reporter
		case slices.ContainsFunc(s.words[:i], func(w int) bool { return slices.Contains(r.vocab.people.Files[t], r.words[w].text) }):
			return Reporter // "the ticket was opened by …"
		case r.vocab.people.repairs[t], t == "back" && i > 0 && len(r.vocab.people.Renews[r.words[s.words[i-1]].text]) > 0:
			return Responder
		case r.isToken(s.words[i]) || strings.HasSuffix(t, "ed") || strings.HasSuffix(t, "ing") || r.vocab.people.deeds[t]:
			return "" // another verb, or an act: "calls seen by …" is still not "calls by …"
		}
	}
	return ""
}

// subject reads the active: "carla (finance) has already noticed", "piet, our DBA, put it back".
func (r *reader) subject(seg, pos int) Relation {
	words := slices.Clone(r.segs[seg].words[pos+1:])
	// What stands in parentheses or between commas behind a name says who it is.
	for next := seg + 1; next < len(r.segs) && next <= seg+2 && r.segs[next].sentence == r.segs[seg].sentence && len(words) == 0; next++ {
		if ws := r.segs[next].words; !r.segs[next].paren && len(ws) > 0 && (next > seg+1 || !r.presents(ws)) {
			words = slices.Clone(ws)
		}
	}
	p := &r.vocab.people
	text := func(i int) string {
		if i >= len(words) {
			return ""
		}
		return r.words[words[i]].text
	}
	// Eight words are as far as a verb may stand from its name. Anything that is neither a verb
	// that is looked for nor of lead or small ends the search: what cannot be told is no excuse.
	passive := false
	for i := 0; i < len(words) && i < 8; i++ {
		t := text(i)
		if r.words[words[i]].m >= 0 && r.isToken(words[i]) {
			return ""
		}
		switch {
		case t == "is" || t == "was" || t == "were" || t == "been" || t == "got" || t == "are":
			passive = true
			for i+1 < len(words) && (text(i+1) == "already" || text(i+1) == "now" || text(i+1) == "still" || text(i+1) == "just" || text(i+1) == "currently") {
				i++
			}
			if duty := text(i + 1); p.duties[duty] && text(i+2) != "to" || duty == "on" && (text(i+2) == "call" || text(i+2) == "duty" || text(i+2) == "it" || text(i+2) == "shift") ||
				(duty == "the" || duty == "our" || duty == "my" || duty == "his" || duty == "her" || duty == "their" || duty == "a") && (p.duties[text(i+2)] || text(i+2) == "on" && text(i+3) == "call") {
				return Reporter
			}
			if duty := text(i + 1); duty == "fixing" || duty == "repairing" || duty == "restoring" || duty == "investigating" || duty == "handling" || duty == "looking" && text(i+2) == "into" || duty == "working" && text(i+2) == "on" {
				return Responder
			}
		case negators[t]:
			return ""
		case p.repairs[t]:
			if passive {
				return ""
			}
			return Responder
		case (len(p.Renews[t]) > 0 || len(p.Files[t]) > 0) && !passive:
			for j := i + 1; j < len(words) && j < i+7; j++ {
				switch {
				case slices.Contains(p.Renews[t], text(j)):
					if slices.ContainsFunc(words[min(j+1, len(words)):min(j+4, len(words))], func(w int) bool { return p.grants[r.words[w].text] }) && !r.calledFor() {
						return "" // "made a new key" is what an intruder does, unless a key was lost before
					}
					return Responder
				case slices.Contains(p.Files[t], text(j)):
					return Reporter
				}
			}
			return ""
		case p.reports[t] && !passive:
			return Reporter
		case p.tells[t] && r.givesAway(seg, pos+1+i):
			return ""
		case p.tells[t] && !passive && (p.us[text(i+1)] || p.us[text(i+2)] && (text(i+1) == "the" || text(i+1) == "our")):
			return Reporter
		case t == "on" && (text(i+1) == "call" || text(i+1) == "duty"):
			return Reporter
		case p.lead[t] || r.words[words[i]].m >= 0:
		case i > 0 && p.small[text(i-1)] || i > 1 && p.small[text(i-2)] || i > 2 && p.small[text(i-3)]: // "from the finance team"
		default:
			return ""
		}
	}
	return ""
}

// givesAway says that the verb at word at of a segment begins what tells of a theft or an
// exposure: "gave them the MFA code" reports nothing.
func (r *reader) givesAway(seg, at int) bool {
	return slices.ContainsFunc(r.found[seg], func(c cue) bool {
		return (c.relation == Stolen || c.relation == Exposed) && !c.negated && c.from == at
	})
}

// presents says that the words only say who somebody is: "our DBA", "from finance".
func (r *reader) presents(words []int) bool {
	t := r.words[words[0]].text
	return len(words) <= 5 && (r.vocab.people.small[t] || t == "our" || t == "my" || t == "the" || t == "a" || t == "an" || t == "who")
}

// denies says that what the person says is that they did not do it.
func (r *reader) denies(seg, pos int) bool {
	// The denial must be the person's own, behind their name, in the same clause.
	clause := r.segs[seg].clause
	for i := seg; i < len(r.segs) && r.segs[i].clause == clause; i++ {
		for _, c := range r.found[i] {
			if c.relation == NotOurs && c.group.Speaker && (i > seg || c.from > pos) && !r.weSay(i) && !r.anothers(i, seg, pos, c.from) {
				return true
			}
		}
		for n, w := range r.segs[i].words {
			if i == seg && n <= pos {
				continue
			}
			switch t := r.words[w].text; {
			case t == "nothing" && n > 0 && r.vocab.people.did[r.words[r.segs[i].words[n-1]].text] || t == "innocent" || negators[t] && n > 0 && slices.Contains([]string{"he", "she", "they", "him", "her", "it"}, r.words[r.segs[i].words[n-1]].text):
				return true
			}
		}
	}
	return false
}

// anothers says that the denial at word `from` of segment i is somebody else's than the person's
// at pos of seg: "alice says that bob deleted it, bob denies it".
func (r *reader) anothers(i, seg, pos, from int) bool {
	first := 0
	if i == seg {
		first = pos + 1
	}
	for n := min(from, len(r.segs[i].words)) - 1; n >= first; n-- {
		if w := r.segs[i].words[n]; r.person(w) && !r.possessive(w) {
			return r.words[w].m != r.words[r.segs[seg].words[pos]].m
		}
	}
	return false
}

// victim says that the person is more than a witness: it was their key, their laptop, they
// clicked on something, or did something themselves ("… and used it", "he sold it").
func (r *reader) victim(seg, pos int) bool {
	for i := seg; i < len(r.segs) && r.segs[i].sentence == r.segs[seg].sentence; i++ {
		words := r.segs[i].words
		for n := range words {
			if i == seg && n <= pos {
				continue
			}
			prev := ""
			if n > 0 {
				prev = r.words[words[n-1]].text
			}
			switch t := r.words[words[n]].text; t {
			case "he", "she", "they", "and":
				if n+1 < len(words) && r.vocab.people.acts[r.words[words[n+1]].text] && (t != "and" || n == 0 && i == seg+1) && prev != "what" && prev != "that" {
					return true
				}
			case "his", "her", "their", "own":
				for k := n + 1; k < len(words) && k <= n+3; k++ {
					if r.vocab.people.belongings[r.words[words[k]].text] {
						return true
					}
				}
			case "clicked", "clicks", "phished", "typed", "hacked":
				return true
			}
		}
	}
	return false
}
