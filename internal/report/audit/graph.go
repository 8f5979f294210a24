package audit

import (
	"fmt"

	"github.com/trailhound/trailhound/internal/posture/pipeline"
	"github.com/trailhound/trailhound/internal/posture/pipeline/trust"
	"github.com/trailhound/trailhound/internal/report/inert"
)

// picture is one project's graph, laid out in four columns: who, by which way in,
// the project, what its builds reach.
// The picture is of fixed columns, each box in the order of the report: nothing is
// arranged, so nothing has to be decided.
type picture struct {
	Width, Height int
	Boxes         []box
	Lines         []line
}

// box is a rectangle with two lines of text, in pixels.
type box struct {
	X, Y, W, H  int
	Title, Note string
	Class       string // bad, unsure or ""
}

// line leads from the right side of a box to the left side of another.
type line struct {
	X1, Y1, X2, Y2 int
	Class          string
}

const (
	boxW, boxH = 212, 44
	gapX, gapY = 50, 10
	edge       = 2  // room for the strokes of boxes at the edges
	maxBoxes   = 12 // in a column; the table beside the picture has them all
	titleLen   = 26 // letters that boxW holds
)

// draw lays a project out. The same report gives the same picture.
func draw(p pipeline.Project) picture {
	var g picture
	column := func(i int, list []box) []box {
		for j := range list {
			list[j].X, list[j].Y, list[j].W, list[j].H = edge+i*(boxW+gapX), edge+j*(boxH+gapY), boxW, boxH
		}
		g.Height = max(g.Height, len(list)*(boxH+gapY))
		return list
	}
	var actors, ways, reach []box
	for i, w := range p.Ways {
		if i == maxBoxes {
			break
		}
		class := ""
		if w.Verdict == trust.Unknown {
			class = "unsure"
		} else if w.Verdict.Open() {
			class = "bad"
		}
		title := "the webhook"
		if w.Group >= 0 {
			title = fmt.Sprintf("filter group %d", w.Group+1)
		}
		actors = append(actors, box{Title: actor(w), Note: w.Verdict.String(), Class: class})
		ways = append(ways, box{Title: title, Note: first(w.Events), Class: class})
	}
	if len(ways) == 0 {
		actors = append(actors, box{Title: "nobody at the provider", Note: p.Verdict.String()})
		ways = append(ways, box{Title: "no webhook"})
	}
	for i, r := range p.Reaches {
		if i == maxBoxes {
			break
		}
		class := ""
		if r.Strong {
			class = "bad"
		} else if r.Unsure {
			class = "unsure"
		}
		reach = append(reach, box{Title: inert.Clip(r.Name, titleLen), Note: r.Kind, Class: class})
	}
	a, b, d := column(0, actors), column(1, ways), column(3, reach)
	c := column(2, []box{{Title: inert.Clip(p.Name, titleLen), Note: p.Rung}})
	for i := range a {
		g.Lines = append(g.Lines, link(a[i], b[i], a[i].Class), link(b[i], c[0], a[i].Class))
	}
	for i := range d {
		g.Lines = append(g.Lines, link(c[0], d[i], d[i].Class))
	}
	for _, list := range [][]box{a, b, c, d} {
		g.Boxes = append(g.Boxes, list...)
	}
	g.Width, g.Height = 4*boxW+3*gapX+2*edge, g.Height-gapY+2*edge
	return g
}

// link joins two boxes at the middle of their sides.
func link(a, b box, class string) line {
	return line{a.X + a.W, a.Y + a.H/2, b.X, b.Y + b.H/2, class}
}

// actor is a verdict of package trust as who can start a build.
func actor(w pipeline.Way) string {
	switch w.Verdict {
	case trust.Anyone:
		return "anyone"
	case trust.Readers:
		return "readers"
	case trust.Writers:
		return "writers"
	case trust.Approved:
		return "approved by a writer"
	case trust.IDs:
		return "listed accounts: " + w.Ids
	case trust.None:
		return "nobody"
	}
	return "cannot be told"
}

// first is the first event of a way in, with how many there are besides.
func first(events []string) string {
	switch {
	case len(events) == 0:
		return ""
	case len(events) > 1:
		return fmt.Sprintf("%s and %d more", events[0], len(events)-1)
	}
	return events[0]
}
