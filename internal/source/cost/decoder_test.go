package cost

import (
	"bytes"
	"testing"

	"github.com/trailhound/trailhound/internal/source/sampletest"
)

func TestSamples(t *testing.T) { sampletest.Run(t, Decoder{}) }

func FuzzDecode(f *testing.F) {
	f.Add([]byte("line_item_usage_start_date,line_item_unblended_cost\n2026-11-02T00:00:00Z,1.5\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		Decoder{}.Claims(in)
		sampletest.Decode(t, Decoder{}, bytes.NewReader(in))
	})
}
