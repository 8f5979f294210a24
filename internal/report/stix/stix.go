// Package stix renders a report as a STIX 2.1 bundle (OASIS Standard, 10 June 2021), for threat
// intelligence platforms. It says no more than the report: an attempt is a sighting that says so,
// and no threat actor is named.
package stix

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/exchange"
)

// Write renders r to w as one bundle. Where the verdict is an incident it holds an incident and a
// report; otherwise a grouping of what was examined.
func Write(w io.Writer, r *report.Report) error {
	c, err := exchange.New(r)
	if err != nil {
		return err
	}
	b := &builder{Case: c, seen: map[string]bool{}}
	b.made = stamp(c.Made())
	b.identity = b.fixed(object{Type: "identity", Name: "Trailhound", IdentityClass: "system"}, "identity:trailhound")
	if c.Verdict.Status == "incident" {
		b.add(object{Type: "incident", Name: c.Name(), Description: c.Headline(), Confidence: confidence(c.Verdict.Confidence)}, "incident")
	}
	// In this order: techniques and indicators refer to the observed-data, actions to the
	// techniques, and cover to all of them.
	b.observed()
	b.techniques()
	b.indicators()
	b.actions()
	b.limits()
	b.cover()
	slices.SortStableFunc(b.objects, func(x, y object) int {
		return cmp.Or(cmp.Compare(slices.Index(order, x.Type), slices.Index(order, y.Type)), cmp.Compare(x.ID, y.ID))
	})
	return exchange.WriteJSON(w, bundle{"bundle", "bundle--" + exchange.UUID(namespace, b.key("bundle")), b.objects})
}

// limits writes what cannot be said as one note: a platform that shows the findings must be able
// to show their bounds.
func (b *builder) limits() {
	var lines []string
	for _, l := range b.Limits {
		if s := strings.TrimSpace(fmt.Sprintf("%s %s %s", l.ID, l.Text, l.Effect)); s != "" {
			lines = append(lines, s)
		}
	}
	if len(lines) == 0 {
		return
	}
	b.add(object{Type: "note", Abstract: "What this report cannot say", Content: strings.Join(lines, "\n"),
		ObjectRefs: []string{b.container()}}, "limits")
}

// container is the id of the object that holds the others together.
// It is known before the object is made, since ids follow from keys: notes come before it.
func (b *builder) container() string {
	kind := "grouping"
	if b.Verdict.Status == "incident" {
		kind = "report"
	}
	return kind + "--" + exchange.UUID(namespace, b.key(kind, "cover"))
}

// cover adds the report or the grouping, which refers to everything else.
func (b *builder) cover() {
	o := object{Type: "grouping", Name: b.Name(), Description: b.Headline(), Confidence: confidence(b.Verdict.Confidence)}
	switch b.Verdict.Status {
	case "incident":
		o.Type, o.Published, o.ReportTypes = "report", b.made, []string{"threat-report", "observed-data"}
	case "suspicious":
		o.Context = "suspicious-activity"
	default:
		o.Context = "unspecified"
	}
	if b.Verdict.Status != "" {
		o.Labels = []string{"verdict:" + b.Verdict.Status}
	}
	for _, x := range b.objects {
		if x.Type != "note" { // notes point at us
			o.ObjectRefs = append(o.ObjectRefs, x.ID)
		}
	}
	slices.Sort(o.ObjectRefs)
	b.add(o, "cover")
}
