package ledger

import (
	"bytes"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// naming are the calls of the intruder to other services that name a thing which counts
// only once it is armed, by its ARN. IAM logs no call for passing a role: the request of
// the service that it is passed to is all there is, and the identity of what then works
// as it.
type naming map[string][]ref

// await notes a thing that may become armed.
func (n naming) await(eff *Effect) {
	if p := eff.Plants; p != nil && p.armed && strings.HasPrefix(p.ID, "arn:") {
		n[p.ID] = nil
	}
}

// hear notes what a call of the intruder's names. A refusal hands nothing over.
func (n naming) hear(e *evidence.Event) {
	if e.Outcome() == evidence.Failure {
		return
	}
	for arn := range n {
		if e.Source != serviceOf(arn)+".amazonaws.com" && bytes.Contains(e.Body, []byte(`"`+arn+`"`)) {
			n[arn] = append(n[arn], refOf(e))
		}
	}
}

// serviceOf is the service of an ARN, "iam".
func serviceOf(arn string) string {
	if f := strings.SplitN(arn, ":", 4); len(f) == 4 {
		return f[2]
	}
	return ""
}

// armed says whether the intruder gave a thing rights, or handed it to something, in
// this existence of it.
func (b *book) armed(l *life, sp *span) bool {
	for _, k := range b.partsOf(l.id.key) {
		for _, part := range b.lives[k].spans {
			if len(part.planted) > 0 && part.root == sp.root {
				return true
			}
		}
	}
	for _, by := range b.named[sp.plant.ID] {
		if by.at.Before(sp.opened[0].at) {
			continue
		}
		if next := len(sp.ended); !sp.gone || next == 0 || !by.at.After(sp.ended[next-1].at) {
			return true
		}
	}
	return false
}
