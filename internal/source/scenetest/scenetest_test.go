package scenetest

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
)

// TestLanguage asks the scenes themselves for columns of their events.
func TestLanguage(t *testing.T) {
	Play(t, "testdata/*.txt", func(t *testing.T, s *Scene) func(Step) []string {
		return func(step Step) (out []string) {
			verb, args, _ := strings.Cut(step.Args, " ")
			switch verb {
			case "events":
				for _, e := range s.Events {
					id := e.Identity
					out = append(out, fmt.Sprintf("%s %s %s by %s %s key=%s from %s", e.ID, e.Outcome(), e.Action(), id.Type, id.ARN, id.AccessKey, e.SourceIP))
				}
			case "record":
				for _, e := range s.Events {
					if e.ID != s.Event(args) {
						continue
					}
					r, err := e.Parse()
					if err != nil {
						t.Fatal(err)
					}
					for _, path := range []string{"requestParameters.roleArn", "responseElements.credentials.accessKeyId", "responseElements.assumedRoleUser.assumedRoleId", "userIdentity.sessionContext.attributes.creationDate", "errorMessage", "additionalEventData.note"} {
						if v := r.Str(path); v != "" {
							out = append(out, path+" "+v)
						}
					}
				}
			default:
				t.Fatalf("ask what?")
			}
			return out
		}
	})
}

// TestRecordsAreWhole holds every scene's records to what AWS always writes.
func TestRecordsAreWhole(t *testing.T) {
	Play(t, "testdata/*.txt", func(t *testing.T, s *Scene) func(Step) []string {
		ids := map[string]bool{}
		for _, e := range s.Events {
			if ids[e.ID] {
				t.Errorf("%s occurs twice", e.ID)
			}
			ids[e.ID] = true
			if e.Region == "" || e.Account == "" || e.Type == "" || e.UserAgent == "" || !e.ReadOnlySaid || e.Fingerprint == "" {
				t.Errorf("incomplete: %+v", e)
			}
		}
		kept, conflicts := evidence.Dedupe(s.Events)
		if len(kept) != len(s.Events) || len(conflicts) > 0 {
			t.Errorf("%d events, %d after removing duplicates, conflicts %v", len(s.Events), len(kept), conflicts)
		}
		return func(step Step) []string { return step.Body }
	})
}

func TestBadScriptsNameTheLine(t *testing.T) {
	for text, want := range map[string]string{
		"load\n":           "line 1: a script begins with a scene",
		"scene x\n  09:00": "line 2: what is this line about",
		"scene x\nload\n  0900 AKIA1 iam:ListUsers":              `line 3: "0900" is no clock`,
		"scene x\nload\n  09:00 AKIA1 ListUsers":                 "line 3: AKIA1: say under given whose it is",
		"scene x\nload\n  09:00 root":                            "line 3: there is no call",
		"scene x\nload\n  09:00 root to ListUsers":               `line 3: "to": expected from, with`,
		"scene x\ngiven\n  AKIA1 bob":                            `line 3: "bob": expected user/x`,
		"scene x\nload\n  d2..d1 09:00 root ConsoleLogin":        "line 3: a day such as",
		"scene x\nload\n  09:00 user/bob iam:Foo {a: [}":         "line 3: {a: [}",
		"scene x\nload\n  09:00 user/bob CreateAccessKey -> bob": "line 3: -> bob: expected a key",
	} {
		_, err := Parse(text)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: error %v, want %s…", text, err, want)
		}
	}
}

func TestShortAndLong(t *testing.T) {
	data, err := os.ReadFile("testdata/language.txt")
	if err != nil {
		t.Fatal(err)
	}
	scenes, err := Parse(string(data))
	if err != nil {
		t.Fatal(err)
	}
	s := scenes[0]
	short := "ASIA2 came from AssumeRole@09:02, AKIA3 from it."
	long := s.Long(short)
	if strings.Contains(long, "@") || len(Key("AKIA3")) != 20 || !strings.Contains(long, Key("AKIA3")) {
		t.Errorf("long is %q", long)
	}
	if back := s.Short(long); back != short {
		t.Errorf("back again: %q", back)
	}
}
