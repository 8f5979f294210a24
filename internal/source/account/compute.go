package account

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/trailhound/trailhound/internal/source/awsapi"
)

// ec2Steps tell of instances, what they are made of, and where they are reached.
var ec2Steps = []step{
	{action: "ec2:DescribeInstances", also: []string{"ec2:DescribeInstanceAttribute"}, scope: perRegion, run: instances},
	listing("DescribeVolumes", "describe-volumes", "Volumes", awsapi.Input{"MaxResults": 500}),
	listing("DescribeSnapshots", "describe-snapshots", "Snapshots", awsapi.Input{"Owner": []string{"self"}, "MaxResults": 1000}),
	listing("DescribeAddresses", "describe-addresses", "Addresses", nil),
	// Without a template named, AWS answers for all of them.
	listing("DescribeLaunchTemplateVersions", "describe-launch-template-versions", "LaunchTemplateVersions",
		awsapi.Input{"LaunchTemplateVersion": []string{"$Latest", "$Default"}, "MaxResults": 200}),
}

// listing is a step that keeps one list of EC2's.
func listing(operation, name, list string, in awsapi.Input) step {
	return step{action: "ec2:" + operation, scope: perRegion, run: func(ctx context.Context, g *gatherer, e *Entry) error {
		_, err := g.listed(ctx, e, operation, name, list, in)
		return err
	}}
}

// listed keeps every page of a list of EC2's in one file, as the AWS CLI prints
// it, and gives the list.
func (g *gatherer) listed(ctx context.Context, e *Entry, operation, name, list string, in awsapi.Input) ([]json.RawMessage, error) {
	all := []json.RawMessage{} // none is an answer too
	var calls []Made
	err := awsapi.Pages(ctx, g.api, g.call(e, "ec2", operation, in), func(a awsapi.Answer) error {
		var page map[string]json.RawMessage
		var part []json.RawMessage
		err := json.Unmarshal(a.Body, &page)
		if err == nil && page[list] != nil {
			err = json.Unmarshal(page[list], &part)
		}
		if err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		all = append(all, part...)
		calls = append(calls, answered(operation, a))
		return nil
	})
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "    ")
	if err := enc.Encode(map[string]any{list: all}); err != nil {
		return nil, fmt.Errorf("encode the answer: %w", err)
	}
	return all, g.write(e, name+".json", g.noted(e, b.Bytes(), calls[0], ""), calls...)
}

// maxUserData is how many instances of a region are asked for their user data;
// each is a call of its own.
// At the pace that EC2 allows, a thousand calls take some minutes; a fleet of
// scaling groups mostly runs one text anyway.
const maxUserData = 1000

// errTooManyInstances is a region with more instances than are asked.
var errTooManyInstances = errors.New("the user data of further instances was not asked for")

// instances lists the instances, and what each was told to run at its start.
func instances(ctx context.Context, g *gatherer, e *Entry) error {
	reservations, err := g.listed(ctx, e, "DescribeInstances", "describe-instances", "Reservations", awsapi.Input{"MaxResults": 1000})
	if err != nil {
		return err
	}
	asked := 0
	for _, text := range reservations {
		var r struct {
			Instances []struct {
				InstanceID string `json:"InstanceId"`
				State      struct{ Name string }
			}
		}
		if err := json.Unmarshal(text, &r); err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		for _, i := range r.Instances {
			if i.State.Name == "terminated" {
				continue // AWS has forgotten its attributes
			}
			if asked++; asked > maxUserData {
				return fmt.Errorf("%w: only the first %d were", errTooManyInstances, maxUserData)
			}
			a, err := g.api.Call(ctx, g.call(e, "ec2", "DescribeInstanceAttribute", awsapi.Input{"InstanceId": i.InstanceID, "Attribute": "userData"}))
			if awsapi.Code(err) == "InvalidInstanceID.NotFound" {
				continue // it ended between the two calls, as those of a scaling group do all day
			}
			if err != nil {
				return err
			}
			if err := g.keepAnswer(e, "user-data/"+fileName(i.InstanceID), "DescribeInstanceAttribute", "", a); err != nil {
				return err
			}
		}
	}
	return nil
}
