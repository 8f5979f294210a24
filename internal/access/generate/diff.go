package generate

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/access/policy"
)

// Diff holds the drawn policy against the one attached now.
type Diff struct {
	Unread  []string `json:"unread,omitempty"` // documents that could not be read, and why
	Unused  []Grant  `json:"unused"`           // granted now, and no kept call used any of it
	Wide    []Grant  `json:"wide"`             // granted now, and used in part
	Same    []Grant  `json:"same"`             // granted now as narrowly as the drawn policy has it
	Added   []string `json:"added"`            // observed, and not allowed by the documents given: they are not all there is
	Implied []string `json:"implied"`          // not allowed by the documents given, and only implied or unclear
	Denies  int      `json:"deny_statements"`  // statements that deny stay as they are
}

// Grant is one action on one resource as a document grants it.
type Grant struct {
	Sid      string   `json:"sid,omitempty"`
	Action   string   `json:"action"`
	Resource string   `json:"resource"`
	Used     []string `json:"used,omitempty"` // actions that were used of it
}

// diff compares by what was used: an action granted now is unused if no kept
// permission falls under it.
// Documents attached now may be a part of all: what they do not allow and was used is
// told as allowed elsewhere, not as missing.
func (a *activity) diff(list []*granted, docs, present [][]byte) *Diff {
	d := &Diff{Unused: []Grant{}, Wide: []Grant{}, Same: []Grant{}, Added: []string{}, Implied: []string{}}
	drawn := map[string]bool{}
	for _, g := range list {
		drawn[strings.ToLower(g.action)+" "+g.pattern] = true
	}
	for _, raw := range present {
		doc, err := policy.Parse(raw)
		if err != nil {
			d.Unread = append(d.Unread, err.Error())
			continue
		}
		spelled := spelling(raw)
		for j := range doc.Statements {
			s := &doc.Statements[j]
			if s.Effect != policy.Allow {
				d.Denies++
				continue
			}
			// What they leave cannot be listed, and is wider than any use.
			if len(s.NotActions)+len(s.NotResources) > 0 {
				d.Wide = append(d.Wide, Grant{Sid: s.Sid, Action: "everything but what NotAction or NotResource names", Resource: strings.Join(s.Resources, ", ")})
				continue
			}
			for _, action := range s.Actions {
				for _, resource := range s.Resources {
					d.place(a, drawn, Grant{Sid: s.Sid, Action: spelled(action.String()), Resource: resource}, action)
				}
			}
		}
	}
	j := newJudge(a.principal, present...)
	for _, key := range slices.Sorted(maps.Keys(a.kept)) {
		h := a.kept[key]
		if j.allows(h) {
			continue
		}
		if h.class() == Observed {
			d.Added = append(d.Added, h.text())
		} else {
			d.Implied = append(d.Implied, h.text())
		}
	}
	return d
}

// variable is a policy variable in a resource, ${aws:username}. Whoever used the grant
// had some value for it, so anything in its place counts as a use: a grant that is in
// use must not be told as unused. ${*}, ${?} and ${$} are escapes and stay.
var variable = regexp.MustCompile(`\$\{[^*?$}][^}]*\}`)

// place says of one grant whether it was used.
func (d *Diff) place(a *activity, drawn map[string]bool, g Grant, action policy.Glob) {
	if drawn[strings.ToLower(g.Action)+" "+g.Resource] {
		d.Same = append(d.Same, g)
		return
	}
	covers := compile(variable.ReplaceAllString(g.Resource, "*"))
	used := map[string]bool{}
	for _, h := range a.kept {
		if action.Match(strings.ToLower(h.action)) && covers(h.res.literal) {
			used[h.action] = true
		}
	}
	if g.Used = slices.Sorted(maps.Keys(used)); len(g.Used) == 0 {
		d.Unused = append(d.Unused, g)
		return
	}
	d.Wide = append(d.Wide, g)
}

// spelling gives actions back as the document writes them; the reader of
// policies keeps them in lower case.
func spelling(raw []byte) func(string) string {
	written := map[string]string{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, w := range v {
				walk(w)
			}
		case []any:
			for _, w := range v {
				walk(w)
			}
		case string:
			written[strings.ToLower(v)] = v
		}
	}
	var doc any
	if json.Unmarshal(raw, &doc) == nil {
		walk(doc)
	}
	return func(lower string) string {
		if w := written[lower]; w != "" {
			return w
		}
		return lower
	}
}
