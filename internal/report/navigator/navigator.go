// Package navigator renders the techniques of a report as a layer of the ATT&CK Navigator,
// format 4.5, specified at https://github.com/mitre-attack/attack-navigator (layers/spec/v4.5).
//
// squares.go gathers findings into squares of the matrix, layer.go has the format. The
// tactics are those of the version of ATT&CK that package exchange pins, and the layer says
// which that is.
package navigator

import (
	"fmt"
	"io"

	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/exchange"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// attempted is the colour of what was only tried: blue, so that no shade of it reads as a
// milder success.
const attempted = "#6baed6"

// shades colour what succeeded, by severity; unknown severities get the mildest.
var shades = map[string]string{
	"critical": "#a50f15", "high": "#de2d26", "medium": "#fb6a4a", "low": "#fcae91", "informational": "#fee5d9",
}

// Write renders r to w as one layer. Attack ids that have not the form of one are left out, and
// the description says how many.
func Write(w io.Writer, r *report.Report) error {
	c, err := exchange.New(r)
	if err != nil {
		return err
	}
	l := layer{
		Name: c.Name(), Domain: "enterprise-attack", Sorting: 3,
		Versions: versions{Attack: c.Attack.Version, Navigator: "5.1.0", Layer: "4.5"},
		Layout:   layout{Layout: "side", ShowName: true, Expanded: "annotated"},
		// Every square brings its own colour; the gradient gives scores their bounds.
		Gradient: gradient{Colors: []string{"#ffffff", shades["critical"]}, Max: 100},
		Legend:   []legend{},
		Metadata: []pair{},
	}
	for _, p := range []pair{
		{"verdict", c.Verdict.Status}, {"severity", c.Verdict.Severity}, {"confidence", c.Verdict.Confidence},
		{"case", c.Case.ID}, {"made by", c.Method.Engine},
	} {
		if p.Value != "" {
			l.Metadata = append(l.Metadata, p)
		}
	}
	for _, s := range outline.Severities {
		l.Legend = append(l.Legend, legend{"succeeded, " + s, shades[s]})
	}
	l.Legend = append(l.Legend, legend{"attempted only", attempted})
	var left int
	l.Techniques, left = squares(c)
	l.Description = c.Headline()
	if left > 0 {
		l.Description += fmt.Sprintf(" (%s without an ATT&CK id left out)", outline.Count(left, "mark"))
	}
	return exchange.WriteJSON(w, l)
}
