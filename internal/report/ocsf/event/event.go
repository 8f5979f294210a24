// Package event holds the structures of the Open Cybersecurity Schema Framework that
// every finding we write shares, whichever its class: incidents, compliance findings
// of an audit, detections of drift (https://schema.ocsf.io/1.6.0).
package event

import (
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Version is the version of the schema that is written.
const Version = "1.6.0"

// Base is what all classes of findings begin with; _uid and _id are the numbers of
// the schema, and the member without it their caption.
type Base struct {
	ActivityID   int    `json:"activity_id"`
	ActivityName string `json:"activity_name"`
	CategoryUID  int    `json:"category_uid"`
	CategoryName string `json:"category_name"`
	ClassUID     int    `json:"class_uid"`
	ClassName    string `json:"class_name"`
	TypeUID      int    `json:"type_uid"`
	TypeName     string `json:"type_name"`
	Time         int64  `json:"time"` // milliseconds, as every time of the schema
}

// Graded is how bad a finding is and where its handling stands.
type Graded struct {
	Message    string `json:"message"`
	SeverityID int    `json:"severity_id"`
	Severity   string `json:"severity"`
	StatusID   int    `json:"status_id"`
	Status     string `json:"status"`
}

// New is the beginning of a finding that is told for the first time.
func New(class int, name string, at time.Time) Base {
	return Base{ActivityID: 1, ActivityName: "Create", CategoryUID: 2, CategoryName: "Findings", ClassUID: class, ClassName: name,
		TypeUID: class*100 + 1, TypeName: name + ": Create", Time: at.UnixMilli()}
}

// Grade is a new finding's message with its severity in our word, Unknown for any
// other.
func Grade(message, severity string) Graded {
	id, name := Severity(severity)
	return Graded{Message: message, SeverityID: id, Severity: name, StatusID: 1, Status: "New"}
}

// Severity is the number and caption of one of our words, those of Unknown for any
// other.
func Severity(word string) (int, string) {
	if i := evidence.SeverityRank(word); i >= 0 {
		return i + 1, string(word[0]-'a'+'A') + word[1:]
	}
	return 0, "Unknown"
}

// Product is what made an event.
type Product struct {
	Name       string `json:"name"`
	VendorName string `json:"vendor_name"`
	Version    string `json:"version,omitempty"`
}

// Trailhound is this program of a version.
func Trailhound(version string) Product {
	return Product{Name: "Trailhound", VendorName: "Trailhound", Version: version}
}

// Metadata is about the event itself.
type Metadata struct {
	Version  string   `json:"version"`
	Product  Product  `json:"product"`
	Profiles []string `json:"profiles,omitempty"`
}

// Cloud is where in AWS something is.
type Cloud struct {
	Provider string   `json:"provider"`
	Region   string   `json:"region,omitempty"`
	Account  *Account `json:"account,omitempty"`
}

// Account is an AWS account.
type Account struct {
	UID string `json:"uid"`
}

// In is a place in AWS; "" leaves a part out.
func In(account, region string) *Cloud {
	c := &Cloud{Provider: "AWS", Region: region}
	if account != "" {
		c.Account = &Account{account}
	}
	return c
}

// Finding says what was found.
type Finding struct {
	UID       string   `json:"uid"`
	Title     string   `json:"title"`
	Desc      string   `json:"desc,omitempty"`
	Types     []string `json:"types,omitempty"`
	FirstSeen int64    `json:"first_seen_time,omitempty"`
	LastSeen  int64    `json:"last_seen_time,omitempty"`
}

// Resource is what a finding is about.
type Resource struct {
	UID    string            `json:"uid,omitempty"`
	Name   string            `json:"name"`
	Type   string            `json:"type"`
	Region string            `json:"region,omitempty"`
	Data   map[string]string `json:"data,omitempty"`
}
