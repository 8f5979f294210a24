package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Place is a Collector for some locations only, which it tells by their form.
type Place interface {
	Collector
	Holds(location string) bool
}

// Missing is an item that tells only why it cannot be read: in one sentence
// without a full stop. size is what is known of it, or 0. Its ID is no hash of
// content, since there is none, and says so.
func Missing(uri string, size int64, why string) Item {
	sum := sha256.Sum256([]byte(uri))
	return missing{evidence.Artifact{
		ID: "unread-" + hex.EncodeToString(sum[:]), URI: uri, Size: size,
		Kind: evidence.KindUnreadable, Reason: why,
	}}
}

type missing struct{ a evidence.Artifact }

// Artifacts implements Item.
func (m missing) Artifacts(_ context.Context, visit func(Found) error) error {
	return visit(Found{Artifact: m.a})
}
