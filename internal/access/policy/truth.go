package policy

// Truth is one of three answers to whether something matches.
type Truth int8

// The three truths.
const (
	No Truth = iota
	Yes
	Unknown // the evidence does not decide it
)

// String is "no", "yes" or "unknown".
func (t Truth) String() string { return [...]string{"no", "yes", "unknown"}[t] }

// Answer is a truth with, for Unknown, the reason.
type Answer struct {
	Truth
	Why string // lower-case, no full stop; "" unless Unknown
	// Part says of an Unknown that nothing is missing from the evidence: what was
	// asked is a pattern, and a part of it matches.
	Part bool
}

func no() Answer                { return Answer{Truth: No} }
func yes() Answer               { return Answer{Truth: Yes} }
func unknown(why string) Answer { return Answer{Truth: Unknown, Why: why} }
func inPart(why string) Answer  { return Answer{Truth: Unknown, Why: why, Part: true} }

func decided(b bool) Answer {
	if b {
		return yes()
	}
	return no()
}

// And is Kleene's: a No decides, else an Unknown stays. The first reason is
// kept, but one for which something is missing goes before one for which not.
func (a Answer) And(b Answer) Answer {
	switch {
	case a.Truth == No || b.Truth == No:
		return no()
	case a.Truth == Unknown && !(a.Part && b.Truth == Unknown && !b.Part):
		return a
	}
	return b
}

// Or is Kleene's: a Yes decides, else an Unknown stays. The first reason is kept.
func (a Answer) Or(b Answer) Answer {
	switch {
	case a.Truth == Yes || b.Truth == Yes:
		return yes()
	case a.Truth == Unknown && !(a.Part && b.Truth == Unknown && !b.Part):
		return a
	}
	return b
}

// Not turns Yes and No and leaves Unknown with its reason.
func (a Answer) Not() Answer {
	switch a.Truth {
	case Yes:
		return no()
	case No:
		return yes()
	}
	return a
}
