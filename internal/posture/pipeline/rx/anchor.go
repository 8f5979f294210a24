package rx

import (
	"regexp/syntax"
	"slices"
	"unicode"
)

// Shape is what a pattern about names lets through.
type Shape struct {
	Anchored bool   // searching finds only what the whole pattern spells
	Witness  string // when not: the shortest value let through without being spelled
	Empty    bool   // it can be found in nothing at all
}

// Look judges a pattern. Values are ref names when ref is set (no blanks, no
// control characters), any text otherwise. The error is a *Cannot.
func Look(pattern string, ref bool) (Shape, error) {
	p, err := Compile(pattern)
	if err != nil {
		return Shape{}, err
	}
	alpha, err := p.alphabet(ref)
	if err != nil {
		return Shape{}, err
	}
	search, err := p.dfa(alpha, false)
	if err != nil {
		return Shape{}, err
	}
	full, err := p.dfa(alpha, true)
	if err != nil {
		return Shape{}, err
	}
	diff, err := product(search, full, func(x, y bool) bool { return x && !y })
	if err != nil {
		return Shape{}, err
	}
	_, some := search.shortest()
	witness, found := diff.shortest()
	return Shape{!found, witness, !some}, nil
}

// Anchored is the part of Look that most ask for.
func Anchored(pattern string, ref bool) (ok bool, witness string, err error) {
	s, err := Look(pattern, ref)
	return s.Anchored, s.Witness, err
}

// alphabet is one letter of every set of characters that the pattern cannot tell
// apart, readable ones first.
// Unicode has over a million letters and a table per state of that width is out of
// the question. Letters that every instruction answers alike, and that stand in the
// same class for \b and ^, behave alike in every state; one of them stands for all.
func (p *Pattern) alphabet(ref bool) ([]rune, error) {
	var insts []*syntax.Inst
	cuts := map[rune]bool{}
	// Where the set of an instruction begins and where it has ended are the only
	// places at which answers can change: one candidate from each stretch between
	// cuts is enough.
	cut := func(lo, hi rune) { cuts[lo], cuts[hi+1] = true, true }
	for i := range p.prog.Inst {
		in := &p.prog.Inst[i]
		switch in.Op {
		case syntax.InstRune, syntax.InstRune1:
			insts = append(insts, in)
			if len(in.Rune) == 1 {
				cut(in.Rune[0], in.Rune[0])
				// A single rune may be matched with case folded, which spans an
				// orbit such as k, K and the Kelvin sign.
				for f := unicode.SimpleFold(in.Rune[0]); f != in.Rune[0]; f = unicode.SimpleFold(f) {
					cut(f, f)
				}
				continue
			}
			for j := 0; j+1 < len(in.Rune); j += 2 {
				cut(in.Rune[j], in.Rune[j+1])
			}
		}
	}
	// Witnesses are shown to people: where any letter will do, they should see one
	// they can type.
	candidates := []rune("abcdefghijklmnopqrstuvwxyz0123456789/-._ABCDEFGHIJKLMNOPQRSTUVWXYZ\n !")
	points := make([]rune, 0, len(cuts))
	for r := range cuts {
		points = append(points, r)
	}
	slices.Sort(points)
	candidates = append(candidates, points...)

	// Equal answers of every instruction and the same class make two letters one.
	var out []rune
	seen := map[string]bool{}
	work := 0
	for _, r := range candidates {
		// Surrogates are no characters: a witness with one could not be written
		// down.
		if r > unicode.MaxRune || r < 0 || r >= 0xd800 && r <= 0xdfff || ref && !inRef(r) {
			continue
		}
		sig := make([]byte, 0, len(insts)+1)
		for _, in := range insts {
			b := byte(0)
			if in.MatchRune(r) {
				b = 1
			}
			sig = append(sig, b)
		}
		if work += len(insts); work > maxWork {
			return nil, cannot("the pattern is too large to decide")
		}
		sig = append(sig, byte(class(r)))
		if !seen[string(sig)] {
			seen[string(sig)] = true
			out = append(out, r)
		}
	}
	return out, nil
}

// inRef says whether git allows the character in the name of a ref.
// Source: git-check-ref-format(1). Its rules about sequences ("..", a trailing
// ".lock") are not modelled: a witness may break one, and only its letters are
// promised to be possible.
func inRef(r rune) bool {
	return r > ' ' && r != 0x7f && !slices.Contains([]rune("~^:?*[\\"), r)
}
