package evidence

import "testing"

func TestAccountOfKey(t *testing.T) {
	for id, want := range map[string]string{
		"ASIAY34FZKBOKMUTVV7A":    "609629065308", // as published with the form of the ids
		"AKIAY34FZKBOKMUTVV7A":    "609629065308",
		"AKIAIOSFODNN7EXAMPLE":    "", // the older form
		"AKIAY34FZKBOKMUTVV7":     "",
		"AKIAY34FZKBOKMUTVV7a":    "",
		"AIDAY34FZKBOKMUTVV7A":    "",
		"":                        "",
		"AKIAY34FZKBO\x00KMUTVV7": "",
	} {
		if got := AccountOfKey(id); got != want {
			t.Errorf("AccountOfKey(%q) = %q, want %q", id, got, want)
		}
	}
}
