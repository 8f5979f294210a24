package all

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/datasettest"
)

// What the README of the data sets says of each folder, and what was counted by
// hand where it says nothing. Records counts files of equal bytes each time.
var datasets = map[string]struct {
	records, rejected int
	kinds             map[evidence.Kind]int
}{
	"invictus-aws_dataset":    {2900, 0, map[evidence.Kind]int{"cloudtrail": 55, "unknown": 2}},
	"boogy-eks-prod-sample":   {1685, 0, map[evidence.Kind]int{"cloudtrail": 7, "unknown": 1}},
	"traildiscover":           {563, 0, map[evidence.Kind]int{"cloudtrail": 563, "unknown": 24}},
	"stratus-detonation-logs": {156, 0, map[evidence.Kind]int{"cloudtrail": 23, "unknown": 2}},
	// Two zips: NDJSON with @timestamp, and a CSV of S3 access rows without eventSource.
	"otrf-security-datasets": {103, 0, map[evidence.Kind]int{"cloudtrail": 1, "archive": 2, "unknown": 4}},
	"davidarpasi-lab":        {35, 0, map[evidence.Kind]int{"cloudtrail": 1, "unknown": 2}},
	// 44 in the README count its flow records too.
	"plaintext-labs-synthetic": {20, 0, map[evidence.Kind]int{"alerts": 1, "cloudtrail": 1, "unknown": 2}},
	// 269 rows, each the input of a rule's test: 212 are calls with a time that can be read.
	"panther-analysis": {212, 57, map[evidence.Kind]int{"cloudtrail": 1, "unknown": 6}},
	// Export forms: together 131 records, and placeholders such as "eventTime": "...".
	"cribl-cloudtrail-sample":    {44, 0, map[evidence.Kind]int{"cloudtrail": 1, "unknown": 1}},
	"streamalert-tests":          {41, 15, map[evidence.Kind]int{"cloudtrail": 14, "cloudtrail-insight": 1, "unknown": 4}},
	"cloud-custodian-events":     {29, 1, map[evidence.Kind]int{"alerts": 5, "cloudtrail": 25, "unknown": 45}},
	"datadog-cwl-envelope":       {8, 1, map[evidence.Kind]int{"cloudtrail": 2, "not-cloudtrail": 2, "unknown": 20}},
	"plaso-lookup-events":        {6, 0, map[evidence.Kind]int{"cloudtrail": 1, "unknown": 1}},
	"trailscraper-testdata":      {7, 0, map[evidence.Kind]int{"cloudtrail": 3, "unknown": 1}},
	"cado-cloudgrep":             {2, 2, map[evidence.Kind]int{"archive": 1, "cloudtrail": 2, "unknown": 14, "unreadable": 2}},
	"azure-sentinel-csv-excerpt": {2, 0, map[evidence.Kind]int{"cloudtrail": 1, "unknown": 1}},
	"awscli-examples":            {23, 1, map[evidence.Kind]int{"alerts": 1, "cloudtrail": 1, "iam-snapshot": 8, "trail-snapshot": 1, "unknown": 99}},
	// Refused as such. One Lambda event is broken JSON by intent.
	"negatives-lambda-events":    {0, 1, map[evidence.Kind]int{"not-cloudtrail": 22, "unknown": 82, "unreadable": 1}},
	"negatives-s3-notifications": {0, 0, map[evidence.Kind]int{"not-cloudtrail": 7, "unknown": 9}},
	"iam-cloudmapper-demo":       {28, 1, map[evidence.Kind]int{"ec2-snapshot": 2, "iam-snapshot": 14, "trail-snapshot": 1, "unknown": 45}}, // a repository's policy does not say where it is
	"iam-cloudsplaining":         {267, 0, map[evidence.Kind]int{"iam-snapshot": 6, "unknown": 11}},
	"codebuild-webhook-cases":    {0, 0, map[evidence.Kind]int{"unknown": 1}},
	"invictus-sigma-aws-doc":     {0, 0, map[evidence.Kind]int{"unknown": 2}},
	"ground_truth":               {0, 0, map[evidence.Kind]int{"unknown": 5}},
}

