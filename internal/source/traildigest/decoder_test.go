package traildigest

import (
	"bytes"
	"testing"

	"github.com/trailhound/trailhound/internal/source/sampletest"
)

func TestSamples(t *testing.T) { sampletest.Run(t, Decoder{}) }

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"digestStartTime":"2026-11-02T10:00:00Z","digestEndTime":"2026-11-02T11:00:00Z","digestS3Object":"a/CloudTrail-Digest/b/c","logFiles":[]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		Decoder{}.Claims(in)
		sampletest.Decode(t, Decoder{}, bytes.NewReader(in))
	})
}
