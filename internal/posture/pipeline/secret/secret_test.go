package secret

import (
	"strings"
	"testing"
)

func TestKind(t *testing.T) {
	for _, c := range []struct {
		name, value string
		want        bool
	}{
		{"X", "AKIA" + strings.Repeat("Q", 16), true},
		{"X", "ghp_" + strings.Repeat("a1B2", 9), true},
		{"DB_PASSWORD", "hunter2!", true},
		{"API_TOKEN", "s3cr3tvalue", true},
		{"X", "postgres://app:hunter2@db/app", true},
		{"X", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF", true},
		{"SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:x", false},
		{"TOKEN_URL", "https://example.org/token", false},
		{"PASSWORD", "${PASSWORD}", false},
		{"COMMIT", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", false},
		{"KEYBOARD", "qwertyuiop", false},
		{"BUILD_TYPE", "release", false},
		{"TOKEN_TTL", "3600", false},
	} {
		if got := Kind(c.name, c.value); (got != "") != c.want {
			t.Errorf("Kind(%q, …) = %q, want some %v", c.name, got, c.want)
		}
	}
}
