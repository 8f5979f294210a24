package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSameReportEitherLayout: how a store is laid out shows in no report. The evidence has two
// accounts that are large enough for partitions of their own, on a day of the incident.
func TestSameReportEitherLayout(t *testing.T) {
	if testing.Short() {
		t.Skip("140,000 events")
	}
	sim := t.TempDir()
	truth := simulated(t, "leaked-ci-key", sim)
	logs := filepath.Join(sim, "AWSLogs")
	accounts, err := os.ReadDir(logs)
	if err != nil {
		t.Fatal(err)
	}
	// Somebody reads and reads, in the account of the incident and in another.
	day := ""
	for _, f := range logFiles(t, sim) {
		for _, r := range f.records {
			var e struct{ EventID, EventTime string }
			if err := json.Unmarshal(r, &e); err != nil {
				t.Fatal(err)
			}
			if e.EventID == truth.AttackEventIDs[0] {
				day = e.EventTime[:10]
			}
		}
	}
	busy := filepath.Join(t.TempDir(), "busy.json")
	var b bytes.Buffer
	for k := range 140_000 {
		account := []string{accounts[0].Name(), "999999999999"}[k%2]
		fmt.Fprintf(&b, `{"eventVersion":"1.08","eventID":"%08x-0000-4000-8000-000000000000","eventTime":"%sT%02d:%02d:%02dZ","eventSource":"s3.amazonaws.com","eventName":"ListObjects",`+
			`"eventCategory":"Data","readOnly":true,"awsRegion":"us-east-1","sourceIPAddress":"192.0.2.%d","userAgent":"aws-cli/2.13.0","recipientAccountId":"%s",`+
			`"userIdentity":{"type":"IAMUser","principalId":"AIDA%s","arn":"arn:aws:iam::%s:user/reader","accountId":"%s","accessKeyId":"AKIA%s","userName":"reader"}}`+"\n",
			k, day, k/7000, k/100%60, k%60, 1+k%9, account, account, account, account, account)
	}
	if err := os.WriteFile(busy, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	want := ""
	for _, layout := range []struct{ name, folder string }{{"day", "events/v2/day=*"}, {"auto", "events/v3/day=*/account=*"}, {"account", "events/v3/day=*/account=*"}} {
		st := filepath.Join(t.TempDir(), "st")
		said := command(t, "", "import", "--store", st, "--partition", layout.name, logs, busy)
		if divided := strings.Contains(said, "laid out by day and account"); divided != (layout.name != "day") {
			t.Errorf("%s: %s", layout.name, said)
		}
		if found, _ := filepath.Glob(filepath.Join(st, filepath.FromSlash(layout.folder))); len(found) < 3 {
			t.Errorf("%s: %v", layout.name, found)
		}
		if own, _ := filepath.Glob(filepath.Join(st, "events/v3/day="+day+"/account=[0-9]*")); len(own) == 0 && layout.name != "day" {
			t.Errorf("%s: %s is not divided", layout.name, day)
		}
		got := reportOf(t, truth.Sentence, "", st)
		if want == "" {
			want = got
		}
		if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
			t.Errorf("%s: the report differs:\n%.4000s", layout.name, diff)
		}
	}
}
