package all

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
)

var mutations = flag.Int("mutations", 600, "how many damaged files TestMutatedFiles reads")

// TestMutatedFiles reads folders in which damaged files stand beside intact ones.
// Nothing panics, memory stays bounded, and every event of every intact file is
// kept, once for each file that tells it, with all its columns.
func TestMutatedFiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const perFolder = 50
	var most uint64
	read, saved := 0, 0
	for left := *mutations; left > 0; left -= perFolder {
		dir := t.TempDir()
		intact := map[string]string{} // id of a record that only an intact file has
		for i := range perFolder {
			var records []string
			for range 1 + rng.IntN(20) {
				records = append(records, record(rng.IntN(1<<30)))
			}
			plain := framings[rng.IntN(len(framings))](records)
			damaged := mutate(rng, plain)
			pack := packings[rng.IntN(len(packings))]
			if rng.IntN(2) == 0 {
				damaged = mutate(rng, pack(plain)) // the compression is hit
			} else {
				damaged = pack(damaged)
			}
			write(t, filepath.Join(dir, fmt.Sprintf("damaged-%d", i)), damaged)
			n := 1<<30 + i
			intact[fmt.Sprintf("id-%d", n)] = fmt.Sprintf("intact-%d", i)
			write(t, filepath.Join(dir, fmt.Sprintf("intact-%d", i)), pack(framings[rng.IntN(len(framings))]([]string{record(n)})))
		}
		err := Read(t.Context(), []string{dir}, Options{}, func(b Batch) error {
			for _, e := range b.Events {
				read++
				if want, ok := intact[e.ID]; ok {
					if filepath.Base(b.Artifact.URI) != want && !bytes.Contains([]byte(b.Artifact.URI), []byte(want)) {
						return fmt.Errorf("event %s came out of %s", e.ID, b.Artifact.URI)
					}
					delete(intact, e.ID)
					saved++
				}
			}
			if b.Done && b.Artifact.Kind != evidence.KindCloudTrail && b.Artifact.Reason == "" && b.Artifact.Kind != "" {
				return fmt.Errorf("%s is %s, and nothing says why", b.Artifact.URI, b.Artifact.Kind)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for id, name := range intact {
			t.Errorf("event %s of %s was lost", id, name)
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapSys)
		if err := os.RemoveAll(dir); err != nil { // ten thousand files would pile up
			t.Fatal(err)
		}
	}
	t.Logf("%d damaged files: %d events read, %d of them from intact files beside them; at most %d MB of heap", *mutations, read, saved, most>>20)
	if most > 200<<20 {
		t.Errorf("%d MB of heap after reading files of a few kB", most>>20)
	}
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// mutate damages a file as disks, networks and intruders do.
func mutate(rng *rand.Rand, in []byte) []byte {
	out := bytes.Clone(in)
	at := func() int { return rng.IntN(len(out)) }
	for range 1 + rng.IntN(4) {
		if len(out) < 2 {
			return out
		}
		switch rng.IntN(6) {
		case 0:
			out[at()] ^= 1 << rng.IntN(8)
		case 1: // cut at the end
			out = out[:at()]
		case 2: // cut out of the middle
			i := at()
			out = append(out[:i], out[min(len(out), i+1+rng.IntN(200)):]...)
		case 3: // a piece of it stands twice
			i := at()
			j := min(len(out), i+rng.IntN(400))
			out = append(out[:j:j], append(bytes.Clone(out[i:j]), out[j:]...)...)
		case 4: // JSON where none belongs
			i := at()
			pieces := []string{`{"Records":[`, `]}`, `"`, `{"eventVersion":"1.08","eventID":`, `\u00`, "\x00", `{{{{[[[[`, `1e999`, `,"eventID":"id-7"`, "\n"}
			out = append(out[:i:i], append([]byte(pieces[rng.IntN(len(pieces))]), out[i:]...)...)
		default:
			for i, n := at(), rng.IntN(40); n > 0 && i < len(out); i, n = i+1, n-1 {
				out[i] = byte(rng.Uint32())
			}
		}
	}
	return out
}
