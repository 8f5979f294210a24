package live

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/trailhound/trailhound/internal/source/awsapi"
)

// said is an API that gives one answer to one call.
type said struct {
	body string
	err  error
}

func (s said) Call(_ context.Context, c awsapi.Call) (awsapi.Answer, error) {
	if c.Service != "ec2" || c.Operation != "DescribeRegions" || c.Region != "eu-west-1" {
		return awsapi.Answer{}, errors.New("another call was expected")
	}
	return awsapi.Answer{Body: []byte(s.body)}, s.err
}

func TestRegions(t *testing.T) {
	got, err := Regions(t.Context(), said{body: `{"Regions": [{"RegionName": "us-east-1"}, {"RegionName": "af-south-1"}, {}]}`}, "eu-west-1")
	if err != nil || !slices.Equal(got, []string{"af-south-1", "us-east-1"}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, s := range []said{{body: `{"Regions": []}`}, {body: `nothing`}, {err: errors.New("refused")}} {
		if got, err := Regions(t.Context(), s, "eu-west-1"); err == nil {
			t.Errorf("%+v: %v", s, got)
		}
	}
}
