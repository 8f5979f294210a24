package intake

import (
	"slices"
	"strings"
)

// unrealCues is the part of content/intake/effects.yml that tells what sounds like an effect and
// came about at nobody's hand, or at the house's own.
type unrealCues struct {
	Proposed []string `yaml:"proposed"` // before an effect: it is only meant, asked for or feared
	Abroad   []string `yaml:"abroad"`   // places that are none of an account
	Small    string   `yaml:"small"`    // may stand between those and the effect
	Bare     string   `yaml:"bare"`     // verbs as they stand behind "to", "can", "may"
	Own      string   `yaml:"own"`      // participles of what we may have done ourselves
	Us       string   `yaml:"us"`       // who that is
	Titles   string   `yaml:"titles"`   // before a quotation: it is the name of a rule or an alert

	proposed, abroad             []phrase
	small, bare, own, us, titles map[string]bool
}

// compile compiles the phrases and the lists.
func (u *unrealCues) compile() error {
	u.small, u.bare, u.own, u.us, u.titles = set(u.Small), set(u.Bare), set(u.Own), set(u.Us), set(u.Titles)
	if err := compileAll(u.Proposed, &u.proposed); err != nil {
		return err
	}
	return compileAll(u.Abroad, &u.abroad)
}

// unreal says that the words of an effect tell of nothing that anybody did here: what is
// recommended ("we recommend deleting it"), what a thing may do ("it may stop instances"), what
// we did ourselves ("the role we created in March"), or the title of a rule.
func (r *reader) unreal(s segment, hit []int) bool {
	return r.proposed(s, hit) || r.ability(s, hit) || r.ourDeed(s, hit) || r.title(s, hit)
}

// proposed says that one of the phrases stands before the effect, small words between.
func (r *reader) proposed(s segment, hit []int) bool {
	at := hit[0]
	for i := max(0, at-maxProposed); i < at; i++ {
		for k := range r.vocab.unreal.proposed {
			own := r.vocab.unreal.proposed[k].match(r, s.words[:at], i)
			if own != nil && r.allSmall(s, own[len(own)-1]+1, at) {
				return true
			}
		}
	}
	return false
}

// ability says that the verb stands behind "can" or "may", there or in the segment that it goes on
// with: what a thing can do, nobody has done yet. A question is one of what was done.
func (r *reader) ability(s segment, hit []int) bool {
	if s.asked || !r.vocab.unreal.bare[r.words[s.words[hit[0]]].text] {
		return false
	}
	if m := r.auxiliary(s, hit[0]); m != "" {
		return m != "to"
	}
	if hit[0] > 1 || s.before < 0 || !r.allSmall(s, 0, hit[0]) {
		return false
	}
	before := r.segs[s.before] // "please stop the instances and delete the role"
	for at, w := range before.words {
		if r.vocab.unreal.bare[r.words[w].text] {
			m := r.auxiliary(before, at)
			return m != "" && m != "to" || r.proposed(before, []int{at})
		}
	}
	return false
}

// auxiliary is the word that makes the verb at position at a bare one ("to", "can"), "" where
// none does.
func (r *reader) auxiliary(s segment, at int) string {
	for i := at - 1; i >= 0 && i >= at-4; i-- {
		switch t := r.words[s.words[i]].text; {
		case t == "to" || t == "can" || t == "could" || t == "may" || t == "might" || t == "will" || t == "would":
			return t
		case !r.vocab.unreal.small[t] && !r.vocab.unreal.bare[t]:
			return ""
		}
	}
	return ""
}

// maxProposed is how far before an effect the words may begin that take it back.
const maxProposed = 8

// allSmall says that only small words stand at positions from to to of a segment.
func (r *reader) allSmall(s segment, from, to int) bool {
	for i := from; i < to; i++ {
		if !r.vocab.unreal.small[r.words[s.words[i]].text] {
			return false
		}
	}
	return true
}

// ourDeed says that the one who did it is "we", "I" or whoever is spoken to: "which you created
// with our template", "we have paused it". Who owns to one of several says that there are others.
func (r *reader) ourDeed(s segment, hit []int) bool {
	at := hit[0]
	if r.ownedTo[s.sentence] || !r.vocab.unreal.own[r.words[s.words[at]].text] {
		return false
	}
	for i := at - 1; i >= 0 && i >= at-maxProposed; i-- {
		t := r.words[s.words[i]].text
		if r.vocab.unreal.us[t] {
			return true
		}
		if !r.vocab.unreal.small[t] {
			return false
		}
	}
	return false
}

// title says that the effect stands in a quotation that names a rule or an alert.
func (r *reader) title(s segment, hit []int) bool {
	at := r.words[s.words[hit[0]]].start
	line := max(0, at-maxTitled) // no search to the beginning of a long text for every effect
	line += strings.LastIndexByte(r.work[line:at], '\n') + 1
	open := strings.LastIndexAny(r.work[line:at], "\"“«")
	if open < 0 || strings.Count(r.work[line:at], `"`)%2 == 0 && r.work[line+open] == '"' {
		return false
	}
	before := wordsIn.FindAllString(r.low[line:line+open], -1)
	return slices.ContainsFunc(before[max(0, len(before)-maxToTitle):], func(w string) bool { return r.vocab.unreal.titles[w] })
}

// Bounds of a title, in bytes from its line's beginning, and in words from what announces it to
// its quotation mark: an id may stand between.
const (
	maxTitled  = 300
	maxToTitle = 5
)

// bare says that the verb of an effect takes its object from behind: "used to change production",
// "it can delete everything", but not "the role was deleted".
func (r *reader) bare(s segment, hit []int) bool {
	if !r.vocab.unreal.bare[r.words[s.words[hit[0]]].text] {
		return false
	}
	m := r.auxiliary(s, hit[0])
	return m != ""
}

// outside says that the sentence tells that it lies elsewhere than in an account ("the image on Docker
// Hub is public"): no call here made it so.
func (r *reader) outside(seg int) bool {
	for i := max(0, seg-maxApart); i < len(r.segs) && i <= seg+maxApart; i++ {
		if r.segs[i].sentence == r.segs[seg].sentence && r.has(r.vocab.unreal.abroad, r.segs[i].words) {
			return true
		}
	}
	return false
}
