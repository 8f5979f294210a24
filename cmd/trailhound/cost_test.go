package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
)

// lineItem is a row of a CUR 2.0 data export in Parquet: plain columns, amounts as
// doubles, and what varies by service in maps.
type lineItem struct {
	ID       string            `parquet:"identity_line_item_id"`
	Account  string            `parquet:"line_item_usage_account_id"`
	Start    time.Time         `parquet:"line_item_usage_start_date,timestamp(millisecond)"`
	End      time.Time         `parquet:"line_item_usage_end_date,timestamp(millisecond)"`
	Type     string            `parquet:"line_item_line_item_type"`
	Code     string            `parquet:"line_item_product_code"`
	Usage    string            `parquet:"line_item_usage_type"`
	Resource *string           `parquet:"line_item_resource_id,optional"`
	Amount   float64           `parquet:"line_item_unblended_cost"`
	Currency string            `parquet:"line_item_currency_code"`
	Region   *string           `parquet:"product_region_code,optional"`
	Product  map[string]string `parquet:"product"`
	Tags     map[string]string `parquet:"resource_tags"`
}

// TestCostFromParquet reads the bill of the mined region as AWS exports it: what
// the intruder's calls started is money that they probably cost, what no call here
// started is said to be just that, and a steady service, a fee and a small rise are nothing.
func TestCostFromParquet(t *testing.T) {
	dir := t.TempDir()
	if code, _, errs := say(t, "simulate", "mined-region", "--out", filepath.Join(dir, "sim"), "--events", "1500"); code != 0 {
		t.Fatal(errs)
	}
	var rows []lineItem
	add := func(day time.Time, kind, code, region string, amount float64) {
		rows = append(rows, lineItem{ID: code + day.Format(time.DateOnly) + kind, Account: "829660192175", Start: day.Add(5 * time.Hour), End: day.Add(6 * time.Hour), Type: kind, Code: code,
			Usage: "BoxUsage", Amount: amount, Currency: "USD", Region: &region, Product: map[string]string{"instance_family": "GPU"}, Tags: map[string]string{}})
	}
	for day := time.Date(2025, 8, 20, 0, 0, 0, 0, time.UTC); day.Before(time.Date(2025, 9, 25, 0, 0, 0, 0, time.UTC)); day = day.AddDate(0, 0, 1) {
		mined := !day.Before(time.Date(2025, 9, 22, 0, 0, 0, 0, time.UTC))
		add(day, "Usage", "AmazonS3", "us-east-1", 12.5)
		add(day, "Usage", "AmazonSageMaker", "us-east-1", map[bool]float64{false: 10, true: 410.25}[mined])
		add(day, "Usage", "AmazonRDS", "us-east-1", map[bool]float64{false: 20, true: 55}[mined])
		if mined {
			add(day, "Usage", "AmazonEC2", "eu-north-1", 900.5)
			add(day, "Tax", "AmazonRoute53", "us-east-1", 5000)
		}
	}
	var out bytes.Buffer
	if err := parquet.Write(&out, rows); err != nil {
		t.Fatal(err)
	}
	bill := filepath.Join(dir, "cur-00001.snappy.parquet")
	if err := os.WriteFile(bill, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	code, text, errs := say(t, "investigate", "--no-input", "--format", "json", "--evidence", filepath.Join(dir, "sim"), "--evidence", bill, "EC2 in eu-north-1 costs more per day since 22 September 2025 than all the rest together, and nobody here works in that region")
	if code != 0 {
		t.Fatal(errs)
	}
	for _, want := range []string{
		"`AmazonEC2` in `eu-north-1` cost 2701.5 USD from 2025-09-22 to 2025-09-24, on days that cost over three times the usual.",
		"`AmazonSageMaker` in `us-east-1` cost 1230.75 USD from 2025-09-22 to 2025-09-24, on days that cost over three times the usual.",
		"AmazonSageMaker in us-east-1 cost more than usual from 2025-09-22 to 2025-09-24, and no call that would have caused it is in the evidence.",
		`"struck_claims": []`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing says: %s", want)
		}
	}
	for _, never := range []string{"AmazonEC2 in eu-north-1 cost more than usual", "`AmazonS3` in", "`AmazonRDS` in", "`AmazonRoute53`"} {
		if strings.Contains(text, never) {
			t.Errorf("it is said: %s", never)
		}
	}
}
