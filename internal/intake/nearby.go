package intake

import (
	"regexp"
	"slices"
	"strings"
)

// wordBefore is the small-letter word that ends before byte i, quotes and colons skipped.
func (s *scan) wordBefore(i int) (word string, start int) {
	end := i
	for end > 0 && (s.low[end-1] == ' ' || strings.IndexByte("\"'`:=\n", s.low[end-1]) >= 0) {
		end--
	}
	start = end
	for start > 0 && (isAlnum(s.low[start-1]) || s.low[start-1] == '-') {
		start--
	}
	return s.low[start:end], start
}

// introWord is the word before byte start.
func (s *scan) introWord(start int) string {
	w, _ := s.wordBefore(start)
	return w
}

// introduction is what the words before say the name is: "IAM user X", "role named X".
func (s *scan) introduction(start int) string {
	w, at := s.wordBefore(start)
	if w == "named" || w == "called" || w == "name" || w == "is" {
		before, _ := s.wordBefore(at)
		if w == "called" || w == "is" || nameWords().before[before] != "" { // "X called ListBuckets" names no X
			return nameWords().before[before]
		}
	}
	return nameWords().before[w]
}

// afterWord is the word that follows byte i, a possessive skipped.
func (s *scan) afterWord(i int) string {
	rest := strings.TrimLeft(s.low[i:], "\"'`")
	rest = strings.TrimPrefix(strings.TrimPrefix(rest, "’"), "s ")
	rest = strings.TrimLeft(rest, " ")
	j := 0
	for j < len(rest) && isAlnum(rest[j]) {
		j++
	}
	return rest[:j]
}

// after is what the word behind the name says it is: "the deploy-bot user". A sentence
// that has ended says nothing.
func (s *scan) after(end int) string {
	if end < len(s.low) && strings.IndexByte(".,;:\n", s.low[end]) >= 0 {
		return ""
	}
	return nameWords().behind[s.afterWord(end)]
}

// participle says that a word in small letters stands where a verb or an adjective does, and
// looks like one: "were shared", "has to audit". "Was alice hacked", "belongs to bob" and "it
// was not carol" name somebody. What announces a name is content/intake/names.yml.
func (s *scan) participle(start, end int) bool {
	if strings.ToLower(s.work[start:start+1]) != s.work[start:start+1] {
		return false
	}
	w, at := s.wordBefore(start)
	before, _ := s.wordBefore(at)
	n := nameWords()
	switch {
	case n.toBe[w]:
		return slices.ContainsFunc(n.inflected, func(ending string) bool { return strings.HasSuffix(s.low[start:end], ending) })
	case w == "to":
		return !n.toward[before]
	case w == "not":
		return n.auxiliary[before]
	}
	return false
}

// plainly says that a word of English is meant as the name it also is: "the backup role",
// or a capital in mid-sentence that the evidence writes the same ("assumed Admin").
func (s *scan) plainly(start, end int, exact bool) bool {
	before, at := s.wordBefore(start)
	switch s.afterWord(end) {
	case "role", "user":
		return before == "the" && s.after(end) != ""
	}
	c := s.work[start]
	return exact && 'A' <= c && c <= 'Z' && before != "" && !strings.ContainsAny(s.work[at:start], ".!?:\n")
}

// formally says that the announcement leaves no doubt: "IAM user carol", "a role named x".
func (s *scan) formally(start int) bool {
	w, at := s.wordBefore(start)
	before, _ := s.wordBefore(at)
	switch w {
	case "username", "named":
		return true
	case "user", "role", "bucket":
		return before == "iam" || before == "s3" && w == "bucket"
	}
	return false
}

// quoted says that the name stands in quotes or backticks of its own.
func (s *scan) quoted(start, end int) bool {
	if start == 0 || end >= len(s.work) {
		return false
	}
	switch open := s.work[start-1]; open {
	case '"', '\'', '`':
		return s.work[end] == open
	}
	return strings.HasSuffix(s.work[:start], "“") && strings.HasPrefix(s.work[end:], "”")
}

