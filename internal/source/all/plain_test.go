package all

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPlainBatches: records as they are delivered are called plain, and no batch in which
// one must be looked at. That what is called so is so is for read to hold.
func TestPlainBatches(t *testing.T) {
	for name, c := range map[string]struct {
		from, to string
		plain    int
	}{
		"delivered":       {"", "", 400},
		"foreign letters": {`"userName":"u`, `"userName":"ü`, 400},
		"an empty text":   {`"requestParameters":{`, `"requestParameters":{"clientToken":"",`, 400 - batchEvents},
		"not UTF-8":       {`"userName":"u`, "\"userName\":\"\xff", 400 - batchEvents},
		"spaces":          {`"eventTime":`, ` "eventTime":`, 400 - batchEvents},
	} {
		t.Run(name, func(t *testing.T) {
			var records []string
			for i := range 400 {
				records = append(records, record(i))
			}
			records[77] = strings.Replace(records[77], c.from, c.to, 1)
			path := filepath.Join(t.TempDir(), "a.json")
			if err := os.WriteFile(path, framings[0](records), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := read(t, Options{}, path); got.plain != c.plain || len(got.events) != 400 {
				t.Errorf("%d of %d events are in plain batches, want %d", got.plain, len(got.events), c.plain)
			}
		})
	}
}
