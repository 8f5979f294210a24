package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/spf13/cobra"
)

// awsFlags say how AWS is reached. This is the one place where the SDK looks at
// the environment, ~/.aws and the metadata service; everything below is handed
// the result.
type awsFlags struct {
	profile string
	// A role to assume before the first call, and the external id that its trust may ask for.
	roleARN    string
	externalID string
	region     string
	// Where calls go instead of to AWS, and whom to trust there: for tests, and for networks
	// that see into their TLS.
	endpoint string
	caBundle string
}

// defaultRegion is asked for what is the same in every region, when nobody names one.
const defaultRegion = "us-east-1"

// register declares them, as the AWS CLI names them where it has the same.
func (f *awsFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.profile, "profile", "", "the AWS profile to use (default: as the AWS CLI would choose)")
	c.Flags().StringVar(&f.roleARN, "role-arn", "", "assume this role first, for example the one of collect --print-role")
	c.Flags().StringVar(&f.externalID, "external-id", "", "the external id that the role asks for")
	c.Flags().StringVar(&f.region, "region", "", "the AWS region to sign in to (default: that of the profile, else "+defaultRegion+")")
	c.Flags().StringVar(&f.endpoint, "endpoint-url", "", "send AWS calls to this address instead of to AWS")
	c.Flags().StringVar(&f.caBundle, "ca-bundle", "", "a PEM file of certificate authorities to trust instead of the system's")
	_ = c.MarkFlagFilename("ca-bundle", "pem", "crt")
}

// load gives a configuration with retries that slow down when AWS asks for it.
// It makes no call, but for one when a role is to be assumed, and that later.
func (f *awsFlags) load(ctx context.Context) (aws.Config, error) {
	opts := []func(*config.LoadOptions) error{
		// A collection makes thousands of calls, which AWS throttles by service and account.
		config.WithRetryMode(aws.RetryModeAdaptive),
		config.WithRetryMaxAttempts(8),
		config.WithAppID("trailhound"),
		config.WithLogger(logging.Nop{}), // standard error is ours
	}
	if f.profile != "" {
		opts = append(opts, config.WithSharedConfigProfile(f.profile))
	}
	if f.region != "" {
		opts = append(opts, config.WithRegion(f.region))
	}
	if f.endpoint != "" {
		opts = append(opts, config.WithBaseEndpoint(f.endpoint))
	}
	if f.caBundle != "" {
		pem, err := os.Open(f.caBundle)
		if err != nil {
			return aws.Config{}, hintFor(fmt.Errorf("read the certificate authorities: %w", err))
		}
		defer pem.Close()
		opts = append(opts, config.WithCustomCABundle(pem))
	}
	// The order in which credentials are looked for is the SDK's, as users know it from the CLI.
	cfg, err := config.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		var noProfile config.SharedConfigProfileNotExistError
		if errors.As(err, &noProfile) {
			return cfg, withHint(fmt.Errorf("there is no AWS profile %q", noProfile.Profile), "aws configure list-profiles names those there are")
		}
		return cfg, withHint(fmt.Errorf("load the AWS configuration: %w", err), "aws sts get-caller-identity tells whether the AWS CLI can sign in")
	}
	if cfg.Region == "" {
		cfg.Region = defaultRegion
	}
	// The role is assumed when the first call is made, and again when it runs out.
	if f.roleARN != "" {
		cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), f.roleARN, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = "trailhound"
			o.Duration = time.Hour
			if f.externalID != "" {
				o.ExternalID = &f.externalID
			}
		}))
	}
	return cfg, nil
}
