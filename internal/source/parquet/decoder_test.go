package parquet

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/sampletest"
)

func encode[T any](t testing.TB, rows ...T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := parquet.Write(&out, rows); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// flowRow is a flow log as AWS delivers it in Parquet.
type flowRow struct {
	Version     int32   `parquet:"version"`
	AccountID   string  `parquet:"account_id"`
	InterfaceID string  `parquet:"interface_id"`
	Src         *string `parquet:"srcaddr,optional"`
	Dst         *string `parquet:"dstaddr,optional"`
	DstPort     int32   `parquet:"dstport"`
	Bytes       int64   `parquet:"bytes"`
	Start       int64   `parquet:"start"`
	End         int64   `parquet:"end"`
	LogStatus   string  `parquet:"log_status"`
}

func TestFlows(t *testing.T) {
	src, dst := "10.0.1.20", "198.51.100.99"
	in := encode(t,
		flowRow{5, "111122223333", "eni-1", &src, &dst, 443, 5000, 1793595600, 1793595660, "OK"},
		flowRow{5, "111122223333", "eni-1", nil, nil, 0, 0, 1793595660, 1793595720, "NODATA"})
	if !(Decoder{}).Claims(in) {
		t.Error("not claimed")
	}
	res, list := sampletest.Decode(t, Decoder{}, bytes.NewReader(in))
	if res.Kind != "flow-log" || len(list) != 2 {
		t.Fatalf("%+v, %d flows", res, len(list))
	}
	o := list[0]
	if o.Kind != "flow" || o.Account != "111122223333" || !o.Time.Equal(time.Unix(1793595600, 0)) || strings.Join(o.Keys, " ") != "10.0.1.20 198.51.100.99 eni-1" {
		t.Errorf("%+v", o)
	}
	if r, err := o.Parse(); err != nil || r.Str("bytes") != "5000" || r.Str("log-status") != "OK" {
		t.Errorf("body %s, %v", o.Body, err)
	}
}

// costRow is a line item of CUR 2.0 in Parquet.
type costRow struct {
	ID     string    `parquet:"identity_line_item_id"`
	Start  time.Time `parquet:"line_item_usage_start_date,timestamp(millisecond)"`
	Amount float64   `parquet:"line_item_unblended_cost"`
	Region string    `parquet:"product_region_code"`
}

func TestCosts(t *testing.T) {
	at := time.Date(2026, 11, 2, 5, 0, 0, 0, time.UTC)
	res, list := sampletest.Decode(t, Decoder{}, bytes.NewReader(encode(t, costRow{"a", at, 26.44, "eu-west-1"})))
	if res.Kind != "cost-report" || len(list) != 1 || !list[0].Time.Equal(at) || list[0].Region != "eu-west-1" {
		t.Fatalf("%+v, %+v", res, list)
	}
	if r, err := list[0].Parse(); err != nil || r.Str("line_item_unblended_cost") != "26.44" {
		t.Errorf("body %s, %v", list[0].Body, err)
	}
}

func TestForeignAndDamaged(t *testing.T) {
	type other struct {
		Name string `parquet:"name"`
	}
	if res, _ := sampletest.Decode(t, Decoder{}, bytes.NewReader(encode(t, other{"x"}))); res.Kind != evidence.KindUnknown || !strings.Contains(res.Reason, "evidence store") {
		t.Errorf("%+v", res)
	}
	in := encode(t, costRow{"a", time.Now(), 1, "r"})
	for cut := 4; cut < len(in); cut += 7 {
		if res, list := sampletest.Decode(t, Decoder{}, bytes.NewReader(in[:cut])); len(list) > 0 || res.Reason == "" {
			t.Errorf("cut at %d: %+v", cut, res)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encode(f, costRow{"a", time.Unix(1793595600, 0), 1, "r"}))
	f.Fuzz(func(t *testing.T, in []byte) { sampletest.Decode(t, Decoder{}, bytes.NewReader(in)) })
}
