// Package trust says who can make a project run code: the verdict of each
// webhook filter group and of the project, with a witness.
//
// The one question behind every verdict: whose code runs here, at the word of
// whom? A push needs write access, so does a merge; a pull request needs only an
// account, unless the actor filter is a real allow-list or a comment of somebody
// trusted is asked for first. What an author chooses (branch, message, files) is
// no gate.
package trust

import "fmt"

// Verdict is a rung of the lattice, from nobody to anybody. A larger verdict is
// weaker. Unknown stands outside the order: see Weaker.
type Verdict uint8

// The verdicts.
const (
	None     Verdict = iota // nothing at the provider starts the project
	IDs                     // pull requests of listed accounts
	Approved                // pull requests after a comment of somebody with write access
	Writers                 // whoever may write to the repository
	Readers                 // whoever may read it, or is approved by somebody who only may
	Anyone                  // any account at the provider
	Unknown                 // it cannot be told
)

var words = [...]string{"NONE", "IDS", "APPROVED", "WRITERS", "READERS", "ANYONE", "UNKNOWN"}

// String is the verdict's word in every output.
func (v Verdict) String() string { return words[min(v, Unknown)] }

// MarshalText gives the word.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the word.
func (v *Verdict) UnmarshalText(text []byte) error {
	for i, w := range words {
		if w == string(text) {
			*v = Verdict(i)
			return nil
		}
	}
	return fmt.Errorf("there is no verdict %q", text)
}

// Open says whether people without write access can make the project run code.
// It is true of Unknown: what cannot be told does not pass for safe.
func (v Verdict) Open() bool { return v > Writers }

// Weaker is the verdict of two ways in: anybody wins over what cannot be told,
// which wins over everything else.
func Weaker(a, b Verdict) Verdict {
	if a == Anyone || b == Anyone {
		return Anyone
	}
	return max(a, b)
}

// Repo is what is declared or discovered about a repository.
type Repo struct {
	Visibility string // public, private, "" unknown
	Forks      string // allowed, forbidden, "" unknown
	ForkRuns   string // GitHub's approval policy for workflows of forks, "" unknown
}

// Ungated is who can open a pull request.
func (r Repo) Ungated() Verdict {
	switch {
	case r.Visibility != "private" && r.Visibility != "internal":
		return Anyone
	case r.Forks == "forbidden":
		return Writers
	}
	return Readers
}

// Exposed says whether people without write access can open a pull request; it is
// the first of the two severities of a check.
func (r Repo) Exposed() bool { return r.Ungated().Open() }
