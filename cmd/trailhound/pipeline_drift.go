package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/posture/pipeline/drift"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
	"github.com/trailhound/trailhound/internal/posture/pipeline/trust"
	"github.com/trailhound/trailhound/internal/report/audit"
)

// driftFlags are what pipeline drift was asked.
type driftFlags struct {
	live livePipelines
	// One of the two is given: what to hold against, or where to write what is now.
	baseline, approve string
	by, as, output    string // by is who approves
	// Keys of the baseline's signature, in PEM: the private one signs, the public one is held
	// against. The signature stands beside the baseline, in FILE.sig.
	sign, verifyKey    string
	evidence, projects []string
	failOn             bool // exit 10 where something weakens and was not undone
	notify             notifyFlags
}

// pipelineDriftCmd is run again and again, by a schedule: everything it tells has a form for
// programs, and what was told once is not told twice.
func (a *app) pipelineDriftCmd() *cobra.Command {
	var f driftFlags
	c := &cobra.Command{
		Use:   "drift [PATH...] [--aws] [--evidence PATH]",
		Short: "Tell what became of pipelines since somebody approved them, who did it and whether it weakens them",
		Long: `Drift holds pipelines against an approved baseline. Calls in the evidence say who
changed what, when, from where, by hand or by infrastructure-as-code; projects as
they are, from files or the live account, show what no call explains. Each change
weakens, strengthens, is neutral, or cannot be told.

Approve writes the baseline. It holds no secret: of buildspecs a hash, of variables
their names and types.

With --notify somebody is told of each weakening change, once for every state that a
project comes to. What would be told is shown; --send sends it. A topic of SNS is
never published to from here: the command that does is shown.

With --format ocsf the weakening changes come as Detection Findings: give them as
evidence to investigate, and a weakened webhook opens an investigation.`,
		Example: `  trailhound pipeline drift --aws --approve baseline.json
  trailhound pipeline drift --aws --baseline baseline.json --evidence ./logs
  trailhound pipeline drift --aws --baseline baseline.json --notify @hook-address --notify-key-file hook-key --send
  trailhound pipeline drift --baseline baseline.json --evidence ./logs --format ocsf --output alerts.json`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error { return a.pipelineDrift(c.Context(), &f, args) },
	}
	f.live.register(c)
	fl := c.Flags()
	fl.StringVar(&f.baseline, "baseline", "", "the approved baseline to hold against")
	fl.StringVar(&f.approve, "approve", "", "write what is now as the approved baseline to this file")
	fl.StringVar(&f.by, "by", "", "with --approve: who approves")
	fl.StringVar(&f.sign, "sign-key", "", "with --approve: sign the baseline with this Ed25519 key in PEM; the signature goes to FILE.sig")
	fl.StringVar(&f.verifyKey, "verify-key", "", "with --baseline: refuse it unless FILE.sig is its signature by this public key in PEM")
	fl.StringArrayVar(&f.evidence, "evidence", nil, "file, folder, archive, - or a store; may be repeated")
	fl.StringSliceVar(&f.projects, "project", nil, "only projects of this name; may be repeated")
	fl.StringVar(&f.as, "format", "table", "table, json or ocsf")
	fl.StringVar(&f.output, "output", "", "write to this file instead of to standard output")
	fl.BoolVar(&f.failOn, "fail-on-weakening", false, "exit with 10 if a change weakens a pipeline and was not undone")
	f.notify.register(c)
	return c
}

// driftDoc is the JSON of drift; see docs/formats/pipeline-drift.md.
type driftDoc struct {
	Format string `json:"format"`
	// When the baseline was approved, and when it was held against.
	Approved time.Time         `json:"approved"`
	By       string            `json:"approved_by,omitempty"`
	Made     time.Time         `json:"made"`
	History  []drift.Standing  `json:"history"`
	Changes  []drift.Change    `json:"changes"`
	Alerts   []audit.Detection `json:"alerts"`
	Notices  []noticeDoc       `json:"notices,omitempty"` // with --notify
	Gaps     []model.Gap       `json:"gaps"`
}

