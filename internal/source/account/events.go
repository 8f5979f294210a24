package account

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/time/rate"

	"github.com/trailhound/trailhound/internal/source/awsapi"
)

// AWS documents two LookupEvents a second, per account and region.
const lookupsPerSecond = 2

// pagesPerFile is how many answers of 50 events lie in one file, one a line: 90
// days of a busy account are tens of thousands of answers.
const pagesPerFile = 200

// eventSteps read the event history, the newest first.
var eventSteps = []step{{action: "cloudtrail:LookupEvents", scope: perRegion, run: lookup}}

// lookup reads the events of a region between the times of the collection. It
// goes on from the oldest event that it has: after an interruption, and when a
// token for the next page is no longer good. Events at the seam come twice, and
// are one event when they are read.
func lookup(ctx context.Context, g *gatherer, e *Entry) error {
	l := &lookupRun{g: g, e: e, limit: g.limiter(e.Region)}
	for restarts := 0; ; restarts++ {
		before := e.Oldest
		err := l.pages(ctx)
		if ferr := l.flush(); ferr != nil {
			return ferr
		}
		// A stale token is worth another start only if the last one brought something.
		if awsapi.TroubleOf(err) != awsapi.StalePage || e.Oldest.Equal(before) && restarts > 0 {
			return err
		}
	}
}

// limiter is the account's allowance in a region.
func (g *gatherer) limiter(region string) *rate.Limiter {
	g.c.mu.Lock()
	defer g.c.mu.Unlock()
	if g.lookups[region] == nil {
		pace := g.c.o.pace
		if pace == 0 {
			pace = lookupsPerSecond
		}
		g.lookups[region] = rate.NewLimiter(pace, 1)
	}
	return g.lookups[region]
}

// lookupRun is one step under way.
type lookupRun struct {
	g     *gatherer
	e     *Entry
	limit *rate.Limiter
	buf   bytes.Buffer // answers that are not yet in a file
	calls []Made
	last  time.Time // oldest event in buf
}

func (l *lookupRun) pages(ctx context.Context) error {
	x := l.g.c.index
	until := x.Until
	if !l.e.Oldest.IsZero() {
		until = l.e.Oldest
	}
	// EndTime is inclusive, so the events of the second at which the last run ended
	// come again, rather than some of them never.
	in := awsapi.Input{"StartTime": x.Since.Unix(), "EndTime": until.Unix(), "MaxResults": 50}
	paced := pacedAPI{l.g.api, l.limit}
	return awsapi.Pages(ctx, paced, l.g.call(l.e, "cloudtrail", "LookupEvents", in), l.page)
}

// pacedAPI waits for its turn before each call.
type pacedAPI struct {
	awsapi.API
	limit *rate.Limiter
}

// Call implements awsapi.API.
func (p pacedAPI) Call(ctx context.Context, c awsapi.Call) (awsapi.Answer, error) {
	if err := p.limit.Wait(ctx); err != nil {
		// Wait fails before the deadline if the turn would come after it; the
		// context's own error may then still be nil.
		return awsapi.Answer{}, errors.Join(ctx.Err(), err)
	}
	return p.API.Call(ctx, c)
}

// page takes one answer in.
func (l *lookupRun) page(a awsapi.Answer) error {
	var out struct {
		Events []struct{ EventTime json.Number }
	}
	if err := json.Unmarshal(a.Body, &out); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	for _, ev := range out.Events {
		s, err := ev.EventTime.Float64()
		if err != nil {
			continue // kept all the same; only the mark for going on is not moved
		}
		if t := time.Unix(int64(s), 0).UTC(); l.last.IsZero() || t.Before(l.last) {
			l.last = t
		}
	}
	// The answer whole and not its events alone: its hash and request id then stand
	// for bytes that AWS sent.
	l.buf.Write(compact(a.Body))
	l.buf.WriteByte('\n')
	l.calls = append(l.calls, Made{Operation: "LookupEvents", RequestID: a.RequestID, Time: a.Time, SHA256: a.SHA256, Attempts: a.Attempts})
	if len(l.calls) < pagesPerFile {
		return nil
	}
	return l.flush()
}

// flush puts what was read into a file, and from then on it counts as read.
func (l *lookupRun) flush() error {
	if len(l.calls) == 0 {
		return nil
	}
	// Numbers go on after an interruption and never begin anew, so no file is
	// written over.
	name := fmt.Sprintf("lookup-events-%04d.jsonl", len(l.e.Files)+1)
	if err := l.g.write(l.e, name, l.buf.Bytes(), l.calls...); err != nil {
		return err
	}
	l.g.c.mu.Lock()
	if !l.last.IsZero() {
		l.e.Oldest = l.last
	}
	l.g.c.mu.Unlock()
	l.buf.Reset()
	l.calls = nil
	return l.g.c.save()
}
