package exchange

import (
	"crypto/sha1" //nolint:gosec // RFC 9562 defines version 5 by SHA-1; nothing is secured by it
	"encoding/hex"
	"fmt"
	"strings"
)

// UUID returns the version 5 UUID of a name in a namespace, which is itself a UUID (RFC 9562,
// section 5.5): the same name gives the same id on every machine.
func UUID(namespace, name string) string {
	ns, err := hex.DecodeString(strings.ReplaceAll(namespace, "-", ""))
	if err != nil {
		ns = nil // constants of ours; a test looks at each
	}
	sum := sha1.Sum(append(ns, name...))
	b := sum[:16]
	b[6] = b[6]&0x0f | 0x50
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
