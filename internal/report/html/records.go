package html

import (
	"bytes"
	"encoding/json"

	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/inert"
	reportjson "github.com/trailhound/trailhound/internal/report/json"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// record is one original record on the page.
type record struct {
	ID   string
	Body string // indented JSON, inert
}

// embed chooses the records that go into the page: the events a reader will open first come
// first, so that the caps cut what is asked for least.
func (v *view) embed(r *report.Report, records map[string][]byte) {
	v.places = map[string]int{}
	if len(records) == 0 {
		return
	}
	size := 0
	add := func(id string) {
		// A record is looked up by the id as the report spells it, and filed by the id as the page
		// does: in a report from elsewhere two ids may become one.
		body, ok := records[id]
		key := inert.Text(id) // the page knows ids only as the outline spells them
		if !ok || v.places[key] > 0 {
			return
		}
		// Looked at before it is indented, which is dear and makes few records smaller.
		if len(v.Records) >= MaxRecords || size+len(body) > MaxRecordBytes {
			v.leave(key)
			return
		}
		text := pretty(body)
		if size+len(text) > MaxRecordBytes {
			v.leave(key)
			return
		}
		size += len(text)
		if v.places[key] < 0 { // left out under another spelling of the id
			v.Capped--
		}
		v.Records = append(v.Records, record{ID: key, Body: text})
		v.places[key] = len(v.Records)
	}
	for _, id := range cited(r) {
		add(id)
	}
}

// leave notes that a record was left out, once.
func (v *view) leave(key string) {
	if v.places[key] == 0 {
		v.places[key] = -1
		v.Capped++
	}
}

// cited lists the event ids of a report, the most telling first, as the report spells them.
func cited(r *report.Report) []string {
	var out []string
	refs := func(list []string) {
		for _, ref := range list {
			if id, ok := outline.EventID(ref); ok {
				out = append(out, id)
			}
		}
	}
	for _, c := range r.Claims {
		refs(c.Evidence)
	}
	for _, c := range r.Credentials {
		if c.IssuedBy != nil {
			out = append(out, c.IssuedBy.Event)
		}
		refs(c.StateEvidence)
	}
	for _, p := range r.Persistence {
		out = append(out, p.Events...)
		refs(p.Evidence)
		refs(p.StateEvidence)
	}
	for _, d := range r.Doubtful {
		out = append(out, d.Events...)
	}
	for _, i := range r.Impact {
		refs(i.Evidence)
	}
	for _, x := range r.Recovery {
		out = append(out, x.Events...)
	}
	for _, f := range r.Findings {
		refs(f.Evidence)
	}
	for _, hostile := range []bool{true, false} {
		for _, e := range r.Timeline {
			if outline.Hostile(e.Actor) == hostile {
				out = append(out, e.Event)
			}
		}
	}
	for _, a := range r.AffectedResources {
		out = append(out, a.ByEvent...)
		refs(a.StateEvidence)
	}
	for _, a := range r.Supplied {
		out = append(out, a.Events...)
	}
	for _, a := range r.Alerts {
		refs(a.Events)
	}
	for _, b := range r.Benign {
		out = append(out, b.Events...)
	}
	r.EachFlow(refs)
	for _, h := range r.Hypotheses {
		out = append(out, h.SetAside...)
	}
	for _, q := range r.Questions {
		refs(q.ContradictedBy)
	}
	for _, a := range r.Attribution {
		out = append(out, a.Event)
	}
	return out
}

// pretty indents a record and makes it inert; what is not JSON is shown as text.
func pretty(body []byte) string {
	var buf bytes.Buffer
	if err := json.Indent(&buf, bytes.TrimSpace(body), "", "  "); err != nil {
		return inert.Lines(string(body))
	}
	return string(reportjson.Inert(buf.Bytes()))
}
