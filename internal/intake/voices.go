package intake

import (
	"regexp"
	"strings"
)

// voiceForm is how a line of a chat or a ticket begins that somebody else wrote: "[08:09] omar:",
// "> Greg:", "Comment Rik 09:02:", "omar 08:09:".
var voiceForm = regexp.MustCompile(`(?m)^\s*(?:\[[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?\]\s*([^\s:][^:\n]{0,40})|>\s*([A-Z][\w .'-]{0,30})|(?i:comment)\s+([A-Za-z][\w.'-]{0,30})(?:\s+[0-9]{1,2}:[0-9]{2})?|([A-Za-z][\w.'-]{1,30})\s+[0-9]{1,2}:[0-9]{2}):\s`)

// voices counts who speaks in a text that holds lines of several people; zero where it does not
// say. Where there are several, "me" and "I" are somebody else in every line.
func voices(text string) int {
	who := map[string]bool{}
	for _, m := range voiceForm.FindAllStringSubmatch(text, maxVoices) {
		who[strings.ToLower(strings.TrimSpace(m[1]+m[2]+m[3]+m[4]))] = true
	}
	return len(who)
}

// maxVoices bounds how many lines are looked at for who wrote them.
const maxVoices = 256
