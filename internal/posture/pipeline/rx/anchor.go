package rx

import (
	"regexp/syntax"
	"slices"
	"unicode"
)

// Anchored says whether searching for the pattern finds only what the whole
// pattern spells. If not, witness is the shortest value that is let through
// without being spelled. Values are ref names when ref is set (no blanks, no
// control characters), any text otherwise. The error is a *Cannot.
func Anchored(pattern string, ref bool) (ok bool, witness string, err error) {
	p, err := Compile(pattern)
	if err != nil {
		return false, "", err
	}
	alpha, err := p.alphabet(ref)
	if err != nil {
		return false, "", err
	}
	search, err := p.dfa(alpha, false)
	if err != nil {
		return false, "", err
	}
	full, err := p.dfa(alpha, true)
	if err != nil {
		return false, "", err
	}
	diff, err := product(search, full, func(x, y bool) bool { return x && !y })
	if err != nil {
		return false, "", err
	}
	witness, found := diff.shortest()
	return !found, witness, nil
}

// Empty says whether the pattern can be found in nothing at all, so that a filter
// with it never lets anything through. The error is a *Cannot.
func Empty(pattern string) (bool, error) {
	p, err := Compile(pattern)
	if err != nil {
		return false, err
	}
	alpha, err := p.alphabet(false)
	if err != nil {
		return false, err
	}
	d, err := p.dfa(alpha, false)
	if err != nil {
		return false, err
	}
	_, some := d.shortest()
	return !some, nil
}

// alphabet is one letter of every set of characters that the pattern cannot tell
// apart, readable ones first.
func (p *Pattern) alphabet(ref bool) ([]rune, error) {
	var insts []*syntax.Inst
	cuts := map[rune]bool{}
	cut := func(lo, hi rune) { cuts[lo], cuts[hi+1] = true, true }
	for i := range p.prog.Inst {
		in := &p.prog.Inst[i]
		switch in.Op {
		case syntax.InstRune, syntax.InstRune1:
			insts = append(insts, in)
			if len(in.Rune) == 1 {
				cut(in.Rune[0], in.Rune[0])
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
func inRef(r rune) bool {
	return r > ' ' && r != 0x7f && !slices.Contains([]rune("~^:?*[\\"), r)
}
