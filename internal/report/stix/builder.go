package stix

import (
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/report/exchange"
)

// builder gathers the objects of one bundle. An object is added once, under an id that follows from
// what it is: two runs over one case give one bundle, and a platform that imports it again finds
// what it has.
type builder struct {
	*exchange.Case
	made     string // created and modified of everything that belongs to the case
	identity string // id of the object that made all others: this program
	objects  []object
	seen     map[string]bool // ids of objects

	data map[string]string // credential to its observed-data
}

// key names a thing of this case: the same case, judged at the same moment, gives the same ids.
func (b *builder) key(parts ...string) string {
	return strings.Join(append([]string{b.Case.Case.ID, b.made}, parts...), "\x00")
}

// add puts an object of the case into the bundle, once, and returns its id.
// key tells apart objects of one type within the case. Everything in it is separated by a
// zero byte, which no inert string holds.
func (b *builder) add(o object, key ...string) string {
	o.ID = o.Type + "--" + exchange.UUID(namespace, b.key(append([]string{o.Type}, key...)...))
	o.Created, o.Modified, o.CreatedBy = b.made, b.made, b.identity
	return b.put(o)
}

// fixed is add for objects that are the same in every report.
func (b *builder) fixed(o object, key string) string {
	o.ID = o.Type + "--" + exchange.UUID(namespace, key)
	o.Created, o.Modified, o.CreatedBy = epoch, epoch, b.identity
	return b.put(o)
}

// put files an object under the id it has, unless there is one already.
func (b *builder) put(o object) string {
	o.SpecVersion = "2.1"
	if !b.seen[o.ID] {
		b.seen[o.ID] = true
		b.objects = append(b.objects, o)
	}
	return o.ID
}

// relate adds a relationship, once for any two objects and kind.
func (b *builder) relate(source, kind, target string) {
	b.add(object{Type: "relationship", Relationship: kind, Source: source, Target: target}, source, kind, target)
}

// stamp is a STIX timestamp. The standard wants at least seconds; three digits are what every
// parser was tested with.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// confidence maps our three words to numbers as appendix A of the standard does; 0 is left out.
func confidence(word string) int {
	return map[string]int{"high": 85, "medium": 50, "low": 15}[word]
}

// scoNamespace is the namespace that section 2.9 of the standard sets for the ids of observables;
// namespace is ours for everything else, where the standard forbids the other one.
const (
	scoNamespace = "00abedb4-aa42-466c-9c01-fed23315a9b7"
	namespace    = "6f0f7d6c-1f0b-5c1e-9a53-7b1d1c0a4e2f"
)

// epoch is when objects were made that are the same in every report: our identity and the
// techniques of ATT&CK. One id must not show two times of creation.
const epoch = "2026-01-01T00:00:00.000Z"