// alone says that the name is one item of a list: nothing but punctuation and "and" is
// between it and the next comma, line or end.
func (s *scan) alone(start, end int) bool {
	from := strings.LastIndexAny(s.low[:start], ",;\n:") + 1
	to := end + strings.IndexAny(s.low[end:]+";", ",;\n")
	rest := s.low[from:start] + " " + s.low[end:to]
	for _, f := range strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune(" \t\r.\"'`()[]", r) }) {
		if f != "and" && f != "or" && f != "the" && f != "user" && f != "role" && !looksLikeName(f) {
			return false
		}
	}
	return true
}

// emails gives addresses the meaning they have in the evidence: the whole of it, or the
// name that stands before the @.
func (s *scan) emails(x index) {
	for i := range s.mentions {
		m := &s.mentions[i]
		if m.class != "email" {
			continue
		}
		es := x.lookup(m.values[0])
		if local, _, _ := strings.Cut(m.values[0], "@"); len(es) == 0 && len(local) > 2 && !nameWords().plain[lower(local)] {
			if es = x.lookup(local); len(es) > 0 {
				s.notes = append(s.notes, m.values[0]+" was taken for the "+local+" of the evidence")
			}
		}
		if len(es) > 0 {
			found := named(m.start, m.end, fitting(es, ""))
			m.kind, m.values = found.kind, found.values
		}
	}
}

// personForm is a first and a last name, as people sign. Most pairs of capitals are none, so that
// people accepts only what the evidence holds.
var personForm = regexp.MustCompile(`(?:^|[^\pL\pN])(\p{Lu}\p{Ll}+) (\p{Lu}\p{Ll}+)`)

// people finds first and last names in the forms that account names take. Nothing is
// guessed: one of the forms must be a whole name of the evidence.
func (s *scan) people(x index) {
	for _, loc := range personForm.FindAllStringSubmatchIndex(s.work, 64) {
		start, end := loc[2], loc[5]
		if !s.free(start, end) {
			continue
		}
		s.takeFor(start, end, x.person(s.low[start:loc[3]], s.low[loc[4]:end]))
	}
}

// takeFor makes a first and a last name a mention of whoever bears them, if anybody does.
func (s *scan) takeFor(start, end int, es []Entry) {
	if len(es) > 0 {
		s.notes = append(s.notes, s.gloss.said(start, end)+" was taken for the "+es[0].Name+" of the evidence")
		s.add(named(start, end, fitting(es, "")))
	}
}

// smallForm is a word as somebody writes a name who writes no capitals, or a machine that takes down what is said.
var smallForm = regexp.MustCompile(`\p{Ll}{2,}`)

// smallPeople finds first and last names without capitals. Any two words are a pair then, so that
// only the form that is nothing but a name of a person counts: first.last.
func (s *scan) smallPeople(x index) {
	found := smallForm.FindAllStringIndex(s.work, -1)
	for i := 0; i+1 < len(found); i++ {
		a, b := found[i], found[i+1]
		if b[0] != a[1]+1 || s.work[a[1]] != ' ' || a[0] > 0 && isAlnum(s.work[a[0]-1]) || b[1] < len(s.work) && isAlnum(s.work[b[1]]) || !s.free(a[0], b[1]) {
			continue
		}
		form := s.work[a[0]:a[1]] + "." + s.work[b[0]:b[1]]
		es := x.folded[form]
		if len(es) == 0 {
			es = x.local[form]
		}
		s.takeFor(a[0], b[1], es)
	}
}

// person finds who bears a first and a last name, in the forms that account names take.
func (x index) person(first, last string) []Entry {
	for _, first := range Unaccented(first) {
		for _, last := range Unaccented(last) {
			for _, form := range []string{first + "." + last, first + "-" + last, first + "_" + last, first + last, first[:1] + "." + last, first[:1] + last} {
				if es := x.folded[form]; len(es) > 0 {
					return es
				}
				if es := x.local[form]; len(es) > 0 {
					return es
				}
			}
		}
	}
	return nil
}
