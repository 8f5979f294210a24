package main

import (
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/source/all"
	"github.com/trailhound/trailhound/internal/store"
)

func TestImportLine(t *testing.T) {
	p := store.Progress{Progress: all.Progress{Artifacts: 3, Records: 5000, Bytes: 2_500_000, Rejected: 7}}
	for _, c := range []struct {
		total int64
		spent time.Duration
		want  string
	}{
		{10_000_000, 10 * time.Second, "importing: 3 files, 5000 events, 2.5 MB of 10.0, 500 events/s, 7 set aside, 30s left"},
		{0, 10 * time.Second, "importing: 3 files, 5000 events, 2.5 MB, 500 events/s, 7 set aside"},
		{10_000_000, time.Second, "importing: 3 files, 5000 events, 2.5 MB of 10.0, 5000 events/s, 7 set aside"},
		{1_000_000, 10 * time.Second, "importing: 3 files, 5000 events, 2.5 MB of 1.0, 500 events/s, 7 set aside"},
	} {
		if got := importLine("importing", p, c.total, c.spent); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}
