package detection

import (
	"os"
	"path"
	"strings"
	"testing"
	"testing/fstest"
)

const (
	goodRule = `id: XX-001
title: Something seen
class: management
events:
  - {source: iam.amazonaws.com, name: CreateUser}
when: params.userName == "bob" && fact("actor.not_usual_iam_admin")
needs_success: true
attack:
  - {technique: T1136.003, tactic: persistence}
severity: {unattributed: low, attributed: high}
why: It matters.
benign: It may be nothing.
contain: [USER_RM]
`
	goodSamples = `positive-1.json:
  note: bob is made
  facts: {actor.not_usual_iam_admin: true}
negative-1.json:
  note: somebody else is made
-- positive-1.json --
{"eventVersion":"1.11","eventID":"p","eventTime":"2025-11-03T09:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":"us-east-1","eventType":"AwsApiCall","recipientAccountId":"111122223333","userIdentity":{"type":"IAMUser"},"requestParameters":{"userName":"bob"}}
-- negative-1.json --
{"eventVersion":"1.11","eventID":"n","eventTime":"2025-11-03T09:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":"us-east-1","eventType":"AwsApiCall","recipientAccountId":"111122223333","userIdentity":{"type":"IAMUser"},"requestParameters":{"userName":"eve"}}
`
	rulePath = "detections/iam/something-seen.yml"
)

