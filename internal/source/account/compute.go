package account

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// ec2Steps tell of instances, what they are made of, and where they are reached.
var ec2Steps = []step{
	{action: "ec2:DescribeInstances", also: []string{"ec2:DescribeInstanceAttribute"}, scope: perRegion, run: instances},
	{action: "ec2:DescribeVolumes", scope: perRegion, run: func(ctx context.Context, g *gatherer, e *Entry) error {
		pages := ec2.NewDescribeVolumesPaginator(ec2.NewFromConfig(g.in(e.Region)), &ec2.DescribeVolumesInput{MaxResults: aws.Int32(500)})
		all := ec2.DescribeVolumesOutput{Volumes: []types.Volume{}} // none is an answer too
		var calls []Made
		for pages.HasMorePages() {
			out, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			calls = append(calls, made("DescribeVolumes", out.ResultMetadata))
			all.Volumes = append(all.Volumes, out.Volumes...)
		}
		return g.keep(e, "describe-volumes", all, calls...)
	}},
	{action: "ec2:DescribeSnapshots", scope: perRegion, run: func(ctx context.Context, g *gatherer, e *Entry) error {
		pages := ec2.NewDescribeSnapshotsPaginator(ec2.NewFromConfig(g.in(e.Region)), &ec2.DescribeSnapshotsInput{OwnerIds: []string{"self"}, MaxResults: aws.Int32(1000)})
		all := ec2.DescribeSnapshotsOutput{Snapshots: []types.Snapshot{}}
		var calls []Made
		for pages.HasMorePages() {
			out, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			calls = append(calls, made("DescribeSnapshots", out.ResultMetadata))
			all.Snapshots = append(all.Snapshots, out.Snapshots...)
		}
		return g.keep(e, "describe-snapshots", all, calls...)
	}},
	{action: "ec2:DescribeAddresses", scope: perRegion, run: func(ctx context.Context, g *gatherer, e *Entry) error {
		out, err := ec2.NewFromConfig(g.in(e.Region)).DescribeAddresses(ctx, &ec2.DescribeAddressesInput{})
		if err != nil {
			return err
		}
		return g.keep(e, "describe-addresses", out, made("DescribeAddresses", out.ResultMetadata))
	}},
	{action: "ec2:DescribeLaunchTemplateVersions", scope: perRegion, run: func(ctx context.Context, g *gatherer, e *Entry) error {
		// Without a template named, AWS answers for all of them.
		pages := ec2.NewDescribeLaunchTemplateVersionsPaginator(ec2.NewFromConfig(g.in(e.Region)),
			&ec2.DescribeLaunchTemplateVersionsInput{Versions: []string{"$Latest", "$Default"}, MaxResults: aws.Int32(200)})
		all := ec2.DescribeLaunchTemplateVersionsOutput{LaunchTemplateVersions: []types.LaunchTemplateVersion{}}
		var calls []Made
		for pages.HasMorePages() {
			out, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			calls = append(calls, made("DescribeLaunchTemplateVersions", out.ResultMetadata))
			all.LaunchTemplateVersions = append(all.LaunchTemplateVersions, out.LaunchTemplateVersions...)
		}
		return g.keep(e, "describe-launch-template-versions", all, calls...)
	}},
}

// maxUserData is how many instances of a region are asked for their user data;
// each is a call of its own.
const maxUserData = 1000

// instances lists the instances, and what each was told to run at its start.
func instances(ctx context.Context, g *gatherer, e *Entry) error {
	client := ec2.NewFromConfig(g.in(e.Region))
	pages := ec2.NewDescribeInstancesPaginator(client, &ec2.DescribeInstancesInput{MaxResults: aws.Int32(1000)})
	all := ec2.DescribeInstancesOutput{Reservations: []types.Reservation{}}
	var calls []Made
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		calls = append(calls, made("DescribeInstances", out.ResultMetadata))
		all.Reservations = append(all.Reservations, out.Reservations...)
	}
	if err := g.keep(e, "describe-instances", all, calls...); err != nil {
		return err
	}
	asked := 0
	for _, r := range all.Reservations {
		for _, i := range r.Instances {
			if i.State != nil && i.State.Name == types.InstanceStateNameTerminated {
				continue // AWS has forgotten its attributes
			}
			if asked++; asked > maxUserData {
				return fmt.Errorf("the user data of more than %d instances was not asked for", maxUserData)
			}
			out, err := client.DescribeInstanceAttribute(ctx, &ec2.DescribeInstanceAttributeInput{
				InstanceId: i.InstanceId, Attribute: types.InstanceAttributeNameUserData,
			})
			if err != nil {
				return err
			}
			// The other attributes, which were not asked for, come as empty lists.
			told := struct {
				InstanceId *string //nolint:revive // AWS's spelling
				UserData   *types.AttributeValue
			}{out.InstanceId, out.UserData}
			name := "user-data/" + fileName(aws.ToString(i.InstanceId))
			if err := g.keep(e, name, told, made("DescribeInstanceAttribute", out.ResultMetadata)); err != nil {
				return err
			}
		}
	}
	return nil
}
