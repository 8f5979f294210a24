package claim

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// opposites are pairs of directions: the verbs that begin event names, and the
// words of sentences. A sentence that says only the other direction of its own
// event was turned round.
var opposites = []struct {
	verbs [2][]string
	words [2]*regexp.Regexp
}{
	{[2][]string{{"Create", "Run", "Register", "Add", "Upload", "Import", "Allocate"}, {"Delete", "Terminate", "Remove", "Deregister", "Release"}},
		[2]*regexp.Regexp{word(`creat(?:ed|es|e|ing)|launch(?:ed|es)|add(?:ed|s)|register(?:ed|s)|upload(?:ed|s)|import(?:ed|s)|made|new`), word(`delet(?:ed|es|e|ing|ion)|remov(?:ed|es|e|ing|al)|terminat(?:ed|es|e|ing)|destroy(?:ed|s)|deregister(?:ed|s)`)}},
	{[2][]string{{"Attach"}, {"Detach"}}, [2]*regexp.Regexp{word(`attach(?:ed|es|ing)?`), word(`detach(?:ed|es|ing)?`)}},
	{[2][]string{{"Start", "Enable", "Activate", "Resume"}, {"Stop", "Disable", "Deactivate", "Suspend"}},
		[2]*regexp.Regexp{word(`start(?:ed|s|ing)?|enabl(?:ed|es|e|ing)|activat(?:ed|es|e)|resumed|switched on|turned on`), word(`stop(?:ped|s|ping)?|disabl(?:ed|es|e|ing)|deactivat(?:ed|es|e)|suspended|switched off|turned off`)}},
	{[2][]string{{"Associate"}, {"Disassociate"}}, [2]*regexp.Regexp{word(`associat(?:ed|es)`), word(`disassociat(?:ed|es)`)}},
	{[2][]string{{"Authorize"}, {"Revoke"}}, [2]*regexp.Regexp{word(`authori[sz](?:ed|es)|open(?:ed|s)|allow(?:ed|s)|grant(?:ed|s)`), word(`revok(?:ed|es)|withdr(?:ew|awn)`)}},
}

func word(alternatives string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(?:` + alternatives + `)\b`)
}

// direction looks at one event's sentence only: with several events, both
// directions may rightly be told.
func (st *statement) direction(_ []token, rest string) error {
	if st.p.Op != "event" || len(st.own) == 0 {
		return nil
	}
	for _, o := range opposites {
		side := sideOf(o.verbs, st.own[0].e.Name)
		if side < 0 || o.words[side].MatchString(rest) || !o.words[1-side].MatchString(rest) {
			continue
		}
		if slices.ContainsFunc(st.cited, func(s *subject) bool { return sideOf(o.verbs, s.e.Name) == 1-side }) {
			continue
		}
		return fmt.Errorf("the sentence says the opposite of what %s does", st.own[0].e.Name)
	}
	return nil
}

// sideOf returns which of the two directions the name of an event begins with, or
// -1. The verb must be a whole word: "Address" does not begin with Add.
func sideOf(verbs [2][]string, name string) int {
	for side, list := range verbs {
		for _, v := range list {
			if rest, ok := strings.CutPrefix(name, v); ok && (rest == "" || unicode.IsUpper(rune(rest[0]))) {
				return side
			}
		}
	}
	return -1
}

var (
	earlier = word(`before|then|followed by|led to|afterwards`)
	later   = word(`after|following|preceded by`)
	issued  = word(`(?:was |were |is )?(?:issued|minted|obtained|derived|made|created|came) (?:by|from|with|through|using)|came from|stems from|descends from`)
)

// sequence looks at which of two things a sentence puts first: the events of an
// order, the credentials of a lineage.
func (st *statement) sequence(_ []token, _ string) error {
	switch st.p.Op {
	case "order":
		if len(st.own) < 2 {
			return nil
		}
		// own holds the copies of Before, then those of After.
		b, a := st.own[0].e, st.own[len(st.own)-1].e
		if b.Name == a.Name {
			return nil
		}
		i, k := strings.Index(st.text, b.Name), strings.Index(st.text, a.Name)
		if i < 0 || k < 0 {
			return nil
		}
		between := st.text[min(i, k):max(i, k)]
		before, after := earlier.MatchString(between), later.MatchString(between)
		// Both words, or none, between the two names tell no order.
		if before != after && before != (i < k) {
			return fmt.Errorf("the sentence puts %s and %s the other way round", b.Name, a.Name)
		}
	case "lineage":
		if st.p.Parent == "" {
			return nil
		}
		i, k := strings.Index(st.text, st.p.Child), strings.Index(st.text, st.p.Parent)
		if i >= 0 && k >= 0 && k < i && !strings.Contains(st.p.Child, st.p.Parent) && issued.MatchString(st.text[k:i]) &&
			strings.Count(st.text, st.p.Child) == 1 && strings.Count(st.text, st.p.Parent) == 1 {
			return fmt.Errorf("the sentence makes the child of the lineage its parent")
		}
	}
	return nil
}

var humps = regexp.MustCompile(`[A-Z][a-z0-9]*`)

// anchored: a sentence that names nothing of what it is about cannot be held
// to it, so it is not believed. One typed token or number is enough, or a
// name, or a noun of the event's name ("created an access key").
// An absence has no events to name, a statement speaks in its writer's words, and the
// figures and tokens of a state are checked one by one.
func (st *statement) anchored(tokens []token, rest string) error {
	switch st.p.Op {
	case "absence", "statement", "state":
		return nil
	}
	if len(tokens) > 0 || len(integersIn(rest)) > 0 {
		return nil
	}
	lower := strings.ToLower(rest)
	for _, s := range st.cited {
		id := s.e.Identity
		for _, name := range []string{s.e.Name, id.UserName, id.IssuerName, id.SessionName(), id.PrincipalID, s.e.ErrorCode} {
			if name != "" && within(rest, name) {
				return nil
			}
		}
		for _, r := range s.e.Resources {
			tail := r[strings.LastIndexAny(r, ":/")+1:]
			if tail != "" && within(rest, tail) {
				return nil
			}
		}
		if strings.HasPrefix(s.e.Name, "ConsoleLogin") && signIn.MatchString(lower) {
			return nil
		}
		parts := humps.FindAllString(s.e.Name, -1)
		for _, h := range parts[min(1, len(parts)):] {
			if len(h) > 2 && strings.Contains(lower, strings.TrimSuffix(strings.ToLower(h), "s")) {
				return nil
			}
		}
	}
	return fmt.Errorf("the sentence names nothing of the events it cites")
}

var signIn = word(`log(?:ged|s)? ?in|login|sign(?:ed|s)?[ -]in`)