// contentWith is a small content folder with one text replaced.
func contentWith(old, replacement string) fstest.MapFS {
	files := map[string]string{
		rulePath: goodRule, strings.TrimSuffix(rulePath, ".yml") + ".txtar": goodSamples,
		"reference/attack.json": `{"version":"18","techniques":{"T1136.003":{"name":"Cloud Account","tactics":["persistence"]}}}`,
	}
	out := fstest.MapFS{}
	for name, text := range files {
		if old != "" {
			text = strings.Replace(text, old, replacement, 1)
		}
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

func TestLoadNamesFileAndLine(t *testing.T) {
	tests := []struct{ old, replacement, want string }{
		{"XX-001", "one", rulePath + ":1: id"},
		{"title: Something seen", "title: ''", rulePath + ":2: title is missing"},
		{"class: management", "class: cloud", rulePath + ":3: class"},
		{"iam.amazonaws.com, name: CreateUser", "iam, name: CreateUser", rulePath + ":4: source"},
		{"name: CreateUser}", "name: ''}", rulePath + ":4: name"},
		{"name: CreateUser}", "name: []}", rulePath + ":4: source iam.amazonaws.com has no name"},
		{`params.userName == "bob"`, `params.userName == `, rulePath + ":6: compile condition"},
		{"actor.not_usual_iam_admin\")\nneeds", "actor.nobody\")\nneeds", rulePath + ":6: compile condition"},
		{"T1136.003, tactic", "T9999, tactic", rulePath + ":8: technique"},
		{"tactic: persistence", "tactic: impact", rulePath + ":8: technique T1136.003 does not belong"},
		{"attributed: high", "attributed: bad", rulePath + ":10: severity"},
		{"benign: It may be nothing.\n", "", "benign is missing"},
		{"USER_RM", "remove the user", rulePath + ":13: "},
		{"why: It matters.", "wy: It matters.", "wy"},
		{"title: Something seen", "title: [", rulePath},
		{`"version":"18"`, `"version":""`, "reference/attack.json"},
	}
	for _, tt := range tests {
		_, err := Load(contentWith(tt.old, tt.replacement))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s → %s: error %v, want %q", tt.old, tt.replacement, err, tt.want)
		}
	}
	if _, err := Load(contentWith("", "")); err != nil {
		t.Error(err)
	}
}

func TestLoadRefusesTwoRulesOfOneID(t *testing.T) {
	fsys := contentWith("", "")
	fsys["detections/iam/zz-second.yml"] = fsys[rulePath]
	if _, err := Load(fsys); err == nil || !strings.Contains(err.Error(), "taken by "+rulePath) {
		t.Error(err)
	}
}

func TestHashCoversNamesAndContents(t *testing.T) {
	hash := func(fsys fstest.MapFS) string {
		p, err := Load(fsys)
		if err != nil {
			t.Fatal(err)
		}
		return p.Hash
	}
	base := hash(contentWith("", ""))
	if base != hash(contentWith("", "")) {
		t.Error("the hash of equal content differs")
	}
	if base == hash(contentWith("It matters.", "It matters much.")) {
		t.Error("the hash does not cover a rule's text")
	}
	moved := contentWith("", "")
	moved["detections/iam/moved.yml"] = moved[rulePath]
	delete(moved, rulePath)
	if base == hash(moved) {
		t.Error("the hash does not cover a rule's name")
	}
	if base != hash(contentWith("bob is made", "bob was made")) {
		t.Error("the hash covers samples, which change no result")
	}
}

// Test must be able to fail: each row damages one thing.
func TestTestFindsWhatIsWrong(t *testing.T) {
	tests := []struct{ old, replacement, want string }{
		{`"userName":"bob"}`, `"userName":"eve"}`, "positive-1.json: does not match"},
		{`"userName":"eve"}`, `"userName":"bob"}`, "negative-1.json: is silent only because a fact actor.not_usual_iam_admin is not known"},
		{"somebody else is made", "somebody else is made\n  facts: {actor.not_usual_iam_admin: true}\n  actor: owner", ""},
		{"facts: {actor.not_usual_iam_admin: true}", "facts: {actor.unheard_of: true}", `fact "actor.unheard_of"`},
		{`"eventID":"n","eventTime":"2025-11-03T09:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser"`, `"eventID":"n","eventTime":"2025-11-03T09:00:00Z","eventSource":"iam.amazonaws.com","eventName":"ListUsers"`, "negative-1.json: has no event the rule looks at"},
		{`"requestParameters":{"userName":"bob"}`, `"errorCode":"AccessDenied","requestParameters":{"userName":"bob"}`, "name the sample by what it shows"},
		{`"awsRegion":"us-east-1",`, ``, "awsRegion is missing"},
		{"negative-1.json:\n  note: somebody else is made\n", "", "the header does not describe negative-1.json"},
		{"-- negative-1.json --", "-- maybe-1.json --", "the header does not describe maybe-1.json"},
		{"  note: bob is made\n", "", "has no note"},
		{"  note: bob is made", "  note: bob is made\n  matches: 2", "matches on 1 events, and must on 2"},
		{`== "bob"`, `> 7`, "cannot be evaluated"},
	}
	for _, tt := range tests {
		failures, _, err := Test(t.Context(), contentWith(tt.old, tt.replacement))
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, f := range failures {
			all = append(all, f.String())
		}
		text := strings.Join(all, "\n")
		if tt.want == "" && text != "" || !strings.Contains(text, tt.want) {
			t.Errorf("%s → %s: %s, want %q", tt.old, tt.replacement, text, tt.want)
		}
	}
	lone := contentWith("", "")
	lone["detections/iam/orphan.txtar"] = &fstest.MapFile{}
	delete(lone, strings.TrimSuffix(rulePath, ".yml")+".txtar")
	failures, _, _ := Test(t.Context(), lone)
	if len(failures) != 2 {
		t.Errorf("a rule without samples and samples without a rule: %v", failures)
	}
}

func TestActionsMustExist(t *testing.T) {
	fsys := contentWith("", "")
	fsys["actions/key-off.yml"] = &fstest.MapFile{}
	failures, _, _ := Test(t.Context(), fsys)
	if len(failures) != 1 || !strings.Contains(failures[0].Problem, "USER_RM") {
		t.Error(failures)
	}
	fsys["actions/user-rm.yml"] = &fstest.MapFile{}
	if failures, _, _ := Test(t.Context(), fsys); len(failures) != 0 {
		t.Error(failures)
	}
}

func TestOnlyPositiveSamples(t *testing.T) {
	i := strings.Index(goodSamples, "-- negative")
	fsys := contentWith("", "")
	fsys[strings.TrimSuffix(rulePath, ".yml")+".txtar"] = &fstest.MapFile{
		Data: []byte(strings.Replace(goodSamples[:i], "negative-1.json:\n  note: somebody else is made\n", "", 1))}
	failures, _, _ := Test(t.Context(), fsys)
	if len(failures) != 1 || !strings.Contains(failures[0].Problem, "no negative sample") {
		t.Error(failures)
	}
}

// Slugs say what was seen; a file per rule, all lower case.
func TestPathsAreSlugs(t *testing.T) {
	p, err := Load(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Rules {
		if slug := strings.TrimSuffix(path.Base(r.Path), ".yml"); slug != strings.ToLower(slug) || strings.ContainsAny(slug, " _.") {
			t.Errorf("%s: not a slug", r.Path)
		}
	}
}
