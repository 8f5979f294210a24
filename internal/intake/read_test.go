package intake

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sameZone compares readings; locations are compared by name.
var sameZone = cmp.Options{cmp.Transformer("zone", func(l *time.Location) string {
	if l == nil {
		return ""
	}
	return l.String()
}), cmpopts.EquateComparable(time.Time{}), cmpopts.IgnoreUnexported(Reading{})}

// check holds a reading to what must be true of any text.
func check(t *testing.T, text, from string, r Reading) {
	t.Helper()
	seed := func(s Seed, where string) {
		a, b := s.Span[0], s.Span[1]
		if a < 0 || b > len(text) || a > b || from != FromCase && (a != 0 || b != 0) {
			t.Fatalf("%s %s %s: span %d..%d of %d bytes", where, s.Kind, s.Value, a, b, len(text))
		}
		if s.Value == "" || s.Kind == "" || s.From != from {
			t.Fatalf("%s: incomplete %+v", where, s)
		}
		if from != FromCase {
			return
		}
		tok := text[a:b]
		switch s.Kind {
		case "access_key": // never fuzzy: the token is the key, letter by letter
			if tok != s.Value && !(tok == strings.ToLower(tok) && strings.ToUpper(tok) == s.Value) {
				t.Fatalf("%s: key %s read from %q", where, s.Value, tok)
			}
		case "account":
			if strings.ReplaceAll(tok, "-", "") != s.Value {
				t.Fatalf("%s: account %s read from %q", where, s.Value, tok)
			}
		case "region", "user_agent":
			if names, _ := builtinRegions(); tok != s.Value && !(s.Kind == "region" && slices.Contains(names.regions[lower(tok)], s.Value)) {
				t.Fatalf("%s: %s %s read from %q", where, s.Kind, s.Value, tok)
			}
		}
	}
	span := func(s Span, where string) {
		if !s.From.Before(s.To) || s.Grain == "" || s.Start < 0 || s.End > len(text) || s.Start >= s.End {
			t.Fatalf("%s: bad interval %+v", where, s)
		}
		if s.From.Location() != time.UTC || s.To.Location() != time.UTC {
			t.Fatalf("%s: %s is not in UTC", where, s)
		}
		if utf8.ValidString(text) && text[s.Start:s.End] != s.Text && !strings.ContainsFunc(text[s.Start:s.End], func(c rune) bool { return c < ' ' || c > '~' }) {
			t.Fatalf("%s: %q is not what stands at %d", where, s.Text, s.Start)
		}
	}
	for _, s := range r.Seeds {
		seed(s, "seed")
	}
	for _, s := range r.Times {
		span(s, "time")
	}
	for _, st := range r.Statements {
		if !utf8.ValidString(st.Text) || st.From != from || st.Relation == "" {
			t.Fatalf("statement %+v", st)
		}
		for _, s := range st.Seeds {
			seed(s, "statement")
		}
		for _, s := range st.When {
			span(s, "statement")
		}
	}
	if !slices.Contains(Kinds, r.Kind) {
		t.Fatalf("kind %q", r.Kind)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"IAM user deploy-bot's key AKIAIOSFODNN7EXAMPLE leaked on GitHub on 2 November",
		"calls from 203[.]0[.]113[.]9 (not our office 192.0.2.0/24), since Monday 14:00 Berlin time",
		"between 2 and 4 am on 02/11/2026 – “alice’s” key \u202eAKIA\u200bX\u202c \xff\xfe",
		"2001:db8::1/48 s3://b/k hxxps://1.2.3[.]4/x arn:aws:iam::111111111111:user/x",
		"((( rotated, and or nor not never by alice", "the last day of the past few weeks ago at 24:00 Z",
		"İstanbul K 14:00 Kelvin", "29 Feb", "Wir haben „die“ Rolle deploy-bot’s IAM-Benutzer\u200b nicht angelegt, aus 192.0.2.1; it was bob. Gestern um 3 Uhr", "UTC+14:00 at 9 Etc/GMT+12 12:00 Etc/GMT+12",
	} {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, text string, answer bool) {
		from := FromCase
		if answer {
			from = FromAnswer("owner")
		}
		r := Read(text, from, testClock, testLexicon)
		check(t, text, from, r)
		if diff := cmp.Diff(r, Read(text, from, testClock, testLexicon), sameZone); diff != "" {
			t.Fatal("reading twice differs:", diff)
		}
		check(t, text, from, Read(text, from, Clock{}, Lexicon{}))
	})
}

// Reading must not depend on the order in which the evidence yields its names.
func TestLexiconOrder(t *testing.T) {
	turned := slices.Clone(testLexicon.Entries)
	slices.Reverse(turned)
	for _, text := range []string{"user shared and shared and role backup", "John Smith and jdoe@example.com used data-lake", "root login by alice"} {
		a, b := Read(text, FromCase, testClock, testLexicon), Read(text, FromCase, testClock, Lexicon{turned})
		if diff := cmp.Diff(a, b, sameZone); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

func TestHugeAndHostile(t *testing.T) {
	for name, text := range map[string]string{
		"long":      strings.Repeat("AKIAIOSFODNN7EXAMPLE leaked on 2 Nov, ", 9000),
		"cut rune":  strings.Repeat("é", MaxText),
		"parens":    strings.Repeat("(", MaxText),
		"commas":    strings.Repeat("192.0.2.1, ", MaxText/11),
		"and":       strings.Repeat("and ", MaxText/4),
		"digits":    strings.Repeat("1", MaxText),
		"colons":    strings.Repeat("1:", MaxText/2),
		"not":       strings.Repeat("not ", MaxText/4),
		"invalid":   strings.Repeat("\xff\xc0", MaxText/2),
		"nul":       "user\x00deploy-bot\x00AKIAIOSFODNN7EXAMPLE",
		"german":    strings.Repeat("wir haben nicht ", MaxText/64),
		"elided":    "und das ist " + strings.Repeat("l'", MaxText/8),
		"joined":    "und das ist " + strings.Repeat("-nicht", MaxText/24),
		"quotes":    "und das ist „" + strings.Repeat("„nicht“ ¿", MaxText/72),
		"questions": strings.Repeat("is it ours? ", MaxText/12),
	} {
		r := Read(text, FromCase, testClock, testLexicon)
		check(t, text, FromCase, r)
		if cut := slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, "were read") && strings.Contains(n, "first") }); cut != (len(text) > MaxText) {
			t.Errorf("%s: cut noted %v for %d bytes", name, cut, len(text))
		}
	}
}

