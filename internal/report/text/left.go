package text

import (
	"strconv"
	"strings"

	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// left is the inventory of what would let them back in.
func (d *document) left() {
	if len(d.Persistence)+len(d.Doubtful) == 0 {
		return
	}
	d.section("LEFT BEHIND")
	for i, p := range d.Inventory() {
		if i == maxLeft {
			d.more("  ", len(d.Persistence)-i)
			break
		}
		d.persistence(p)
	}
	if len(d.Doubtful) > 0 {
		d.para("  ", "  ", s(outline.DoubtfulMeans, bold))
	}
	for i, x := range d.Doubtful {
		if i == maxLeft {
			d.more("  ", len(d.Doubtful)-i)
			break
		}
		d.doubtful(x)
	}
}

// doubtful is one thing that calls of nobody's left, with what would decide whose it is.
func (d *document) doubtful(x investigation.Doubtful) {
	spans := []span{s(pad("UNDECIDED", 10), yellow), s(outline.Words(x.Kind) + " "), s(x.ID, bold)}
	if x.Technique != "" {
		spans = append(spans, s(" · "+x.Technique, faint))
	}
	spans = append(spans, s(" ["+list(x.Events, 2)+"]", faint), s(" · "+x.Decides))
	if x.Undo != "" {
		spans = append(spans, s(" If not: "+x.Undo+"."))
	}
	d.para("  ", "            ", spans...)
}

// persistence is one way back in, its state first: "live" is what the eye must catch.
func (d *document) persistence(p ledger.Persistence) {
	st := map[string]style{"live": alarm, "unknown": yellow, "removed": green}[p.Status]
	spans := []span{s(pad(strings.ToUpper(d.Status(p)), 10), st), s(outline.Words(p.Kind) + " "), s(p.ID, bold)}
	if p.Name != "" {
		spans = append(spans, s(", called "), s(p.Name, bold))
	}
	if m := p.Meaning(); m != ledger.WayBack {
		spans = append(spans, s(" ("+map[string]string{ledger.OpenBefore: "was open before", ledger.Exposed: "open to others", ledger.LeftBehind: "goes on by itself"}[m]+")", st))
	}
	if p.Technique != "" {
		spans = append(spans, s(" · "+p.Technique, faint))
	}
	if events := p.Events; len(events) > 0 || p.Means == ledger.OpenBefore {
		for _, ref := range p.Evidence { // of what nobody made here, what came by it
			if len(p.Events) == 0 {
				events = append(events, strings.TrimPrefix(ref, "event:"))
			}
		}
		spans = append(spans, s(" ["+list(events, 2)+"]", faint))
	}
	if later := d.Later(p); later != "" {
		spans = append(spans, s(" · "+later))
	}
	d.para("  ", "            ", spans...)
}

// impact is never cut: it is short, and its last lines say what is not known.
func (d *document) impact() {
	if len(d.Impact) == 0 {
		return
	}
	d.section("IMPACT")
	for _, im := range d.ByImpact() {
		st := map[string]style{"confirmed": alarm, "probable": red, "possible": yellow}[im.Level]
		spans := []span{s(pad(outline.Words(im.Level), 13), st), s(pad(im.Class, 14)), s(im.Text)}
		// The sentence mostly says the number already.
		if q := im.Quantity; q != nil && !strings.Contains(im.Text, outline.Number(q.Value)) && !strings.Contains(im.Text, strconv.FormatInt(q.Value, 10)) {
			spans = append(spans, s(" ("+outline.Number(q.Value)+" "+q.Unit+")", bold))
		}
		d.para("  ", strings.Repeat(" ", 29), spans...)
	}
}

// recovery says of what was taken away whether it can be had back. The claims stand in the
// report; here is what they amount to, and what tells or confirms it.
func (d *document) recovery() {
	if len(d.Recovery) == 0 {
		return
	}
	d.section("CAN IT BE HAD BACK")
	for i, x := range d.ByRecovery() {
		if i == maxLeft {
			d.more("  ", len(d.Recovery)-i)
			break
		}
		st := map[string]style{"pending": alarm, "unknown": yellow, "gone": red, "kept": green, "copy": green, "restored": green}[x.Outcome]
		d.para("  ", "    ", s(x.ID, bold), s(" · "+x.What+": "), s(outline.Recoverable(x), st), s(" ["+list(x.Events, 2)+"]", faint), s(" · To confirm: "+x.Decides))
	}
}

// limits is written even when it is empty: that a report knows no limit of its own is a statement.
func (d *document) limits() {
	d.section("WHAT WE CANNOT SAY")
	if len(d.Limits) == 0 {
		d.para("  ", "  ", s("No limit was found; what CloudTrail does not record at all stays unseen."))
	}
	bullets(d, d.Limits, maxLimits, func(l investigation.Limit) []span {
		spans := []span{s(l.Text), s(" "+l.Effect, bold), s(" ("+l.ID+" "+outline.Words(l.Kind)+")", faint)}
		if l.Interval != nil {
			spans = append(spans, s(" "+outline.Time(l.Interval.From)+" → "+outline.Time(l.Interval.To), faint))
		}
		return spans
	})
}
