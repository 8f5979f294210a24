package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/trailhound/trailhound/internal/detection/sigma"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/report"
)

// caseRules are the Sigma rules of a case: those of --sigma, else the folder
// sigma of --content; nil if neither is there.
func (a *app) caseRules(f caseFlags) (*sigma.Pack, error) {
	dir := f.sigma
	if dir == "" && f.content != "" {
		if info, err := os.Stat(filepath.Join(f.content, "sigma")); err == nil && info.IsDir() {
			dir = filepath.Join(f.content, "sigma")
		}
	}
	if dir == "" {
		return nil, nil
	}
	pack, err := loadSigma(dir)
	if err != nil {
		return nil, err
	}
	a.sigmaRefused(pack)
	return pack, nil
}

// addAlerts runs the rules over all of the evidence. They come after the
// conclusions, and change none of them: a rule of unknown quality must not move a verdict that
// was checked against the evidence.
func (a *app) addAlerts(ctx context.Context, q evidence.Querier, r *report.Report, rules *sigma.Pack) error {
	bar := a.bar("")
	bar.step("running your Sigma rules")
	res, err := rules.Run(ctx, q.Events(ctx, evidence.Query{Body: true}))
	bar.end()
	if err != nil {
		return err
	}
	a.sigmaGaps(res)
	r.Alerts = report.Alerts(res, r.Attribution)
	// They have read every record of the evidence, which the report says like of any other query.
	r.Method.Queries = append(r.Method.Queries, report.Query{ID: fmt.Sprintf("q%d", len(r.Method.Queries)+1),
		Purpose: fmt.Sprintf("every record, held against %d Sigma rules", len(rules.Rules)), Rows: res.Events})
	r.Normalize()
	return nil
}
