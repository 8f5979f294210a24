// Package ocsf renders a report as one event of the Open Cybersecurity Schema Framework: Incident
// Finding, class 2005 of version 1.6.0 (https://schema.ocsf.io/1.6.0/classes/incident_finding).
package ocsf

import (
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/exchange"
	"github.com/trailhound/trailhound/internal/report/ocsf/event"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// Version is the version of the schema that is written.
const Version = event.Version

// incident is the class, with the attributes this package uses; _uid and _id are the numbers of
// the schema, and the member without it their caption.
type incident struct {
	event.Base
	StartTime int64 `json:"start_time,omitempty"`
	EndTime   int64 `json:"end_time,omitempty"`

	Message      string `json:"message"`
	Desc         string `json:"desc"`
	SeverityID   int    `json:"severity_id"`
	Severity     string `json:"severity"`
	ConfidenceID int    `json:"confidence_id"`
	Confidence   string `json:"confidence"`
	PriorityID   int    `json:"priority_id"`
	Priority     string `json:"priority"`
	StatusID     int    `json:"status_id"`
	Status       string `json:"status"`
	VerdictID    int    `json:"verdict_id"`
	Verdict      string `json:"verdict"`
	Suspected    bool   `json:"is_suspected_breach"`

	// The class demands somebody to whom the incident is assigned; a report is assigned to nobody.
	AssigneeGroup entity `json:"assignee_group"`

	Metadata    metadata      `json:"metadata"`
	FindingInfo []findingInfo `json:"finding_info_list"`
	Attacks     []attack      `json:"attacks,omitempty"`
	Observables []observable  `json:"observables,omitempty"`
	Unmapped    unmapped      `json:"unmapped"`
}

type entity struct {
	UID  string `json:"uid,omitempty"`
	Name string `json:"name,omitempty"`
}

type metadata struct {
	Version        string        `json:"version"`
	Product        event.Product `json:"product"`
	Profiles       []string      `json:"profiles"`
	UID            string        `json:"uid"`
	CorrelationUID string        `json:"correlation_uid,omitempty"`
	OriginalTime   string        `json:"original_time"`
	LogName        string        `json:"log_name"`
	LogProvider    string        `json:"log_provider"`
}

type findingInfo struct {
	UID           string         `json:"uid"`
	Title         string         `json:"title,omitempty"`
	Desc          string         `json:"desc,omitempty"`
	FirstSeen     int64          `json:"first_seen_time,omitempty"`
	LastSeen      int64          `json:"last_seen_time,omitempty"`
	Analytic      *analytic      `json:"analytic,omitempty"`
	Attacks       []attack       `json:"attacks,omitempty"`
	Tags          []tag          `json:"tags,omitempty"`
	Events        []relatedEvent `json:"related_events,omitempty"`
	RelatedEvents int            `json:"related_events_count"`
}

type analytic struct {
	UID    string `json:"uid"`
	Name   string `json:"name,omitempty"`
	TypeID int    `json:"type_id"`
	Type   string `json:"type"`
}

// relatedEvent is one piece of evidence. The class has no "evidences", which belongs to Detection
// Finding; a related event need not be one of OCSF.
type relatedEvent struct {
	UID         string `json:"uid"`
	Type        string `json:"type"`
	Desc        string `json:"desc,omitempty"`
	CreatedTime int64  `json:"created_time,omitempty"`
}

type tag struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type attack struct {
	Version      string  `json:"version"`
	Tactic       *entity `json:"tactic,omitempty"`
	Technique    entity  `json:"technique"`
	SubTechnique *entity `json:"sub_technique,omitempty"`
}

type observable struct {
	Name   string `json:"name"`
	TypeID int    `json:"type_id"`
	Type   string `json:"type"`
	Value  string `json:"value"`
}

// Write renders r to w as one event, indented.
func Write(w io.Writer, r *report.Report) error {
	c, err := exchange.New(r)
	if err != nil {
		return err
	}
	made := c.Made()
	e := incident{
		Base: event.New(2005, "Incident Finding", made), Message: c.Headline(), Desc: c.Headline(),
		StatusID: 1, Status: "New", Suspected: c.Verdict.Status == "incident" || c.Verdict.Status == "suspicious",
		AssigneeGroup: entity{Name: "unassigned"},
		Metadata: metadata{
			Version: Version, Product: event.Trailhound(strings.TrimPrefix(c.Method.Engine, "trailhound ")),
			Profiles: []string{"incident"}, UID: exchange.UUID(namespace, c.Case.ID+"\x00"+made.Format(time.RFC3339)), CorrelationUID: c.Case.ID,
			OriginalTime: made.Format(time.RFC3339), LogName: report.Schema, LogProvider: "Trailhound",
		},
		Unmapped: rest(c),
	}
	e.SeverityID, e.Severity = event.Severity(c.Verdict.Severity)
	e.ConfidenceID, e.Confidence = word(c.Verdict.Confidence, confidences)
	e.PriorityID, e.Priority = word(c.Verdict.Severity, priorities)
	e.VerdictID, e.Verdict = word(c.Verdict.Status, verdicts)
	if a := c.Activity(); a.Events > 0 {
		e.StartTime, e.EndTime = millis(a.First), millis(a.Last)
	}
	seen := map[string]bool{}
	for _, f := range c.Findings {
		info := finding(c, f)
		e.FindingInfo = append(e.FindingInfo, info)
		for _, a := range info.Attacks {
			if k := a.key(); !seen[k] {
				seen[k] = true
				e.Attacks = append(e.Attacks, a)
			}
		}
	}
	slices.SortStableFunc(e.Attacks, func(a, b attack) int { return strings.Compare(a.key(), b.key()) })
	if len(e.FindingInfo) == 0 { // the class demands one: the verdict is what was found
		e.FindingInfo = []findingInfo{{UID: "verdict", Title: c.Headline()}}
	}
	e.Observables = observables(c)
	return exchange.WriteJSON(w, e)
}

// namespace of our ids, see exchange.UUID.
const namespace = "0b5f4f4e-6d0c-5f7e-8d51-2f8f6f3c9b10"

func finding(c *exchange.Case, f investigation.Finding) findingInfo {
	info := findingInfo{
		UID: f.ID, Title: f.Title, FirstSeen: millis(f.First), LastSeen: millis(f.Last),
		Tags: []tag{{"outcome", f.Outcome}, {"severity", f.Severity}, {"confidence", f.Confidence}},
	}
	if info.UID == "" {
		info.UID = "unnamed"
	}
	if f.Technique != "" {
		info.Analytic = &analytic{UID: f.Technique, Name: f.Title, TypeID: 1, Type: "Rule"}
	}
	var claims []string
	for _, id := range f.Claims {
		if cl := c.Claim(id); cl != nil && cl.Verified {
			claims = append(claims, cl.Text)
		}
	}
	info.Desc = strings.Join(claims, " ")
	for _, a := range f.Attack {
		if exchange.IsTechnique(a.Technique) {
			info.Attacks = append(info.Attacks, technique(c.Attack, a))
		}
	}
	for _, id := range exchange.Events(f.Evidence) {
		ev := relatedEvent{UID: id, Type: "AWS CloudTrail"}
		if at, ok := c.At(id); ok {
			ev.CreatedTime = at.UnixMilli()
		}
		info.Events = append(info.Events, ev)
	}
	info.RelatedEvents = len(info.Events)
	return info
}

func technique(ref *exchange.Attack, a investigation.Attack) attack {
	parent, sub := exchange.Parent(a.Technique)
	out := attack{Version: ref.Version, Technique: entity{UID: parent, Name: ref.Name(parent)}}
	if sub {
		out.SubTechnique = &entity{UID: a.Technique, Name: ref.Name(a.Technique)}
	}
	if t, ok := ref.Tactics[a.Tactic]; ok {
		out.Tactic = &entity{UID: t.ID, Name: t.Name}
	}
	return out
}

func (a attack) key() string {
	k := a.Technique.UID
	if a.SubTechnique != nil {
		k = a.SubTechnique.UID
	}
	if a.Tactic != nil {
		k += " " + a.Tactic.UID
	}
	return k
}

// observables lists what to search for elsewhere: addresses and networks only the intruder used,
// credentials they held, and what they left behind. The name points to where unmapped has it.
func observables(c *exchange.Case) []observable {
	var out []observable
	add := func(id int, kind, name, value string) {
		o := observable{Name: name, TypeID: id, Type: kind, Value: value}
		if value != "" && !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	for _, p := range c.Networks() {
		id, kind := 12, "Subnet"
		if p.IsSingleIP() {
			id, kind = 2, "IP Address"
		}
		add(id, kind, "unmapped.credentials.networks", exchange.Value(netip.Prefix(p)))
	}
	for _, cr := range c.Credentials {
		if outline.Held(cr) {
			add(19, "User Credential ID", "unmapped.credentials.id", cr.ID)
			add(31, "User Object: uid", "unmapped.credentials.principal_id", cr.PrincipalID)
		}
	}
	for _, p := range c.Persistence {
		if p.Status != "attempted" {
			add(10, "Resource UID", "unmapped.persistence.id", p.ID)
		}
	}
	return out
}

func millis(s string) int64 {
	t, ok := exchange.Time(s)
	if !ok {
		return 0
	}
	return t.UnixMilli()
}
