package detection

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/datasettest"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

// pantherMap is the technique of ours that each rule of Panther's speaks of.
var pantherMap = map[string]string{
	"AWS.Bedrock.DeleteModelInvocationLoggingConfiguration": "DE-022",
	"AWS.CloudTrail.AMIModifiedForPublicAccess":             "XF-002",
	"AWS.CloudTrail.AttemptToLeaveOrg":                      "DE-014",
	"AWS.CloudTrail.CodebuildProjectMadePublic":             "CI-002",
	"AWS.CloudTrail.DNSLogsDeleted":                         "DE-012",
	"AWS.CloudTrail.NetworkACLPermissiveEntry":              "PR-033",
	"AWS.CloudTrail.RootAccessKeyCreated":                   "IA-007",
	"AWS.CloudTrail.SES.CheckIdentityVerifications":         "DS-006",
	"AWS.CloudTrail.SES.CheckSendQuota":                     "DS-006",
	"AWS.CloudTrail.SecurityConfigurationChange":            "DE-002",
	"AWS.CloudTrail.SnapshotMadePublic":                     "XF-001",
	"AWS.Console.GetSigninToken.Abuse":                      "IA-008",
	"AWS.EC2.DownloadInstanceUserData":                      "DS-014",
	"AWS.EC2.GatewayModified":                               "LM-012",
	"AWS.EC2.Monitoring":                                    "CO-006",
	"AWS.EC2.NetworkACLModified":                            "PR-033",
	"AWS.ECR.CRUD":                                          "PR-025",
	"AWS.IAM.AttachAdminUserPolicy":                         "PE-001",
	"AWS.IAM.BackdoorRole":                                  "PR-007",
	"AWS.IAM.CreateUser":                                    "PR-001",
	"AWS.KMS.CustomerManagedKeyLoss":                        "IM-020",
	"AWS.Lambda.UpdateFunctionCode":                         "PE-010",
	"AWS.Macie.Evasion":                                     "DE-017",
	"AWS.RDS.AutomatedBackupDeleted":                        "IM-021",
	"AWS.RDS.DeletionProtectionDisabled":                    "IM-021",
	"AWS.RDS.InstanceDeletion":                              "IM-021",
	"AWS.RDS.ManualSnapshotCreated":                         "CO-005",
	"AWS.RDS.PublicRestore":                                 "CO-005",
	"AWS.RDS.SnapshotCopiedCrossRegion":                     "CO-005",
	"AWS.RDS.SnapshotShared":                                "XF-003",
	"AWS.S3.BucketDeleted":                                  "IM-019",
	"AWS.S3.CopyObject.CrossAccount.Encryption.KMS":         "IM-014",
	"AWS.S3.CopyObjectWithClientSideEncryption":             "IM-013",
	"AWS.S3.DeleteBucketReplication":                        "IM-016",
	"AWS.S3.DisableBucketLogging":                           "DE-015",
	"AWS.S3.RansomwareNoteUpload":                           "IM-018",
	"AWS.S3.SuspendVersioning":                              "IM-016",
	"AWS.SSM.DistributedCommand":                            "LM-005",
	"AWS.STS.GetSessionToken.Misuse":                        "CA-008",
	"AWS.User.Login.Profile.Modified":                       "PR-005",
	"AWS.WAF.Disassociation":                                "DE-016",
}

