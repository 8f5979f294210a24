package sigma

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// otherLog marks a rule that is about another log than CloudTrail.
// Such a rule is no mistake: its refusal is marked so, and makes no error.
type otherLog struct{ error }

func (o otherLog) Unwrap() error { return o.error }

// rule reads one document: a rule or a correlation. Keys that the format does not
// know are the author's own, as Sigma allows.
func (rd *reader) rule(r *Rule, n *yaml.Node) error {
	top, err := rd.entries(n)
	if err != nil {
		return err
	}
	// By key, so that the order in which an author wrote them does not matter; entries has
	// refused doubles.
	by := map[string]entry{}
	for _, e := range top {
		by[e.key] = e
	}
	if err := rd.header(r, by); err != nil {
		return err
	}
	switch {
	case by["action"].value != nil:
		return faultAt(by["action"].at, "action %q is the collection syntax that Sigma withdrew: write each rule out", short(by["action"].value.Value))
	case by["filter"].value != nil:
		return faultAt(by["filter"].at, "Sigma filters are not supported: put the exception into the rule")
	case by["correlation"].value != nil && by["detection"].value != nil:
		return faultAt(by["correlation"].at, "a rule has a detection or a correlation, not both: give each a document of its own")
	case by["correlation"].value != nil:
		r.corr, err = rd.correlation(by["correlation"].value, by["generate"].value)
		return err
	case by["detection"].value == nil:
		return faultAt(n, "there is no detection and no correlation: this is no Sigma rule")
	}
	if err := rd.logsource(by["logsource"].value, n); err != nil {
		return err
	}
	r.when, err = rd.detection(by["detection"].value)
	return err
}

// header reads what a rule says of itself. Only the title is needed; the level is checked, since
// alerts are sorted by it, and everything is cut and made one line, since everything is shown.
func (rd *reader) header(r *Rule, by map[string]entry) error {
	for key, slot := range map[string]*string{
		"id": &r.ID, "name": &r.Name, "title": &r.Title, "description": &r.Description, "license": &r.License,
		"level": &r.Level, "status": &r.Status, "date": &r.Date,
	} {
		if v := by[key].value; v != nil && v.Kind == yaml.ScalarNode && v.Tag != "!!null" {
			*slot = shown(v.Value)
		}
	}
	var author []string
	for _, m := range []struct { // in order: of two mistakes, the same is told each time
		key  string
		slot *[]string
	}{{"author", &author}, {"references", &r.References}, {"tags", &r.Tags}, {"falsepositives", &r.FalsePositives}} {
		if v := by[m.key].value; v != nil {
			var err error
			if *m.slot, err = rd.texts(v); err != nil {
				return err
			}
		}
	}
	r.Author = shown(strings.Join(author, ", "))
	r.Level = strings.ToLower(r.Level)
	switch {
	case r.Title == "":
		return fault{reason: "the title is missing"}
	case r.Level != "" && !slices.Contains(Levels, r.Level):
		return faultAt(by["level"].value, "level %q is not one of %s", short(r.Level), strings.Join(Levels, ", "))
	}
	return nil
}

// logsource wants product aws and service cloudtrail. Without a service the rule
// may be about any log of AWS, and would be silent here for the wrong reason.
func (rd *reader) logsource(n, rule *yaml.Node) error {
	if n == nil {
		return faultAt(rule, "the logsource is missing")
	}
	list, err := rd.entries(n)
	if err != nil {
		return err
	}
	got := map[string]string{}
	for _, e := range list {
		got[e.key] = strings.ToLower(e.value.Value)
	}
	if got["product"] == "aws" && got["service"] == "cloudtrail" && got["category"] == "" {
		return nil
	}
	var said []string
	// In this order, so that the message does not vary.
	for _, key := range []string{"product", "service", "category"} {
		if got[key] != "" {
			said = append(said, key+" "+short(got[key]))
		}
	}
	return otherLog{faultAt(n, "it is about another log (%s): only product aws, service cloudtrail is read", strings.Join(said, ", "))}
}

// detection reads the selections and combines them.
func (rd *reader) detection(n *yaml.Node) (expr, error) {
	list, err := rd.entries(n)
	if err != nil {
		return nil, err
	}
	selections := map[string]expr{}
	var cond *yaml.Node
	for _, e := range list {
		switch e.key {
		case "condition":
			cond = e.value
			continue
		case "timeframe":
			return nil, faultAt(e.at, "timeframe belongs to the aggregations that Sigma withdrew: write a correlation with a timespan")
		}
		// Counted before it is read: the reading is what costs.
		if len(selections) == maxSelections {
			return nil, faultAt(e.at, "more than %d selections", maxSelections)
		}
		if selections[e.key], err = rd.selection(e.value); err != nil {
			return nil, err
		}
	}
	if cond == nil {
		return nil, faultAt(n, "the condition is missing")
	}
	items, err := rd.items(cond)
	if err != nil {
		return nil, err
	}
	var any anyOf
	for _, c := range items {
		if c.Kind != yaml.ScalarNode || len(any) == maxSelections {
			return nil, faultAt(c, "a condition is a text, or a list of texts")
		}
		e, err := condition(c.Value, selections)
		if err != nil {
			return nil, fault{c.Line, fmt.Sprint(err)}
		}
		any = append(any, e)
	}
	if len(any) == 0 {
		return nil, faultAt(cond, "the condition is missing")
	}
	return any, nil
}
