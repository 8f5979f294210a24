package known

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open("../../../docs/formats/known.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("known.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("known.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON reads YAML as an editor that knows the schema would: dates are text.
func asJSON(t *testing.T, text string) any {
	t.Helper()
	text = regexp.MustCompile(`\b(expires|from|to): ([0-9][^,}\n]*)`).ReplaceAllString(text, `$1: "$2"`)
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// The schema takes what the program takes, and refuses what it refuses, but for
// what takes arithmetic: whether a number is in range and a test ends after it
// begins.
func TestSchemaAgreesWithTheReader(t *testing.T) {
	s := schema(t)
	page, err := os.ReadFile("../../../docs/formats/known.md")
	if err != nil {
		t.Fatal(err)
	}
	example := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindStringSubmatch(string(page))
	if example == nil {
		t.Fatal("known.md has no example")
	}
	entry := func(s string) string { return "version: 1\nentries:\n  - {" + s + "}\n" }
	for _, text := range []string{
		sample, example[1], "version: 1\n", "version: 2\n", "version: 1\nnetworks: []\n", "version: 1\nentries: []\n",
		entry("kind: friend, name: x, cidrs: [192.0.2.0/24], owner: a, expires: 2027-01-01"),
		entry("kind: vpn, name: x, cidrs: [192.0.2.0/24], expires: 2027-01-01"),
		entry("kind: vpn, name: x, cidrs: [192.0.2.0/24], owner: a"),
		entry("kind: vpn, name: x, cidrs: [192.0.2.0/24], owner: ' ', expires: 2027-01-01"),
		entry("kind: vpn, name: x, cidrs: [192.0.2.0/24], owner: a, expires: soon"),
		entry("kind: vpn, name: x, cidrs: [192.0.2], owner: a, expires: 2027-01-01"),
		entry("kind: vpn, name: x, principals: [p], owner: a, expires: 2027-01-01"),
		entry("kind: vendor, name: x, owner: a, expires: 2027-01-01"),
		entry("kind: vendor, name: x, cidrs: [], owner: a, expires: 2027-01-01"),
		entry("kind: vendor, name: x, principals: [p], owner: a, expires: 2027-01-01, note: n"),
		entry("kind: pentest, name: x, principals: [p], owner: a, expires: 2027-01-01"),
		entry("kind: pentest, name: x, principals: [p], from: 2026-02-01, to: 2026-03-01T00:00:00Z, owner: a, expires: 2027-01-01"),
	} {
		_, ours := Parse([]byte(text))
		theirs := s.Validate(asJSON(t, text))
		if (ours == nil) != (theirs == nil) {
			t.Errorf("%s\nthe program: %v\nthe schema: %v", text, ours, theirs)
		}
	}
	kinds, _ := os.ReadFile("../../../docs/formats/known.schema.json")
	for kind := range Kinds {
		if !strings.Contains(string(kinds), `"`+kind+`"`) {
			t.Errorf("the schema lacks kind %s", kind)
		}
	}
	if !slices.Contains(strings.Fields(string(page)), "[known.schema.json](known.schema.json)") {
		t.Error("known.md does not name the schema")
	}
}
