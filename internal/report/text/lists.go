package text

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// questions are what was asked and answered, what was assumed instead, and what is left to find
// out. A question without an answer says what was taken for it, since the report rests on that.
func (d *document) questions() {
	if len(d.Questions)+len(d.Scope.Assumptions)+len(d.OpenQuestions) == 0 {
		return
	}
	d.section("QUESTIONS AND ASSUMPTIONS")
	bullets(d, d.Questions, maxSmall, func(q intake.Question) []span {
		spans := []span{s(q.Text), s(" ["+q.ID+"] ", faint)}
		// What was taken for want of an answer may stand in its place; nobody said it.
		if q.Status != "defaulted" && q.Answer != "" {
			spans = append(spans, s(q.Answer, bold))
		} else {
			spans = append(spans, s("not answered; taken: "+q.Default, bold), s(" "+q.Why, faint))
		}
		if len(q.ContradictedBy) > 0 {
			spans = append(spans, s(" CONTRADICTED by "+list(q.ContradictedBy, 3), alarm))
		}
		return spans
	})
	bullets(d, d.Scope.Assumptions, maxSmall, func(a intake.Assumption) []span {
		return []span{s("Assumed: "), s(a.Text), s(" ("+a.ID+")", faint)}
	})
	bullets(d, d.OpenQuestions, maxSmall, func(q string) []span { return []span{s("To find out: ", bold), s(q)} })
}

// indicators are what to block, to look for elsewhere and to report.
func (d *document) indicators() {
	if len(d.Indicators) == 0 {
		return
	}
	d.section("INDICATORS")
	bullets(d, d.Indicators, maxIndicators, func(x investigation.Indicator) []span {
		spans := []span{s(outline.Words(x.Kind) + " "), s(x.Value, bold), s(" · "+outline.Count(x.Calls, "call")+", "+outline.Time(x.First)+" → "+outline.Time(x.Last)+" ("+list(x.Claims, 2)+")", faint)}
		if x.Shared {
			spans = append(spans, s(" · others of this case have it too", yellow))
		}
		return spans
	})
}

// origins lists where networks are said to be: hearsay, as its title says.
func (d *document) origins() {
	if len(d.Origins) == 0 {
		return
	}
	d.section("NETWORKS, BY YOUR LISTS")
	bullets(d, d.Origins, maxSmall, func(o investigation.Origin) []span {
		return []span{s(o.Network, bold), s("  " + outline.Origin(o))}
	})
}

// supplied says of each alert that came with the evidence what became of it.
func (d *document) supplied() {
	if len(d.Supplied) == 0 {
		return
	}
	d.section("ALERTS THAT CAME WITH THE EVIDENCE")
	bullets(d, d.Supplied, maxSmall, func(a investigation.SuppliedAlert) []span {
		spans := []span{s(cmp.Or(a.Severity, "no severity")+" ", severityStyle(a.Severity)), s(a.Product + " "), s(a.Type, bold), s(" · " + a.Text)}
		if len(a.Findings) > 0 {
			spans = append(spans, s(" See "+list(a.Findings, 3)+"."))
		}
		return append(spans, s(" ["+list(append(trimmed([]string{a.Ref}), a.Events...), 2)+"]", faint))
	})
}

// alerts lists what the team's own rules matched: opinions of their authors.
func (d *document) alerts() {
	if len(d.Alerts) == 0 {
		return
	}
	d.section("ALERTS OF YOUR SIGMA RULES")
	d.para("  ", "  ", s("What the authors of the rules think of an event. None of it is a finding, and nothing above rests on it.", faint))
	bullets(d, d.Alerts, maxSmall, func(a report.Alert) []span {
		return []span{s(cmp.Or(a.Level, "no level")+" ", severityStyle(a.Level)), s(a.Title, bold),
			s(fmt.Sprintf(" · %s, %s · events: %s", outline.Count(a.Matches, "match", "matches"), outline.Time(a.First), outline.Whose(a))),
			s(" ["+list(trimmed(a.Events), 2)+"] ", faint), s(outline.Credit(a)+strings.TrimRight(" · "+a.Rule, " ·"), faint)}
	})
}

// trimmed takes the kind off typed references.
func trimmed(refs []string) []string {
	out := make([]string, 0, len(refs))
	for _, r := range refs {
		out = append(out, strings.TrimPrefix(r, "event:"))
	}
	return out
}

// benign lists what caught the eye and was explained, so that nobody has to look again.
func (d *document) benign() {
	if len(d.Benign) == 0 {
		return
	}
	d.section("LOOKED ODD, JUDGED BENIGN")
	bullets(d, d.Benign, maxSmall, func(b investigation.Benign) []span {
		return []span{s(b.Text), s(" "+strings.TrimSuffix(b.Because, ".")+", "+outline.Count(len(b.Events), "event"), faint)}
	})
}

// method sums up what was read and how much of the report was checked; the JSON has every input.
func (d *document) method() {
	d.section("METHOD")
	records, rejected, duplicates := 0, 0, 0
	for _, in := range d.Method.Inputs {
		records, rejected, duplicates = records+in.Records, rejected+in.Rejected, duplicates+in.Duplicates
	}
	verified := 0
	for _, c := range d.Claims {
		if c.Verified {
			verified++
		}
	}
	d.para("  ", "  ", s(fmt.Sprintf("%s read: %s, %s set aside, %s.", outline.Count(len(d.Method.Inputs), "input"),
		outline.Count(records, "record"), outline.Number(int64(rejected)), outline.Count(duplicates, "duplicate"))))
	d.para("  ", "  ", s(fmt.Sprintf("%d of %s checked against the evidence and found true; %d struck.", verified, outline.Count(len(d.Claims), "claim"), len(d.StruckClaims))))
	model := "no language model took part"
	if d.Method.Model != nil {
		model = "language model: " + *d.Method.Model
	}
	d.para("  ", "  ", s(d.Method.Engine+" · content "+d.Method.Content+" · "+model, faint))
}
