// Package report is the report as data, and the renderings of it: a document
// in the format trailhound.report/v1, specified in docs/formats/report.md.
package report

import (
	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/playbook"
	"github.com/trailhound/trailhound/internal/response"
)

// Schema is the value of Report.Schema.
const Schema = "trailhound.report/v1"

// Report is the whole document. Lists are never null; Normalize sees to it.
type Report struct {
	Schema            string                        `json:"schema"`
	Case              intake.Case                   `json:"case"`
	Verdict           investigation.Verdict         `json:"verdict"`
	Scope             intake.Scope                  `json:"scope"`
	Questions         []intake.Question             `json:"questions"`
	Attribution       []attribution.Row             `json:"attribution"`
	Credentials       []lineage.Credential          `json:"credentials"`
	Principals        []investigation.Principal     `json:"principals"`
	Findings          []investigation.Finding       `json:"findings"`
	Claims            []claim.Claim                 `json:"claims"`
	StruckClaims      []claim.Struck                `json:"struck_claims"`
	Timeline          []investigation.Entry         `json:"timeline"`
	AffectedResources []ledger.Resource             `json:"affected_resources"`
	Persistence       []ledger.Persistence          `json:"persistence"`
	Doubtful          []investigation.Doubtful      `json:"doubtful,omitempty"` // only where calls that are nobody's left something
	Impact            []investigation.Impact        `json:"impact"`
	Recovery          []investigation.Recovery      `json:"recovery,omitempty"`        // only where something of the owner's was taken away
	Origins           []investigation.Origin        `json:"origins,omitempty"`         // only where lists were supplied
	Indicators        []investigation.Indicator     `json:"indicators"`                // where the intruder came from, and whom they named
	Alerts            []Alert                       `json:"alerts,omitempty"`          // only where Sigma rules were supplied
	Supplied          []investigation.SuppliedAlert `json:"supplied_alerts,omitempty"` // only where alerts came with the evidence
	Benign            []investigation.Benign        `json:"benign"`
	Hypotheses        []playbook.Hypothesis         `json:"hypotheses"`
	Playbook          playbook.Outcome              `json:"playbook"`
	Limits            []investigation.Limit         `json:"limits"`
	Coverage          []investigation.Coverage      `json:"coverage"`
	Containment       []response.Step               `json:"containment"`
	OpenQuestions     []string                      `json:"open_questions"`
	Method            Method                        `json:"method"`
	Run               Run                           `json:"run"`
}

// Method says how the report was made, so that it can be made again.
type Method struct {
	Engine  string  `json:"engine"`  // version of the program
	Content string  `json:"content"` // SHA-256 over the content pack
	Inputs  []Input `json:"inputs"`
	Queries []Query `json:"queries"`
	Model   *string `json:"model"` // nil: no language model took part
}

// Input is one artifact that was read.
type Input struct {
	Path       string `json:"path"`
	SHA256     string `json:"sha256"`
	Kind       string `json:"kind"`
	Records    int    `json:"records"`
	Rejected   int    `json:"rejected"`
	Duplicates int    `json:"duplicates"`
	Reason     string `json:"reason,omitempty"` // why it holds no events, or what the first rejection was
}

// Query is one question the engine asked of the evidence.
type Query struct {
	ID      string `json:"id"`
	Purpose string `json:"purpose"`
	Rows    int    `json:"rows"`
}

// Run is what varies between two runs over the same evidence.
type Run struct {
	StartedAt string  `json:"started_at"`
	Seconds   float64 `json:"seconds"`
	Host      string  `json:"host"`
}

// EachFlow visits the references that the playbook and the hypotheses cite.
func (r *Report) EachFlow(visit func(refs []string)) {
	for _, x := range r.Playbook.Criteria {
		visit(x.Refs)
	}
	for _, x := range r.Playbook.Decisions {
		visit(x.Refs)
	}
	for _, x := range r.Playbook.Evidence {
		visit(x.Refs)
	}
	for _, h := range r.Hypotheses {
		for _, x := range h.For {
			visit(x.Refs)
		}
		for _, x := range h.Against {
			visit(x.Refs)
		}
	}
}
