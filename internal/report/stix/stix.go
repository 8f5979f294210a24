// Package stix renders a report as a STIX 2.1 bundle (OASIS Standard, 10 June 2021), for threat
// intelligence platforms. It says no more than the report: an attempt is a sighting that says so,
// and no threat actor is named.
package stix

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/exchange"
)

// scoNamespace is the namespace that section 2.9 of the standard sets for the ids of observables;
// namespace is ours for everything else, where the standard forbids the other one.
const (
	scoNamespace = "00abedb4-aa42-466c-9c01-fed23315a9b7"
	namespace    = "6f0f7d6c-1f0b-5c1e-9a53-7b1d1c0a4e2f"
)

// epoch is when objects were made that are the same in every report: our identity and the
// techniques of ATT&CK. One id must not show two times of creation.
const epoch = "2026-01-01T00:00:00.000Z"

// object is one member of the bundle, with only the properties this package uses.
type object struct {
	Type        string `json:"type"`
	SpecVersion string `json:"spec_version"`
	ID          string `json:"id"`

	CreatedBy  string     `json:"created_by_ref,omitempty"`
	Created    string     `json:"created,omitempty"`
	Modified   string     `json:"modified,omitempty"`
	Confidence int        `json:"confidence,omitempty"`
	Labels     []string   `json:"labels,omitempty"`
	External   []external `json:"external_references,omitempty"`

	Name          string   `json:"name,omitempty"`
	Description   string   `json:"description,omitempty"`
	IdentityClass string   `json:"identity_class,omitempty"`
	KillChain     []phase  `json:"kill_chain_phases,omitempty"`
	Published     string   `json:"published,omitempty"`
	ReportTypes   []string `json:"report_types,omitempty"`
	Context       string   `json:"context,omitempty"`
	Abstract      string   `json:"abstract,omitempty"`
	Content       string   `json:"content,omitempty"`
	ObjectRefs    []string `json:"object_refs,omitempty"`

	IndicatorTypes []string `json:"indicator_types,omitempty"`
	Pattern        string   `json:"pattern,omitempty"`
	PatternType    string   `json:"pattern_type,omitempty"`
	ValidFrom      string   `json:"valid_from,omitempty"`

	FirstObserved string   `json:"first_observed,omitempty"`
	LastObserved  string   `json:"last_observed,omitempty"`
	Number        int      `json:"number_observed,omitempty"`
	FirstSeen     string   `json:"first_seen,omitempty"`
	LastSeen      string   `json:"last_seen,omitempty"`
	Count         int      `json:"count,omitempty"`
	SightingOf    string   `json:"sighting_of_ref,omitempty"`
	ObservedRefs  []string `json:"observed_data_refs,omitempty"`
	WhereSighted  []string `json:"where_sighted_refs,omitempty"`

	Relationship string `json:"relationship_type,omitempty"`
	Source       string `json:"source_ref,omitempty"`
	Target       string `json:"target_ref,omitempty"`

	Value   string `json:"value,omitempty"`        // of an address
	UserID  string `json:"user_id,omitempty"`      // of an account
	Display string `json:"display_name,omitempty"` // of an account
}

type external struct {
	SourceName string `json:"source_name"`
	ExternalID string `json:"external_id,omitempty"`
	URL        string `json:"url,omitempty"`
}

type phase struct {
	KillChain string `json:"kill_chain_name"`
	Phase     string `json:"phase_name"`
}

type bundle struct {
	Type    string   `json:"type"`
	ID      string   `json:"id"`
	Objects []object `json:"objects"`
}

// Write renders r to w as one bundle. Where the verdict is an incident it holds an incident and a
// report; otherwise a grouping of what was examined.
func Write(w io.Writer, r *report.Report) error {
	c, err := exchange.New(r)
	if err != nil {
		return err
	}
	b := &builder{Case: c, seen: map[string]bool{}}
	b.made = stamp(c.Made())
	b.identity = b.fixed(object{Type: "identity", Name: "Trailhound", IdentityClass: "system"}, "identity:trailhound")
	if c.Verdict.Status == "incident" {
		b.add(object{Type: "incident", Name: c.Name(), Description: c.Headline(), Confidence: confidence(c.Verdict.Confidence)}, "incident")
	}
	b.observed()
	b.techniques()
	b.indicators()
	b.actions()
	b.limits()
	b.cover()
	slices.SortStableFunc(b.objects, func(x, y object) int {
		return cmp.Or(cmp.Compare(slices.Index(order, x.Type), slices.Index(order, y.Type)), cmp.Compare(x.ID, y.ID))
	})
	return exchange.WriteJSON(w, bundle{"bundle", "bundle--" + exchange.UUID(namespace, b.key("bundle")), b.objects})
}