// pipelineDrift approves a baseline, or holds what is there against one. What weakens is told by the
// exit code only after it was written; and a gap is never silence: it has a code of its own.
func (a *app) pipelineDrift(ctx context.Context, f *driftFlags, paths []string) error {
	if !slices.Contains([]string{"table", "json", "ocsf"}, f.as) {
		return withHint(usage("there is no format %q", f.as), "choose table, json or ocsf")
	}
	if err := f.notify.check(f); err != nil {
		return err
	}
	// Exactly one of the two: approving and holding against are never one step, or every drift would
	// approve itself.
	if (f.baseline == "") == (f.approve == "") {
		return withHint(usage("give --approve FILE to write a baseline, or --baseline FILE to hold against one"), "trailhound pipeline drift --aws --approve baseline.json")
	}
	var res *read.Result
	// Without files or an account there is only evidence: calls are followed from the baseline
	// on, and what no call explains stays unseen.
	if len(paths) > 0 || f.live.on || f.approve != "" {
		var err error
		if res, err = a.pipelineInventory(ctx, &f.live, paths, f.projects, 0); err != nil {
			return err
		}
	}
	if f.approve != "" {
		return a.approve(f, res)
	}
	base, err := a.readBaseline(f)
	if err != nil {
		return err
	}
	// Of a repository that nothing tells of strangers are taken to see and fork it.
	o := drift.Options{Repo: func(string) trust.Repo { return trust.Repo{} }}
	doc := driftDoc{Format: "trailhound-pipeline-drift/1", Approved: base.Approved, By: base.By, Made: a.now().UTC(), Gaps: []model.Gap{}}
	if res != nil {
		o.Now = append([]*model.Project{}, named(res.Inventory.Projects, f.projects)...)
		o.Repo = func(location string) trust.Repo { r, _ := res.Settings.For(location, res.Inventory.Forks); return r }
		o.Unseen = unseen(res.Inventory.Gaps)
		doc.Gaps = append(doc.Gaps, res.Inventory.Gaps...)
	}
	// The other projects must be missing on both sides, or they would look deleted.
	if len(f.projects) > 0 {
		base.Projects = slices.DeleteFunc(base.Projects, func(s drift.Snapshot) bool { return !slices.Contains(f.projects, s.Name) })
	}
	var q evidence.Querier
	if len(f.evidence) > 0 {
		s, done, err := a.openEvidence(ctx, f.evidence)
		if err != nil {
			return err
		}
		defer done()
		q = s
	} else if res == nil {
		return withHint(usage("nothing to hold against the baseline was given"), "add --evidence PATH, files, or --aws")
	}
	if doc.Changes, err = drift.Follow(ctx, base, q, o); err != nil {
		return err
	}
	if len(f.projects) > 0 {
		doc.Changes = slices.DeleteFunc(doc.Changes, func(c drift.Change) bool { return !slices.Contains(f.projects, c.Project) })
	}
	doc.History = drift.History(base, doc.Changes, o.Repo)
	// What weakens, and what cannot be told, once for each state that was reached.
	alerts := drift.Alerts(doc.Changes)
	doc.Alerts = audit.Detections(alerts, doc.Made)
	// What could not be sent does not keep the document from being written.
	unsent := a.notify(ctx, f, &doc, alerts)
	if err := a.writeDrift(f, &doc); err != nil {
		return errors.Join(err, unsent)
	}
	switch {
	case unsent != nil:
		return unsent
	case f.failOn && slices.ContainsFunc(doc.Changes, func(c drift.Change) bool { return c.Effect == drift.Weakens && !c.Undone }):
		return codeError(exitSeverity)
	case len(doc.Gaps) > 0:
		return codeError(exitIncomplete)
	}
	return nil
}

// readBaseline reads the baseline, and believes nothing in it before its signature was looked at.
func (a *app) readBaseline(f *driftFlags) (*drift.Baseline, error) {
	data, err := readDocument(f.baseline)
	if err != nil {
		return nil, hintFor(fmt.Errorf("read the baseline: %w", err))
	}
	if err := a.signedBaseline(f, data); err != nil {
		return nil, err
	}
	base, err := drift.ReadBaseline(data)
	if err != nil {
		return nil, withHint(fmt.Errorf("%s: %w", f.baseline, err), "write one with trailhound pipeline drift --approve "+f.baseline)
	}
	return base, nil
}

// unseen is what could not be read: a region that refused, or anything that may
// have held projects.
func unseen(gaps []model.Gap) func(account, region string) bool {
	return func(account, region string) bool {
		return slices.ContainsFunc(gaps, func(g model.Gap) bool {
			return (g.Account == "" || account == "" || g.Account == account) && (g.Region == "" || g.Region == region)
		})
	}
}
