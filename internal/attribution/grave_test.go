package attribution

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// A misspelt call would never count: each that is grave is one that a rule, the ledger
// or the reading of cases knows too.
func TestGraveCallsAreCalls(t *testing.T) {
	content := os.DirFS("../../content")
	acts, err := loadGrave(content)
	if err != nil || len(acts) < 50 {
		t.Fatalf("%d calls, %v", len(acts), err)
	}
	known := map[string]bool{}
	word := regexp.MustCompile(`[A-Z][A-Za-z0-9]+`)
	for _, dir := range []string{"ledger", "detections", "intake"} {
		err := fs.WalkDir(content, dir, func(name string, _ fs.DirEntry, err error) error {
			if err != nil || path.Ext(name) != ".yml" {
				return err
			}
			data, err := fs.ReadFile(content, name)
			for _, w := range word.FindAllString(string(data), -1) {
				known[w] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for call := range acts {
		if _, name, _ := strings.Cut(call, ":"); !known[name] {
			t.Errorf("%s: no rule, no ledger and no case knows such a call", call)
		}
	}
}

func TestGraveFileIsChecked(t *testing.T) {
	for text, ok := range map[string]bool{
		"kinds: [{kind: a, acts: [{calls: [s3:DeleteBucket]}]}]":                   true,
		"kinds: [{kind: a, acts: [{calls: [s3:DeleteBucket], path: x, is: [y]}]}]": true,
		"kinds: [{kind: a, acts: [{calls: [s3:DeleteBucket], is: [y]}]}]":          false,
		"kinds: [{kind: a, acts: [{calls: [s3:DeleteBucket], path: x}]}]":          false,
		"kinds: [{kind: a, acts: [{calls: [DeleteBucket]}]}]":                      false,
		"kinds: [{kind: a, acts: [{calls: []}]}]":                                  false,
		"kinds: [{acts: [{calls: [s3:DeleteBucket]}]}]":                            false,
		"kinds: [{kind: a, acts: [{calls: [s3:DeleteBucket], at_least: -1}]}]":     false,
		"kinds: [{kind: a, acts: [{calls: [s3:DeleteBucket], other_: true}]}]":     false,
	} {
		_, err := loadGrave(fstest.MapFS{GraveFile: {Data: []byte(text)}})
		if (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := loadGrave(fstest.MapFS{}); err == nil {
		t.Error("no file is no error")
	}
}

func TestLetsIn(t *testing.T) {
	ours := func(account string) bool { return account == "111122223333" }
	for text, want := range map[string]bool{
		`{"add":[{"userId":"999988887777"}]}`: true,
		`{"add":[{"userId":"111122223333"}]}`: false,
		`{"add":[{"group":"all"}]}`:           true,
		`{"remove":[{"group":"all"}]}`:        false,
		`{"valuesToAdd":["999988887777"]}`:    true,
		`{"valuesToRemove":["999988887777"]}`: false,
		`{"AccessControlPolicy":{"Grantee":{"URI":"http://acs.amazonaws.com/groups/global/AllUsers"}}}`: true,
		`{"name":"a key of 999988887777"}`:    false,
		`{"arn":"arn:aws:s3:::999988887777"}`: false,
		`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999988887777:role/x"},"Action":"*"}]}`:                   true,
		`{"Statement":[{"Effect":"Deny","Principal":"*","Action":"*"}]}`:                                                           false,
		`{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"*"}]}`:                              false,
		`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*"}]}`:                                                          true,
		`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1"}}}]}`: false,
		`{"policy":"{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"999988887777\"},\"Action\":\"*\"}}"}`:            true,
		`{"policy":"{broken"}`: false,
		`null`:                 false,
	} {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := letsIn(v, ours); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
