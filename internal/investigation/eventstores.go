package investigation

import (
	"context"
	"fmt"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// storesStopped tells of event data stores of CloudTrail Lake that were deleted or made to
// take in no more. They are copies beside the trails, so no gap of the coverage comes of it.
func (in *inquiry) storesStopped(ctx context.Context) error {
	var began []evidence.Event
	for _, c := range in.pass.logBase {
		if c.failed || c.name != "DeleteEventDataStore" && c.name != "StopEventDataStoreIngestion" {
			continue
		}
		if began == nil {
			began = []evidence.Event{}
			for e, err := range in.q.Events(ctx, evidence.Query{Names: []string{"StartEventDataStoreIngestion", "RestoreEventDataStore"}}) {
				if err != nil {
					return fmt.Errorf("read the calls that start event data stores: %w", err)
				}
				if e.Outcome() != evidence.Failure {
					began = append(began, e)
				}
			}
		}
		to := in.pass.againFrom(c, began)
		did := "was deleted"
		if c.name == "StopEventDataStoreIngestion" {
			did = "was made to take in no more"
		}
		in.limit("logging_stopped", fmt.Sprintf("An event data store of account %s %s at %s (event %s).", c.account, did, stamp(c.at), c.event),
			&Interval{stamp(c.at), stamp(to)}, "What only that store holds is missing for the interval; the trails are another copy.")
	}
	return nil
}

// againFrom is when the store of a change took in events again, or the end of the evidence.
func (p *pass) againFrom(c logChange, began []evidence.Event) time.Time {
	to := p.survey.Last
	for i := range began {
		e := &began[i]
		if e.Account == c.account && e.Time.After(c.at) && e.Time.Before(to) && sameTrail(c, logChange{resources: e.Resources}) {
			to = e.Time
		}
	}
	return to
}