// pantherOpen says why the other rules have no technique that one event shows.
var pantherOpen = map[string]string{
	"AWS.CloudTrail.Enabled":                          "a setting of a resource, no event",
	"AWS.CloudTrail.LogValidation":                    "a setting of a resource, no event",
	"AWS.CloudTrail.IAMAnythingChanged":               "any change of IAM; ours ask which change (PE-001 to PE-026, PR-001 to PR-014)",
	"AWS.CloudTrail.IAMCompromisedKeyQuarantine":      "AWS's own answer to an exposed key: noise marker NM-01, settled by attribution",
	"AWS.IAM.AccessKeyCompromised":                    "AWS's own answer to an exposed key, in its older form",
	"AWS.CloudTrail.IMDSCredentialExfiltration":       "IA-009, which needs to know where the instance itself calls from",
	"AWS.CloudTrail.PasswordSpraying":                 "IA-004, which needs several failures; the samples have no time",
	"AWS.CloudTrail.UnauthorizedAPICall":              "any refused call; DS-012 asks for many",
	"AWS.CloudTrail.VPCE.AccessDenied":                "any refusal through a VPC endpoint; DE-023 asks whose endpoint it is",
	"AWS.CloudTrail.VPCE.S3ExternalIP":                "any outside address; attribution asks whether it is usual",
	"AWS.ConfigService.Created":                       "setting up AWS Config is no attack",
	"AWS.Console.LoginWithoutSAML":                    "a policy of the organisation",
	"AWS.Console.RootLoginFailed":                     "one failure; IA-004 asks for several",
	"AWS.EC2.ManualSecurityGroupChange":               "any change by hand; PR-033 asks whether a door is opened to the world",
	"AWS.EC2.SecurityGroupModified":                   "any change; PR-033 asks whether a door is opened to the world",
	"AWS.EC2.StopInstances":                           "stopping is counted as impact, and is no technique by itself",
	"AWS.EC2.VPCModified":                             "any change of a VPC; LM-012 asks for a path",
	"AWS.IAM.Group.Read.Only.Events":                  "one read; DS-002 asks for a burst",
	"AWS.IAMUser.ReconAccessDenied":                   "one refusal; DS-012 asks for many",
	"AWS.Potential.Backdoor.Lambda":                   "any permission; PR-015 asks for whom, which these samples do not say",
	"AWS.RDS.InstanceRebooted":                        "a reboot is no technique of the catalogue",
	"AWS.RDS.SnapshotEnumeration":                     "one read; no technique of the catalogue is about it",
	"AWS.S3.DeleteObjects":                            "one call; IM-015 asks for several",
	"AWS.SecretsManager.BatchRetrieveSecretsCatchAll": "CA-001; the samples have no time",
	"AWS.SecretsManager.RetrieveSecretsMultiRegion":   "CA-001; the samples have no time",
	"AWS.Software.Discovery":                          "one read; DS-005 asks for several regions or kinds",
	"AWS.Unsuccessful.MFA.attempt":                    "one failure; IA-004 asks for several",
	"Role.Assumed.by.AWS.Service":                     "what services do all day: noise markers NM-02 and NM-03",
	"Sign-in.with.AWS.CLI.prompt":                     "IA-013; the sample's time cannot be read",
	"Standard.BruteForceByUser":                       "one failure, mostly of other products; IA-004 asks for several",
	"Standard.ImpossibleTravel.Login":                 "needs where addresses are, and is mostly of other products",
	"Standard.SignInFromRogueState":                   "needs where addresses are, and is mostly of other products",
}

// pantherApart are harmless samples that show the very act of the technique, and
// are harmless by who did it or by a limit that is Panther's alone. Given that
// an intruder did it, as this test gives, they are not harmless.
var pantherApart = map[string]string{
	"AWS.ECR.CRUD/Authorized account":                                                 "who: an account on Panther's list. Whose image it may be is for attribution; a list of ours is `known`",
	"AWS.Lambda.UpdateFunctionCode/AssumedRole Updates Lambda Code (Normal CI/CD)":    "who: any role but one of Identity Center passes for a pipeline. A thief takes roles as well; without the intruder given, the rule asks whether this one usually deploys",
	"AWS.Lambda.UpdateFunctionCode/AssumedRole Updates Lambda Code v2 (Normal CI/CD)": "who: the same, under the call's name of another version",
	"AWS.RDS.PublicRestore/RDS-Restore-Not-Public":                                    "limit: public restores only. A copy that is restored in private is read as well, by whoever sets its password",
	"AWS.RDS.SnapshotCopiedCrossRegion/Snapshot Copied Within Same Region - No Alert": "limit: across regions only. A copy in the same region can be shared as well",
	"AWS.SSM.DistributedCommand/Single Command Send, No Cached IDs":                   "limit: many instances only. An intruder's command on one instance is a command",
	"AWS.User.Login.Profile.Modified/ChangeOwnPassword":                               "who: a session that bears the user's name, which whoever takes a role may choose",
	"AWS.User.Login.Profile.Modified/User changed password for other reset required":  "limit: without a reset only. Whoever sets a password signs in with it before the reset",
}

type pantherSample struct {
	Rule     string `json:"rule_id"`
	Name     string `json:"test_name"`
	Expected bool
	Log      json.RawMessage
}

// tally is how the samples of one rule came out.
type pantherTally struct {
	positives, raised, negatives, wrong, apart, apartRaised, unread int
}

