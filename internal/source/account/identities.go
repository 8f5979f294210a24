package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// iamSteps tell who there is and what they may do.
var iamSteps = []step{
	{action: "iam:GetAccountAuthorizationDetails", run: func(ctx context.Context, g *gatherer, e *Entry) error {
		var all *iam.GetAccountAuthorizationDetailsOutput
		var calls []Made
		pages := iam.NewGetAccountAuthorizationDetailsPaginator(iam.NewFromConfig(g.cfg), &iam.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(1000)})
		for pages.HasMorePages() {
			out, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			calls = append(calls, made("GetAccountAuthorizationDetails", out.ResultMetadata))
			if all == nil {
				all = out
				continue
			}
			all.UserDetailList = append(all.UserDetailList, out.UserDetailList...)
			all.GroupDetailList = append(all.GroupDetailList, out.GroupDetailList...)
			all.RoleDetailList = append(all.RoleDetailList, out.RoleDetailList...)
			all.Policies = append(all.Policies, out.Policies...)
		}
		// The file says of itself what is true of it: all pages are in it.
		all.IsTruncated, all.Marker = false, nil
		return g.keep(e, "get-account-authorization-details", all, calls...)
	}},
	{action: "iam:GetCredentialReport", also: []string{"iam:GenerateCredentialReport"}, run: credentialReport},
	{action: "iam:ListUsers", also: []string{"iam:ListAccessKeys", "iam:GetAccessKeyLastUsed", "iam:ListMFADevices", "iam:ListServiceSpecificCredentials"}, run: credentials},
}

// reportWaits is how often AWS is asked whether the credential report is written.
// Every two seconds for a minute. What is not written by then is a step that failed,
// and the next run makes it again.
const reportWaits = 30

// credentialReport has AWS write its report on the account's credentials, which
// changes nothing that it reports on, and fetches it. Where that is refused,
// a report that somebody else had written in the last four hours will do.
func credentialReport(ctx context.Context, g *gatherer, e *Entry) error {
	client := iam.NewFromConfig(g.cfg)
	var refused error
	for range reportWaits {
		out, err := client.GenerateCredentialReport(ctx, &iam.GenerateCredentialReportInput{})
		if refused = err; err != nil || out.State == "COMPLETE" {
			break
		}
		if err := g.c.wait(ctx, 2*time.Second); err != nil {
			return err
		}
	}
	out, err := client.GetCredentialReport(ctx, &iam.GetCredentialReportInput{})
	if err != nil {
		if refused != nil {
			return refused
		}
		return err
	}
	if err := g.keep(e, "get-credential-report", out, made("GetCredentialReport", out.ResultMetadata)); err != nil {
		return err
	}
	return refused // the report may be hours old: that is worth a word
}

// credentials lists every user's access keys, their last use, MFA devices and
// credentials for single services.
func credentials(ctx context.Context, g *gatherer, e *Entry) error {
	client := iam.NewFromConfig(g.cfg)
	var users *iam.ListUsersOutput
	var calls []Made
	pages := iam.NewListUsersPaginator(client, &iam.ListUsersInput{MaxItems: aws.Int32(1000)})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		calls = append(calls, made("ListUsers", out.ResultMetadata))
		if users == nil {
			users = out
		} else {
			users.Users = append(users.Users, out.Users...)
		}
	}
	users.IsTruncated, users.Marker = false, nil
	if err := g.keep(e, "list-users", users, calls...); err != nil {
		return err
	}
	var wrong []error // what is refused for one thing need not be for the next
	for _, u := range users.Users {
		wrong = append(wrong, g.userCredentials(ctx, client, e, u.UserName))
		if err := firstOwn(wrong); err != nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
	}
	return firstOf(wrong)
}

// userCredentials asks everything about one user, whatever is refused.
func (g *gatherer) userCredentials(ctx context.Context, client *iam.Client, e *Entry, user *string) error {
	name := func(what string) string { return fmt.Sprintf("users/%s/%s", fileName(aws.ToString(user)), what) }
	var wrong []error
	keys, err := client.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: user})
	if wrong = append(wrong, err); err == nil {
		wrong = append(wrong, g.keep(e, name("list-access-keys"), keys, made("ListAccessKeys", keys.ResultMetadata)))
		for _, k := range keys.AccessKeyMetadata {
			used, err := client.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: k.AccessKeyId})
			if wrong = append(wrong, err); err == nil {
				// AWS does not repeat which key was asked for.
				wrong = append(wrong, g.keep(e, name("get-access-key-last-used-"+fileName(aws.ToString(k.AccessKeyId))),
					lastUsed{k.AccessKeyId, used.UserName, used.AccessKeyLastUsed}, made("GetAccessKeyLastUsed", used.ResultMetadata)))
			}
		}
	}
	devices, err := client.ListMFADevices(ctx, &iam.ListMFADevicesInput{UserName: user})
	if wrong = append(wrong, err); err == nil {
		wrong = append(wrong, g.keep(e, name("list-mfa-devices"), devices, made("ListMFADevices", devices.ResultMetadata)))
	}
	special, err := client.ListServiceSpecificCredentials(ctx, &iam.ListServiceSpecificCredentialsInput{UserName: user})
	if wrong = append(wrong, err); err == nil {
		wrong = append(wrong, g.keep(e, name("list-service-specific-credentials"), special, made("ListServiceSpecificCredentials", special.ResultMetadata)))
	}
	return errors.Join(firstOwn(wrong), firstOf(wrong))
}

// lastUsed is what get-access-key-last-used says, and of which key.
type lastUsed struct {
	AccessKeyId       *string //nolint:revive // AWS's spelling
	UserName          *string
	AccessKeyLastUsed *types.AccessKeyLastUsed
}

func firstOf(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// firstOwn is the first error of our own side.
func firstOwn(errs []error) error {
	for _, err := range errs {
		if own := (*ownError)(nil); errors.As(err, &own) {
			return err
		}
	}
	return nil
}
