package aws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/trailhound/trailhound/internal/posture/pipeline/ladder"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
	"github.com/trailhound/trailhound/internal/source/awsapi"
	"github.com/trailhound/trailhound/internal/source/awsapi/wire"
)

// operations is the whole of what the program can change, and with it all that a
// role for changes must be allowed beside codebuild:BatchGetProjects.
var operations = []string{"codebuild:UpdateWebhook"}

// Operations lists every call that can change something, as IAM names the
// permission for it.
func Operations() []string { return slices.Clone(operations) }

var codebuild = wire.Service{ID: "CodeBuild", Prefix: "codebuild", Signing: "codebuild", Target: "CodeBuild_20161006"}

// Client is an account at AWS.
type Client struct {
	reads  awsapi.API
	writes *wire.Transport
}

var _ Account = (*Client)(nil)

// NewClient makes a client over a loaded configuration. now is the clock that
// signatures are dated by.
func NewClient(cfg aws.Config, now func() time.Time) *Client {
	return &Client{awsapi.New(cfg, now), wire.New(cfg, now)}
}

// ErrNoWebhook is a project that nothing starts, or that is not there.
var ErrNoWebhook = errors.New("there is no such webhook")

// Project reads a project as it is now.
func (c *Client) Project(ctx context.Context, region, project string) (*model.Project, error) {
	a, err := c.reads.Call(ctx, awsapi.Call{Service: "codebuild", Operation: "BatchGetProjects", Region: region, Input: awsapi.Input{"names": []string{project}}})
	if err != nil {
		return nil, err
	}
	inv := read.Answers([]read.Answer{{Name: "BatchGetProjects in " + region, Data: a.Body}}).Inventory
	for _, p := range inv.Projects {
		if p.Name.V == project {
			return p, nil
		}
	}
	return nil, fmt.Errorf("project %s in %s: %w", project, region, ErrNoWebhook)
}

// Webhook implements Account.
func (c *Client) Webhook(ctx context.Context, region, project string) (Live, error) {
	p, err := c.Project(ctx, region, project)
	if err != nil {
		return Live{}, err
	}
	if !p.Webhook.Known() {
		return Live{}, fmt.Errorf("project %s in %s: %w", project, region, ErrNoWebhook)
	}
	w := p.Webhook.V
	s, err := ladder.Read(&w)
	return Live{State: s, Managed: p.Managed()}, err
}

// UpdateWebhook implements Account. The groups always go as a whole, as the
// service replaces them; of the rest what differs.
func (c *Client) UpdateWebhook(ctx context.Context, region, project string, from, to ladder.State) error {
	groups := to.FilterGroups
	if groups == nil {
		groups = [][]ladder.Filter{}
	}
	in := map[string]any{"projectName": project, "filterGroups": groups}
	a, b := from.Canonical(), to.Canonical()
	if from.BranchFilter != to.BranchFilter {
		in["branchFilter"] = to.BranchFilter
	}
	if a.BuildType != b.BuildType {
		in["buildType"] = b.BuildType
	}
	if a.Policy.Requires != b.Policy.Requires || !slices.Equal(a.Policy.Roles, b.Policy.Roles) {
		policy := b.Policy
		if to.Policy != nil {
			policy = to.Policy // as it was written
		}
		in["pullRequestBuildPolicy"] = policy
	}
	return c.call(ctx, region, "codebuild:UpdateWebhook", in)
}

// call makes one of the listed operations and no other.
func (c *Client) call(ctx context.Context, region, operation string, in any) error {
	if !slices.Contains(operations, operation) {
		return fmt.Errorf("%s is not among the changes that can be made", operation)
	}
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("%s: encode input: %w", operation, err)
	}
	_, err = c.writes.Do(ctx, wire.Request{Service: codebuild, Region: region, Operation: operation[len("codebuild:"):], Body: body})
	return err
}
