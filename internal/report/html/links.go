package html

import "github.com/trailhound/trailhound/internal/report/outline"

// link is a piece of text and the anchor it leads to, if any. Anchors are made of our own
// numbers, never of evidence.
type link struct {
	Text   string
	Place  int  // position from 1, 0 if there is none
	Capped bool // an event whose record is left out because of the caps
}

// Event links an event id to its embedded record.
func (v *view) Event(id string) link {
	n := v.places[id]
	return link{Text: id, Place: max(n, 0), Capped: n < 0}
}

// Refs links typed references.
func (v *view) Refs(refs []string) []link {
	var out []link
	for _, ref := range refs {
		if id, ok := outline.EventID(ref); ok {
			out = append(out, v.Event(id))
		} else {
			out = append(out, link{Text: ref})
		}
	}
	return out
}

// Events links event ids.
func (v *view) Events(ids []string) []link {
	var out []link
	for _, id := range ids {
		out = append(out, v.Event(id))
	}
	return out
}

// number gives the first row with an id its place; ids of a report from elsewhere may repeat.
func number(places map[string]int, id string, i int) {
	if places[id] == 0 {
		places[id] = i + 1
	}
}

// ClaimLink, FindingLink, CredentialLink and LimitLink lead to rows of their sections.
func (v *view) ClaimLink(id string) link { return link{Text: id, Place: v.claims[id]} }

func (v *view) FindingLink(id string) link { return link{Text: id, Place: v.finds[id]} }

func (v *view) CredentialLink(id string) link { return link{Text: id, Place: v.creds[id]} }

func (v *view) LimitLink(id string) link { return link{Text: id, Place: v.limits[id]} }
