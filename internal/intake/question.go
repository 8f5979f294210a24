package intake

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// MaxQuestions is how many questions are asked at once: more are not answered well.
const MaxQuestions = 3

// Template is a clarifying question as content/questions holds it.
type Template struct {
	ID      string   `yaml:"id"`
	Text    string   `yaml:"text"`     // a full sentence
	Why     string   `yaml:"why"`      // what each answer would change
	Default string   `yaml:"default"`  // what is assumed without one
	Kinds   []string `yaml:"kinds"`    // the kinds of case it serves; "all"
	AskWhen []string `yaml:"ask_when"` // facts, one of which must hold for it to be asked
	// Priority orders questions that are all worth asking: the higher first.
	Priority int `yaml:"priority"`
}

// Facts are what an investigation may know of itself that makes a question worth asking.
var Facts = map[string]string{
	"no_anchor":             "the case names nothing that can be searched for, or nothing that the evidence holds",
	"candidates_many":       "a sweep found several credentials of nearly equal rank",
	"owner_unknown":         "nobody said who uses the credential rightfully",
	"no_baseline":           "the credential has too little history before the case",
	"undetermined_clusters": "some clusters of events fit neither owner nor intruder",
	"exposure_unknown":      "nobody said since when the credential could be known to others",
	"no_termination_time":   "nobody said when the person's employment ended",
	"identities_unknown":    "nobody said which identities the person had",
	"testing_possible":      "something looks like a security tool or a simulation",
	"response_seen":         "somebody disabled, denied or removed things inside the case",
	"status_unknown":        "the evidence does not show whether the credential is still active",
	"change_burst":          "many changes were made in a short time by a known principal",
	"time_without_zone":     "a time was given without its zone, and the result depends on it",
	"no_time":               "no time was given, and the evidence is long",
	"external_accounts":     "roles were assumed from accounts outside",
	"regions_many":          "events stand in many regions",
	"new_region":            "a region came into use during the case",
	"data_touched":          "buckets, databases or secrets were read or changed",
	"accounts_many":         "the evidence covers several accounts",
	"account_missing":       "an account takes part whose own trail is not in the evidence",
	"region_missing":        "a region takes part whose events are not in the evidence",
	"no_data_events":        "the evidence holds no data events",
	"trail_gap":             "hours are missing from the evidence",
}

// LoadQuestions reads questions/*.yml, sorted by id.
func LoadQuestions(fsys fs.FS) ([]Template, error) {
	names, err := fs.Glob(fsys, "questions/*.yml")
	if err != nil {
		return nil, fmt.Errorf("list questions: %w", err)
	}
	var out []Template
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("read question: %w", err)
		}
		var t Template
		if err := yaml.Load(data, &t, yaml.WithKnownFields()); err != nil {
			return nil, fmt.Errorf("read question %s: %w", name, err)
		}
		if err := t.check(strings.TrimSuffix(path.Base(name), ".yml")); err != nil {
			return nil, fmt.Errorf("read question %s: %w", name, err)
		}
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b Template) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// check holds the question against its file and against what the program knows: a kind or a
// fact that is misspelt would keep it from ever being asked.
func (t Template) check(file string) error {
	switch {
	case t.ID != file || !idForm.MatchString(t.ID):
		return fmt.Errorf("id %q is not the name of the file", t.ID)
	case t.Text == "" || t.Why == "" || t.Default == "":
		return fmt.Errorf("text, why and default must all be given")
	case len(t.Kinds) == 0 || len(t.AskWhen) == 0:
		return fmt.Errorf("kinds and ask_when must not be empty")
	}
	for _, k := range t.Kinds {
		if k != "all" && !slices.Contains(Kinds, k) {
			return fmt.Errorf("no kind of case %q", k)
		}
	}
	for _, f := range t.AskWhen {
		if Facts[f] == "" {
			return fmt.Errorf("no fact %q", f)
		}
	}
	return nil
}

// Serves says that the question makes sense for a kind of case.
func (t Template) Serves(kind string) bool {
	return slices.Contains(t.Kinds, "all") || slices.Contains(t.Kinds, kind)
}

// Choose picks the questions whose answer would change the result: those that serve the
// kind, that a fact makes worth asking and that nobody has answered; the weightiest first,
// at most max and never more than MaxQuestions.
func Choose(templates []Template, facts, answered map[string]bool, kind string, max int) []Template {
	// A question whose answer the text holds already annoys, and one that no fact makes worth
	// asking costs an answer that another would have got.
	out := []Template{}
	for _, t := range templates {
		if !answered[t.ID] && t.Serves(kind) && slices.ContainsFunc(t.AskWhen, func(f string) bool { return facts[f] }) {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b Template) int {
		return cmp.Or(b.Priority-a.Priority, strings.Compare(a.ID, b.ID))
	})
	return out[:min(len(out), MaxQuestions, max0(max))]
}

// max0 keeps a slice from ending before it begins.
func max0(n int) int {
	if n < 0 {
		return 0
	}
	return n
}
