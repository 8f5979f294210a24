package intake

import (
	"testing"

	"github.com/trailhound/trailhound/content"
)

func TestByCall(t *testing.T) {
	for _, tc := range []struct {
		e            Effect
		source, name string
		want         bool
	}{
		{Effect{Kind: "deleted", Object: "vault"}, "backup.amazonaws.com", "DeleteBackupVault", true},
		{Effect{Kind: "deleted", Object: "vault"}, "backup.amazonaws.com", "ListBackupVaults", false},
		{Effect{Kind: "deleted", Object: "vault"}, "glacier.amazonaws.com", "DeleteBackupVault", false},
		{Effect{Kind: "shared", Object: "snapshot"}, "rds.amazonaws.com", "ModifyDBClusterSnapshotAttribute", true},
		{Effect{Kind: "shared", Object: "snapshot"}, "rds.amazonaws.com", "ModifyDBSnapshotAttribute", true},
		{Effect{Kind: "shared", Object: "snapshot"}, "rds.amazonaws.com", "ModifyDBSnapshot", false},
		{Effect{Kind: "shared", Object: "trail"}, "s3.amazonaws.com", "PutBucketPolicy", true},
		{Effect{Kind: "changed"}, "route53.amazonaws.com", "ChangeResourceRecordSets", true},
		{Effect{Kind: "changed", Object: "mail"}, "lambda.amazonaws.com", "UpdateFunctionCode", false},
		{Effect{Kind: "odd"}, "s3.amazonaws.com", "GetObject", false},
	} {
		if got := tc.e.ByCall()(tc.source, tc.name); got != tc.want {
			t.Errorf("%s of %q by %s %s: %v", tc.e.Kind, tc.e.Object, tc.source, tc.name, got)
		}
	}
}

// Every effect that a text may tell of can be looked for, on every object that its words mean.
func TestEveryEffectHasActs(t *testing.T) {
	v, err := builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range v.effects {
		if e.Object != "" && len(Effect{Kind: e.Kind, Object: e.Object}.Calls()) == 0 {
			t.Errorf("%s on %s cannot be looked for", e.Kind, e.Object)
		}
	}
	for _, kind := range EffectKinds {
		if len(Effect{Kind: kind}.Calls()) == 0 {
			t.Errorf("%s cannot be looked for", kind)
		}
	}
	if _, err := loadActs(content.FS); err != nil {
		t.Error(err)
	}
}
