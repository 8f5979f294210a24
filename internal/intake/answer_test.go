package intake

import (
	"strings"
	"testing"
)

func TestParseAnswers(t *testing.T) {
	got, err := ParseAnswers([]byte("\xef\xbb\xbf" + `{
		"owner": {"principal": "deploy-bot", "networks": ["192.0.2.0/24", "198.51.100.0/24"], "tools": "terraform"},
		"responders": [{"name": "alice", "ip": "198.51.100.20"}, {"name": "bob", "ip": "198.51.100.21"}],
		"planned_changes": {"who": "ops-admin", "from": "2 Nov 18:00", "to": "2 Nov 22:00 UTC"},
		"known_networks": ["192.0.2.0/24", "198.51.100.0/24"],
		"rotated_at": "2026-11-02T10:00Z",
		"authorized_testing": false,
		"accounts": 111111111111,
		"critical_assets": ["The bucket data-lake, which holds invoices.", "acme-invoices"],
		"vendors": null,
		"ticket": "INC-42"
	}`))
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		"owner":              "principal: deploy-bot, networks: 192.0.2.0/24, 198.51.100.0/24, tools: terraform",
		"responders":         "principal: alice, ip: 198.51.100.20.\n\nprincipal: bob, ip: 198.51.100.21.",
		"planned_changes":    "ops-admin, from 2 Nov 18:00 to 2 Nov 22:00 UTC",
		"known_networks":     "192.0.2.0/24, 198.51.100.0/24",
		"rotated_at":         "2026-11-02T10:00Z",
		"authorized_testing": "no",
		"accounts":           "111111111111",
		"critical_assets":    "The bucket data-lake, which holds invoices.\n\nacme-invoices.",
		"vendors":            "",
		"ticket":             "INC-42",
	} {
		if got[id].Text != want || got[id].ID != id {
			t.Errorf("%s: %q, want %q", id, got[id].Text, want)
		}
	}
	// What was flattened is read as one statement per object.
	r := Read(got["responders"].Text, FromAnswer("responders"), testClock, testLexicon)
	if len(r.Statements) != 2 || len(r.Statements[1].Seeds) != 2 || r.Statements[1].Seeds[0].Value != "arn:aws:iam::111111111111:user/bob" {
		t.Errorf("responders: %+v", r.Statements)
	}
	r = Read(got["owner"].Text, FromAnswer("owner"), testClock, testLexicon)
	if len(r.Statements) != 1 || r.Statements[0].Relation != Owner || len(r.Statements[0].Seeds) != 3 || len(r.Seeds) != 0 {
		t.Errorf("owner: %+v", r)
	}
	r = Read(got["planned_changes"].Text, FromAnswer("planned_changes"), testClock, testLexicon)
	if len(r.Statements) != 1 || len(r.Statements[0].When) != 1 || r.Statements[0].When[0].To.Hour() != 22 {
		t.Errorf("planned changes: %+v", r)
	}
}

func TestParseAnswersRefuses(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		"empty":     {" \n", "empty"},
		"list":      {`["owner"]`, "one JSON object"},
		"broken":    {`{"owner": "x"`, "at byte"},
		"cut":       {`{"owner": {"a": [1,`, "at byte"},
		"twice":     {`{"owner": "x", "owner": "y"}`, "answered twice"},
		"bad id":    {`{"the owner!": "x"}`, "not a question id"},
		"trailing":  {`{"owner": "x"} {}`, "follows"},
		"deep":      {`{"owner": ` + strings.Repeat("[", 20) + strings.Repeat("]", 20) + `}`, "nested"},
		"too large": {`{"owner": "` + strings.Repeat("x", MaxAnswers) + `"}`, "more than"},
	} {
		if _, err := ParseAnswers([]byte(tc.in)); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

func TestParseAnswerFlag(t *testing.T) {
	for in, want := range map[string][2]string{
		"owner=deploy-bot, Terraform only": {"owner", "deploy-bot, Terraform only"},
		" rotated_at = 2 Nov 10:00 ":       {"rotated_at", "2 Nov 10:00"},
		"note=a=b":                         {"note", "a=b"},
	} {
		id, text, err := ParseAnswerFlag(in)
		if err != nil || id != want[0] || text != want[1] {
			t.Errorf("%q: %q %q %v", in, id, text, err)
		}
	}
	for _, in := range []string{"owner", "=x", "owner=", "the owner=x", ""} {
		if _, _, err := ParseAnswerFlag(in); err == nil {
			t.Errorf("%q was taken", in)
		}
	}
}

func FuzzParseAnswers(f *testing.F) {
	f.Add([]byte(`{"owner": {"principal": "deploy-bot", "networks": ["192.0.2.0/24"]}, "rotated_at": "2 Nov 10:00"}`))
	f.Add([]byte(`{"a": [[1, true, null], {"from": "2 Nov", "to": "3 Nov"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		answers, err := ParseAnswers(data)
		if err != nil {
			if answers != nil {
				t.Fatal("answers beside an error")
			}
			return
		}
		for id, a := range answers {
			if id != a.ID || !idForm.MatchString(id) {
				t.Fatalf("%q: %+v", id, a)
			}
			check(t, a.Text, FromAnswer(id), Read(a.Text, FromAnswer(id), testClock, testLexicon))
		}
	})
}
