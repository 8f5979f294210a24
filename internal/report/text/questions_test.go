package text_test

import (
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/report/reporttest"
	"github.com/trailhound/trailhound/internal/report/text"
)

// What nobody said is not told as an answer.
func TestDefaultIsNoAnswer(t *testing.T) {
	r := reporttest.Sample(t, reporttest.Names[0])
	r.Questions = []intake.Question{{ID: "owner", Text: "Who?", Why: "It matters.", Default: "Nobody.", Answer: "Nobody.", Status: "defaulted"}}
	if out := write(t, r, text.Options{}); !strings.Contains(out, "not answered; taken: Nobody.") {
		t.Error("the default is told as if somebody had said it")
	}
}
