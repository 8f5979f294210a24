package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhound/trailhound/internal/evidence"
)

// duckScript runs queries and prints their rows as one JSON array a query.
const duckScript = `
const { DuckDBInstance } = require('@duckdb/node-api');
(async () => {
  const c = await (await DuckDBInstance.create(':memory:')).connect();
  for (const q of JSON.parse(process.argv[1])) {
    const r = await c.runAndReadAll(q);
    console.log(JSON.stringify(r.getRowsJson()));
  }
})().catch(e => { console.error(String(e)); process.exit(1); });`

// duck answers queries with DuckDB, an engine that is not ours.
func duck(t *testing.T, queries ...string) (rows [][][]string) {
	t.Helper()
	if err := exec.Command("node", "-e", "require.resolve('@duckdb/node-api')").Run(); err != nil {
		t.Skipf("SKIPPED, NOT PASSED: node or its module @duckdb/node-api is missing (make duckdb fetches it): %v", err)
	}
	list, err := json.Marshal(queries)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("node", "-e", duckScript, string(list)).Output()
	if err != nil {
		if ee, ok := err.(*exec.ExitError); ok {
			t.Fatalf("DuckDB: %v\n%s", err, ee.Stderr)
		}
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(out))
	for range queries {
		var r [][]string
		if err := dec.Decode(&r); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		rows = append(rows, r)
	}
	return rows
}

// TestDuckDB reads a store by docs/formats/evidence.md alone and holds what
// DuckDB counts, and every original that it puts together, to our own answers.
func TestDuckDB(t *testing.T) {
	dir := t.TempDir()
	for f := range 3 {
		var records []string
		for k := range 1000 {
			n := f*700 + k // files overlap
			id := fmt.Sprintf(`"eventID":"%08d-2222-3333-4444-555555555555",`, n)
			switch n % 50 {
			case 7: // what cannot be lifted
				id = ""
			case 8:
				id = fmt.Sprintf(`"eventID":"\u0065vent-%d",`, n)
			case 9:
				id = `"eventID":"",`
			}
			records = append(records, fmt.Sprintf(`{"eventVersion":"1.08",%s"eventTime":"2023-07-%02dT10:%02d:%02dZ","eventSource":"iam.amazonaws.com",`+
				`"eventName":"Get%d","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.%d","requestParameters":{"userName":"ünï %d"},"requestID":"req-%d"}`,
				id, 1+n%9, n%60, n/60%60, n%7, n%250, n, n))
		}
		text := `{"Records":[` + strings.Join(records, ",") + `]}`
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(f)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := create(t, filepath.Join(t.TempDir(), "s"))
	if _, err := s.Import(t.Context(), []string{dir}, ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("../../docs/formats/evidence.md")
	if err != nil {
		t.Fatal(err)
	}
	_, original, ok := strings.Cut(string(doc), "the original is\n\n```sql\n")
	original, _, also := strings.Cut(original, "   --")
	if !ok || !also {
		t.Fatal("docs/formats/evidence.md does not say how to put the original together")
	}
	table := fmt.Sprintf("read_parquet('%s/*/*.parquet', hive_partitioning = true)", s.abs(eventsDir))
	got := duck(t,
		"SELECT count(*)::VARCHAR FROM "+table,
		"SELECT event_name, count(*)::VARCHAR FROM "+table+" GROUP BY ALL ORDER BY ALL",
		"SELECT CAST(day AS VARCHAR), count(*)::VARCHAR FROM "+table+" GROUP BY ALL ORDER BY ALL",
		"SELECT sha256(CASE WHEN octet_length(record_raw) > 0 THEN decode(record_raw) ELSE "+original+" END) FROM "+table+" ORDER BY event_time, event_id, fingerprint",
		"SELECT record->>'$.requestParameters.userName' FROM "+table+" ORDER BY event_time, event_id, fingerprint LIMIT 5")

	var sums, users [][]string
	names, days := map[string]int{}, map[string]int{}
	events := allOf(t, s, evidence.Query{Body: true})
	for i, e := range events {
		names[e.Name]++
		days[dayOf(e.Time)]++
		sum := sha256.Sum256(e.Body)
		sums = append(sums, []string{hex.EncodeToString(sum[:])})
		if i < 5 {
			r, err := e.Parse()
			if err != nil {
				t.Fatal(err)
			}
			users = append(users, []string{r.Str("requestParameters.userName")})
		}
	}
	want := [][][]string{{{fmt.Sprint(len(events))}}, byCount(names), byCount(days), sums, users}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("DuckDB and we differ (-ours +DuckDB):\n%.4000s", d)
	}
	if len(events) < 2000 {
		t.Errorf("only %d events", len(events))
	}
}

func byCount(m map[string]int) (rows [][]string) {
	for k, n := range m {
		rows = append(rows, []string{k, fmt.Sprint(n)})
	}
	slices.SortFunc(rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return rows
}
