package live_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/trailhound/trailhound/internal/posture/pipeline/live"
	"github.com/trailhound/trailhound/internal/source/awsapi"
	"github.com/trailhound/trailhound/internal/source/awsapi/mototest"
)

// TestMotoAgrees: an AWS by others, filled by AWS's own library, is read to the last
// page. moto has no source credentials; that is then the one gap.
func TestMotoAgrees(t *testing.T) {
	if err := exec.CommandContext(t.Context(), "python3", "-c", "import boto3").Run(); err != nil {
		t.Skip("SKIPPED, NOT PASSED: moto cannot be filled (pip install boto3)")
	}
	url := mototest.Start(t)
	var said bytes.Buffer
	seed := exec.CommandContext(t.Context(), "python3", "testdata/seed.py", url)
	seed.Env = append(os.Environ(), "AWS_EC2_METADATA_DISABLED=true")
	seed.Stderr = &said
	vpc, err := seed.Output()
	if err != nil {
		t.Fatalf("fill moto: %v\n%s", err, said.String())
	}
	cfg := aws.Config{Region: "eu-west-1", BaseEndpoint: &url, HTTPClient: http.DefaultClient, RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDFAKE", SecretAccessKey: "secret"}, nil
		})}
	inv, err := live.Read(t.Context(), awsapi.New(cfg, time.Now), live.Options{Regions: []string{"eu-west-1"}, Around: true, Identities: iam.NewFromConfig(cfg)})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range inv.Gaps {
		if g.What != "source credentials" {
			t.Errorf("gap: %+v", g)
		}
	}
	found, _ := audited(t, inv)
	for _, id := range []string{"PG-RO-01", "PG-EN-02", "PG-EN-03", "PG-CR-10", "PG-CR-14", "PG-PL-01"} {
		if !slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, id) }) {
			t.Errorf("%s is not found", id)
		}
	}
	if len(inv.Endpoints) != 1 || inv.Endpoints[0].VPC.V != string(vpc) {
		t.Errorf("endpoints: %+v", inv.Endpoints)
	}
}
