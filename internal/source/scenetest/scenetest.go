// Package scenetest turns incident notes into evidence, for tests. A script
// stands in testdata/*.txt and holds scenes; a scene says who there is, what
// was logged, and what the code under test must answer:
//
//	scene a CI role is chained into production
//	given
//	  AKIA1  user/alice
//	load
//	  09:00  oidc/repo:acme/app from 203.0.113.7 with github  AssumeRoleWithWebIdentity role/ci -> ASIA1
//	  09:02  ASIA1 with aws-cli                               AssumeRole role/deploy as bob -> ASIA2
//	  09:07  ASIA2                                            CreateAccessKey user/bob -> AKIA3
//	  09:08  ASIA2                                            iam:CreateUser ! AccessDenied
//	ask lineage AKIA3
//	  …
//
// A line of load is: [day] clock, caller, where from and with what, the call
// with its target, then the request {YAML}, the answer -> {YAML} or the key it
// gave out, the error ! Code "message", and + {YAML} laid over the whole record.
//
//	day      d2, or d1..d10 for the same on each day; the first day is Monday 2 March 2026
//	x5       five times, a minute apart (x5/10s: ten seconds); a # in the address becomes the number
//	caller   a key (AKIA1, ASIA1, or a bearer id ACCA1); user/bob, root: a sign-in without a key;
//	         service/ec2; oidc/SUBJECT; saml/NAME; center/USER; anonymous; far/ASIA1: the other
//	         account's view of a call with that key. KEY~user/bob is the key in bob's hands.
//	from     an address, a VPC endpoint, or "service/x"; with a tool, via a service that forwards,
//	         in a region or an account. What a caller said once holds until it says otherwise.
//	target   role/x as SESSION, user/x, each with @ACCOUNT where it is another than the caller's
//
// given says whose a key is that no line issues:
//
//	AKIA1 user/alice
//	ASIA9 role/web as i-0123456789abcdef0 since 06:00 {inScopeOf: {…}}
//	ASIA8 user/bob since 09:00 console
//
// Keys are padded to the length that AWS gives them, unique ids are derived
// from names (user/bob#2 is a later bob), and events are called by what they
// are: CreateAccessKey@09:07, with the day where it is not the first and a #2
// where two fit. Records are built as JSON and read by the real decoder.
//
// Everything but given and load is the caller's language: Play hands each step
// to it, and compares its answer to the lines under "ask". With -update the
// answers are written into the script; the diff is the review.
package scenetest

import (
	"cmp"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
)

// Update is the flag -update of every test that plays scripts; a package that has files of its
// own to write anew asks it too, since a flag can be declared once.
var Update = flag.Bool("update", false, "write the answers of this run into the scripts")

// Scene is one situation, built.
type Scene struct {
	Name   string
	Events []evidence.Event // in the order of the script
	Steps  []Step

	who    map[string]identity // key → whose it is
	last   map[string]manner   // caller → how it called last
	labels map[string]string   // event id → label
	ids    map[string]string   // label → event id
	lines  []string            // of the file
}

// Step is a line that the scene's own language does not know, with what is
// indented under it.
type Step struct {
	Verb string // first word
	Args string
	Body []string // trimmed

	line, from, to int // of the file: the verb, and the half-open body
}

// Store is the scene's evidence.
func (s *Scene) Store() *memory.Store { return memory.New(s.Events) }

// Play plays every scene of the scripts that match the pattern. answer is
// called once a scene and returns what answers its steps; of steps other than
// "ask" the answer is not compared.
func Play(t *testing.T, pattern string, answer func(*testing.T, *Scene) func(Step) []string) {
	t.Helper()
	eachScript(t, pattern, func(file, text string) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			play(t, file, text, answer)
		})
	})
}

// Scenes returns the scenes of all scripts that match the pattern, for tests
// that ask something of each.
func Scenes(t testing.TB, pattern string) (all []*Scene) {
	t.Helper()
	eachScript(t, pattern, func(file, text string) { all = append(all, parsed(t, file, text)...) })
	return all
}

func eachScript(t testing.TB, pattern string, f func(file, text string)) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts %s (%v)", pattern, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f(file, string(data))
	}
}

func parsed(t testing.TB, file, text string) []*Scene {
	t.Helper()
	scenes, err := Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return scenes
}

func play(t *testing.T, file, text string, answer func(*testing.T, *Scene) func(Step) []string) {
	scenes := parsed(t, file, text)
	type edit struct {
		from, to int
		lines    []string
	}
	var edits []edit
	for _, s := range scenes {
		t.Run(s.Name, func(t *testing.T) {
			say := answer(t, s)
			for _, step := range s.Steps {
				got := say(step)
				if step.Verb != "ask" {
					continue
				}
				// An empty answer is written as a word: nothing under "ask" would
				// also be what a test looks like that was never run.
				if got == nil {
					got = []string{"nothing"}
				}
				for i := range got {
					got[i] = s.Short(got[i])
				}
				if *Update {
					edits = append(edits, edit{step.from, step.to, got})
				} else if want := step.Body; !slices.Equal(got, want) {
					t.Errorf("%s:%d: ask %s\n got:\n  %s\n want:\n  %s", file, step.line+1, step.Args, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
				}
			}
		})
	}
	if len(edits) == 0 {
		return
	}
	lines := strings.Split(text, "\n")
	// From the last to the first, so that line numbers of the edits that are left
	// still hold.
	for _, e := range slices.Backward(edits) {
		var body []string
		for _, l := range e.lines {
			body = append(body, "  "+l)
		}
		lines = slices.Replace(lines, e.from, e.to, body...)
	}
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
}

var (
	shortKey = regexp.MustCompile(`\b(?:AKIA|ASIA|ACCA)[A-Z0-9]{1,14}\b`)
	longKey  = regexp.MustCompile(`\b(AKIA|ASIA|ACCA)Q+([A-PR-Z0-9][A-Z0-9]*)\b`)
)

// Key is the full id of a short one: ASIA1 is ASIAQQQQQQQQQQQQQQQ1.
func Key(short string) string {
	if len(short) >= 20 || len(short) < 5 {
		return short
	}
	return short[:4] + strings.Repeat("Q", 20-len(short)) + short[4:]
}

// Long writes out the short keys and event labels of a text.
func (s *Scene) Long(text string) string {
	for _, label := range s.byLength() {
		text = strings.ReplaceAll(text, label, s.ids[label])
	}
	return shortKey.ReplaceAllStringFunc(text, Key)
}

// Short is the way back: the keys and events of an answer in the script's words.
func (s *Scene) Short(text string) string {
	for id, label := range s.labels {
		text = strings.ReplaceAll(text, id, label)
	}
	return longKey.ReplaceAllString(text, "$1$2")
}

func (s *Scene) byLength() []string {
	out := make([]string, 0, len(s.ids))
	for l := range s.ids {
		out = append(out, l)
	}
	// The longest first: CreateAccessKey@09:07#2 must not be read as the label that
	// it begins with.
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(len(b)-len(a), cmp.Compare(a, b)) })
	return out
}

// Label is what the script calls an event.
func (s *Scene) Label(id string) string { return cmp.Or(s.labels[id], id) }

// Event is the id of the event with a label, "" if there is none.
func (s *Scene) Event(label string) string { return s.ids[label] }

// first is the first day of every scene.
var first = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
