package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// awayFromHome keeps the AWS configuration of whoever runs the test out of it.
func awayFromHome(t *testing.T, profiles string) {
	t.Helper()
	for _, name := range []string{"AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "AWS_ROLE_ARN"} {
		t.Setenv(name, "")
	}
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte(profiles), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", file)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file+"-none")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

func TestAWSFlags(t *testing.T) {
	awayFromHome(t, "[profile responder]\nregion = ap-south-1\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = s\n")
	cfg, err := (&awsFlags{profile: "responder", endpoint: "http://127.0.0.1:1"}).load(t.Context())
	if err != nil || cfg.Region != "ap-south-1" || cfg.BaseEndpoint == nil || *cfg.BaseEndpoint != "http://127.0.0.1:1" {
		t.Fatalf("%+v, %v", cfg.Region, err)
	}
	if creds, err := cfg.Credentials.Retrieve(t.Context()); err != nil || creds.AccessKeyID != "AKIDPROFILE" {
		t.Errorf("%s, %v", creds.AccessKeyID, err)
	}
	if cfg, err = (&awsFlags{}).load(t.Context()); err != nil || cfg.Region != defaultRegion {
		t.Errorf("without a profile: %s, %v", cfg.Region, err)
	}
	for flag, f := range map[string]awsFlags{"profile": {profile: "nobody"}, "authorities": {caBundle: "/nowhere/ca.pem"}} {
		_, err := f.load(t.Context())
		var h hinted
		if !errors.As(err, &h) || h.hint == "" || !strings.Contains(err.Error(), flag) {
			t.Errorf("%s: %v", flag, err)
		}
	}
}
