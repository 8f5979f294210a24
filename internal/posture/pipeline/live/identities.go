package live

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
)

// identities reads the account's roles, users and groups with all their policies. IAM
// gives them over several pages, and what a user's groups allow may stand on another
// page than the user: they are read as one answer.
func identities(ctx context.Context, o *Options) *model.Inventory {
	// Lists that are there and empty: an account without roles is an answer too.
	all := &iam.GetAccountAuthorizationDetailsOutput{RoleDetailList: []types.RoleDetail{}, UserDetailList: []types.UserDetail{}}
	var failed []model.Gap
	// 1,000 is the most the API gives; an account at its quotas of roles and users
	// then needs a handful of calls.
	pages := iam.NewGetAccountAuthorizationDetailsPaginator(o.Identities, &iam.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(1000)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil { // the pages before it stand
			failed = append(failed, gap(o.Account, "", "roles, users and their policies", err))
			break
		}
		all.UserDetailList = append(all.UserDetailList, page.UserDetailList...)
		all.GroupDetailList = append(all.GroupDetailList, page.GroupDetailList...)
		all.RoleDetailList = append(all.RoleDetailList, page.RoleDetailList...)
		all.Policies = append(all.Policies, page.Policies...)
	}
	data, err := json.Marshal(all) // the SDK's names are those of the API
	if err != nil {
		failed = append(failed, gap(o.Account, "", "roles, users and their policies", fmt.Errorf("read the answer: %w", err)))
		return &model.Inventory{Gaps: failed}
	}
	inv := read.Answers([]read.Answer{{Name: "GetAccountAuthorizationDetails", Data: data}}).Inventory
	inv.Gaps = append(failed, inv.Gaps...)
	return inv
}
