package iam

import (
	"bytes"
	"testing"

	"github.com/trailhound/trailhound/internal/source/sampletest"
)

func TestSamples(t *testing.T) { sampletest.Run(t, Decoder{}) }

func FuzzDecode(f *testing.F) {
	f.Add([]byte(seed))
	f.Fuzz(func(t *testing.T, in []byte) {
		Decoder{}.Claims(in)
		sampletest.Decode(t, Decoder{}, bytes.NewReader(in))
	})
}

const seed = `{"UserDetailList":[{"UserName":"a","UserId":"AIDA","Arn":"arn:aws:iam::111122223333:user/a"}],"Policies":[{}]}`
