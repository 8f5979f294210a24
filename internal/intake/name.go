package intake

import (
	"regexp"
	"slices"
	"strings"
)

// nameForm is whatever could be the name of a user, role, session or bucket.
var nameForm = regexp.MustCompile(`[A-Za-z0-9_][A-Za-z0-9_+=,.@/:-]*`)

// index answers what a name stands for: as written, without regard to case, and for an
// e-mail address by the part before the @.
type index struct {
	exact, folded, local map[string][]Entry
	spaced               []Entry // names with spaces in them, looked for as they are
}

// index leaves out what cannot be a name in a text: single letters, and what is longer than any
// name or path that IAM allows (512 characters, IAM User Guide, quotas).
func (l Lexicon) index() index {
	x := index{map[string][]Entry{}, map[string][]Entry{}, map[string][]Entry{}, nil}
	for _, e := range l.Entries {
		if len(e.Name) < 2 || len(e.Name) > 512 || e.Kind == "" || e.Value == "" {
			continue
		}
		x.exact[e.Name] = append(x.exact[e.Name], e)
		x.folded[lower(e.Name)] = append(x.folded[lower(e.Name)], e)
		if local, _, ok := strings.Cut(lower(e.Name), "@"); ok && local != "" {
			x.local[local] = append(x.local[local], e)
		}
		if strings.Contains(e.Name, " ") {
			x.spaced = append(x.spaced, e)
		}
	}
	return x
}

// lookup finds a whole name, never a part of one: exactly, else without regard to case.
func (x index) lookup(name string) []Entry {
	if es := x.exact[name]; len(es) > 0 {
		return es
	}
	return x.folded[lower(name)]
}

// looksLikeName tells a name from a word of English when no list knows either.
func looksLikeName(t string) bool {
	return len(t) >= 2 && (strings.ContainsAny(t, "0123456789_@") || strings.ContainsAny(t[1:len(t)-1], "-.+=/") ||
		strings.ToLower(t[1:]) != t[1:] && strings.ToUpper(t) != t)
}

// names claims the names that the evidence holds, and those that the text announces.
// bare accepts every single word of a list as a name: in the answer to "which user?",
// "deploy-bot, alice" are names without more.
func (s *scan) names(l Lexicon, bare bool) {
	x := l.index()
	s.emails(x)
	for _, e := range x.spaced {
		for at := 0; ; {
			i := strings.Index(s.work[at:], e.Name)
			if i < 0 {
				break
			}
			start, end := at+i, at+i+len(e.Name)
			if at = end; s.free(start, end) && edges(s.work, start, end, "_") {
				s.add(named(start, end, []Entry{e}))
			}
		}
	}
	for _, loc := range nameForm.FindAllStringIndex(s.work, -1) {
		start, end := loc[0], loc[1]
		if i := s.claimedFrom(start, end); i < end { // "deploy-bot/AKIA…": only what stands before
			end = i
		}
		s.name(x, start, end, bare)
	}
	s.people(x)
	s.smallPeople(x)
}

// claimedFrom is the first claimed byte of [start,end), or end.
func (s *scan) claimedFrom(start, end int) int {
	for i := start; i < end; i++ {
		if s.claimed[i] {
			return i
		}
	}
	return end
}

