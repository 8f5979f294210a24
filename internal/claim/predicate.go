package claim

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"sort"
)

// UnmarshalJSON reads a predicate from anywhere. It never fails on well-formed
// JSON: a member it does not know and one of the wrong shape are kept in Extra,
// and Check refuses a predicate that has any. What is no object, or names a
// member twice, is kept whole under "". Names are matched exactly, unlike
// encoding/json does, so that two readers cannot understand one document
// differently.
func (p *Predicate) UnmarshalJSON(data []byte) error {
	*p = Predicate{}
	members, err := objectMembers(data)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, m := range members {
		if seen[m.name] || m.name == "" {
			members = nil
			break
		}
		seen[m.name] = true
	}
	if members == nil {
		p.Extra = map[string]json.RawMessage{"": bytes.Clone(data)}
		return nil
	}
	for _, m := range members {
		if into := p.member(m.name); into != nil {
			if decode(m.value, into) {
				continue
			}
			// A decoder may have filled a part before it failed; half an interval must not
			// stand for a whole one.
			reflect.ValueOf(into).Elem().SetZero()
		}
		if p.Extra == nil {
			p.Extra = map[string]json.RawMessage{}
		}
		p.Extra[m.name] = m.value
	}
	return nil
}

// member returns where the value of a member belongs, or nil.
func (p *Predicate) member(name string) any {
	switch name {
	case "op":
		return &p.Op
	case "event":
		return &p.Event
	case "equals":
		return &p.Equals
	case "filter":
		return &p.Filter
	case "field":
		return &p.Field
	case "value":
		return &p.Value
	case "time":
		return &p.Time
	case "before":
		return &p.Before
	case "after":
		return &p.After
	case "child":
		return &p.Child
	case "parent":
		return &p.Parent
	case "rule":
		return &p.Rule
	case "window":
		return &p.Window
	case "coverage":
		return &p.Coverage
	case "snapshot":
		return &p.Snapshot
	case "path":
		return &p.Path
	case "answer":
		return &p.Answer
	}
	return nil
}

// takes lists the members of each op, as docs/formats/claims.schema.json has them.
var takes = map[string][]string{
	"event": {"event", "equals"}, "order": {"before", "after"}, "lineage": {"child", "parent", "rule"}, "statement": {"answer"},
	"count": {"filter", "window", "value"}, "sum": {"filter", "window", "field", "value"},
	"first": {"filter", "window", "time"}, "last": {"filter", "window", "time"},
	"absence": {"filter", "window", "coverage"}, "state": {"snapshot", "path", "value", "field", "window"},
}

// strangers lists the members that are set and that the op does not take. What a
// predicate holds its sentence may say, so a member that nothing is checked by would
// let it say anything.
func (p *Predicate) strangers() (names []string) {
	for _, name := range []string{"event", "equals", "filter", "field", "value", "time", "before", "after", "child", "parent", "rule", "window", "coverage", "snapshot", "path", "answer"} {
		v := reflect.ValueOf(p.member(name)).Elem()
		empty := v.IsZero() || (v.Kind() == reflect.Map || v.Kind() == reflect.Slice) && v.Len() == 0
		if !empty && !p.uses(name) {
			names = append(names, name)
		}
	}
	return names
}

// uses narrows what a state takes to the form that it has: a field stands for what a
// list does not hold, a window bounds a total.
func (p *Predicate) uses(name string) bool {
	if p.Op == "state" {
		switch name {
		case "field":
			return p.Value == Absent && p.Path != ""
		case "window":
			return p.Snapshot == ""
		}
	}
	return slices.Contains(takes[p.Op], name)
}

// MarshalJSON writes the predicate, and what Extra kept, so that reading a
// report and writing it again loses nothing.
func (p Predicate) MarshalJSON() ([]byte, error) {
	type plain Predicate // without this method
	out, err := json.Marshal(plain(p))
	if err != nil || len(p.Extra) == 0 {
		return out, err
	}
	if whole, ok := p.Extra[""]; ok {
		return whole, nil
	}
	known, err := objectMembers(out)
	if err != nil {
		return nil, err
	}
	// Extra wins: where a member was of the wrong shape, the field of that name is
	// zero and was left out of what is known.
	merged := map[string]json.RawMessage{}
	for _, m := range known {
		merged[m.name] = m.value
	}
	for name, v := range p.Extra {
		merged[name] = v
	}
	return json.Marshal(merged)
}

// member is one name of a JSON object with its value as written.
type member struct {
	name  string
	value json.RawMessage
}

// objectMembers splits an object into its members in document order, repeated
// ones included; nil without an error if data is not an object.
func objectMembers(data []byte) ([]member, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	start, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if start != json.Delim('{') {
		return nil, nil
	}
	out := []member{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			return nil, err
		}
		out = append(out, member{name.(string), v})
	}
	return out, nil
}

// decode reads v strictly: an interval with a member we do not know is not an
// interval. Numbers stay as written.
func decode(v json.RawMessage, into any) bool {
	dec := json.NewDecoder(bytes.NewReader(v))
	dec.UseNumber()
	dec.DisallowUnknownFields()
	return dec.Decode(into) == nil
}

// extraNames lists what Extra holds, for the sentence that refuses it.
func (p *Predicate) extraNames() []string {
	names := make([]string, 0, len(p.Extra))
	for n := range p.Extra {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}
