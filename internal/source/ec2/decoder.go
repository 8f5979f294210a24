// Package ec2 reads what AWS says of instances and what they are made of:
// instances, volumes, snapshots, addresses, launch templates and user data.
package ec2

import (
	"context"
	"io"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/answer"
)

// Decoder reads answers about instances.
type Decoder struct{}

var _ source.Decoder = Decoder{}

// Name implements source.Decoder.
func (Decoder) Name() string { return "ec2" }

// Claims implements source.Decoder.
func (Decoder) Claims(head []byte) bool {
	p := answer.Shape(head)
	return p.Any("Reservations", "Volumes.VolumeId", "Snapshots.SnapshotId", "Addresses.AllocationId", "Addresses.PublicIp",
		"LaunchTemplateVersions", "NetworkInterfaces.NetworkInterfaceId", "IamInstanceProfileAssociations", "Instances.InstanceId") ||
		p.All("InstanceId", "ImageId", "LaunchTime") || p.All("InstanceId", "UserData") || p.All("VolumeId", "Attachments")
}

var form = answer.Form{
	Kind: "ec2-snapshot",
	Lists: []string{"Reservations", "Volumes", "Snapshots", "Addresses", "LaunchTemplateVersions", "NetworkInterfaces",
		"IamInstanceProfileAssociations"},
	Thing: thing,
}

// Decode implements source.Decoder.
func (Decoder) Decode(ctx context.Context, content io.Reader, emit source.Emit) (source.Result, error) {
	return form.Decode(ctx, content, emit)
}

func thing(t answer.Thing) ([]evidence.Observation, string) {
	var list []evidence.Observation
	switch {
	case !t.Is():
		return nil, "it is no JSON object"
	case t.Has("Instances"):
		for _, i := range t.Each("Instances") {
			one := instance(i)
			one.Account = t.Text("OwnerId")
			list = append(list, one)
		}
		if len(list) == 0 {
			return nil, "a reservation without instances"
		}
		return list, ""
	case t.Has("AssociationId", "IamInstanceProfile"):
		return t.Observe("ec2_profile_association", t.Text("AssociationId"), t.Text("InstanceId"), t.At("IamInstanceProfile").Text("Arn")), ""
	case t.Has("InstanceId", "UserData"):
		return t.Observe("ec2_user_data", t.Text("InstanceId")), ""
	case t.Has("InstanceId", "LaunchTime"):
		return []evidence.Observation{instance(t)}, ""
	case t.Has("NetworkInterfaceId", "PrivateIpAddress") && !t.Has("PublicIp"):
		list = t.Observe("ec2_interface", t.Text("NetworkInterfaceId"), t.At("Attachment").Text("InstanceId"), t.Text("PrivateIpAddress"), t.At("Association").Text("PublicIp"))
		list[0].Account = t.Text("OwnerId")
	case t.Has("SnapshotId", "StartTime"):
		list = t.Observe("ec2_snapshot", t.Text("SnapshotId"), t.Text("VolumeId"))
		list[0].Account = t.Text("OwnerId")
		return list, ""
	case t.Has("VolumeId", "CreateTime"):
		list = t.Observe("ec2_volume", t.Text("VolumeId"), t.Text("SnapshotId"))
		for _, a := range t.Each("Attachments") {
			list[0].Keys = append(list[0].Keys, a.Text("InstanceId"))
		}
	case t.Text("PublicIp") != "":
		list = t.Observe("ec2_address", first(t.Text("AllocationId"), t.Text("PublicIp")), t.Text("PublicIp"), t.Text("InstanceId"), t.Text("NetworkInterfaceId"))
		list[0].Account, list[0].Region = t.Text("NetworkInterfaceOwnerId"), t.Text("NetworkBorderGroup")
		return list, ""
	case t.Has("LaunchTemplateId", "VersionNumber"):
		data := t.At("LaunchTemplateData", "IamInstanceProfile")
		return t.Observe("launch_template", t.Text("LaunchTemplateId")+":"+t.Text("VersionNumber"), t.Text("LaunchTemplateId"), t.Text("LaunchTemplateName"), data.Text("Arn", "Name")), ""
	default:
		return nil, "it is nothing that this program knows of instances"
	}
	list[0].Region = regionOf(t.Text("AvailabilityZone"))
	return list, ""
}

// instance tells an instance with everything that it may be known by in events:
// its addresses, interfaces, profile and image.
func instance(t answer.Thing) evidence.Observation {
	o := t.Observe("ec2_instance", t.Text("InstanceId"), t.Text("PublicIpAddress"), t.Text("PrivateIpAddress"),
		t.At("IamInstanceProfile").Text("Arn"), t.Text("ImageId"), t.Text("KeyName"))[0]
	for _, n := range t.Each("NetworkInterfaces") {
		o.Keys = append(o.Keys, n.Text("NetworkInterfaceId"), n.At("Association").Text("PublicIp"), n.Text("PrivateIpAddress"))
		o.Account = n.Text("OwnerId")
	}
	for _, b := range t.Each("BlockDeviceMappings") {
		o.Keys = append(o.Keys, b.At("Ebs").Text("VolumeId"))
	}
	o.Region = regionOf(t.At("Placement").Text("AvailabilityZone"))
	return o
}

// regionOf takes the letter off an availability zone; local zones
// ("us-west-2-lax-1a") are longer and keep their region in front.
func regionOf(zone string) string {
	if parts := strings.SplitN(zone, "-", 4); len(parts) >= 3 {
		return strings.Join(parts[:2], "-") + "-" + strings.TrimRight(parts[2], "abcdefghijklmnopqrstuvwxyz")
	}
	return ""
}

func first(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}