// name decides about one candidate.
func (s *scan) name(x index, start, end int, bare bool) {
	if start > 0 && strings.IndexByte("*…", s.work[start-1]) >= 0 {
		return
	}
	intro, quoted := s.introduction(start), s.quoted(start, end)
	for _, prefix := range []string{"user/", "role/", "assumed-role/", "role:", "user:", "username:", "principal:", "bucket:", "session:"} {
		if strings.HasPrefix(s.low[start:end], prefix) && end-start > len(prefix) {
			intro, start = nameWords().before[strings.TrimRight(strings.TrimPrefix(prefix, "assumed-"), "/:")], start+len(prefix)
		}
	}
	// First whole names of the evidence, the longest first. One that is also a word counts only
	// where something makes it a name: an announcement, quotes, a list of names, its capital.
	whole := end
	for ; end > start; end-- { // the punctuation of the sentence, one by one: "ops." may be a name
		tok := s.work[start:end]
		if es := x.lookup(tok); len(es) > 0 && s.free(start, end) {
			if (nameWords().plain[lower(tok)] || len(tok) < 3 || s.participle(start, end) && !looksLikeName(tok) && s.afterWord(end) != "who") && intro == "" && !quoted && !bare && !s.plainly(start, end, es[0].Name == tok) {
				return
			}
			if intro == "" && nameWords().ofThings[s.afterWord(end)] && es[0].Kind != "resource" {
				return
			}
			m := named(start, end, fitting(es, s.introWord(start)))
			if len(m.values) > 1 {
				s.notes = append(s.notes, tok+" is the name of several: "+strings.Join(m.values, ", "))
			}
			s.add(m)
			return
		}
		if strings.IndexByte(".,:;-/=+@", s.work[end-1]) < 0 {
			break
		}
	}
	// Then what only looks like a name: it needs to be announced, or to be followed by what it is.
	for end = whole; end > start && strings.IndexByte(".,:;-/=+", s.work[end-1]) >= 0; end-- {
	}
	if end-start < 2 || !s.free(start, end) {
		return
	}
	tok := s.work[start:end]
	kind := intro
	if kind == "" && looksLikeName(tok) {
		kind = s.after(end)
	}
	if kind == "" && domainForm.MatchString(tok) && dnsForm.MatchString(s.low) {
		kind = "resource"
	}
	if kind == "" && bare && s.alone(start, end) && !nameWords().plain[lower(tok)] && !negators[lower(tok)] {
		kind = "principal"
	}
	switch {
	// Words, figures and ordinals are no names, however they are announced.
	case kind == "" || !quoted && (nameWords().plain[lower(tok)] || negators[lower(tok)]) || len(strings.Trim(tok, "0123456789.,:/-")) == 0 || ordinalForm.MatchString(tok):
		return
	case !quoted && !looksLikeName(tok) && len(x.exact) > 0 && !bare && !s.formally(start):
		return // an ordinary word, and the evidence knows no such name
	case !quoted && !looksLikeName(tok) && strings.HasSuffix(lower(tok), "ing"):
		return
	}
	m := mention{start: start, end: end, kind: kind, values: []string{tok}}
	if w := s.introWord(start); strings.HasPrefix(w, "bucket") || s.afterWord(end) == "bucket" {
		m.class, m.values = "bucket", []string{"arn:aws:s3:::" + tok}
	}
	// A slip of the finger is mended only for what cannot be a word.
	if es := x.near(tok); len(es) > 0 && (quoted || looksLikeName(tok)) {
		m = named(start, end, fitting(es, s.introWord(start)))
		s.notes = append(s.notes, "nothing in the evidence is named "+tok+"; it was read as "+es[0].Name+", which is spelt nearly so")
	} else if len(x.exact) > 0 && (m.kind != "resource" || m.class == "bucket") { // of other things the evidence lists no names
		s.notes = append(s.notes, "nothing in the evidence is named "+tok)
	}
	s.add(m)
}

// domainForm is a name of the internet's; it is a thing of the case where dnsForm finds that
// the text speaks of such names.
var (
	domainForm = regexp.MustCompile(`^(?:[a-z0-9-]+\.)+(?:com|net|org|io|dev|app|cloud|ai|info|biz|eu|us|uk|de|fr|nl|it|es|pl|se|ch|at|be|ca|in|jp|au|br|example)$`)
	dnsForm    = regexp.MustCompile(`\b(?:dns|domains?|nameservers?|hosted zone|(?:mx|txt|cname|ns|a) records?|route ?53)\b`)
)

// ordinalForm is what counts: the 3rd key has no name in that.
var ordinalForm = regexp.MustCompile(`^(?i)[0-9]+(?:st|nd|rd|th)$`)

// named is the mention of one or more entries. Of several of the first one's kind all values are
// kept: which is meant is for the evidence to tell. es must not be empty.
func named(start, end int, es []Entry) mention {
	m := mention{start: start, end: end, kind: es[0].Kind}
	for _, e := range es {
		if e.Kind == m.kind {
			m.values = append(m.values, e.Value)
		}
	}
	slices.Sort(m.values)
	m.values = slices.Compact(m.values)
	if strings.HasPrefix(m.values[0], "arn:aws:s3:::") {
		m.class = "bucket"
	}
	return m
}

// fitting keeps the entries that the announcing word means, if any are left, and then
// those of one kind only: principals before the rest.
func fitting(es []Entry, intro string) []Entry {
	es = slices.Clone(es)
	slices.SortStableFunc(es, func(a, b Entry) int { return strings.Compare(rank(a)+a.Value, rank(b)+b.Value) })
	want := ""
	switch strings.TrimSuffix(intro, "s") {
	case "user", "username":
		want = ":user/"
	case "role":
		want = ":role/"
	case "bucket":
		want = ":s3:::"
	case "session":
		want = ":assumed-role/"
	}
	if want != "" {
		kept := slices.DeleteFunc(slices.Clone(es), func(e Entry) bool { return !strings.Contains(e.Value, want) })
		if len(kept) > 0 {
			return kept
		}
	}
	return es
}

// rank puts principals before sessions before the rest: of a name that is both, a text means
// the user or role.
func rank(e Entry) string {
	switch e.Kind {
	case "principal":
		return "0"
	case "session":
		return "1"
	}
	return "2"
}
