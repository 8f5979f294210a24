package all

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

// record is a CloudTrail record of our own making; all differ.
func record(i int) string {
	return fmt.Sprintf(`{"eventVersion":"1.09","userIdentity":{"type":"IAMUser","accessKeyId":"AKIAEXAMPLE%d","userName":"u<%d>"},"eventTime":"2026-03-01T09:%02d:%02dZ","eventSource":"s3.amazonaws.com","eventName":"GetBucketAcl","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.%d","requestParameters":{"bucketName":"b%d","size":1.50},"eventID":"id-%d","recipientAccountId":"111122223333"}`,
		i%7, i, i/60%60, i%60, i%250, i, i)
}

// framings write records in the forms that keep them whole.
var framings = []func(records []string) []byte{
	func(r []string) []byte { return []byte(`{"Records":[` + strings.Join(r, ",") + `]}`) },
	func(r []string) []byte { return []byte(`[` + strings.Join(r, ",\n ") + `]`) },
	func(r []string) []byte { return []byte(strings.Join(r, "\r\n")) },
	func(r []string) []byte { return []byte("\ufeff" + strings.Join(r, "")) },
	func(r []string) []byte {
		var out bytes.Buffer
		if err := json.Indent(&out, []byte(`{"Records":[`+strings.Join(r, ",")+`]}`), "", "\t"); err != nil {
			panic(err)
		}
		return out.Bytes()
	},
	func(r []string) []byte { // names sorted, < and > escaped
		var v any
		dec := json.NewDecoder(strings.NewReader(`[` + strings.Join(r, ",") + `]`))
		dec.UseNumber()
		if err := dec.Decode(&v); err != nil {
			panic(err)
		}
		out, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return out
	},
	func(r []string) []byte { // LookupEvents
		var rows []map[string]string
		for _, s := range r {
			rows = append(rows, map[string]string{"CloudTrailEvent": s})
		}
		out, err := json.Marshal(map[string]any{"Events": rows})
		if err != nil {
			panic(err)
		}
		return out
	},
}

// packings put bytes into a file.
var packings = []func(data []byte) []byte{
	func(data []byte) []byte { return data },
	gz,
	func(data []byte) []byte { return gz(gz(data)) },
	func(data []byte) []byte { // two gzip members, one after the other
		return append(gz(data[:len(data)/2]), gz(data[len(data)/2:])...)
	},
	func(data []byte) []byte { return zipOf(map[string][]byte{"a/x.json": gz(data), "empty": nil}) },
	func(data []byte) []byte { return gz(tarOf(map[string][]byte{"AWSLogs/x.json.gz": gz(data)})) },
	func(data []byte) []byte { return tarOf(map[string][]byte{"x": zipOf(map[string][]byte{"y": data})}) },
	func(data []byte) []byte { return gz(zipOf(map[string][]byte{"y": data})) },
}

func gz(data []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(data)
	z.Close()
	return out.Bytes()
}

func zipOf(files map[string][]byte) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, data := range files {
		w, err := z.Create(name)
		if err != nil {
			panic(err)
		}
		w.Write(data)
	}
	z.Close()
	return out.Bytes()
}

func tarOf(files map[string][]byte) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for name, data := range files {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data)), Typeflag: tar.TypeReg}); err != nil {
			panic(err)
		}
		w.Write(data)
	}
	w.Close()
	return out.Bytes()
}

