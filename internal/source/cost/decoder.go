// Package cost reads what was spent: Cost Explorer's GetCostAndUsage, and the
// Cost and Usage Report (CUR 2.0 and its predecessor) as CSV and Parquet.
package cost

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/answer"
	"github.com/trailhound/trailhound/internal/source/rows"
)

// Decoder reads costs.
type Decoder struct{}

var _ source.Decoder = Decoder{}

// Name implements source.Decoder.
func (Decoder) Name() string { return "cost" }

// Claims implements source.Decoder.
func (Decoder) Claims(head []byte) bool {
	return isReport(head) || answer.Shape(head).Any("ResultsByTime")
}

// isReport recognises the header of a report: "line_item_usage_start_date" since
// 2.0, "lineItem/UsageStartDate" before.
func isReport(head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	names := string(line)
	return strings.Contains(names, ",") && !strings.HasPrefix(strings.TrimSpace(names), "{") &&
		(strings.Contains(names, "line_item_usage_start_date") || strings.Contains(names, "lineItem/UsageStartDate"))
}

// Decode implements source.Decoder.
func (Decoder) Decode(ctx context.Context, content io.Reader, emit source.Emit) (source.Result, error) {
	head := make([]byte, 64<<10)
	n, _ := io.ReadFull(content, head)
	content = io.MultiReader(bytes.NewReader(head[:n]), content)
	if isReport(head[:n]) {
		return report(ctx, func(visit func(rows.Row, int64) error, damage func(int64, string)) error {
			return rows.CSV(content, visit, damage)
		}, emit)
	}
	return explorer(ctx, content, emit)
}

// Table reads reports that come as Parquet.
var Table = rows.Format{
	Wants: func(columns []string) bool { return slices.Contains(columns, "line_item_usage_start_date") },
	Read:  report,
}

// report reads the line items of a Cost and Usage Report.
func report(ctx context.Context, read rows.Reading, emit source.Emit) (source.Result, error) {
	out := source.Result{Kind: "cost-report"}
	index := int64(0)
	err := read(func(raw rows.Row, offset int64) error {
		if index&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		row := rows.Row{}
		for name, v := range raw {
			row[column(name)] = v
		}
		index++
		start := evidence.ParseTime(row["line_item_usage_start_date"])
		if start.IsZero() {
			out.Reject(offset, "a line item without a time")
			return nil
		}
		// Where the report leaves out its own ids, two equal lines are two amounts.
		id := row["identity_line_item_id"]
		if id == "" {
			id = fmt.Sprintf("line %d", index)
		}
		out.Records++
		return emit.Observation(evidence.Observation{
			Kind: "cost", ID: id, Account: row["line_item_usage_account_id"], Region: row["product_region_code"], Time: start,
			Until: evidence.ParseTime(row["line_item_usage_end_date"]), Keys: []string{row["line_item_resource_id"]}, Body: row.Body(),
			Ref: evidence.Ref{Index: index - 1, Offset: offset},
		})
	}, out.Reject)
	if out.Records == 0 {
		out.Reason = "there is no line item in it"
	}
	return out, err
}

// column gives the names of the older report in those of 2.0:
// "lineItem/UsageStartDate" is "line_item_usage_start_date".
func column(name string) string {
	if !strings.Contains(name, "/") {
		return name
	}
	var b strings.Builder
	for i, r := range strings.ReplaceAll(name, "/", "_") {
		if r >= 'A' && r <= 'Z' {
			if i > 0 && name[i-1] != '/' && (name[i-1] < 'A' || name[i-1] > 'Z') {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// explorer reads GetCostAndUsage: an observation for every interval and group.
func explorer(ctx context.Context, content io.Reader, emit source.Emit) (source.Result, error) {
	form := answer.Form{Kind: "cost-explorer", Thing: interval}
	return form.Decode(ctx, content, emit)
}

func interval(t answer.Thing) ([]evidence.Observation, string) {
	if !t.Has("ResultsByTime") {
		return nil, "it is no answer of GetCostAndUsage"
	}
	var list []evidence.Observation
	definitions := t.Raw("GroupDefinitions")
	for _, r := range t.Each("ResultsByTime") {
		groups := r.Each("Groups")
		if len(groups) == 0 {
			list = append(list, amount(r, "total", nil, definitions, r.Raw("Total")))
		}
		for _, g := range groups {
			var keys []string
			for _, k := range g.Each("Keys") {
				keys = append(keys, k.Value())
			}
			list = append(list, amount(r, strings.Join(keys, "/"), keys, definitions, g.Raw("Metrics")))
		}
	}
	if len(list) == 0 {
		return nil, "an answer without any interval"
	}
	return list, ""
}

// amount is one sum with all that says what it is of, which the answer writes in
// three places.
func amount(r answer.Thing, id string, keys []string, definitions, metrics json.RawMessage) evidence.Observation {
	p := r.At("TimePeriod")
	body, err := json.Marshal(struct {
		TimePeriod       json.RawMessage
		Estimated        string          `json:",omitempty"`
		GroupDefinitions json.RawMessage `json:",omitempty"`
		Keys             []string        `json:",omitempty"`
		Metrics          json.RawMessage
	}{r.Raw("TimePeriod"), r.Text("Estimated"), definitions, keys, metrics})
	if err != nil {
		body = []byte("{}")
	}
	return evidence.Observation{
		Kind: "cost", ID: p.Text("Start") + " " + id, Time: evidence.ParseTime(p.Text("Start")), Until: evidence.ParseTime(p.Text("End")),
		Keys: keys, Body: body,
	}
}
