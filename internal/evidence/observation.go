package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Observation is one thing that evidence other than a log of calls says: the
// state of a thing at a moment, an alert, an amount of money, a flow of bytes.
// The columns serve to find it; what it says is in Body.
type Observation struct {
	Kind    string // what is told of: "iam_user", "access_key", "cost", "alert", "flow", …; docs/formats/observations.md lists them
	ID      string // ARN or native id of the thing; of a flow or a cost row what tells it from its neighbours
	Account string // 12 digits, "" if not said
	Region  string
	// Time is the moment it is about, Until the end of what lasts; zero if the
	// evidence does not say. An IAM snapshot seldom says when it was taken.
	Time, Until time.Time
	// Snapshot names the answer that it is a part of, by the content of the whole
	// and not by its file: 64 hex digits, equal for all parts of one answer. ""
	// for what stands alone, as a line of a log does.
	Snapshot    string
	Keys        []string // identifiers by which it is joined to events: access keys, addresses, ARNs, instance ids; see Complete
	Fingerprint string   // SHA-256 hex of what it says: equal content, equal fingerprint
	Ref         Ref

	Body []byte // the original JSON object, or a line of text as a JSON object of its fields
}

// The bounds of an observation's columns, which hostile evidence would fill.
const (
	MaxKeys       = 64   // Observation.Keys
	maxColumnText = 2048 // bytes of an id or key; ARNs end at 2,048
)

// Complete brings the columns into their final form, whoever filled them: whole
// seconds of a year that can be written, keys sorted, once each and bounded, and the fingerprint. Whatever
// hands observations on calls it once.
func (o *Observation) Complete() {
	o.Time, o.Until = writable(o.Time).Truncate(time.Second), writable(o.Until).Truncate(time.Second)
	o.ID = bounded(o.ID)
	for i, k := range o.Keys {
		o.Keys[i] = bounded(k)
	}
	slices.Sort(o.Keys)
	o.Keys = slices.DeleteFunc(slices.Compact(o.Keys), func(k string) bool { return k == "" })
	o.Keys = slices.Clip(o.Keys[:min(len(o.Keys), MaxKeys)])
	sum := sha256.New()
	for _, s := range []string{o.Kind, o.ID, o.Account, o.Region, stamp(o.Time), stamp(o.Until), o.Snapshot} {
		fmt.Fprintf(sum, "%d:%s", len(s), s)
	}
	sum.Write(o.Body)
	o.Fingerprint = hex.EncodeToString(sum.Sum(nil))
}

func bounded(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) > maxColumnText {
		s = strings.ToValidUTF8(s[:maxColumnText], "")
	}
	return s
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// citations are the reference types that are not "snapshot".
var citations = map[string]string{"alert": "alert", "cost": "cost", "flow": "flow", "s3_access": "flow"}

// CitedAs is the typed reference under which reports cite the observation:
// "snapshot:<file>#<id>", "alert:<id>", "cost:<file>#<row>", "flow:<file>#<line>".
// The file is named by the content of the answer (sixteen digits of Snapshot,
// which for an uncompressed file is its SHA-256), and what stands alone by its
// own content, as row 1: so that a report does not change when the same
// evidence comes under other names, compressed, or divided.
func (o *Observation) CitedAs() string {
	as := citations[o.Kind]
	file, row := o.Snapshot, o.Ref.Index+1
	if file == "" {
		file, row = o.Fingerprint, 1
	}
	file = file[:min(len(file), 16)]
	switch as {
	case "alert":
		return "alert:" + o.ID
	case "":
		return "snapshot:" + file + "#" + o.ID
	}
	return as + ":" + file + "#" + strconv.FormatInt(row, 10)
}

// Parse reads Body.
func (o *Observation) Parse() (Record, error) {
	r, err := (&Event{ID: o.ID, Body: o.Body}).Parse()
	if err != nil {
		return nil, fmt.Errorf("observation %s %s: %w", o.Kind, o.ID, err)
	}
	return r, nil
}

// CompareObservations orders observations the way every Observer yields them.
func CompareObservations(a, b *Observation) int {
	for _, c := range []int{
		strings.Compare(a.Kind, b.Kind), a.Time.Compare(b.Time), strings.Compare(a.ID, b.ID), strings.Compare(a.Snapshot, b.Snapshot),
	} {
		if c != 0 {
			return c
		}
	}
	return strings.Compare(a.Fingerprint, b.Fingerprint)
}

// StateKinds are the kinds that say how things stood at a moment: parts of
// snapshots. Alerts, costs and flows tell of time that passed.
var StateKinds = []string{
	"access_key", "credential_report", "ec2_address", "ec2_instance", "ec2_interface", "ec2_profile_association", "ec2_snapshot", "ec2_user_data",
	"ec2_volume", "iam_group", "iam_policy", "iam_role", "iam_user", "identity_center_assignment", "identity_center_group",
	"identity_center_membership", "identity_center_permission_set", "identity_center_user", "launch_template", "mfa_device", "org_account",
	"org_attachment", "org_organization", "org_parent", "org_policy", "org_root", "resource_policy", "service_credential", "trail", "trail_selectors", "trail_status",
}