// Shuffled, split, duplicated, re-framed and re-compressed: the same events.
func TestTheSameEventsHoweverTheyArePacked(t *testing.T) {
	root := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		dir := filepath.Join(root, fmt.Sprint(n))
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		count := rapid.IntRange(1, 40).Draw(t, "records")
		var deal []int
		for i := range count {
			for range 1 + rng.IntN(2) { // some twice
				deal = append(deal, i)
			}
		}
		rng.Shuffle(len(deal), func(i, j int) { deal[i], deal[j] = deal[j], deal[i] })
		for file := 0; len(deal) > 0; file++ {
			take := 1 + rng.IntN(len(deal))
			var records []string
			for _, i := range deal[:take] {
				records = append(records, record(i))
			}
			deal = deal[take:]
			data := packings[rng.IntN(len(packings))](framings[rng.IntN(len(framings))](records))
			for range 1 + rng.IntN(2) { // whole files twice
				file++
				if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(file)), data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		got := map[string]evidence.Event{}
		err := Read(t.Context(), []string{dir}, Options{Workers: 1 + rng.IntN(4)}, func(b Batch) error {
			if b.Artifact.Rejected > 0 || b.Done && b.Artifact.Kind == evidence.KindUnreadable {
				t.Errorf("set aside: %+v", b.Artifact)
			}
			for _, e := range b.Events {
				e.Ref, e.Fingerprint = evidence.Ref{}, cloudtrail.Fingerprint(e.Body)
				if e.Body = nil; got[e.Fingerprint].ID != "" && fmt.Sprint(got[e.Fingerprint]) != fmt.Sprint(e) {
					t.Errorf("one fingerprint, two events:\n%v\n%v", got[e.Fingerprint], e)
				}
				got[e.Fingerprint] = e
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != count {
			t.Errorf("%d events, want %d", len(got), count)
		}
	})
}

func TestKnownAndRepeatedArtifactsAreNotDecodedAgain(t *testing.T) {
	dir := t.TempDir()
	data := framings[0]([]string{record(1), record(2)})
	for _, name := range []string{"a", "b", "c"} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	first := read(t, Options{}, dir)
	if len(first.events) != 2 || first.known != 2 {
		t.Errorf("%d events, %d known", len(first.events), first.known)
	}
	for _, a := range first.artifacts {
		if a.Records != 2 || a.Kind != evidence.KindCloudTrail || a.Size != int64(len(data)) {
			t.Errorf("artifact %+v", a)
		}
	}
	asked := ""
	again := read(t, Options{Workers: 1, Known: func(id string) bool { asked = id; return true }}, dir)
	if len(again.events) != 0 || again.known != 3 || asked != first.artifacts[0].ID {
		t.Errorf("%d events, %d known, asked for %q", len(again.events), again.known, asked)
	}
	for _, a := range again.artifacts {
		if a.Kind != "" {
			t.Errorf("a known artifact was judged: %+v", a)
		}
	}
}

func TestStandardInput(t *testing.T) {
	for what, data := range map[string][]byte{
		"plain": framings[0]([]string{record(1)}), "gzip": gz(framings[2]([]string{record(1)})),
		"tar.gz": gz(tarOf(map[string][]byte{"x": framings[0]([]string{record(1)})})),
	} {
		all := read(t, Options{Stdin: io.MultiReader(bytes.NewReader(data))}, "-")
		if len(all.events) != 1 || !strings.HasPrefix(all.artifacts[0].URI, "standard input") {
			t.Errorf("%s: %d events, artifacts %v", what, len(all.events), all.artifacts)
		}
	}
}

func TestProgressAndBatches(t *testing.T) {
	dir := t.TempDir()
	var records []string
	for i := range 3*batchEvents + 5 {
		records = append(records, record(i))
	}
	if err := os.WriteFile(filepath.Join(dir, "x"), gz(framings[0](records)), 0o600); err != nil {
		t.Fatal(err)
	}
	var last Progress
	all := read(t, Options{Progress: func(p Progress) { last = p }}, dir)
	if len(all.events) != len(records) || last.Records != int64(len(records)) || last.Artifacts != 1 || last.Bytes != all.artifacts[0].Size {
		t.Errorf("%d events, progress %+v", len(all.events), last)
	}
	if !slices.IsSortedFunc(all.events, func(a, b evidence.Event) int { return int(a.Ref.Index - b.Ref.Index) }) {
		t.Error("the events of one artifact came out of order")
	}
}
