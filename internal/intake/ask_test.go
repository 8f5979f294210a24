package intake

import (
	"slices"
	"testing"
	"testing/fstest"
)

func TestAsks(t *testing.T) {
	for _, c := range []struct {
		text  string
		call  string // among those that answer; "" for none
		words []string
	}{
		{"Who gave AdministratorAccess to ci-bot?", "iam:AttachUserPolicy", []string{"AdministratorAccess", "to", "ci-bot"}},
		{"strange. who has added \"eve\" to group admins, and when? We are", "iam:AddUserToGroup", []string{"eve", "to", "group", "admins", "and", "when"}},
		{"Please find out who created role svc.tooling.", "iam:CreateRole", []string{"role", "svc.tooling"}},
		{"who did let 999988887777 into role etl", "iam:UpdateAssumeRolePolicy", []string{"999988887777", "into", "role", "etl"}},
		{"The user who left made a key.", "", nil},
		{"alice says it was bob who changed the role", "", nil},
		{"it was probably bob who deleted it. That was the user eve who created the key", "", nil},
		{"It is unclear who created role svc.tooling", "iam:CreateRole", []string{"role", "svc.tooling"}},
		{"Nobody knows.", "", nil},
		{"alice, who runs ops, bob, who is on call, carol, who pays, and dave, who is new, ask who created role etl", "iam:CreateRole", []string{"role", "etl"}},
	} {
		got := asksOf(&gloss{raw: c.text, text: c.text})
		if c.call == "" {
			if len(got) > 0 {
				t.Errorf("%q asks %v", c.text, got)
			}
			continue
		}
		if len(got) != 1 || !slices.Contains(got[0].Calls, c.call) || !slices.Equal(got[0].Words, c.words) {
			t.Errorf("%q: got %v", c.text, got)
		}
	}
}

func TestAsksAreChecked(t *testing.T) {
	for name, text := range map[string]string{
		"twice":   "asks: [{verbs: [a], calls: [\"iam:X\"]}, {verbs: [a], calls: [\"iam:Y\"]}]",
		"no call": "asks: [{verbs: [a], calls: [iam]}]",
		"field":   "asks: [{verb: [a]}]",
	} {
		if _, err := loadAsks(fstest.MapFS{"intake/asks.yml": {Data: []byte(text)}}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
