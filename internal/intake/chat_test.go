package intake

import "testing"

func TestVoices(t *testing.T) {
	for text, want := range map[string]int{
		"#sec\n[08:02] jess w: morning\n[08:09] omar: disabled, that was me\n[08:11] omar: again": 2,
		"Carl, see below.\n> Greg: I can't see it.\n> Marianne: nor can I.":                       2,
		"Summary: x\nComment Rik 09:02: she's on call\nComment Daan 09:20: still, please check":   2,
		"omar 08:09: done\njess 08:10: thanks":                                                    2,
		"Details: anneke, Portugal\nRule: impossible travel":                                      0,
		"The key AKIAEXAMPLE leaked: it was me.":                                                  0,
		"> quoted text without a speaker\n> From: J. Whitcombe":                                   0,
		"omar  9:12 AM\nher laptop is gone\nJess Ray — Today at 9:13 AM\ndisabled":                2,
	} {
		if got := Read(text, FromCase, testClock, testLexicon).Voices; got != want {
			t.Errorf("%q: %d voices, want %d", text, got, want)
		}
	}
}
