package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/trailhound/trailhound/internal/source/awsapi"
)

// Regions are the regions that the account has turned on, sorted, as EC2 tells them
// when asked in one of them.
func Regions(ctx context.Context, api awsapi.API, home string) ([]string, error) {
	// DescribeRegions leaves out regions that are not turned on unless AllRegions is
	// set. No project can be in those.
	a, err := api.Call(ctx, awsapi.Call{Service: "ec2", Operation: "DescribeRegions", Region: home})
	if err != nil {
		return nil, err
	}
	var answer struct {
		Regions []struct{ RegionName string }
	}
	if err := json.Unmarshal(a.Body, &answer); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	var out []string
	for _, r := range answer.Regions {
		if r.RegionName != "" {
			out = append(out, r.RegionName)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("the answer names no region")
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
