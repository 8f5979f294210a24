package intake

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// FromCase is the origin of what stands in the case text; FromAnswer(id) of the rest.
const FromCase = "case text"

// FromAnswer is the origin of what stands in the answer to question id.
func FromAnswer(id string) string { return "answer " + id }

// Clock is what times are counted from. Nothing here reads the machine's clock.
type Clock struct {
	// Now is the moment that "yesterday" is counted from; zero is the end of the evidence.
	Now time.Time
	// EvidenceFrom and EvidenceTo bound the evidence: a date without a year falls inside.
	EvidenceFrom, EvidenceTo time.Time
	// Zone is that of times which name none; nil is UTC, and noted as an assumption.
	Zone *time.Location
}

// now is the moment relative times are counted from; zero if nothing is known.
func (c Clock) now() time.Time {
	return cmp.Or(c.Now, c.EvidenceTo)
}

// Lexicon holds the names that the evidence itself contains.
type Lexicon struct{ Entries []Entry }

// Entry is one such name and what it stands for.
type Entry struct {
	Name  string // as people write it: "deploy-bot"
	Kind  string // as Seed.Kind
	Value string // as events carry it: an ARN, a bucket's name
}

// Span is a time expression, resolved: a half-open interval in UTC and the words it
// came from. From is always before To.
type Span struct {
	From, To   time.Time
	Text       string
	Start, End int // half-open bytes of the text that was read
	// Grain is how finely the words spoke: second | minute | hour | part (of a day) | day |
	// week | month | year | range | since | until.
	Grain string
	// Found says that it is when somebody came across a thing ("today I found a user x"), which
	// was there before.
	Found bool
}

// String echoes the words with the interval they were resolved to, as every report must.
func (s Span) String() string {
	const f = "2006-01-02 15:04:05"
	return fmt.Sprintf("%q = %s to %s UTC", s.Text, s.From.UTC().Format(f), s.To.UTC().Format(f))
}

// Statement is something the text says about what it names: whose it is, what was done
// with it. It never proves anything; the evidence may contradict it.
type Statement struct {
	Relation Relation
	Negated  bool   // "not our pentest", "not yet rotated"
	Seeds    []Seed // what it is said of
	Agents   []string
	When     []Span
	Party    bool   // of "terminated": the contract of a party ended, and nobody's employment
	Text     string // the words, from the first clause to the last
	English  string // the same, as far as glossaries go
	From     string // FromCase or FromAnswer(id)
}

// Reading is all that was understood of one text.
type Reading struct {
	Seeds      []Seed // what the case suspects or asks about, in order of appearance
	Times      []Span // when it happened, as far as said; times of benign acts and of responses are not here
	Statements []Statement
	Effects    []Effect // what is said to have come about, in order of appearance; of the case text only
	Asks       []Ask    // questions of who did something; of the case text only
	Staying    bool     // somebody is said to be still at work; of the case text only
	Tellers    []string // first names of which the text says only that they told something
	Voices     int      // how many people speak in it, where it holds lines of several; else 0
	Abroad     []string // regions of the places where somebody is said to be, or to be supposed to be, for a while
	Wider      bool     // it asks for more than it names: who else, what else; of the case text only
	Kind       string   // one of Kinds
	KindWhy    string   // the cues that decided
	Actions    []string // API calls named ("StopLogging"), in order of appearance
	// Zone is set where the text says in which zone its times are, or names one zone only.
	Zone *time.Location
	// ZoneAssumed says that some time named no zone and none was stated for it, by the text
	// or by Clock.Zone, so that the interval may be off by hours.
	ZoneAssumed bool
	// Unknown says that the whole text is a way of saying "I don't know".
	Unknown bool
	// Language is the code of the one that most of the text is in; "other" where hardly a word
	// was English, and no language is known for it.
	Language string
	// Understood says that the text is English, or said in English by a glossary that knows
	// most of it. Else only typed tokens and dates are sure to be right.
	Understood bool
	// VerbFirst says that statements of the language may begin with their verb, who does it left
	// out ("Son datos de clientes"): only its mark makes a question there.
	VerbFirst bool
	// English is the text as it was read: each sentence of a language that has a glossary is
	// said in English, word by word.
	English string
	Doubts  []string // what is asked or supposed and would vouch or accuse, in English
	Notes   []string // assumptions made and things not understood, for people

	gloss *gloss
}

// Before is the text before a time of the case, in English.
func (r *Reading) Before(s Span) string {
	if r.gloss == nil {
		return ""
	}
	return r.English[:r.gloss.ahead(s.Start)]
}

// Said is what was written for English[start:end].
func (r *Reading) Said(start, end int) string {
	if r.gloss == nil {
		return ""
	}
	return r.gloss.said(start, end)
}

// Answered lists the standard questions that the text has already answered, sorted.
func (r *Reading) Answered() []string {
	var ids []string
	for _, s := range r.Statements {
		if q := s.Relation.question(len(s.When) > 0); q != "" {
			ids = append(ids, q)
		}
	}
	for _, s := range r.Seeds {
		switch s.Kind {
		case "access_key", "principal", "session":
			ids = append(ids, "principal")
		}
	}
	if r.Zone != nil {
		ids = append(ids, "time_zone")
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
