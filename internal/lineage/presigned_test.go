package lineage_test

import (
	"context"
	"testing"

	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/source/scenetest"
)

func TestPresigned(t *testing.T) {
	scenes, err := scenetest.Parse(`scene s
given
  AKIA1 user/ci
load
  09:00 AKIA1 from 203.0.113.7 with browser  GetObject + {additionalEventData: {AuthenticationMethod: QueryString}}
  09:01 AKIA1 from 203.0.113.7               GetObject + {additionalEventData: {AuthenticationMethod: AuthHeader}}
  09:02 AKIA1 from 203.0.113.7               GetObject
  09:03 AKIA1 from 203.0.113.7               ListBuckets + {requestParameters: {name: '"AuthenticationMethod":"QueryString"'}}
  09:04 AKIA1 from 203.0.113.7               GetObject + {requestParameters: {key: '"AuthenticationMethod":"QueryString"'}}
`)
	if err != nil {
		t.Fatal(err)
	}
	s := scenes[0]
	got, err := lineage.Presigned(context.Background(), s.Store(), s.Events[0].Identity.UniqueID())
	if err != nil {
		t.Fatal(err)
	}
	// A caller chooses object names: quotes in them are escaped in the record.
	if len(got) != 1 || !got[s.Event("GetObject@09:00")] {
		t.Errorf("presigned: %v", got)
	}
	for i := range s.Events {
		e := &s.Events[i]
		if want := e.Name == "GetObject"; lineage.MayBePresigned(e) != want {
			t.Errorf("%s: MayBePresigned is %v", s.Label(e.ID), !want)
		}
	}
}
