package investigation

import "regexp"

// unmarked is a sentence that no question mark ends.
var unmarked = regexp.MustCompile(`[^.?!\s][^.?!\n]*(?:[.!\n]|$)`)

// withSubjects is the text in English, with somebody put before what is no question by its mark,
// where the language leaves out who does it: "are patient records" would ask, word by word.
func (in *inquiry) withSubjects() string {
	if !in.reading.VerbFirst {
		return in.reading.English
	}
	return unmarked.ReplaceAllString(in.reading.English, "they $0")
}
