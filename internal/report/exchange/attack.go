package exchange

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/trailhound/trailhound/content"
)

// Attack is the part of one ATT&CK version that our content refers to.
type Attack struct {
	Version string `json:"version"`
	Tactics map[string]struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"tactics"` // by short name, "lateral-movement"
	Techniques map[string]struct {
		Name    string   `json:"name"`
		Tactics []string `json:"tactics"`
	} `json:"techniques"` // by id
}

// Pinned returns ATT&CK as content/reference/attack.json pins it.
var Pinned = sync.OnceValues(func() (*Attack, error) {
	data, err := content.FS.ReadFile("reference/attack.json")
	if err != nil {
		return nil, fmt.Errorf("read ATT&CK reference: %w", err)
	}
	a := new(Attack)
	if err := json.Unmarshal(data, a); err != nil {
		return nil, fmt.Errorf("read ATT&CK reference: %w", err)
	}
	return a, nil
})

var techniqueID = regexp.MustCompile(`^T[0-9]{4}(\.[0-9]{3})?$`)

// IsTechnique says whether s has the form of a technique's id. Content of others may name
// techniques that the pinned version does not hold, so the form decides.
func IsTechnique(s string) bool { return techniqueID.MatchString(s) }

// Parent returns the technique that a sub-technique belongs to, and whether s is one.
func Parent(s string) (string, bool) {
	parent, _, sub := strings.Cut(s, ".")
	return parent, sub
}

// Name returns the name of a technique, or its id where it is not known.
func (a *Attack) Name(id string) string {
	if t, ok := a.Techniques[id]; ok {
		return t.Name
	}
	return id
}

// URL returns the page of a technique.
// The id must have the form of one (IsTechnique): it is no place to put evidence into.
func URL(id string) string {
	return "https://attack.mitre.org/techniques/" + strings.Replace(id, ".", "/", 1)
}
