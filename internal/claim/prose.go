package claim

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// labels come before numbers that name something and count nothing.
var labels = map[string]bool{"rule": true, "tier": true, "grade": true, "step": true, "section": true, "row": true, "line": true,
	"page": true, "version": true, "question": true, "finding": true, "limit": true, "claim": true, "level": true, "part": true, "score": true}

// mayStandBetween a number and the word that says how those calls ended.
var mayStandBetween = map[string]bool{"of": true, "them": true, "these": true, "those": true, "which": true, "were": true, "was": true, "have": true, "had": true, "been": true, "and": true}

var durationWord = regexp.MustCompile(`^(?:seconds?|secs?|s|minutes?|mins?|min|hours?|hrs?|h|days?|weeks?|months?|years?)$`)

// numbers holds every standalone integer against what is counted.
func (st *statement) numbers(_ []token, rest string) error {
	switch st.p.Op {
	case "statement":
		return nil
	case "state":
		return st.figures(rest)
	}
	for _, c := range integersIn(rest) {
		if c.spelt && c.noun() == "" || labels[c.before] {
			continue
		}
		if !st.counts(&c) {
			return fmt.Errorf("the sentence says %s %s, which neither its predicate nor the events it cites bear out", c.text, strings.Join(c.words[:min(2, len(c.words))], " "))
		}
	}
	return st.amounts(rest)
}

// counts says whether something bears the number out. What follows the number
// decides what it may be: a length of time, a share, a rate, those that failed or
// succeeded. Only a number that says nothing of the sort may be any that the evidence
// holds, at the price that some lies pass.
func (st *statement) counts(c *counted) bool {
	if len(c.words) > 0 && durationWord.MatchString(c.words[0]) && (c.noun() != "day" || !st.distinctly("day", c.n)) {
		return st.lasts(c)
	}
	if n, ok := st.share(c); ok {
		return c.n == n
	}
	if c.perDay() {
		return st.daily(c)
	}
	failed, succeeded := st.outcomes()
	for _, w := range c.words {
		w = strings.ToLower(w)
		switch {
		case contradictsSuccess.MatchString(w):
			return c.n == failed
		case strings.HasPrefix(w, "succe"):
			return c.n == succeeded
		}
		if !mayStandBetween[w] && nounOf(w) != eventNoun {
			break // "8 instances failed" counts what one call asked for
		}
	}
	if n, ok := whole(st.p.Value); ok && n == c.n {
		return true
	}
	if noun := c.noun(); noun == eventNoun && st.p.Op == "count" {
		return false // the count is known, and it is another
	} else if noun != "" && st.distinctly(noun, c.n) {
		return true
	}
	if c.n == int64(len(st.ids())) || c.n == 1 && len(st.cited) > 0 {
		return true
	}
	// "2026" is a year of the case.
	if c.n >= 1000 && slices.ContainsFunc(st.instants, func(t time.Time) bool { return int64(t.Year()) == c.n }) {
		return true
	}
	return st.says(amount(c.n)) ||
		slices.ContainsFunc(st.cited, func(s *subject) bool { return s.say().lengths[int(min(c.n, math.MaxInt32))] })
}