func TestRealData(t *testing.T) {
	dir := datasettest.Dir(t)
	folders, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		t.Run(folder.Name(), func(t *testing.T) {
			want, ok := datasets[folder.Name()]
			if !ok {
				t.Fatal("a data set that this test does not know: count it and add it")
			}
			all := read(t, Options{}, filepath.Join(dir, folder.Name()))
			records, rejected := 0, 0
			for _, a := range all.artifacts {
				records += a.Records
				rejected += a.Rejected
			}
			if records != want.records || rejected != want.rejected {
				t.Errorf("%d records and %d rejected, want %d and %d", records, rejected, want.records, want.rejected)
			}
			if got := all.kinds(); !maps.Equal(got, want.kinds) {
				t.Errorf("kinds %v, want %v", got, want.kinds)
			}
			for _, e := range all.events {
				checkColumns(t, &e)
			}
		})
	}
}

// checkColumns holds the hand-written reader against encoding/json: no column may
// say what Body does not.
func checkColumns(t *testing.T, e *evidence.Event) {
	t.Helper()
	if !json.Valid(e.Body) {
		t.Fatalf("event %s: Body is not valid JSON", e.ID)
	}
	r, err := e.Parse()
	if err != nil {
		t.Fatal(err)
	}
	id := e.Identity
	for path, got := range map[string]string{
		"eventSource": e.Source, "eventName": e.RawName, "eventType": e.Type, "eventCategory": e.Category, "awsRegion": e.Region,
		"sourceIPAddress": e.SourceIP, "userAgent": e.UserAgent, "errorCode": e.ErrorCode, "requestID": e.RequestID,
		"sharedEventID": e.SharedID, "vpcEndpointId": e.VPCEndpoint, "userIdentity.type": id.Type, "userIdentity.principalId": id.PrincipalID,
		"userIdentity.arn": id.ARN, "userIdentity.accountId": id.Account, "userIdentity.accessKeyId": id.AccessKey,
		"userIdentity.userName": id.UserName, "userIdentity.invokedBy": id.InvokedBy, "userIdentity.credentialId": id.CredentialID,
		"userIdentity.sessionContext.sessionIssuer.type":          id.IssuerType,
		"userIdentity.sessionContext.sessionIssuer.principalId":   id.IssuerID,
		"userIdentity.sessionContext.sessionIssuer.arn":           id.IssuerARN,
		"userIdentity.sessionContext.sessionIssuer.userName":      id.IssuerName,
		"userIdentity.sessionContext.attributes.mfaAuthenticated": id.MFA,
		"userIdentity.sessionContext.sourceIdentity":              id.SourceIdentity,
		"userIdentity.sessionContext.ec2RoleDelivery":             id.RoleDelivery,
		"userIdentity.onBehalfOf.userId":                          id.OnBehalfOf,
		"userIdentity.inScopeOf.credentialsIssuedTo":              id.InScopeOf,
	} {
		if want := r.Str(path); got != want {
			t.Errorf("event %s: %s is %q, Body says %q", e.ID, path, got, want)
		}
	}
	// Some exports write a space for the T, fractions, and no zone.
	if said := r.Str("eventTime"); len(said) >= 19 && e.Time.Format(time.DateTime) != strings.Replace(said[:19], "T", " ", 1) {
		t.Errorf("event %s: time %s, Body says %q", e.ID, e.Time, said)
	}
	if want := r.Str("errorMessage"); want != "" && e.ErrorMessage != want {
		t.Errorf("event %s: errorMessage %q, Body says %q", e.ID, e.ErrorMessage, want)
	}
	if got, want := e.ReadOnly, r.Str("readOnly") == "true"; got != want {
		t.Errorf("event %s: readOnly %v, Body says %v", e.ID, got, want)
	}
	for _, res := range e.Resources {
		if quoted, _ := json.Marshal(res); !bytes.Contains(e.Body, bytes.Trim(quoted, `"`)) && !strings.Contains(string(e.Body), res) {
			t.Errorf("event %s: Body does not hold the resource %q", e.ID, res)
		}
	}
}
