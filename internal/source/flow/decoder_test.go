package flow

import (
	"bytes"
	"testing"

	"github.com/trailhound/trailhound/internal/source/sampletest"
)

func TestSamples(t *testing.T) { sampletest.Run(t, Decoder{}) }

func FuzzDecode(f *testing.F) {
	f.Add([]byte("2 111122223333 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 1 1418530010 1418530070 ACCEPT OK\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		Decoder{}.Claims(in)
		sampletest.Decode(t, Decoder{}, bytes.NewReader(in))
	})
}
