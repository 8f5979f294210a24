package investigation

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
)

// A layer is the same in its next version, and another one under another name.
func TestLayersWithoutTheirVersions(t *testing.T) {
	for _, c := range []struct{ params, want string }{
		{`{"layers": ["arn:aws:lambda:us-east-1:111122223333:layer:base:7"]}`, "arn:aws:lambda:us-east-1:111122223333:layer:base"},
		{`{"layers": ["arn:aws:lambda:us-east-1:111122223333:layer:base:8"]}`, "arn:aws:lambda:us-east-1:111122223333:layer:base"},
		{`{"layers": [{"arn": "arn:aws:lambda:us-east-1:111122223333:layer:other:1"}]}`, "arn:aws:lambda:us-east-1:111122223333:layer:other"},
		{`{"functionName": "f"}`, ""},
	} {
		var r evidence.Record
		if err := json.Unmarshal([]byte(`{"requestParameters":`+c.params+`}`), &r); err != nil {
			t.Fatal(err)
		}
		var want []string
		if c.want != "" {
			want = []string{"a\x00" + c.want}
		}
		if got := traces("layer.new", &detection.Subject{Event: &evidence.Event{Account: "a"}, Record: r}); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", c.params, got, want)
		}
	}
}