func TestWithoutClock(t *testing.T) {
	r := Read("since yesterday, and on 2 Nov; but 2026-11-02T10:00Z is plain", FromCase, Clock{}, Lexicon{})
	if len(r.Times) != 1 || r.Times[0].From != time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC) {
		t.Errorf("times without anything to count from: %v", r.Times)
	}
	if len(r.Notes) < 2 {
		t.Errorf("not noted: %q", r.Notes)
	}
}

func TestClockZone(t *testing.T) {
	c := testClock
	c.Zone, _ = time.LoadLocation("Asia/Tokyo")
	for text, want := range map[string]string{
		"2 Nov 09:00":                                  "2026-11-02T00:00:00Z",
		"2 Nov 09:00 UTC":                              "2026-11-02T09:00:00Z",
		"All times in UTC. 2 Nov 09:00":                "2026-11-02T09:00:00Z",
		"2 Nov 09:00, the alert itself said 10:00 CET": "2026-11-02T00:00:00Z",
	} {
		r := Read(text, FromCase, c, Lexicon{})
		if len(r.Times) == 0 || r.Times[0].From.Format(time.RFC3339) != want {
			t.Errorf("%s: %v, want %s", text, r.Times, want)
		}
	}
}

// A date without a year falls inside the evidence, also over the turn of a year and
// however long ago that evidence is.
func TestYear(t *testing.T) {
	day := func(s string) time.Time { d, _ := time.Parse(time.DateOnly, s); return d }
	for _, tc := range []struct{ text, from, to, now, want string }{
		{"2 Nov", "2026-10-20", "2026-11-10", "2026-11-10", "2026-11-02"},
		{"2 Nov", "2023-10-20", "2023-11-10", "2026-11-21", "2023-11-02"},
		{"28 Dec", "2026-12-20", "2027-01-10", "2027-01-10", "2026-12-28"},
		{"3 Jan", "2026-12-20", "2027-01-10", "2027-01-10", "2027-01-03"},
		{"2 Nov", "2026-11-05", "2026-11-10", "2026-11-10", "2026-11-02"},
		{"25 Dec", "2026-11-05", "2026-11-10", "2026-11-10", "2026-12-25"}, // to come
		{"5 Jan", "2026-11-05", "2026-11-10", "2026-11-10", "2027-01-05"},
		{"25 Jan", "2026-11-05", "2026-11-10", "2026-11-10", "2026-01-25"},
		{"29 Feb", "2026-11-05", "2026-11-10", "2026-11-10", "2024-02-29"},
		{"02/11", "2026-10-20", "2026-11-10", "2026-11-10", ""},
		{"on 02/11", "2026-10-20", "2026-11-10", "2026-11-10", "2026-11-02"},
		{"on 11/02", "2026-10-20", "2026-11-10", "2026-11-10", "2026-11-02"},
		{"on 03/04", "2026-03-01", "2026-03-20", "2026-03-20", "2026-03-04"},
	} {
		r := Read(tc.text, FromCase, Clock{Now: day(tc.now), EvidenceFrom: day(tc.from), EvidenceTo: day(tc.to)}, Lexicon{})
		got := ""
		if len(r.Times) > 0 {
			got = r.Times[0].From.Format(time.DateOnly)
		}
		if got != tc.want {
			t.Errorf("%s in %s..%s: %s, want %s", tc.text, tc.from, tc.to, got, tc.want)
		}
	}
}

// Two keys that differ by two characters are two keys, whatever stands around them.
func TestKeysAreNeverFuzzy(t *testing.T) {
	l := Lexicon{Entries: []Entry{{"AKIAIOSFODNN7EXAMP99", "access_key", "AKIAIOSFODNN7EXAMP99"}}}
	for _, text := range []string{"AKIAIOSFODNN7EXAMPLE leaked", "`AKIAIOSFODNN7EXAMPLE`", "(AKIAIOSFODNN7EXAMPLE)!", "AKIAIOSFODNN7EXAMPLE's", "“AKIAIOSFODNN7EXAMPLE”"} {
		r := Read(text, FromCase, testClock, l)
		if len(r.Seeds) != 1 || r.Seeds[0].Value != "AKIAIOSFODNN7EXAMPLE" {
			t.Errorf("%s: %v", text, r.Seeds)
		}
	}
}

func TestAnswered(t *testing.T) {
	r := Read("deploy-bot's key leaked on 2 Nov at 10:00 Berlin time. It normally runs Terraform from 192.0.2.0/24. Not our pentest. Rotated on 3 Nov.", FromCase, testClock, testLexicon)
	want := []string{"authorized_testing", "exposed_at", "owner", "principal", "rotated_at", "time_zone"}
	if got := r.Answered(); !slices.Equal(got, want) {
		t.Errorf("answered %v, want %v", got, want)
	}
}
