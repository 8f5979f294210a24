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

// TestDuckDB reads stores by docs/formats/evidence.md alone and holds what
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
			records = append(records, fmt.Sprintf(`{"eventVersion":"1.08",%s"eventTime":"2023-07-%02dT10:%02d:%02dZ","eventSource":"iam.amazonaws.com","recipientAccountId":"%s",`+
				`"eventName":"Get%d","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.%d","requestParameters":{"userName":"ünï %d"},"requestID":"req-%d"}`,
				id, 1+n%9, n%60, n/60%60, duckAccounts[n/9%6], n%7, n%250, n, n))
		}
		text := `{"Records":[` + strings.Join(records, ",") + `]}`
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(f)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("by day", func(t *testing.T) { readByDuck(t, dir, 64<<10) })
	t.Run("by account", func(t *testing.T) { readByDuck(t, dir, 50) })
}

// duckAccounts are as often as they are here: one of them begins with zeros, and two share a partition.
var duckAccounts = []string{"111122223333", "111122223333", "001122223333", "001122223333", "444455556666", "777788889999"}

// readByDuck imports the records and asks DuckDB. An account that has as many rows on a day gets
// a partition of its own.
func readByDuck(t *testing.T, dir string, accountRows int64) {
	s := create(t, filepath.Join(t.TempDir(), "s"))
	s.limits.accountRows = accountRows
	if _, err := s.Import(t.Context(), []string{dir}, ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	original := documented(t, "the original is\n\n```sql\n", "   --")
	setUp := documented(t, "### DuckDB\n\n```sql\n", "CREATE VIEW artifacts")
	byAccount := s.state().byAccount()
	if byAccount != (accountRows < 64<<10) {
		t.Fatalf("the files are %v", paths(s))
	}
	if byAccount {
		setUp = documented(t, "what the account did:\n\n```sql\n", "SELECT event_name")
	}
	queries := append(strings.SplitAfter(strings.ReplaceAll(strings.TrimSpace(setUp), "DIR", s.dir), ";"),
		"SELECT count(*)::VARCHAR FROM events",
		"SELECT event_name, count(*)::VARCHAR FROM events GROUP BY ALL ORDER BY ALL",
		"SELECT CAST(day AS VARCHAR), count(*)::VARCHAR FROM events GROUP BY ALL ORDER BY ALL",
		"SELECT sha256(CASE WHEN octet_length(record_raw) > 0 THEN decode(record_raw) ELSE "+original+" END) FROM events ORDER BY event_time, event_id, fingerprint",
		"SELECT record->>'$.requestParameters.userName' FROM events ORDER BY event_time, event_id, fingerprint LIMIT 5")
	queries = slices.DeleteFunc(queries, func(q string) bool { return q == "" })
	for _, account := range duckAccounts[2:] { // one of them twice
		table := "events WHERE account_id = '" + account + "'"
		if byAccount {
			table = "events_of('" + account + "')"
		}
		queries = append(queries, "SELECT count(*)::VARCHAR FROM "+table)
	}
	if byAccount {
		queries = append(queries, "SELECT account, count(*)::VARCHAR FROM events GROUP BY ALL ORDER BY ALL")
	}
	got := duck(t, queries...)
	got = got[slices.Index(queries, "SELECT count(*)::VARCHAR FROM events"):]

	var sums, users [][]string
	names, days, accounts := map[string]int{}, map[string]int{}, map[string]int{}
	events := allOf(t, s, evidence.Query{Body: true})
	for i, e := range events {
		names[e.Name]++
		days[dayOf(e.Time)]++
		accounts[e.Account]++
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
	for _, account := range duckAccounts[2:] {
		want = append(want, [][]string{{fmt.Sprint(accounts[account])}})
	}
	if byAccount {
		partitions := map[string]int{}
		for _, f := range s.state().Events {
			_, account := partitionIn(f.Path)
			partitions[account] += int(f.Rows)
		}
		if len(partitions) != 3 {
			t.Errorf("partitions %v", partitions)
		}
		want = append(want, byCount(partitions))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("DuckDB and we differ (-ours +DuckDB):\n%.4000s", d)
	}
	if len(events) < 2000 {
		t.Errorf("only %d events", len(events))
	}
}

// documented is what stands between two texts in the format's page.
func documented(t *testing.T, after, before string) string {
	t.Helper()
	doc, err := os.ReadFile("../../docs/formats/evidence.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(doc), after)
	text, _, also := strings.Cut(rest, before)
	if !ok || !also {
		t.Fatalf("docs/formats/evidence.md says nothing between %q and %q", after, before)
	}
	return text
}

func byCount(m map[string]int) (rows [][]string) {
	for k, n := range m {
		rows = append(rows, []string{k, fmt.Sprint(n)})
	}
	slices.SortFunc(rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return rows
}
