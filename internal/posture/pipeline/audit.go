package pipeline

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/posture/pipeline/check"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
	"github.com/trailhound/trailhound/internal/posture/pipeline/trust"
)

// Input is what an audit is made of.
type Input struct {
	Inventory *model.Inventory
	Settings  *read.Settings // nil: nothing is declared
	Pack      *check.Pack
	Engine    string
	Now       time.Time // ages are counted to here
}

// Audit judges everything in the inventory. The report does not depend on the
// order in which things were read.
func Audit(in Input) (*Report, error) {
	slices.SortStableFunc(in.Inventory.Projects, func(a, b *model.Project) int {
		return cmp.Or(strings.Compare(a.Name.V, b.Name.V), strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region),
			strings.Compare(a.At.File, b.At.File), cmp.Compare(a.At.Line, b.At.Line), strings.Compare(a.At.Path, b.At.Path))
	})
	scene := check.NewScene(in.Inventory, in.Settings, in.Pack.Calls, in.Now)
	found, undecided, err := in.Pack.Run(scene.Subjects())
	if err != nil {
		return nil, err
	}
	r := &Report{Format: Format, Engine: in.Engine, Made: in.Now.UTC(), Unknown: []Place{}, Gaps: []model.Gap{}, Paths: []Path{}, Projects: []Project{},
		Findings: []Finding{}, Doubts: []Doubt{}, Checks: map[string]CheckInfo{}, Read: append([]string{}, in.Inventory.Read...),
		Summary: Summary{Verdicts: map[string]int{}, Severities: map[string]int{}, Checks: len(in.Pack.Checks)}}
	for _, c := range in.Pack.Checks {
		r.Checks[c.ID] = CheckInfo{c.Title, c.Why, c.Benign, c.References}
	}
	slices.Sort(r.Read)
	r.gaps(in.Inventory.Gaps)
	a := assembler{r: r, scene: scene, found: map[*model.Project][]Finding{}, doubts: map[*model.Project][]Doubt{}}
	a.sort(found, undecided)
	for _, j := range scene.Projects {
		a.project(j)
	}
	r.finish()
	return r, nil
}

func (r *Report) gaps(gaps []model.Gap) {
	r.Gaps = append(r.Gaps, gaps...)
	slices.SortFunc(r.Gaps, func(a, b model.Gap) int {
		return cmp.Or(strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region), strings.Compare(a.At, b.At), strings.Compare(a.What, b.What), strings.Compare(a.Why, b.Why))
	})
	for _, g := range r.Gaps {
		if g.Region != "" && g.HidesProjects() && !slices.ContainsFunc(r.Unknown, func(p Place) bool { return p.Account == g.Account && p.Region == g.Region }) {
			r.Unknown = append(r.Unknown, Place{g.Account, g.Region, trust.Unknown, g.Why})
		}
	}
	r.Complete = len(r.Gaps) == 0
}

// assembler puts findings where they belong.
type assembler struct {
	r      *Report
	scene  *check.Scene
	found  map[*model.Project][]Finding
	doubts map[*model.Project][]Doubt
}

func (a *assembler) sort(found []check.Finding, undecided []check.Undecided) {
	for _, f := range found {
		out := Finding{Check: f.Check.ID, Severity: f.Severity, Says: f.Says, Subject: f.Subject.Label, At: f.At, Lint: f.Check.Lint, Fix: f.Remedy()}
		owners := concerned(f.Subject)
		for _, p := range owners {
			a.found[p] = append(a.found[p], out)
		}
		if len(owners) == 0 {
			a.r.Findings = append(a.r.Findings, out)
			a.r.Summary.Severities[out.Severity]++
		}
	}
	for _, u := range undecided {
		out := Doubt{u.Check.ID, u.Subject.Label, u.Why, u.Subject.At}
		owners := concerned(u.Subject)
		for _, p := range owners {
			a.doubts[p] = append(a.doubts[p], out)
		}
		if len(owners) == 0 {
			a.r.Doubts = append(a.r.Doubts, out)
			a.r.Summary.Undecided++
		}
	}
}

// concerned are the projects a subject is about: its own, or those that use it.
func concerned(s *check.Subject) []*model.Project {
	if len(s.Also) > 0 {
		return s.Also
	}
	if s.Project != nil {
		return []*model.Project{s.Project}
	}
	return nil
}

func (a *assembler) project(j *check.Judged) {
	p := j.Project
	out := Project{Name: p.Name.V, ARN: p.ARN.V, Account: p.Account, Region: p.Region, Form: p.Form, At: p.At, Address: p.Address, Construct: p.Construct, Managed: p.Managed(),
		Repository: p.Source.Location.V, Visibility: cmp.Or(j.Repo.Visibility, "undeclared"), Purpose: j.Purpose, Verdict: j.Result.Verdict, Why: j.Result.Why,
		Witness: j.Result.Witness, Rung: j.Result.Rung, Ways: []Way{}, Findings: append([]Finding{}, a.found[p]...), Doubts: append([]Doubt{}, a.doubts[p]...)}
	for _, w := range j.Result.Ways {
		way := Way{Group: w.Group, At: w.At, Verdict: w.Verdict, Why: w.Why, Events: append([]string{}, w.Events...), Witness: w.Witness, Policy: w.Policy}
		if w.Actors != nil {
			way.Ids, way.Endless, way.Listed = w.Actors.Count, w.Actors.Cannot == "" && !w.Actors.Finite, w.Actors.Listed
		}
		out.Ways = append(out.Ways, way)
	}
	slices.SortStableFunc(out.Findings, func(x, y Finding) int {
		return cmp.Or(evidence.SeverityRank(y.Severity)-evidence.SeverityRank(x.Severity), strings.Compare(x.Check, y.Check), strings.Compare(x.Subject, y.Subject), strings.Compare(x.Says, y.Says))
	})
	slices.SortStableFunc(out.Doubts, func(x, y Doubt) int {
		return cmp.Or(strings.Compare(x.Check, y.Check), strings.Compare(x.Subject, y.Subject))
	})
	out.Reaches = a.reaches(j, out.Findings, out.Doubts)
	a.r.Summary.Projects++
	a.r.Summary.Verdicts[out.Verdict.String()]++
	for _, f := range out.Findings {
		a.r.Summary.Severities[f.Severity]++
	}
	a.r.Summary.Undecided += len(out.Doubts)
	if path, ok := attack(out); ok {
		a.r.Paths = append(a.r.Paths, path)
	}
	a.r.Projects = append(a.r.Projects, out)
}

// AtLeast says whether any finding is of the severity or worse.
func (r *Report) AtLeast(severity string) bool {
	for s, n := range r.Summary.Severities {
		if n > 0 && evidence.SeverityRank(s) >= evidence.SeverityRank(severity) {
			return true
		}
	}
	return false
}

func (r *Report) finish() {
	slices.SortStableFunc(r.Findings, func(x, y Finding) int {
		return cmp.Or(evidence.SeverityRank(y.Severity)-evidence.SeverityRank(x.Severity), strings.Compare(x.Check, y.Check), strings.Compare(x.Subject, y.Subject), strings.Compare(x.At.String(), y.At.String()))
	})
	slices.SortStableFunc(r.Doubts, func(x, y Doubt) int {
		return cmp.Or(strings.Compare(x.Check, y.Check), strings.Compare(x.Subject, y.Subject), strings.Compare(x.At.String(), y.At.String()))
	})
	slices.SortStableFunc(r.Paths, func(x, y Path) int {
		return cmp.Or(evidence.SeverityRank(y.Severity)-evidence.SeverityRank(x.Severity), strings.Compare(x.Project, y.Project))
	})
}