// TestPanther runs the rules over each labelled single event with nothing given
// but that an intruder did it, and holds the published map.
func TestPanther(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(datasettest.Dir(t), "panther-analysis", "derived", "cloudtrail_tests.dev.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Load(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	tallies, all := map[string]*pantherTally{}, pantherTally{}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var s pantherSample
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		n := tallies[s.Rule]
		if n == nil {
			n = &pantherTally{}
			tallies[s.Rule] = n
		}
		want := pantherMap[s.Rule]
		if (want == "") == (pantherOpen[s.Rule] == "") {
			t.Errorf("%s is mapped and open, or neither", s.Rule)
		}
		e, err := cloudtrail.Decode(s.Log)
		if err != nil {
			n.unread++
			continue
		}
		match, attempt := p.raises(t, &e, want)
		switch apart := pantherApart[s.Rule+"/"+s.Name]; {
		case want == "":
		case s.Expected:
			n.positives++
			if match {
				n.raised++
			} else {
				t.Logf("not raised: %s/%s", s.Rule, s.Name)
			}
		case apart != "":
			n.apart++
			if match && !attempt {
				n.apartRaised++
			} else {
				t.Errorf("%s/%s is set apart, and does not raise %s", s.Rule, s.Name, want)
			}
		default:
			n.negatives++
			if match && !attempt { // refused: the attempt is rightly told
				n.wrong++
				t.Logf("raised: %s/%s", s.Rule, s.Name)
			}
		}
	}
	for _, n := range tallies {
		all.positives, all.raised, all.negatives, all.wrong = all.positives+n.positives, all.raised+n.raised, all.negatives+n.negatives, all.wrong+n.wrong
		all.apart, all.unread = all.apart+n.apart, all.unread+n.unread
	}
	if all.raised*100 < all.positives*95 {
		t.Errorf("%d of %d positives raise their technique, want 95 %%", all.raised, all.positives)
	}
	if all.wrong*100 > all.negatives*2 {
		t.Errorf("%d of %d negatives raise the technique, want at most 2 %%", all.wrong, all.negatives)
	}
	golden(t, "../../docs/reference/panther-map.md", pantherPage(p, tallies, all))
}

// raises says whether an intruder's single event raises the rule, as itself or
// as a tag beside a more specific one.
func (p *Pack) raises(t *testing.T, e *evidence.Event, rule string) (match, attempt bool) {
	rec, err := e.Parse()
	if err != nil {
		t.Fatal(err)
	}
	// Nobody but AWS holds the credentials of a service-linked role: attribution knows it whatever
	// the case, so that not even here an intruder is given.
	actor := attribution.Intruder
	if e.Identity.ServiceLinked() {
		actor = attribution.Service
	}
	found, _, err := p.Run(t.Context(), []Subject{{Event: e, Record: rec, Actor: actor, Credential: e.Identity.AccessKey}}, Env{})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range found {
		if m.Rule.ID == rule || slices.Contains(m.Tags, rule) {
			return true, e.Outcome() == evidence.Failure
		}
	}
	return false, false
}

func pantherPage(p *Pack, tallies map[string]*pantherTally, all pantherTally) string {
	ids := make([]string, 0, len(tallies))
	for id := range tallies {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var covered, open, apart strings.Builder
	mapped := 0
	for _, id := range ids {
		n := tallies[id]
		if why := pantherOpen[id]; why != "" {
			fmt.Fprintf(&open, "| %s | %s |\n", id, why)
			continue
		}
		mapped++
		unread := ""
		if n.unread > 0 {
			unread = fmt.Sprint(n.unread)
		}
		fmt.Fprintf(&covered, "| %s | %s %s | %d of %d | %d of %d | %s |\n", id, pantherMap[id], p.Rule(pantherMap[id]).Title, n.raised, n.positives, n.wrong, n.negatives, unread)
	}
	keys := make([]string, 0, len(pantherApart))
	for k := range pantherApart {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		fmt.Fprintf(&apart, "| %s | %s |\n", strings.Replace(k, "/", ": ", 1), pantherApart[k])
	}
	return fmt.Sprintf(pantherText, len(ids), mapped, len(ids)-mapped, all.raised, all.positives, all.wrong, all.negatives, all.apart,
		all.wrong+all.apart, all.negatives+all.apart, covered.String(), apart.String(), open.String())
}

const pantherText = `# Panther's rules and our techniques

Panther's open rules come with single events that must, and must not, raise them. Each row below runs those
events through our rules with nothing known but that an intruder did it: no baseline, no other event. Only what AWS does by a
service-linked role is AWS's here too, for nobody else can. The page
is written by ` + "`go test ./internal/detection -run TestPanther -update`" + `; the test fails when less than 95 %% of the
positive samples raise the technique, or more than 2 %% of the negative ones, and skips where the data is missing.

- %d rules of Panther's have samples about CloudTrail; %d speak of one of our techniques, %d do not (listed last).
- Of the positive samples of those that do, %d of %d raise the technique. Refused calls count where Panther counts them.
- Of the negative samples, %d of %d raise it, with %d set apart, each named below with its reason: they show the very act, and
  Panther lets them pass by who did it or by a limit of its own. **With none set apart, %d of %d raise it.** A refused call that we
  report as an attempt does not count as raised.
- Samples that are no CloudTrail record, or have no time, are counted in the last column and nowhere else.

| Panther's rule | our technique | positives raised | negatives raised | unreadable |
|---|---|---|---|---|
%s
## Negatives set apart

| sample | why |
|---|---|
%s
## Rules without a technique of ours that one event shows

| Panther's rule | why |
|---|---|
%s`
