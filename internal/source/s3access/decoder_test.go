package s3access

import (
	"bytes"
	"testing"

	"github.com/trailhound/trailhound/internal/source/sampletest"
)

func TestSamples(t *testing.T) { sampletest.Run(t, Decoder{}) }

func FuzzDecode(f *testing.F) {
	f.Add([]byte("79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be b [06/Feb/2019:00:00:38 +0000] 192.0.2.3 r 3E57427F3EXAMPLE REST.GET.OBJECT k \"GET / HTTP/1.1\" 200 - 1 1 7 - \"-\" \"S3\" -\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		Decoder{}.Claims(in)
		sampletest.Decode(t, Decoder{}, bytes.NewReader(in))
	})
}
