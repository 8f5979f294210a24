package markdown

import (
	"bytes"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/report/reporttest"
)

// What nobody said is not told as an answer.
func TestDefaultIsNoAnswer(t *testing.T) {
	r := reporttest.Sample(t, reporttest.Names[0])
	r.Questions = []intake.Question{{ID: "owner", Text: "Who?", Why: "It matters.", Default: "Nobody.", Answer: "Nobody.", Status: "defaulted"}}
	var b bytes.Buffer
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	if out := b.String(); strings.Contains(out, "Answered:") || !strings.Contains(out, "Who? **Defaulted**: Nobody. (It matters.)") {
		t.Errorf("%s", out[strings.Index(out, "Who?"):][:120])
	}
}
