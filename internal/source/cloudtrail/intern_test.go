package cloudtrail

import (
	"fmt"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/jsonstream"
)

// TestRecentTextsDoNotCrowd: texts that differ in their last byte alone, as addresses do, have places of their own, and
// two that differ where no hash looks have room side by side.
func TestRecentTextsDoNotCrowd(t *testing.T) {
	r := &reader{texts: map[string]string{}}
	for i := range 200 {
		r.intern(fmt.Appendf(nil, "198.51.100.%d", i))
	}
	kept := 0
	for _, pair := range r.recent {
		for _, text := range pair {
			if text != "" {
				kept++
			}
		}
	}
	if kept < 180 {
		t.Errorf("%d of 200 addresses are remembered", kept)
	}
	for _, text := range []string{"kms.amazonaws.com", "ssm.amazonaws.com"} {
		r.intern([]byte(text))
	}
	clear(r.texts)
	for _, text := range []string{"kms.amazonaws.com", "ssm.amazonaws.com", "kms.amazonaws.com"} {
		if got := r.intern([]byte(text)); got != text {
			t.Errorf("%q for %q", got, text)
		}
	}
	if len(r.texts) > 0 {
		t.Error("two texts of one hash push each other out")
	}
}

// TestIdentitiesOfOnePrincipal: calls of one session, by itself and through services, take turns, and each is met again.
func TestIdentitiesOfOnePrincipal(t *testing.T) {
	r := &reader{texts: map[string]string{}}
	for _, by := range []string{"", `,"invokedBy":"kms.amazonaws.com"`, `,"invokedBy":"AWS Internal"`, `,"inScopeOf":{"issuerType":"AWS::Lambda::Function"}`} {
		r.strict.Reset(fmt.Appendf(nil, `{"type":"AssumedRole","principalId":"AROAEXAMPLE:job","arn":"arn:aws:sts::111122223333:assumed-role/r/job","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE"%s}`, by))
		var id evidence.Identity
		if p := r.quickIdentity(&id, r.strict.Begin(jsonstream.Place{}, 0, jsonstream.LeastAhead)); !p.Usual() || id.AccessKey != "ASIAEXAMPLE" {
			t.Fatalf("%q was not read: %+v", by, id)
		}
	}
	kept := 0
	for _, place := range r.identities {
		for _, met := range place {
			if len(met.raw) > 0 {
				kept++
			}
		}
	}
	if kept != 4 {
		t.Errorf("%d of 4 are remembered", kept)
	}
}
