package cloudtrail

import "strings"

// keeper gives bytes and texts that outlive the record in hand memory in common,
// since events live and end together, by the batch: one allocation serves hundreds.
type keeper struct {
	records func([]byte, bool) []byte // keeps records for us, if not nil
	bodies  []byte                    // its free part is handed out
	texts   strings.Builder           // grows only within its capacity
	lists   []string
}

const keepChunk = 64 << 10

func (k *keeper) keepBody(b []byte, plain bool) []byte {
	if k.records != nil {
		return k.records(b, plain)
	}
	// A large record has memory of its own: in a chunk it would leave too much
	// unused behind it.
	if len(b) > keepChunk/4 {
		return append(make([]byte, 0, len(b)), b...)
	}
	if cap(k.bodies)-len(k.bodies) < len(b) {
		k.bodies = make([]byte, 0, keepChunk)
	}
	at := len(k.bodies)
	k.bodies = append(k.bodies, b...)
	// The capacity ends with the record, so that an append to one body cannot write
	// over the next.
	return k.bodies[at:len(k.bodies):len(k.bodies)]
}

// own is the text of a value that seldom repeats.
func (k *keeper) own(b []byte) string {
	if len(b) > keepChunk/16 {
		return string(b)
	}
	if k.texts.Cap()-k.texts.Len() < len(b) {
		// A new builder and not Reset: the old memory belongs to the texts that were
		// given out.
		k.texts = strings.Builder{}
		k.texts.Grow(keepChunk / 2)
	}
	at := k.texts.Len()
	k.texts.Write(b)
	return k.texts.String()[at:]
}

// keepTexts keeps a list of texts.
func (k *keeper) keepTexts(list []string) []string {
	if cap(k.lists)-len(k.lists) < len(list) {
		k.lists = make([]string, 0, max(1024, len(list)))
	}
	at := len(k.lists)
	k.lists = append(k.lists, list...)
	return k.lists[at:len(k.lists):len(k.lists)]
}
