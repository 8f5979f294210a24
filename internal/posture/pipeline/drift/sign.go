package drift

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
)

// Sign signs the bytes of a baseline with an Ed25519 key in PEM (PKCS #8), as
// `openssl genpkey -algorithm ed25519` makes one. The signature is one line of
// base64.
// The bytes are signed as they lie in the file and never encoded anew: canonical
// JSON of another version may differ. No error says anything about the key's
// content.
func Sign(key, data []byte) ([]byte, error) {
	block, _ := pem.Decode(key)
	if block == nil {
		return nil, errors.New("the key is no PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("the key is no private key in PKCS #8")
	}
	private, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, errors.New("the key is not of Ed25519")
	}
	return []byte(base64.StdEncoding.EncodeToString(ed25519.Sign(private, data)) + "\n"), nil
}

// Verify says what is wrong with the signature of a baseline, nil for nothing. The
// key is the public one in PEM (PKIX), as `openssl pkey -pubout` writes it.
func Verify(key, data, signature []byte) error {
	block, _ := pem.Decode(key)
	if block == nil {
		return errors.New("the key is no PEM")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return errors.New("the key is no public key")
	}
	public, ok := parsed.(ed25519.PublicKey)
	if !ok {
		return errors.New("the key is not of Ed25519")
	}
	sig, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(signature)))
	// One message for all ways to be wrong: which of them it was helps only whoever
	// forges. A signature of another length would make Verify of crypto/ed25519
	// answer false as well; the length is asked first so that nothing depends on
	// that.
	if err != nil || len(sig) != ed25519.SignatureSize || !ed25519.Verify(public, data, sig) {
		return errors.New("the signature is not of this baseline by this key: it was changed, or somebody else signed it")
	}
	return nil
}
