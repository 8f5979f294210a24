package claim

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	const path = "../../docs/formats/claims.schema.json"
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("claims.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("claims.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSchemaAgreesWithTheCheck: what holds fits the schema, and what the
// schema refuses never holds.
func TestSchemaAgreesWithTheCheck(t *testing.T) {
	s := schema(t)
	w := worldOf(t, madeUp(t, 7, 800))
	events := madeUp(t, 7, 800)
	p := &planter{rand.New(rand.NewPCG(3, 4)), w, events}
	fits := func(c Claim) error {
		if c.Evidence == nil {
			c.Evidence = []string{}
		}
		data, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return s.Validate(doc)
	}
	for range 200 {
		c := p.truth()
		c.ID = "C1"
		if err := fits(c); err != nil {
			t.Errorf("%s: %v", c.Text, err)
		}
	}
	base := p.eventClaim(&events[0])
	base.ID = "C1"
	for name, doc := range map[string]string{
		"unknown op": `{"op":"believe"}`, "unknown member": `{"op":"event","event":"x","equals":{"a":"b"},"unless":1}`, "no equals": `{"op":"event","event":"x"}`,
		"count of nothing": `{"op":"count","filter":{},"value":0}`, "absence without coverage": `{"op":"absence","filter":{"event_name":"X"},"window":{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z"}}`,
		"absence without window": `{"op":"absence","filter":{"event_name":"X"},"coverage":["a/b/c"]}`, "empty list": `{"op":"count","filter":{"event_name":[]},"value":1}`, "sum of nothing": `{"op":"sum","filter":{},"value":1}`,
		"a member of another op": `{"op":"event","event":"` + events[0].ID + `","equals":{"event_name":"` + events[0].Name + `"},"answer":"eve did it"}`,
		"not an object":          `"event"`, "no child": `{"op":"lineage","parent":"x"}`,
	} {
		c := base
		c.Predicate = Predicate{}
		if err := json.Unmarshal([]byte(doc), &c.Predicate); err != nil {
			t.Fatal(err)
		}
		if fits(c) == nil {
			t.Errorf("%s fits the schema", name)
		}
		if w.Check(t.Context(), c) == nil {
			t.Errorf("%s holds", name)
		}
	}
}

// TestDocumentationNamesEverything: ops, fields, aliases and prefixes.
func TestDocumentationNamesEverything(t *testing.T) {
	data, err := os.ReadFile("../../docs/formats/claims.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(data)
	for _, f := range Fields() {
		if !strings.Contains(doc, "\n| `"+f+"` | ") {
			t.Errorf("field %s has no row", f)
		}
	}
	for alias, f := range aliases {
		row := doc[strings.Index(doc, "\n| `"+f+"` | ")+1:]
		row, _, _ = strings.Cut(row, "\n")
		if !strings.Contains(row, "`"+alias+"`") {
			t.Errorf("alias %s is not in the row of %s", alias, f)
		}
	}
	for _, op := range []string{"event", "count", "sum", "first", "last", "order", "lineage", "absence", "state", "statement"} {
		if !strings.Contains(doc, "`"+op+"`") {
			t.Errorf("op %s is not documented", op)
		}
	}
}
