package ocsf

import "github.com/trailhound/trailhound/internal/report/ocsf/event"

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
