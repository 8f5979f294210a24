package cloudtrail

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
)

// TestStatedClock reads an export by the clock that somebody states: times that name no
// zone move, summer time included, and those that name theirs stay.
func TestStatedClock(t *testing.T) {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	const row = `"1.11","%s","s3.amazonaws.com","ListBuckets","eu-central-1","192.0.2.7","aws-cli/2.17","id-1"`
	head := "eventversion,eventtime,eventsource,eventname,awsregion,sourceipaddress,useragent,eventid\n"
	for _, c := range []struct {
		name, in, utc, local string
		shifted              int
	}{
		{"table, winter", head + strings.Replace(row, "%s", "2026-11-05 14:00:00", 1), "2026-11-05T14:00:00Z", "2026-11-05T13:00:00Z", 1},
		{"table, summer", head + strings.Replace(row, "%s", "2026-07-05 14:00:00", 1), "2026-07-05T14:00:00Z", "2026-07-05T12:00:00Z", 1},
		{"table, a spreadsheet's day first", head + strings.Replace(row, "%s", "05/11/2026, 14:00:00", 1), "2026-11-05T14:00:00Z", "2026-11-05T13:00:00Z", 1},
		{"table, zoned", head + strings.Replace(row, "%s", "2026-11-05T14:00:00Z", 1), "2026-11-05T14:00:00Z", "2026-11-05T14:00:00Z", 0},
		{"record without a zone", `{"eventVersion":"1.11","eventTime":"2026-11-05T14:00:00","eventSource":"s3.amazonaws.com","eventName":"ListBuckets"}`, "2026-11-05T14:00:00Z", "2026-11-05T13:00:00Z", 1},
		{"record as delivered", `{"eventVersion":"1.11","eventTime":"2026-11-05T14:00:00Z","eventSource":"s3.amazonaws.com","eventName":"ListBuckets"}`, "2026-11-05T14:00:00Z", "2026-11-05T14:00:00Z", 0},
	} {
		for _, d := range []struct {
			clock   *time.Location
			want    string
			shifted int
		}{{nil, c.utc, 0}, {loc, c.local, c.shifted}, {time.UTC, c.utc, 0}} {
			var got []string
			result, err := Decoder{Clock: d.clock}.Decode(context.Background(), strings.NewReader(c.in), source.Emit{Event: func(e *evidence.Event) error {
				got = append(got, e.Time.Format(time.RFC3339))
				return nil
			}})
			if err != nil || len(got) != 1 || got[0] != d.want || result.Shifted != d.shifted {
				t.Errorf("%s by %v: %v, %d shifted, %v; want %s, %d", c.name, d.clock, got, result.Shifted, err, d.want, d.shifted)
			}
		}
	}
}
