package rx

import (
	"math/big"
	"strings"
	"sync"
)

// Ids is the form account ids have at a provider.
type Ids struct {
	alpha []rune
	valid func() (*dfa, error) // what is an id at all, built once
}

// The forms of account ids. GitHub and GitLab number their accounts; Bitbucket's
// ids are UUIDs in braces or an older prefix and a UUID.
var (
	Numbers = ids("0123456789", `^[1-9][0-9]*$`)
	UUIDs   = ids("0123456789abcdef-:{}", `^[0-9a-f:{}-]+$`)
)

func ids(letters, pattern string) Ids {
	alpha := []rune(letters)
	return Ids{alpha, sync.OnceValues(func() (*dfa, error) { return whole(pattern, alpha) })}
}

// IdsOf is the form of ids at a source provider as the API names it.
func IdsOf(provider string) Ids {
	// BITBUCKET is the only provider of its kind in the API; the prefix also takes
	// spellings of templates.
	if strings.HasPrefix(provider, "BITBUCKET") {
		return UUIDs
	}
	return Numbers
}

// Term is one actor filter: a pattern, or everything but what it finds.
type Term struct {
	Pattern string
	Exclude bool
}

// Accepted is which account ids pass a conjunction of filters.
type Accepted struct {
	Finite  bool
	Count   *big.Int // all of a finite set; otherwise ids of at most nine characters
	List    []string // of a finite set of at most MaxList ids, in order
	Witness string   // an id that passes and that the patterns do not spell; "" when there is none
	Spelled []string // what the patterns spell as a whole, when that is a finite set of at most MaxList
}

// MaxList is the longest list of ids that still is an allow-list.
// Beyond it a pattern such as [0-9]{3} is finite and still nobody's list of people.
const MaxList = 200

// nine is the length of GitHub's present ids.
// It measures how wide an endless pattern is: of how many accounts that exist today
// could somebody be one.
const nine = 9

// Accept says which ids pass all terms. No term lets every id pass. The error is
// a *Cannot.
func Accept(ids Ids, terms []Term) (Accepted, error) {
	valid, err := ids.valid()
	if err != nil {
		return Accepted{}, err
	}
	// found is who gets in, spelled is who was meant: the same terms, once searched
	// as CodeBuild does and once as whole patterns. What is in the first and not in
	// the second is the hole.
	found, spelled := valid, valid
	for _, t := range terms {
		p, err := Compile(t.Pattern)
		if err != nil {
			return Accepted{}, err
		}
		search, err := p.dfa(ids.alpha, false)
		if err != nil {
			return Accepted{}, err
		}
		full := search // what is excluded is never what somebody listed
		if !t.Exclude {
			if full, err = p.dfa(ids.alpha, true); err != nil {
				return Accepted{}, err
			}
		}
		keep := func(x, y bool) bool { return x && y != t.Exclude }
		if found, err = product(found, search, keep); err != nil {
			return Accepted{}, err
		}
		if spelled, err = product(spelled, full, keep); err != nil {
			return Accepted{}, err
		}
	}
	return measure(found, spelled)
}

func whole(pattern string, alpha []rune) (*dfa, error) {
	p, err := Compile(pattern)
	if err != nil {
		return nil, err
	}
	return p.dfa(alpha, true)
}

func measure(found, spelled *dfa) (Accepted, error) {
	a := Accepted{Finite: found.finite()}
	if a.Finite {
		a.Count = found.count(len(found.acc)) // no word of a finite language is longer than the states
		if a.Count.Cmp(big.NewInt(MaxList)) <= 0 {
			a.List = found.words(MaxList)
		}
	} else {
		a.Count = found.count(nine)
	}
	// Whoever spells a finite set meant that set: the witness is the first id beyond it.
	beyond := found
	if spelled.finite() {
		if spelled.count(len(spelled.acc)).Cmp(big.NewInt(MaxList)) <= 0 {
			a.Spelled = spelled.words(MaxList)
		}
		var err error
		if beyond, err = product(found, spelled, func(x, y bool) bool { return x && !y }); err != nil {
			return a, err
		}
	}
	// A short list of ids that no pattern spells whole has no outsider to show: the
	// ids themselves are the answer.
	if len(a.List) == 0 || len(a.Spelled) > 0 {
		a.Witness, _ = beyond.shortest()
	}
	return a, nil
}
