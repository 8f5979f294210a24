package detection

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// reference is content/reference/attack.json: the part of one ATT&CK version
// that the rules use.
type reference struct {
	Version    string                     `json:"version"`
	Tactics    map[string]json.RawMessage `json:"tactics"`
	Techniques map[string]struct {
		Name    string   `json:"name"`
		Tactics []string `json:"tactics"`
	} `json:"techniques"`
}

// loadReference reads the pinned part of ATT&CK. A rule that names what is not in it does not
// load: techniques move between versions, and a report must not mix two.
func loadReference(fsys fs.FS) (reference, error) {
	var ref reference
	const name = "reference/attack.json"
	data, err := readBounded(fsys, name)
	if err != nil {
		return ref, fmt.Errorf("read ATT&CK reference: %w", err)
	}
	if err := json.Unmarshal(data, &ref); err != nil {
		return ref, fmt.Errorf("read ATT&CK reference %s: %w", name, err)
	}
	if ref.Version == "" || len(ref.Techniques) == 0 {
		return ref, fmt.Errorf("%s: version and techniques are needed", name)
	}
	return ref, nil
}

// Forms of what rules may name: ids of the catalogue, ids of content/actions, CloudTrail's
// eventName (with a star at the end for a family) and eventSource.
var (
	ruleID    = regexp.MustCompile(`^[A-Z]{2}-[0-9]{3}$`)
	actionID  = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)
	eventName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_:-]*\*?$|^\*$`)
	source    = regexp.MustCompile(`^[a-z0-9-]+\.amazonaws\.com$|^\*$`)
)

// check holds one rule against the format. It reports every fault, so that a
// rule is mended in one go.
func (r *Rule) check(ref reference) error {
	var errs []error
	bad := func(key, format string, args ...any) { errs = append(errs, r.errorAt(key, format, args...)) }
	if !ruleID.MatchString(r.ID) {
		bad("id", "id %q is not of the form XX-000", r.ID)
	}
	for _, f := range []struct{ key, value string }{{"title", r.Title}, {"why", r.Why}, {"benign", r.Benign}} {
		if strings.TrimSpace(f.value) == "" {
			bad(f.key, "%s is missing", f.key)
		}
	}
	if !slices.Contains(Classes, r.Class) {
		bad("class", "class %q is not one of %s", r.Class, strings.Join(Classes, ", "))
	}
	if len(r.Events) == 0 {
		bad("events", "events are missing")
	}
	for _, e := range r.Events {
		if !source.MatchString(e.Source) {
			bad("events", "source %q is not an eventSource", e.Source)
		}
		if len(e.Names) == 0 {
			bad("events", "source %s has no name", e.Source)
		}
		for _, n := range e.Names {
			if !eventName.MatchString(n) {
				bad("events", "name %q is not an eventName", n)
			}
		}
	}
	for name, title := range r.Titles {
		if strings.TrimSpace(title) == "" || !slices.ContainsFunc(r.Events, func(e EventName) bool { return slices.Contains(e.Names, name) }) {
			bad("titles", "the title of %q is empty, or the rule does not name that call", name)
		}
	}
	for _, s := range []string{r.Severity.Unattributed, r.Severity.Attributed} {
		if evidence.SeverityRank(s) < 0 {
			bad("severity", "severity %q is not one of %s", s, strings.Join(evidence.Severities, ", "))
		}
	}
	r.checkAttack(ref, bad)
	for _, list := range []struct {
		key string
		ids []string
	}{{"contain", r.Contain}, {"eradicate", r.Eradicate}, {"preserve", r.Preserve}} {
		for _, id := range list.ids {
			if !actionID.MatchString(id) {
				bad(list.key, "%q is not an action id", id)
			}
		}
	}
	return errors.Join(errs...)
}

// checkAttack holds each mapping against the reference: the technique must be there and belong
// to the tactic, in which reports sort it.
func (r *Rule) checkAttack(ref reference, bad func(key, format string, args ...any)) {
	if len(r.Attack) == 0 {
		bad("attack", "attack is missing")
	}
	for _, a := range r.Attack {
		t, ok := ref.Techniques[a.Technique]
		switch {
		case !ok:
			bad("attack", "technique %q is not in ATT&CK %s as pinned in reference/attack.json", a.Technique, ref.Version)
		case !slices.Contains(t.Tactics, a.Tactic):
			bad("attack", "technique %s does not belong to tactic %q", a.Technique, a.Tactic)
		}
	}
}
