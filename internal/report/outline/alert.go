package outline

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/trailhound/trailhound/internal/report"
)

// Whose puts the actors behind an alert's events into words, the intruder first.
func Whose(a report.Alert) string {
	var parts []string
	for _, w := range a.Actors {
		parts = append(parts, fmt.Sprintf("%d %s", w.Events, cmp.Or(whose[w.Actor], Words(w.Actor))))
	}
	return strings.Join(parts, ", ")
}

var whose = map[string]string{
	"intruder": "the intruder's", "likely_intruder": "likely the intruder's", "undetermined": "undetermined", "owner": "the owner's",
	"service": "a service's", "responder": "a responder's", report.Unexamined: "of credentials this case did not touch",
}

// Credit names the author and the licence of an alert's rule, as the Detection
// Rule License asks of whoever shows a match.
func Credit(a report.Alert) string {
	return "rule by " + cmp.Or(a.Author, "an author not stated") + ", licence " + cmp.Or(a.License, "not stated")
}
