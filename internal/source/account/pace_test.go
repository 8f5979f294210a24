package account

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/trailhound/trailhound/internal/source/awsapi"
)

// clocked answers at once, in many pages, and notes when it was asked.
type clocked struct {
	pages int
	asked map[string][]time.Time
}

func (c *clocked) Call(_ context.Context, call awsapi.Call) (awsapi.Answer, error) {
	c.asked[call.Region] = append(c.asked[call.Region], time.Now())
	n := len(c.asked[call.Region])
	next := ""
	if n < c.pages {
		next = fmt.Sprintf(`,"NextToken":"%d"`, n)
	}
	return awsapi.Answer{Body: []byte(`{"Events":[{"EventTime":1793000000}]` + next + `}`), RequestID: "r", Time: time.Now()}, nil
}

// In no second are there more than the two calls that AWS documents for a
// region; regions do not wait for each other.
func TestLookupsKeepToTheDocumentedPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &clocked{pages: 9, asked: map[string][]time.Time{}}
		c := &collection{o: Options{Dir: t.TempDir()}, index: &Index{Format: Format, Since: time.Unix(1790000000, 0), Until: time.Unix(1794000000, 0)}}
		g := &gatherer{c: c, id: "111122223333", api: api, lookups: map[string]*rate.Limiter{}}
		start := time.Now()
		for _, region := range []string{"us-east-1", "eu-west-1"} {
			if err := lookup(t.Context(), g, &Entry{Account: "111122223333", Region: region, Action: "cloudtrail:LookupEvents"}); err != nil {
				t.Fatal(err)
			}
		}
		for region, at := range api.asked {
			if len(at) != 9 {
				t.Errorf("%s: %d calls", region, len(at))
			}
			for i := 2; i < len(at); i++ {
				if gap := at[i].Sub(at[i-2]); gap < time.Second {
					t.Errorf("%s: three calls within %s", region, gap)
				}
			}
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("18 calls took %s: somebody waits for nothing", took)
		}
	})
}