// ids are the different events cited; copies in conflict are one.
func (st *statement) ids() []string {
	var ids []string
	for _, s := range st.cited {
		ids = append(ids, s.e.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// outcomes counts what failed and what succeeded among the events that the
// predicate is about.
func (st *statement) outcomes() (failed, succeeded int64) {
	if st.tally != nil && st.p.Op != "absence" {
		return st.tally.failures, st.tally.count - st.tally.failures
	}
	for _, s := range st.cited {
		if s.e.Outcome() == evidence.Failure {
			failed++
		} else {
			succeeded++
		}
	}
	return failed, succeeded
}

// distinctly says whether there are n different ones of a noun: among what the
// filter selects, or among what is cited.
func (st *statement) distinctly(noun string, n int64) bool {
	if set, ok := st.distinct[noun]; ok && int64(len(set)) == n && n <= maxDistinct {
		return true
	}
	var d map[string]map[string]struct{}
	for _, s := range st.cited {
		d = remember(d, noun, s)
	}
	return int64(len(d[noun])) == n
}

// lasts: a length of time is held against the times of the events only where
// the sentence puts it between two of them; else it is lore ("lives up to 12
// hours"), not a fact of the case.
func (st *statement) lasts(c *counted) bool {
	if len(c.words) < 2 || !slices.Contains([]string{"later", "earlier", "apart", "afterwards"}, strings.ToLower(c.words[1])) {
		return true
	}
	unit := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour, 'y': 365 * 24 * time.Hour}[c.words[0][0]]
	if strings.HasPrefix(c.words[0], "mo") {
		unit = 30 * 24 * time.Hour
	}
	for _, a := range st.instants {
		for _, b := range st.instants {
			if d := a.Sub(b) - time.Duration(c.n)*unit; d > -unit && d < unit {
				return true
			}
		}
	}
	return false
}

// Amounts as templates write them, rounded to a unit.
var decimalAmount = regexp.MustCompile(`\b(\d{1,9}\.\d{1,3}) ?(bytes|[KMGT]i?B)\b`)

var units = map[string]float64{"bytes": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}

// amounts holds "17.4 KiB" against the sum of the predicate, as it was rounded.
func (st *statement) amounts(rest string) error {
	for _, m := range decimalAmount.FindAllStringSubmatch(rest, -1) {
		value, ok := number(st.p.Value)
		if !ok {
			continue
		}
		exact, _ := new(big.Rat).Quo(value, new(big.Rat).SetFloat64(units[m[2]])).Float64()
		_, places, _ := strings.Cut(m[1], ".")
		if strconv.FormatFloat(exact, 'f', len(places), 64) != m[1] {
			return fmt.Errorf("the sentence says %s %s, which is not the amount of its predicate", m[1], m[2])
		}
	}
	return nil
}

// Words for outcome. Those that contradict success are never said of a call
// that did what it asked for; admitsFailure has them and the milder ones, of
// which a sentence about a failed call needs one.
var (
	contradictsSuccess = regexp.MustCompile(`(?i)^(?:failed|denied|refused|attempted|tried|unsuccessful|unsuccessfully)$`)
	admitsFailure      = regexp.MustCompile(`(?i)\b(?:fail\w*|den(?:ied|ial|ials|ies)|refus\w+|reject\w+|attempt\w*|tried|tries|trying|unsuccessful\w*|blocked|unauthori[sz]ed|forbidden|not authori[sz]ed|not permitted|not allowed|could not|couldn't|did not|didn't|dry[- ]run|errors?|in vain|without success)\b`)
	noSuccess          = regexp.MustCompile(`(?i)\b(?:(?:did|does|has|have|had) not succe\w+|didn't succeed|never succe\w+|no success|without success|not successful\w*|none succe\w+|no \w+ succe\w+)\b`)
	claimsSuccess      = regexp.MustCompile(`(?i)\b(?:succeed(?:ed|s)?|success|successful|successfully)\b`)
	denies             = regexp.MustCompile(`(?i)\b(?:did not|didn't|never) (?:call|create|delete|assume|issue|run|attach|stop|start|put|update|launch|terminate|sign|log|read|download)\w*\b`)
	negative           = regexp.MustCompile(`(?i)\b(?:no|not|never|none|nothing|nobody|neither|without|only|zero|0|cannot|absent|absence|\w+n't)\b`)
)

// outcome holds words of success and failure against the events. Only what can be
// decided by the shape of a sentence is: a list of several calls may speak of both.
func (st *statement) outcome(tokens []token, rest string) error {
	switch st.p.Op {
	case "statement", "state":
		return nil
	case "absence":
		if !negative.MatchString(rest) {
			return fmt.Errorf("the sentence does not say that something is absent, as its predicate does")
		}
		return nil
	}
	words := func(re *regexp.Regexp) bool {
		return slices.ContainsFunc(strings.Fields(rest), func(w string) bool { return re.MatchString(strings.Trim(w, ".,;:()!?")) })
	}
	failed, succeeded := st.outcomes()
	for _, s := range st.cited { // what is cited beside the filter's own matches may be spoken of too
		if s.e.Outcome() == evidence.Failure {
			failed++
		} else {
			succeeded++
		}
	}
	told := claimsSuccess.MatchString(noSuccess.ReplaceAllString(rest, " "))
	admits := admitsFailure.MatchString(rest) || slices.ContainsFunc(tokens, func(t token) bool {
		return t.kind == "error code" || slices.ContainsFunc(st.own, func(s *subject) bool { return t.text != "" && (t.text == s.e.ErrorCode || t.text == s.e.ErrorMessage) })
	})
	switch {
	case told && succeeded == 0:
		return fmt.Errorf("the sentence says that something succeeded, and every event under it failed")
	case (words(contradictsSuccess) || noSuccess.MatchString(rest)) && failed == 0 && !told:
		return fmt.Errorf("the sentence says that something failed or was only tried, and every event under it succeeded")
	case st.p.Op == "event" && !admits && allFailed(st.own):
		return fmt.Errorf("the sentence does not say that the call failed")
	case st.tally != nil && !admits && slices.Equal(st.tally.wants("outcome"), []string{string(evidence.Failure)}):
		return fmt.Errorf("the sentence does not say that the calls failed")
	}
	if m := denies.FindStringIndex(rest); m != nil && failed == 0 && !strings.Contains(rest[m[1]:], "before") {
		return fmt.Errorf("the sentence says that something did not happen, and its predicate that it did")
	}
	return nil
}

// allFailed is false of nothing.
func allFailed(subjects []*subject) bool {
	return len(subjects) > 0 && !slices.ContainsFunc(subjects, func(s *subject) bool { return s.e.Outcome() == evidence.Success })
}

// actorWords matches who the sentence says acted: its subject, or the agent of
// a passive. "The owner's key" speaks of a key.
var actorWords = regexp.MustCompile(`(?i)(?:^\s*(?:the |an? )?(likely |probable )?(intruder|owner|responder)\b|\bby (?:the |an? )?(likely |probable )?(intruder|owner|responder)\b)('s|’s)?`)

// actor is asked only where somebody attributed the events. "The owner's key was
// used", "the intruder of …" and negated clauses name somebody without saying that
// they acted.
func (st *statement) actor(_ []token, rest string) error {
	if !st.actors || st.p.Op == "statement" || st.p.Op == "absence" {
		return nil
	}
	for _, m := range actorWords.FindAllStringSubmatchIndex(rest, -1) {
		who := strings.ToLower(submatch(rest, m, 2) + submatch(rest, m, 4))
		clause := rest[strings.LastIndexAny(rest[:m[0]], ".;,:")+1 : m[0]]
		if submatch(rest, m, 5) != "" || strings.HasPrefix(rest[m[1]:], " of ") || negative.MatchString(clause) {
			continue
		}
		of := st.own
		if len(of) == 0 {
			of = st.cited
		}
		known, agrees := false, false
		for _, s := range of {
			known = known || s.actor != ""
			agrees = agrees || s.actor == who || who == "intruder" && s.actor == "likely_intruder"
		}
		if known && !agrees {
			return fmt.Errorf("the sentence says that the %s acted, and the events are attributed to somebody else", who)
		}
	}
	return nil
}

// submatch returns a group by its number, "" if it took no part.
func submatch(s string, m []int, n int) string {
	if m[2*n] < 0 {
		return ""
	}
	return s[m[2*n]:m[2*n+1]]
}
