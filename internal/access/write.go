package access

import (
	"encoding/json"
	"strings"

	"github.com/trailhound/trailhound/internal/access/policy"
	"github.com/trailhound/trailhound/internal/evidence"
)

// writeSources are the services whose write events change policies that this
// package follows.
var writeSources = []string{"iam.amazonaws.com", "s3.amazonaws.com", "kms.amazonaws.com", "organizations.amazonaws.com",
	"lambda.amazonaws.com", "sqs.amazonaws.com", "sns.amazonaws.com", "secretsmanager.amazonaws.com", "ecr.amazonaws.com"}

// change applies one write event. Facts of the calls: the API References of the
// services.
type change func(w *writing)

// writing is one event on its way into the history.
type writing struct {
	h   *History
	e   *evidence.Event
	rec evidence.Record
	now fact
}

func (w *writing) request(field string) string { return w.rec.Str("requestParameters." + field) }

// named finds or makes the user, group or role of the request; nil if the record
// names none.
func (w *writing) named(kind string) *entity {
	name := w.request(kind + "Name")
	if name == "" {
		return nil
	}
	e := w.h.entity(w.e.Account, kind, name)
	if e.ref == "" {
		e.ref = w.now.ref
	}
	return e
}

// set and unset note a fact of a slot; before says what the event tells of the
// time before it.
// A call that removes fails where there is nothing, so unset tells that there was something.
func (w *writing) set(e *entity, slot string, before policy.Truth, value string) {
	f := w.now
	f.present, f.before, f.value = true, before, []byte(value)
	e.slot(slot).add(f)
}

func (w *writing) unset(e *entity, slot string) {
	f := w.now
	f.before = policy.Yes
	e.slot(slot).add(f)
}

// document notes a policy document that the event carries, or why it does not.
func (w *writing) document(e *entity, slot, field string, before policy.Truth) {
	f := w.now
	f.present, f.before = true, before
	switch v := w.rec.Get("requestParameters." + field).(type) {
	case string:
		f.value = []byte(v)
	case map[string]any:
		f.value, _ = json.Marshal(v) // it was parsed from JSON
	}
	if len(f.value) == 0 {
		f.problem = "its document was left out of the event"
	} else if _, err := policy.Parse(f.value); err != nil {
		f.problem = err.Error()
	}
	e.slot(slot).add(f)
}

// created notes that an entity begins.
func (w *writing) created(e *entity, arn, id string) {
	if arn != "" {
		e.arn = arn
	}
	if id != "" {
		e.id = id
	}
	w.set(e, "exists", policy.No, "")
	e.whole = append(e.whole, w.now)
	if b := w.request("permissionsBoundary"); b != "" {
		w.set(e, "boundary", policy.No, b)
	}
	for _, t := range w.rec.All("requestParameters.tags") {
		w.tag(e, t, policy.No)
	}
}

// tag reads one element of a list of tags.
func (w *writing) tag(e *entity, t any, before policy.Truth) {
	m, _ := t.(map[string]any)
	key, _ := m["key"].(string)
	value, _ := m["value"].(string)
	if key != "" {
		w.set(e, "tag/"+key, before, value)
	}
}

// addEvent applies one write event; any other is passed over. Events come in order of
// time.
func (h *History) addEvent(e *evidence.Event) {
	apply := changes[e.Source+":"+e.Name]
	if apply == nil {
		return
	}
	rec, err := e.Parse()
	if err != nil {
		return
	}
	h.step += 2 // room for what a whole entity does not have, between two events
	w := &writing{h: h, e: e, rec: rec, now: fact{at: e.Time, order: h.step, ref: e.CitedAs()}}
	apply(w)
}

// writeNames are the names to ask the store for. Services share some (CreatePolicy), so
// the pair is looked up again.
func writeNames() (out []string) {
	for key := range changes {
		_, name, _ := strings.Cut(key, ":")
		out = append(out, name)
	}
	return out
}

// accountOf is the account of an ARN, or the one given.
func accountOf(arn, otherwise string) string {
	if a, ok := policy.ParseARN(arn); ok && a.Account != "" {
		return a.Account
	}
	return otherwise
}

// partition is "aws" or one of its siblings, from the caller's ARN.
func partition(e *evidence.Event) string {
	for _, arn := range []string{e.Identity.ARN, e.Identity.IssuerARN} {
		if a, ok := policy.ParseARN(arn); ok && a.Partition != "" {
			return a.Partition
		}
	}
	return "aws"
}

// oneARN is the resource of the event where it names exactly one by ARN.
func oneARN(e *evidence.Event) string {
	found := ""
	for _, r := range e.Resources {
		if _, ok := policy.ParseARN(r); ok {
			if found != "" {
				return ""
			}
			found = r
		}
	}
	return found
}
