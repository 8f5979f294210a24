package intake

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// heardLexicon are the names of the account that testdata/heard speaks of.
var heardLexicon = func() (l Lexicon) {
	add := func(kind, prefix, names string) {
		for _, n := range strings.Fields(names) {
			l.Entries = append(l.Entries, Entry{n, kind, prefix + n})
		}
	}
	add("principal", "arn:aws:iam::111111111111:user/", "dave priya tomas.novak marta yusuf j.moor ci-deploy svc-report backup-agent ops-admin")
	add("principal", "arn:aws:iam::111111111111:role/", "Admin app-prod terraform-ci SupportAccess aws-support-sync")
	add("session", "arn:aws:sts::111111111111:assumed-role/Admin/", "jdoe@example.com")
	add("resource", "arn:aws:s3:::", "data-lake acme-invoices web-assets")
	l.Entries = append(l.Entries, Entry{"root", "principal", "arn:aws:iam::111111111111:root"})
	return l
}()

// TestHeard holds what is understood against what a person understands. The lines below a
// sentence were written before it was ever read, and each may be left out: what is not said
// there is not asked. There is no way to rewrite them: a line that fails is a fault of the
// reader, or of who wrote it.
//
//	kind K               the kind of case
//	seeds A B            exactly these anchors, by the end of their name; "-" for none; "?" before who is only guessed at
//	times FROM..TO, …    exactly these times, in UTC, of 2026; a day for its midnight
//	time FROM..TO        this one among others
//	says R A @FROM..TO   a statement of relation R about A, at that time, which may say more
//	never R              nothing is stated of relation R
//	asks NAME            it is asked who did something to NAME
//	effects KIND OBJ …   exactly this effect, "?" before it where it is only asked; "-" for none
//	effect KIND OBJ …    this one among others, which may say more
//	besides WHO N        who is said to have done another of the same sort, and how many
//	answered ID          questions that need not be asked any more
//	calls NAME           calls by name
//	note WORDS           a note holds these words
func TestHeard(t *testing.T) {
	files, _ := filepath.Glob("testdata/heard/*.txt")
	total := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range strings.Split(string(data), "\n\n") {
			lines := strings.Split(strings.TrimSpace(block), "\n")
			text, ok := strings.CutPrefix(lines[0], "> ")
			if !ok {
				continue
			}
			total++
			text = strings.ReplaceAll(text, `\n`, "\n")
			t.Run(fmt.Sprintf("%s/%.50s", filepath.Base(file), text), func(t *testing.T) {
				r := Read(text, FromCase, testClock, heardLexicon)
				check(t, text, FromCase, r)
				for _, line := range lines[1:] {
					if got, ok := heard(&r, line); !ok {
						t.Errorf("> %s\nread %s\nwant %s\ngot  %s", text, r.English, line, got)
					}
				}
			})
		}
	}
	if total < 60 {
		t.Errorf("only %d sentences", total)
	}
}

// heard says whether a reading holds one line, and what it holds instead.
func heard(r *Reading, line string) (got string, ok bool) {
	verb, want, _ := strings.Cut(line, " ")
	if want == "-" {
		want = ""
	}
	switch verb {
	case "kind":
		return r.Kind, r.Kind == want
	case "seeds":
		a, b := strings.Fields(want), tails(r.Seeds)
		slices.Sort(a)
		slices.Sort(b)
		return strings.Join(b, " "), slices.Equal(a, b)
	case "times", "time":
		var all []string
		for _, s := range r.Times {
			all = append(all, between(s))
		}
		got = strings.Join(all, ", ")
		return got, got == want || verb == "time" && slices.Contains(all, want)
	case "says":
		return strings.Join(said(r), "; "), slices.ContainsFunc(said(r), func(s string) bool { return holdsAll(s, want) })
	case "never":
		return strings.Join(said(r), "; "), !slices.ContainsFunc(r.Statements, func(s Statement) bool { return string(s.Relation) == want && !s.Negated })
	case "asks":
		return fmt.Sprint(r.Asks), slices.ContainsFunc(r.Asks, func(a Ask) bool { return slices.Contains(a.Words, want) })
	case "effects", "effect":
		var all []string
		for _, e := range r.Effects {
			all = append(all, effected(e))
		}
		got = strings.Join(all, "; ")
		return got, got == want || verb == "effect" && slices.ContainsFunc(all, func(s string) bool { return holdsAll(s, want) })
	case "besides":
		var all []string
		for _, e := range r.Effects {
			for _, b := range e.Besides {
				who := "us"
				if b.Who != "" {
					who = tail(b.Who)
				}
				if b.N > 0 {
					who += fmt.Sprint(" ", b.N)
				}
				all = append(all, who)
			}
		}
		return strings.Join(all, "; "), slices.Contains(all, want)
	case "answered":
		got = strings.Join(r.Answered(), " ")
		return got, holdsAll(got, want)
	case "calls":
		got = strings.Join(r.Actions, " ")
		return got, got == want
	case "note":
		got = strings.Join(r.Notes, "; ")
		return got, strings.Contains(got, want)
	}
	return "no such line", false
}

func said(r *Reading) (out []string) {
	for _, s := range r.Statements {
		words := []string{string(s.Relation)}
		if s.Negated {
			words[0] = "NOT-" + words[0]
		}
		words = append(words, tails(s.Seeds)...)
		for _, w := range s.When {
			words = append(words, "@"+between(w))
		}
		out = append(out, strings.Join(words, " "))
	}
	return out
}

func effected(e Effect) string {
	words := []string{e.Kind}
	if e.Supposed {
		words[0] = "?" + e.Kind
	}
	if e.Object != "" {
		words = append(words, e.Object)
	}
	for _, n := range e.Names {
		words = append(words, tail(n))
	}
	return strings.Join(append(append(words, e.Regions...), e.Accounts...), " ")
}

// holdsAll says that every word of want is one of got.
func holdsAll(got, want string) bool {
	have := strings.Fields(got)
	return !slices.ContainsFunc(strings.Fields(want), func(w string) bool { return !slices.Contains(have, w) })
}

func tails(seeds []Seed) (out []string) {
	for _, s := range seeds {
		if s.Kind != "service" { // the word for a service names no thing
			t := tail(s.Value)
			if s.Guess {
				t = "?" + t
			}
			out = append(out, t)
		}
	}
	return out
}

// tail is the name at the end of an ARN, or the whole of what is none.
func tail(v string) string {
	if !strings.HasPrefix(v, "arn:") {
		return v
	}
	return v[strings.LastIndexAny(v, ":/")+1:]
}

// between is an interval as the lines write it.
func between(s Span) string {
	at := func(f string) string {
		f = strings.TrimPrefix(f, "2026-")
		return strings.TrimSuffix(strings.TrimSuffix(f, ":00"), "T00:00")
	}
	const f = "2006-01-02T15:04:05"
	return at(s.From.Format(f)) + ".." + at(s.To.Format(f))
}