// order is how the bundle is sorted: what a reader wants first stands first.
var order = []string{
	"identity", "report", "grouping", "incident", "note", "attack-pattern", "sighting", "observed-data",
	"user-account", "ipv4-addr", "ipv6-addr", "indicator", "course-of-action", "relationship",
}

type builder struct {
	*exchange.Case
	made     string // created and modified of everything that belongs to the case
	identity string
	objects  []object
	seen     map[string]bool

	data map[string]string // credential to its observed-data
}

// key names a thing of this case: the same case, judged at the same moment, gives the same ids.
func (b *builder) key(parts ...string) string {
	return strings.Join(append([]string{b.Case.Case.ID, b.made}, parts...), "\x00")
}

// add puts an object of the case into the bundle, once, and returns its id.
func (b *builder) add(o object, key ...string) string {
	o.ID = o.Type + "--" + exchange.UUID(namespace, b.key(append([]string{o.Type}, key...)...))
	o.Created, o.Modified, o.CreatedBy = b.made, b.made, b.identity
	return b.put(o)
}

// fixed is add for objects that are the same in every report.
func (b *builder) fixed(o object, key string) string {
	o.ID = o.Type + "--" + exchange.UUID(namespace, key)
	o.Created, o.Modified, o.CreatedBy = epoch, epoch, b.identity
	return b.put(o)
}

func (b *builder) put(o object) string {
	o.SpecVersion = "2.1"
	if !b.seen[o.ID] {
		b.seen[o.ID] = true
		b.objects = append(b.objects, o)
	}
	return o.ID
}

func (b *builder) relate(source, kind, target string) {
	b.add(object{Type: "relationship", Relationship: kind, Source: source, Target: target}, source, kind, target)
}

// stamp is a STIX timestamp. The standard wants at least seconds; three digits are what every
// parser was tested with.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// confidence maps our three words to numbers as appendix A of the standard does; 0 is left out.
func confidence(word string) int {
	return map[string]int{"high": 85, "medium": 50, "low": 15}[word]
}

// limits writes what cannot be said as one note: a platform that shows the findings must be able
// to show their bounds.
func (b *builder) limits() {
	var lines []string
	for _, l := range b.Limits {
		if s := strings.TrimSpace(fmt.Sprintf("%s %s %s", l.ID, l.Text, l.Effect)); s != "" {
			lines = append(lines, s)
		}
	}
	if len(lines) == 0 {
		return
	}
	b.add(object{Type: "note", Abstract: "What this report cannot say", Content: strings.Join(lines, "\n"),
		ObjectRefs: []string{b.container()}}, "limits")
}

// container is the id of the object that holds the others together.
func (b *builder) container() string {
	kind := "grouping"
	if b.Verdict.Status == "incident" {
		kind = "report"
	}
	return kind + "--" + exchange.UUID(namespace, b.key(kind, "cover"))
}

// cover adds the report or the grouping, which refers to everything else.
func (b *builder) cover() {
	o := object{Type: "grouping", Name: b.Name(), Description: b.Headline(), Confidence: confidence(b.Verdict.Confidence)}
	switch b.Verdict.Status {
	case "incident":
		o.Type, o.Published, o.ReportTypes = "report", b.made, []string{"threat-report", "observed-data"}
	case "suspicious":
		o.Context = "suspicious-activity"
	default:
		o.Context = "unspecified"
	}
	if b.Verdict.Status != "" {
		o.Labels = []string{"verdict:" + b.Verdict.Status}
	}
	for _, x := range b.objects {
		if x.Type != "note" { // notes point at us
			o.ObjectRefs = append(o.ObjectRefs, x.ID)
		}
	}
	slices.Sort(o.ObjectRefs)
	b.add(o, "cover")
}
