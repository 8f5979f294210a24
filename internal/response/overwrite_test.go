package response

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var fileOf = regexp.MustCompile(`file://(\S+)`)

// TestNoPolicyIsOverwrittenUnread: where a thing has one policy, a step that denies by it
// reads what stands there first, and its undo puts that very file back.
func TestNoPolicyIsOverwrittenUnread(t *testing.T) {
	read := map[string]string{
		"put-inline-policy-to-permission-set": "get-inline-policy-for-permission-set",
		"put-bucket-policy":                   "get-bucket-policy",
	}
	seen := 0
	for id, a := range load(t) {
		if a.Phase != "contain" {
			continue // what eradicates puts back a policy that was good
		}
		for _, f := range a.Forms {
			for i, line := range f.Do {
				for put, get := range read {
					if !strings.Contains(line, " "+put+" ") {
						continue
					}
					seen++
					at := slices.IndexFunc(f.Do[:i], func(l string) bool { return strings.Contains(l, " "+get+" ") && strings.Contains(l, " > ") })
					if at < 0 {
						t.Errorf("%s writes by %s what it has not read", id, put)
						continue
					}
					_, kept, _ := strings.Cut(f.Do[at], " > ")
					if !slices.ContainsFunc(f.Undo, func(l string) bool { m := fileOf.FindStringSubmatch(l); return m != nil && m[1] == kept }) {
						t.Errorf("%s keeps %s, and its undo does not put it back", id, kept)
					}
				}
			}
		}
	}
	if seen < 3 {
		t.Errorf("only %d steps were looked at", seen)
	}
}
