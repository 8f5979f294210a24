package claim

import (
	"regexp"
	"strconv"
	"strings"
)

// noun is a thing that sentences count, and how the different ones are told
// apart among the events that a claim is about.
// body says that the values stand in the record and not in columns.
type noun struct {
	body   bool
	values func(*subject) []string
}

// events are counted by the predicate itself; the other nouns are counted here.
const eventNoun = "event"

var nouns = map[string]noun{
	eventNoun:    {values: func(s *subject) []string { return []string{s.e.ID} }},
	"network":    {values: func(s *subject) []string { return []string{s.e.Network()} }},
	"address":    {values: func(s *subject) []string { return []string{s.e.SourceIP} }},
	"region":     {values: func(s *subject) []string { return []string{s.e.Region} }},
	"account":    {values: func(s *subject) []string { return []string{s.e.Account} }},
	"principal":  {values: func(s *subject) []string { return []string{s.e.Identity.UniqueID()} }},
	"credential": {values: func(s *subject) []string { return []string{s.e.Identity.AccessKey} }},
	"action":     {values: func(s *subject) []string { return []string{s.e.Action()} }},
	"service":    {values: func(s *subject) []string { return []string{s.e.Source} }},
	"agent":      {values: func(s *subject) []string { return []string{s.e.UserAgent} }},
	"tool":       {values: func(s *subject) []string { return []string{byName["agent_family"].values(s)[0]} }},
	"error":      {values: func(s *subject) []string { return []string{s.e.ErrorCode} }},
	"day":        {values: func(s *subject) []string { return []string{s.e.Time.UTC().Format("2006-01-02")} }},
	"resource":   {values: func(s *subject) []string { return s.e.Resources }},
	"bucket":     {body: true, values: requested("bucketName")},
	"object":     {body: true, values: func(s *subject) []string { return pairs(s, "bucketName", "key") }},
	"user":       {body: true, values: requested("userName")},
	"role":       {body: true, values: requested("roleName", "roleArn")},
	"secret":     {body: true, values: requested("secretId")},
	"parameter":  {body: true, values: requested("name", "names")},
	"function":   {body: true, values: requested("functionName")},
	"instance":   {body: true, values: requested("instanceId", "instancesSet.items.instanceId")},
}

// nounWords are the words for them; a plural s is taken off before.
var nounWords = map[string]string{
	"event": eventNoun, "call": eventNoun, "request": eventNoun, "record": eventNoun, "time": eventNoun, "attempt": eventNoun,
	"network": "network", "address": "address", "addresse": "address", "ip": "address", "region": "region", "account": "account",
	"principal": "principal", "identity": "principal", "identitie": "principal", "caller": "principal",
	"credential": "credential", "key": "credential", "session": "credential",
	"action": "action", "operation": "action", "api": "action", "service": "service",
	"agent": "agent", "tool": "tool", "error": "error", "day": "day", "resource": "resource",
	"bucket": "bucket", "object": "object", "user": "user", "role": "role", "secret": "secret", "parameter": "parameter",
	"function": "function", "instance": "instance",
}

// requested reads request parameters. Denied calls often carry none, so things that
// were only asked for in vain are not counted among the different ones.
func requested(paths ...string) func(*subject) []string {
	return func(s *subject) []string {
		var out []string
		for _, p := range paths {
			out = append(out, s.record().Strs("requestParameters."+p)...)
		}
		return out
	}
}

// pairs tells objects by bucket and key together: one key in two buckets is two.
func pairs(s *subject, a, b string) []string {
	x, y := s.record().Str("requestParameters."+a), s.record().Str("requestParameters."+b)
	if y == "" {
		return nil
	}
	return []string{x + "\x00" + y}
}

func nounOf(word string) string {
	w := strings.ToLower(strings.Trim(word, ".,;:()"))
	if n := nounWords[w]; n != "" {
		return n
	}
	return nounWords[strings.TrimSuffix(w, "s")]
}

// counted is an integer of a sentence, with the words that follow it.
type counted struct {
	n      int64
	text   string   // as written
	before string   // the word before it
	words  []string // the words after it, at most 5, up to the next number or the end of the clause
	spelt  bool     // "three" and not "3"
}

// "One" is left out: it is a pronoun more often than a number.
var spelt = map[string]int64{"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12}

// Fifteen digits fit an int64 with room, and no count of events has more.
var integer = regexp.MustCompile(`^(\d{1,15}|\d{1,3}(,\d{3}){1,4})$`)

// integersIn finds the integers that stand alone as words; typed tokens must
// have been blanked before.
func integersIn(text string) []counted {
	words := strings.Fields(text)
	var out []counted
	for i, w := range words {
		core := strings.Trim(w, ".,;:()[]{}!?–—-")
		n, ok := spelt[strings.ToLower(core)]
		c := counted{n: n, text: core, spelt: ok}
		if !ok {
			if !integer.MatchString(core) {
				continue
			}
			c.n, _ = strconv.ParseInt(strings.ReplaceAll(core, ",", ""), 10, 64)
		}
		if i > 0 {
			c.before = strings.ToLower(strings.Trim(words[i-1], ".,;:()"))
		}
		if !strings.HasSuffix(w, core) { // the clause ends with the number
			out = append(out, c)
			continue
		}
		for _, next := range words[i+1 : min(i+6, len(words))] {
			trimmed := strings.TrimRight(next, ".,;:)!?")
			if integer.MatchString(trimmed) {
				break
			}
			c.words = append(c.words, trimmed)
			if trimmed != next {
				break
			}
		}
		out = append(out, c)
	}
	return out
}

// noun is what the integer counts, "" if the words do not say.
func (c *counted) noun() string {
	for _, w := range c.words[:min(4, len(c.words))] {
		if n := nounOf(w); n != "" {
			return n
		}
	}
	return ""
}

// nounsIn says which nouns the sentence counts, so that one pass over the
// evidence can count them too.
func nounsIn(text string) map[string]bool {
	out := map[string]bool{}
	for _, c := range integersIn(clean(text)) {
		if n := c.noun(); n != "" && n != eventNoun {
			out[n] = true
		}
	}
	return out
}
