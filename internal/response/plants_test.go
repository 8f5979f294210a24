package response

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// byHand are the plants that a person ends at the console, with no command given:
// they are rare, and their commands need more than the ledger knows of them.
var byHand = map[string]bool{
	"AWS::Bedrock::ModelImportJob": true, "AWS::Bedrock::MarketplaceModelEndpoint": true, "AWS::ECR::Registry": true, "AWS::Glue::DataCatalog": true,
	"AWS::IAM::DelegationRequest": true, "AWS::Logs::Destination": true, "AWS::Organizations::Handshake": true, "AWS::Organizations::ServiceAccess": true,
	"AWS::Organizations::DelegatedAdministrator": true, "AWS::RDS::DBSecurityGroup": true, "AWS::S3::AccessPoint": true, "AWS::SES::ReceiptRule": true,
	"AWS::IdentityStore::ExternalIdP": true, "AWS::SSO::TrustedTokenIssuer": true,
	// Services that are rare, or whose thing the plan cannot tell by its id.
	"AWS::ACMPCA::CertificateAuthority": true, "AWS::CodeArtifact::Domain": true, "AWS::CodeArtifact::Repository": true,
	"AWS::DirectoryService::MicrosoftAD": true, "AWS::EC2::VPCEndpointService": true, "AWS::IdentityStore::ProvisioningTenant": true,
	"AWS::IoT::Certificate": true, "AWS::IoT::TopicRule": true, "AWS::Lightsail::Bucket": true,
	"AWS::Lightsail::BucketAccessKey": true, "AWS::Lightsail::InstancePorts": true, "AWS::Logs::AccountPolicy": true,
	"AWS::Logs::ResourcePolicy": true, "AWS::Organizations::ResourcePolicy": true, "AWS::RedshiftServerless::Namespace": true,
	"AWS::RedshiftServerless::Resource": true, "AWS::RedshiftServerless::Workgroup": true, "AWS::Transfer::Server": true,
	"AWS::STS::Session": true, "AWS::STS::FederatedUser": true, // ended with their user, by the row of the credential
}

// natives are ids of the things that go by no ARN, by type.
var natives = map[string]string{
	"AWS::EC2::TransitGatewayAttachment": "tgw-attach-0123456789abcdef0", "AWS::EC2::VPCPeeringConnection": "pcx-0123456789abcdef0",
	"AWS::EC2::ClientVpnEndpoint": "cvpn-endpoint-0123456789abcdef0", "AWS::EC2::VPNConnection": "vpn-0123456789abcdef0",
	"AWS::EC2::NetworkAcl": "acl-0123456789abcdef0", "AWS::EC2::LaunchTemplate": "lt-0123456789abcdef0", "AWS::EC2::SecurityGroup": "sg-0123456789abcdef0",
	"AWS::EC2::Instance": "i-0123456789abcdef0", "AWS::EC2::Image": "ami-0123456789abcdef0", "AWS::EC2::Snapshot": "snap-0123456789abcdef0",
	"AWS::Redshift::DataShare": "arn:aws:redshift:eu-west-1:111122223333:datashare:x1/y1", "AWS::Redshift::Resource": "arn:aws:redshift:eu-west-1:111122223333:namespace:x1",
	"AWS::EC2::TrafficMirrorSession": "tms-0123456789abcdef0", "AWS::IAM::AccessKey": root, "AWS::IAM::VirtualMFADevice": iam + "mfa/x1",
}

// written fills the parts of an ARN that a thing's pattern leaves open.
var written = strings.NewReplacer("{partition}", "aws", "{account}", "111122223333", "{region}", "eu-west-1", "{path}", "/", "{name}", "x1", "{name*}", "x1/y1", "{tail}", "", "{rest}", "", "{rand}", "")

var firstPath = regexp.MustCompile(`^:`)

// TestEveryPlantHasACommand: what the ledger calls a way back in can be undone by
// a command, for the very kind of thing that was planted.
func TestEveryPlantHasACommand(t *testing.T) {
	actions := load(t)
	fsys := os.DirFS("../../content")
	names, err := fs.Glob(fsys, "ledger/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	type thing struct {
		Type, ARN, Within string
		Native            bool
	}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Things map[string]thing
			Calls  map[string][]struct {
				Thing  string
				ID     any
				Plants []struct{ Kind, Undo string }
			}
		}
		if err := yaml.Load(data, &file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for call, entries := range file.Calls {
			for _, e := range entries {
				for _, p := range e.Plants {
					x := file.Things[e.Thing]
					part := ""
					if x.Within != "" {
						part, x = "#"+partOf(e.ID), file.Things[x.Within]
					}
					id := written.Replace(x.ARN)
					if x.Native || id == "" {
						id = "x1"
					}
					if native, ok := natives[x.Type]; ok {
						id = native
					}
					a := actions[p.Undo]
					whole, some := targetOf(id, x.Type), targetOf(id+part, x.Type)
					_, ok := a.form(some.kind)
					if _, of := a.form(whole.kind); !ok && !of && !byHand[x.Type] {
						t.Errorf("%s: %s plants %s: %s has no form for %q (%s)", filepath.Base(name), call, id+part, p.Undo, some.kind, x.Type)
					}
				}
			}
		}
	}
}

// partOf is a name of the sort that an entry gives a part.
func partOf(id any) string {
	s, _ := id.(string)
	s = firstPath.ReplaceAllString(s, "")
	if strings.Contains(strings.ToLower(s), "policyarn") {
		return "arn:aws:iam::aws:policy/AdministratorAccess"
	}
	if prefix, _, ok := strings.Cut(s, "/"); ok && !strings.ContainsAny(prefix, "{.") {
		return prefix + "/x1"
	}
	return "x1"
}
