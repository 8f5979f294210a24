package flow

import (
	"regexp"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/answer"
	"github.com/trailhound/trailhound/internal/source/rows"
)

// inLogs tells JSON of CloudWatch Logs whose messages are lines of the default
// format: filter-log-events and get-log-events, a subscription's messages, rows
// exported from Logs Insights. Messages of another format have no header there.
var inLogs = regexp.MustCompile(`"@?message"\s*:\s*"2 (?:[0-9]{12}|unknown) eni-[0-9a-f]+ `)

// logs reads them.
var logs = answer.Form{Kind: "flow-log", Lists: []string{"events", "logEvents"}, Thing: message, Alone: true}

func message(t answer.Thing) ([]evidence.Observation, string) {
	words := strings.Fields(t.Text("message", "@message"))
	if !isDefault(words) {
		return nil, "a message that is no flow in the default format"
	}
	o, ok := observe(rowOf(words, v2))
	if !ok {
		return nil, noFlow
	}
	return []evidence.Observation{o}, ""
}

// rowOf names the words of a line; what is absent is left out.
func rowOf(words, columns []string) rows.Row {
	row := rows.Row{}
	for i, c := range columns {
		if words[i] != "-" {
			row[c] = strings.ToValidUTF8(words[i], "\uFFFD")
		}
	}
	return row
}
