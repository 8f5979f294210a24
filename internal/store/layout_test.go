package store

import (
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/trailhound/trailhound/internal/evidence"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestSchema holds the three lists of columns equal: those written, those read,
// and those documented.
func TestSchema(t *testing.T) {
	text := map[string]bool{"principal_unique_id": true} // derived, so written only
	for _, c := range textColumns {
		text[c.name] = true
	}
	var e evidence.Event
	fields := map[*string]string{}
	for _, c := range textColumns {
		if other, twice := fields[c.field(&e)]; twice {
			t.Errorf("columns %s and %s are the same field", c.name, other)
		}
		fields[c.field(&e)] = c.name
	}
	for _, f := range parquet.SchemaOf(row{}).Fields() {
		isText := f.Leaf() && f.Type().String() == "STRING" && f.Name() != "record"
		if isText != text[f.Name()] {
			t.Errorf("column %s: text is %v, but textColumns says %v", f.Name(), isText, text[f.Name()])
		}
	}
	// Every string of an event has a column, now and when one is added.
	strings := 0
	for _, typ := range []reflect.Type{reflect.TypeFor[evidence.Event](), reflect.TypeFor[evidence.Identity](), reflect.TypeFor[evidence.Ref]()} {
		for f := range typ.Fields() {
			if f.Type.Kind() == reflect.String {
				strings++
			}
		}
	}
	if strings != len(textColumns) {
		t.Errorf("an event has %d strings, textColumns %d", strings, len(textColumns))
	}
}

var docRow = regexp.MustCompile("(?m)^\\| `([a-z_0-9]+)` \\| ([a-z<>(), 0-9]+) \\|")

// TestDocumentedColumns: docs/formats/evidence.md is what other engines' users
// have, so it may not lag behind.
func TestDocumentedColumns(t *testing.T) {
	doc, err := os.ReadFile("../../docs/formats/evidence.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(doc), "## Columns of events")
	rest, _, _ = strings.Cut(rest, "## The manifest")
	events, rest, _ := strings.Cut(rest, "## Columns of observations")
	observations, artifacts, _ := strings.Cut(rest, "## Columns of artifacts")
	for part, schema := range map[string]*parquet.Schema{
		events: parquet.SchemaOf(row{}), observations: parquet.SchemaOf(observationRow{}), artifacts: parquet.SchemaOf(artifactRow{}),
	} {
		var want, got []string
		for _, f := range schema.Fields() {
			want = append(want, f.Name()+" "+documentedType(f))
		}
		for _, m := range docRow.FindAllStringSubmatch(part, -1) {
			got = append(got, m[1]+" "+m[2])
		}
		if !slices.Equal(want, got) {
			t.Errorf("docs/formats/evidence.md lists\n%s\nthe files have\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func documentedType(f parquet.Field) string {
	switch {
	case f.Name() == "rejections":
		return "list<struct(offset bigint, reason string)>"
	case !f.Leaf():
		return "list<string>"
	}
	null := map[bool]string{true: ", null", false: ""}[f.Optional()]
	switch typ := f.Type().String(); {
	case typ == "STRING":
		return "string" + null
	case typ == "BOOLEAN":
		return "boolean" + null
	case strings.HasPrefix(typ, "TIMESTAMP"):
		return "timestamp" + null
	case typ == "INT64", typ == "INT(64,true)":
		return "bigint" + null
	case typ == "BYTE_ARRAY":
		return "binary" + null
	default:
		return typ
	}
}

// TestLayout shows the whole format of a small store: folders, schema,
// encodings, and the keys of the manifest.
func TestLayout(t *testing.T) {
	dir := t.TempDir()
	s := create(t, dir)
	load(t, s, someFiles(3, 20), 1)
	list, art := observed("snapshot", 9, func(max int) int { return max / 2 })
	if _, err := s.importFrom(t.Context(), observing([]observedFile{{art, list}}, 100), nil, ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	hash := regexp.MustCompile(`-[0-9a-f]{16}\.parquet`)
	var out strings.Builder
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, name)
			fmt.Fprintln(&out, hash.ReplaceAllString(filepath.ToSlash(rel), "-<hash>.parquet"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{s.state().Events[0].Path, s.state().Artifacts[0].Path, s.state().Observations[0].Path} {
		fmt.Fprintf(&out, "\n%s\n", describeParquet(t, s.abs(name)))
	}
	var man map[string]any
	data, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err == nil {
		err = json.Unmarshal(data, &man)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range slices.Sorted(func(yield func(string) bool) {
		for k := range man {
			if !yield(k) {
				return
			}
		}
	}) {
		fmt.Fprintf(&out, "manifest %s: %T\n", k, man[k])
	}
	const golden = "testdata/layout.golden"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("the layout has changed. If other engines still read it, run go test -update; got:\n%s", out.String())
	}
}

func describeParquet(t *testing.T, name string) string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	pf, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	fmt.Fprintln(&out, pf.Schema())
	md := pf.Metadata()
	for _, kv := range md.KeyValueMetadata {
		fmt.Fprintf(&out, "metadata %s=%s\n", kv.Key, kv.Value)
	}
	rg := md.RowGroups[0]
	for _, sc := range rg.SortingColumns {
		fmt.Fprintf(&out, "sorted by column %d descending=%v\n", sc.ColumnIdx, sc.Descending)
	}
	for _, c := range rg.Columns {
		m := c.MetaData
		fmt.Fprintf(&out, "%s: %v %v bounds=%v bloom=%v\n", strings.Join(m.PathInSchema, "."), m.Encoding, m.Codec,
			m.Statistics.MaxValue != nil, m.BloomFilterOffset > 0)
	}
	return out.String()
}

// TestHostileValues: what evidence may hold and columns may not.
func TestHostileValues(t *testing.T) {
	dir := t.TempDir()
	s := create(t, dir)
	far := plainEvent(1)
	far.Time, far.ID, far.Fingerprint = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), "far", "far"
	long := plainEvent(2)
	long.ID, long.Fingerprint, long.UserAgent = "long", "long", strings.Repeat("é\x00", 300_000)
	broken := plainEvent(3)
	broken.ID, broken.Fingerprint, broken.Name = "broken", "broken", "Get\xffUser"
	broken.Body = []byte("{\"a\":\"\xff\xfe\"}")
	broken.Resources, broken.RequestID, broken.Identity.PrincipalID = []string{"x\xff"}, "r\xff", "AIDA\xff:s\xff"
	zero := plainEvent(4)
	zero.Time, zero.ID, zero.Fingerprint, zero.Body = time.Time{}, "zero", "zero", nil
	fine := plainEvent(5)
	fine.Time = fine.Time.Add(999 * time.Millisecond) // a form that tells parts of a second
	load(t, s, []file{newFile("odd", []evidence.Event{far, long, broken, zero, fine})}, 1)
	byID := map[string]evidence.Event{}
	for _, e := range allOf(t, s, evidence.Query{Body: true}) {
		byID[e.ID] = e
	}
	if got := byID["far"].Time; !got.Equal(far.Time) {
		t.Errorf("far time became %v", got)
	}
	if got := byID["long"].UserAgent; got != long.UserAgent {
		t.Errorf("long user agent came back with %d bytes", len(got))
	}
	if got := byID["broken"]; got.Name != "Get\uFFFDUser" || string(got.Body) != string(broken.Body) || got.Resources[0] != "x\uFFFD" ||
		got.RequestID != "r\uFFFD" || got.Identity.PrincipalID != "AIDA\uFFFD:s\uFFFD" {
		t.Errorf("invalid UTF-8 came back as %q, %q, %q, %q, %q", got.Name, got.Body, got.Resources, got.RequestID, got.Identity.PrincipalID)
	}
	if got := byID["zero"]; !got.Time.IsZero() || got.Body != nil {
		t.Errorf("event without time or record came back as %v, %q", got.Time, got.Body)
	}
	if got := byID[fine.ID].Time; !got.Equal(fine.Time.Truncate(time.Second)) {
		t.Errorf("time %v came back as %v", fine.Time, got)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	name := s.abs(s.state().Artifacts[0].Path)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("Check of a damaged store: %v", err)
	}
}
