package attribution

import (
	"os"
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	for code, want := range map[string]string{
		"score:105|network_new+40|agent_new+25|usual_action-15": "its calls together score 105: the network is new for the principal (+40), the tool is new for the principal (+25); but it does what the principal did on earlier days (-15)",
		"lineage:create_access_key":                             "its credential came from the intruder's hands by create access key",
		"lineage:reverse:assume_role":                           "it obtained a credential that the intruder then used from the same place",
		"case:after_termination|score:0":                        "it lies after the stated end of employment",
		"session:lineage:create_user":                           "the intruder had made the user",
		"case:ip":                                               "the case names its address",
		"statement:owner":                                       "it fits what was stated (owner)",
		"issued:ASIAEXAMPLEEXAMPLE01":                           "it opened the session of ASIAEXAMPLEEXAMPLE01, and who used that made it",
		"noise:NM-01":                                           "it bears the marks of NM-01",
		"unheard":                                               "unheard",
	} {
		if got := Words(code); got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
}

// TestEverySignalHasWords: a signal without words would be left out of what a
// report gives as reason.
func TestEverySignalHasWords(t *testing.T) {
	w, err := LoadWeights(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	for signal := range w.Points {
		if signalWords[signal] == "" {
			t.Errorf("%s has no words", signal)
		}
	}
	for signal := range signalWords {
		if _, ok := w.Points[signal]; !ok || strings.TrimSpace(signal) == "" {
			t.Errorf("%s is no signal", signal)
		}
	}
}
