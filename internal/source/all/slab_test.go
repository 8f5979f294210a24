package all

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestKeptRecordsStay: records lie where they were read, and what is read later, or in memory
// that was given back, changes none of those that somebody keeps.
func TestKeptRecordsStay(t *testing.T) {
	dir := t.TempDir()
	want := map[string]string{} // by artifact and place
	for f := range 6 {
		var records []string
		for i := range 1500 {
			r := record(f*1500 + i)
			switch {
			case i%211 == 5: // not as AWS writes it: its record is made anew
				r = strings.Replace(r, `"eventTime":`, ` "eventTime":`, 1)
			case i%700 == 9: // longer than what is read ahead
				r = strings.Replace(r, `{`, `{"pad":"`+strings.Repeat("x", 50<<10)+`",`, 1)
			case f == 5 && i == 800: // longer than any memory that is lent
				r = strings.Replace(r, `{`, `{"pad":"`+strings.Repeat("y", textBytes)+`",`, 1)
			}
			records = append(records, r)
		}
		plain := framings[0](records)
		name, data := fmt.Sprintf("%d.json.gz", f), gz(plain)
		if f%3 == 2 {
			name, data = fmt.Sprintf("%d.json", f), plain
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		for i, r := range records {
			want[fmt.Sprint(name, i)] = strings.Replace(r, ` "eventTime":`, `"eventTime":`, 1)
		}
	}
	for _, every := range []int{0, 1, 3} { // how many of the batches are given back; 0 for none
		var kept []Batch
		check := func(b *Batch) {
			for i := range b.Events {
				e := &b.Events[i]
				key := fmt.Sprint(filepath.Base(b.Artifact.URI), e.Ref.Index)
				if string(e.Body) != want[key] {
					t.Fatalf("giving back one of %d, the record of %s is %.200q, want %.200q", every, key, e.Body, want[key])
				}
			}
		}
		n, batches := 0, 0
		err := Read(context.Background(), []string{dir}, Options{}, func(b Batch) error {
			n += len(b.Events)
			if batches++; every > 0 && batches%every == 0 {
				check(&b)
				b.Release()
			} else {
				kept = append(kept, b)
			}
			return nil
		})
		if err != nil || n != len(want) {
			t.Fatalf("%d events, want %d: %v", n, len(want), err)
		}
		for i := range kept {
			check(&kept[i])
		}
	}
}
