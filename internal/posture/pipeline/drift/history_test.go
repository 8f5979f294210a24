package drift

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/posture/pipeline/trust"
)

func TestHistory(t *testing.T) {
	hour := func(n int) time.Time { return approved.Add(time.Duration(n) * time.Hour) }
	b := &Baseline{Approved: approved, Projects: []Snapshot{{Account: "1", Region: "r", Name: "web", Facts: map[string]string{}}}}
	change := func(at time.Time, by, path, verdict string) Change {
		return Change{Account: "1", Region: "r", Project: "web", At: at, By: by, Event: "e-" + by, Difference: Difference{Path: path, VerdictAfter: verdict}}
	}
	got := History(b, []Change{
		change(hour(1), "eve", "webhook", "ANYONE"), change(hour(2), "eve", "environment.image", ""), change(hour(3), "eve", "webhook", "ANYONE"), change(hour(4), "bob", "webhook", "WRITERS"),
		{Account: "1", Region: "r", Project: "new", Difference: Difference{Path: "project", VerdictAfter: "ANYONE"}},
	}, public)
	want := []Standing{
		{Account: "1", Region: "r", Project: "web", Verdict: trust.None.String(), Since: approved, Until: hour(1)},
		{Account: "1", Region: "r", Project: "web", Verdict: "ANYONE", Since: hour(1), Until: hour(4), By: "eve", Event: "e-eve"},
		{Account: "1", Region: "r", Project: "web", Verdict: "WRITERS", Since: hour(4), By: "bob", Event: "e-bob"},
		{Account: "1", Region: "r", Project: "new", Verdict: "ANYONE"},
	}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestSignature(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pair := func(key any, name string, marshal func(any) ([]byte, error)) []byte {
		der, err := marshal(key)
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: name, Bytes: der})
	}
	key, pub := pair(private, "PRIVATE KEY", x509.MarshalPKCS8PrivateKey), pair(public, "PUBLIC KEY", x509.MarshalPKIXPublicKey)
	sig, err := Sign(key, []byte("baseline"))
	if err != nil {
		t.Fatal(err)
	}
	if err := Verify(pub, []byte("baseline"), sig); err != nil {
		t.Error(err)
	}
	for name, bad := range map[string]error{
		"changed":      Verify(pub, []byte("Baseline"), sig),
		"another key":  Verify(pair(other, "PUBLIC KEY", x509.MarshalPKIXPublicKey), []byte("baseline"), sig),
		"no signature": Verify(pub, []byte("baseline"), nil),
		"no key":       Verify([]byte("x"), []byte("baseline"), sig),
		"private key":  Verify(key, []byte("baseline"), sig),
	} {
		if bad == nil {
			t.Errorf("%s: passed", name)
		}
	}
	if _, err := Sign(pub, nil); err == nil {
		t.Error("a public key signed")
	}
}
