package pipeline

import (
	"time"

	"github.com/trailhound/trailhound/internal/posture/pipeline/check"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
	"github.com/trailhound/trailhound/internal/posture/pipeline/trust"
)

// Format names the report's JSON, described in docs/formats/pipeline.md.
const Format = read.AuditFormat

// Report is an audit. It holds no secret: where one was seen it says what kind.
type Report struct {
	Format   string               `json:"format"`
	Engine   string               `json:"engine"`
	Made     time.Time            `json:"made"`
	Complete bool                 `json:"complete"` // nothing could not be read
	Summary  Summary              `json:"summary"`
	Unknown  []Place              `json:"unknown"` // accounts and regions that could not be looked at: UNKNOWN
	Gaps     []model.Gap          `json:"gaps"`    // everything that could not be read
	Paths    []Path               `json:"attack_paths"`
	Projects []Project            `json:"projects"`  // in the order of name, account and region
	Findings []Finding            `json:"findings"`  // about no one project
	Doubts   []Doubt              `json:"undecided"` // likewise
	Checks   map[string]CheckInfo `json:"checks"`    // what is the same for every finding of a check
	Read     []string             `json:"read"`      // files that were understood
}

// Summary counts.
type Summary struct {
	Projects   int            `json:"projects"`
	Verdicts   map[string]int `json:"verdicts"`
	Severities map[string]int `json:"severities"` // of findings, one per project they concern
	Undecided  int            `json:"undecided"`
	Checks     int            `json:"checks"`
}

// Place is an account and region of which nothing is known.
type Place struct {
	Account string        `json:"account,omitempty"`
	Region  string        `json:"region,omitempty"`
	Verdict trust.Verdict `json:"verdict"` // always UNKNOWN
	Why     string        `json:"why"`
}

// Project is a project's verdict with what rests on it.
type Project struct {
	Name       string         `json:"name"`
	ARN        string         `json:"arn,omitempty"`
	Account    string         `json:"account,omitempty"`
	Region     string         `json:"region,omitempty"`
	Form       model.Form     `json:"form"`
	At         model.Location `json:"at"`
	Address    string         `json:"address,omitempty"`
	Construct  string         `json:"construct,omitempty"` // path of the CDK construct that synthesised it
	Managed    string         `json:"managed_by,omitempty"`
	Repository string         `json:"repository,omitempty"`
	Visibility string         `json:"visibility"` // public, private, internal, undeclared
	Purpose    string         `json:"purpose,omitempty"`
	Verdict    trust.Verdict  `json:"verdict"`
	Why        string         `json:"why"`
	Witness    string         `json:"witness"` // an account that gets in and nobody listed; "" when there is none
	Rung       string         `json:"rung"`
	Ways       []Way          `json:"ways"`
	Reaches    []Reach        `json:"reaches"`
	Findings   []Finding      `json:"findings"`
	Doubts     []Doubt        `json:"undecided"`
}

// Way is a filter group, or the webhook that has none (group -1).
type Way struct {
	Group   int            `json:"group"`
	At      model.Location `json:"at"`
	Verdict trust.Verdict  `json:"verdict"`
	Why     string         `json:"why"`
	Events  []string       `json:"events"`
	Witness string         `json:"witness,omitempty"`
	Ids     string         `json:"ids,omitempty"` // how many account ids pass, of at most nine digits when they are endless
	Endless bool           `json:"endless,omitempty"`
	Listed  []string       `json:"listed,omitempty"`
	Policy  string         `json:"comment_policy,omitempty"`
}

// Reach is something that code in a build can use.
type Reach struct {
	Kind   string `json:"kind"` // role, secret, token, network, machine, cache, artifact
	Name   string `json:"name"`
	Detail string `json:"detail,omitempty"`
	Strong bool   `json:"strong"`           // more than a build of strangers should have
	Unsure bool   `json:"unsure,omitempty"` // it cannot be told how strong
}

// Finding is a check that fired.
type Finding struct {
	Check    string         `json:"check"`
	Severity string         `json:"severity"`
	Says     string         `json:"says"`
	Subject  string         `json:"subject"`
	At       model.Location `json:"at"`
	Lint     bool           `json:"lint,omitempty"`
	Fix      check.Remedy   `json:"fix"`
}

// CheckInfo is what a check says whatever it fired on.
type CheckInfo struct {
	Title      string   `json:"title"`
	Why        string   `json:"why"`
	Benign     string   `json:"false_positive"`
	References []string `json:"references"`
}

// Doubt is a check that could not be decided.
type Doubt struct {
	Check   string         `json:"check"`
	Subject string         `json:"subject"`
	Why     string         `json:"why"`
	At      model.Location `json:"at"`
}

// Path is how somebody without write access gets at something worth having: the
// findings of one project, joined.
type Path struct {
	Project  string   `json:"project"`
	Severity string   `json:"severity"`
	Steps    []string `json:"steps"`
	Checks   []string `json:"checks"`
}
