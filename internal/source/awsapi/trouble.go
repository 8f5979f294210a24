package awsapi

import (
	"context"
	"errors"
	"fmt"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Trouble is why a call brought nothing, as far as it matters what to do next.
type Trouble string

// What can go wrong with a call that only reads.
const (
	Refused   Trouble = "refused"    // a policy does not allow it
	Expired   Trouble = "expired"    // the credentials have run out
	Invalid   Trouble = "invalid"    // the credentials are unknown there: wrong, or the region is off
	Throttled Trouble = "throttled"  // too many calls, after all retries
	NotInUse  Trouble = "not_in_use" // the service is not turned on: there is nothing to read
	StalePage Trouble = "stale_page" // the token of the next page is no longer good
	Other     Trouble = "other"
)

// troubles are AWS's error codes by what they mean, over all services that are
// asked. Sources: the "Common errors" pages of their API references.
var troubles = map[string]Trouble{
	"AccessDenied": Refused, "AccessDeniedException": Refused, "UnauthorizedOperation": Refused, "NotAuthorized": Refused,
	"AuthorizationError": Refused, "AuthorizationErrorException": Refused, "HTTP403": Refused, "UnauthorizedException": Refused,
	"AccessDeniedForDependencyException": Refused, "OrganizationAccessDeniedException": Refused, "AllAccessDisabled": Refused,
	"ExpiredToken": Expired, "ExpiredTokenException": Expired, "RequestExpired": Expired, "TokenRefreshRequired": Expired,
	"UnrecognizedClientException": Invalid, "InvalidClientTokenId": Invalid, "AuthFailure": Invalid, "InvalidAccessKeyId": Invalid,
	"SignatureDoesNotMatch": Invalid, "InvalidSignatureException": Invalid, "IncompleteSignature": Invalid, "MissingAuthenticationToken": Invalid,
	"InvalidToken": Invalid, "RequestTimeTooSkewed": Invalid,
	"Throttling": Throttled, "ThrottlingException": Throttled, "RequestLimitExceeded": Throttled, "TooManyRequestsException": Throttled,
	"SlowDown": Throttled, "LimitExceededException": Throttled, "BandwidthLimitExceeded": Throttled, "RequestThrottled": Throttled,
	"InvalidAccessException": NotInUse, "OptInRequired": NotInUse, "SubscriptionRequiredException": NotInUse,
	"AWSOrganizationsNotInUseException": NotInUse, "DataUnavailableException": NotInUse,
	"InvalidNextTokenException": StalePage, "InvalidNextToken": StalePage, "InvalidPaginationToken": StalePage,
	"InvalidPaginationTokenException": StalePage, "ExpiredNextTokenException": StalePage, "InvalidMarker": StalePage,
}

// Code is AWS's name for an error, "" if it is none of AWS's.
func Code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// TroubleOf tells what an error of a call means.
func TroubleOf(err error) Trouble {
	code := Code(err)
	if t, ok := troubles[code]; ok {
		return t
	}
	var resp *awshttp.ResponseError
	if errors.As(err, &resp) && resp.HTTPStatusCode() == 403 {
		return Refused
	}
	return Other
}

// Operation is the call that an error came from, "" if it does not say.
func Operation(err error) string {
	var op *smithy.OperationError
	if errors.As(err, &op) {
		return op.Operation()
	}
	return ""
}

// Explain says in one sentence without a full stop why a call brought nothing.
func Explain(err error) string {
	code := Code(err)
	switch TroubleOf(err) {
	case Refused:
		return "the credentials may not make this call (" + code + ")"
	case Expired:
		return "the credentials have expired (" + code + ")"
	case Invalid:
		return "the credentials are not known there (" + code + "): they are wrong, or the region is turned off"
	case Throttled:
		return "AWS went on asking for fewer calls (" + code + ")"
	case NotInUse:
		return "the service is not in use there (" + code + ")"
	case StalePage:
		return "the token of the next page was no longer good (" + code + ")"
	}
	var api smithy.APIError
	switch {
	case errors.As(err, &api):
		return fmt.Sprintf("AWS answered %s: %s", api.ErrorCode(), api.ErrorMessage())
	case errors.Is(err, context.DeadlineExceeded):
		return "AWS did not answer in time"
	}
	var unsent *smithyhttp.RequestSendError
	if errors.As(err, &unsent) {
		return "AWS could not be reached: " + unsent.Err.Error()
	}
	return err.Error()
}
