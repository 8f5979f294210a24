package intake

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/trailhound/trailhound/content"
)

// standard are the ids of report-v1: each has its file, and each answer its relation.
var standard = strings.Fields(`accounts regions noticed_at exposed_at time_zone principal owner rotated_at containment_done responders
	authorized_testing planned_changes vendors known_networks terminated_at identities critical_assets logs_available expected_regions`)

func TestQuestions(t *testing.T) {
	ts, err := LoadQuestions(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, q := range ts {
		ids = append(ids, q.ID)
		if !strings.HasSuffix(q.Text, "?") || !strings.HasSuffix(q.Why, ".") || !strings.HasSuffix(q.Default, ".") {
			t.Errorf("%s: text is a question, why and default are sentences: %+v", q.ID, q)
		}
		if _, ok := answers[q.ID]; !ok {
			t.Errorf("%s: its answers have no relation", q.ID)
		}
	}
	want := slices.Sorted(slices.Values(standard))
	if !slices.Equal(ids, want) {
		t.Errorf("questions %v, want %v", ids, want)
	}
	for f := range Facts {
		if !slices.ContainsFunc(ts, func(q Template) bool { return slices.Contains(q.AskWhen, f) }) {
			t.Errorf("fact %s makes nobody ask", f)
		}
	}
}

func TestChoose(t *testing.T) {
	ts, err := LoadQuestions(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	ids := func(facts, answered, kind string, max int) string {
		m := func(s string) map[string]bool {
			out := map[string]bool{}
			for _, f := range strings.Fields(s) {
				out[f] = true
			}
			return out
		}
		var out []string
		for _, q := range Choose(ts, m(facts), m(answered), kind, max) {
			out = append(out, q.ID)
		}
		return strings.Join(out, " ")
	}
	for _, tc := range []struct {
		facts, answered, kind string
		max                   int
		want                  string
	}{
		{"", "", "leaked_access_key", 3, ""},
		{"no_anchor", "", "unspecified", 3, "principal"},
		{"owner_unknown exposure_unknown", "", "leaked_access_key", 3, "owner exposed_at known_networks"},
		{"owner_unknown exposure_unknown", "owner", "leaked_access_key", 3, "exposed_at known_networks"},
		{"owner_unknown exposure_unknown", "", "cost_spike", 3, "owner known_networks"},
		{"no_termination_time", "", "departed_employee", 3, "terminated_at"},
		{"no_termination_time", "", "cost_spike", 3, ""},
		{"undetermined_clusters no_anchor response_seen", "", "unspecified", 99, "principal owner authorized_testing"},
		{"undetermined_clusters", "", "unspecified", 1, "owner"},
		{"undetermined_clusters", "", "unspecified", -1, ""},
	} {
		if got := ids(tc.facts, tc.answered, tc.kind, tc.max); got != tc.want {
			t.Errorf("%q answered %q of %s: %q, want %q", tc.facts, tc.answered, tc.kind, got, tc.want)
		}
	}
}

func TestLoadQuestionsRefuses(t *testing.T) {
	good := "id: owner\ntext: Who?\nwhy: W.\ndefault: D.\nkinds: [all]\nask_when: [no_anchor]\npriority: 1\n"
	for name, tc := range map[string]struct{ file, body, want string }{
		"name":    {"other", good, "not the name"},
		"kind":    {"owner", strings.Replace(good, "all", "ransom", 1), "no kind"},
		"fact":    {"owner", strings.Replace(good, "no_anchor", "no_such", 1), "no fact"},
		"field":   {"owner", good + "extra: 1\n", "extra"},
		"no text": {"owner", strings.Replace(good, "text: Who?\n", "", 1), "must all be given"},
	} {
		fsys := fstest.MapFS{"questions/" + tc.file + ".yml": {Data: []byte(tc.body)}}
		if _, err := LoadQuestions(fsys); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
	if ts, err := LoadQuestions(fstest.MapFS{"questions/owner.yml": {Data: []byte(good)}}); err != nil || len(ts) != 1 {
		t.Errorf("the good one: %v %v", ts, err)
	}
}

func TestVocabulary(t *testing.T) {
	v, err := builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range Kinds[:len(Kinds)-1] {
		if !slices.ContainsFunc(v.kinds, func(c kindCues) bool { return c.Kind == k }) {
			t.Errorf("no cue for kind %s", k)
		}
	}
	for _, text := range []string{"", "~ word", "word ~", "word ~99 other", "Word", "wo*rd", "a||b", "*"} {
		if _, err := compilePhrase(text); err == nil {
			t.Errorf("phrase %q was taken", text)
		}
	}
}
