// Package flow reads VPC flow logs: versions 2 to 5 and custom formats, as text
// with or without a header, and as Parquet.
package flow

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/rows"
)

// Decoder reads flow logs.
type Decoder struct{}

var _ source.Decoder = Decoder{}

// Name implements source.Decoder.
func (Decoder) Name() string { return "flow" }

// fields are the columns of flow logs, versions 2 to 10, from the VPC guide, as
// text writes them; Parquet writes an underscore for the hyphen.
var fields = strings.Fields(`version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status
	vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id sublocation-type sublocation-id
	pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path ecs-cluster-arn ecs-cluster-name ecs-container-instance-arn
	ecs-container-instance-id ecs-container-id ecs-second-container-id ecs-service-name ecs-task-definition-arn ecs-task-arn ecs-task-id
	reject-reason resource-id encryption-status`)

// v2 are the columns of the default format, which may come without a header.
var v2 = fields[:14]

// Claims implements source.Decoder. Text is told by a header of flow log columns
// or by a line of the default format.
func (Decoder) Claims(head []byte) bool {
	line, _, _ := bytes.Cut(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), []byte("\n"))
	words := strings.Fields(string(line[:min(len(line), 2048)]))
	return isHeader(words) || isDefault(words) || len(words) > 1 && isDefault(words[1:]) || inLogs.Match(head)
}

func isHeader(words []string) bool {
	known := 0
	for _, w := range words {
		if !slices.Contains(fields, strings.Trim(w, "${}")) {
			return false
		}
		known++
	}
	return known >= 4
}

// isDefault recognises "2 123456789010 eni-… 172.31.16.139 172.31.16.21 …".
func isDefault(words []string) bool {
	return len(words) == len(v2) && words[0] == "2" && (len(words[1]) == 12 || words[1] == "unknown") && strings.HasPrefix(words[2], "eni-") &&
		slices.Contains([]string{"OK", "NODATA", "SKIPDATA"}, words[13])
}

// Decode implements source.Decoder.
func (Decoder) Decode(ctx context.Context, content io.Reader, emit source.Emit) (source.Result, error) {
	in := bufio.NewReaderSize(content, source.SniffLen)
	if head, _ := in.Peek(source.SniffLen); inLogs.Match(head) {
		return logs.Decode(ctx, in, emit)
	}
	r := &reader{ctx: ctx, emit: emit.Observation, out: source.Result{Kind: "flow-log"}}
	err := rows.Lines(in, r.line, r.out.Reject)
	if r.out.Records == 0 {
		r.out.Reason = "there is no flow in it"
	}
	return r.out, err
}

type reader struct {
	ctx     context.Context
	emit    func(evidence.Observation) error
	columns []string
	out     source.Result
	index   int64
}

// Table reads flow logs that come as Parquet, where columns have an underscore
// for the hyphen.
var Table = rows.Format{
	Wants: func(columns []string) bool {
		return slices.Contains(columns, "srcaddr") || slices.Contains(columns, "interface_id")
	},
	Read: func(ctx context.Context, read rows.Reading, emit source.Emit) (source.Result, error) {
		r := &reader{ctx: ctx, emit: emit.Observation, out: source.Result{Kind: "flow-log"}}
		err := read(func(raw rows.Row, offset int64) error {
			row := rows.Row{}
			for name, v := range raw {
				row[strings.ReplaceAll(name, "_", "-")] = v
			}
			return r.row(row, offset)
		}, r.out.Reject)
		if r.out.Records == 0 {
			r.out.Reason = "there is no flow in it"
		}
		return r.out, err
	},
}

func (r *reader) line(line []byte, offset int64) error {
	words := strings.Fields(string(bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))))
	if isHeader(words) {
		r.columns = nil
		for _, w := range words {
			r.columns = append(r.columns, strings.Trim(w, "${}"))
		}
		return nil
	}
	columns := r.columns
	if len(words) == len(v2)+1 && isDefault(words[1:]) { // CloudWatch puts its own time in front
		words, columns = words[1:], v2
	} else if columns == nil {
		columns = v2
	}
	if len(words) != len(columns) {
		r.index++
		r.out.Reject(offset, fmt.Sprintf("a line of %d fields, not %d", len(words), len(columns)))
		return r.ctx.Err()
	}
	return r.row(rowOf(words, columns), offset)
}

func (r *reader) row(row rows.Row, offset int64) error {
	if r.index&1023 == 0 && r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	o, ok := observe(row)
	o.Ref = evidence.Ref{Index: r.index, Offset: offset}
	r.index++
	if !ok {
		r.out.Reject(offset, noFlow)
		return nil
	}
	r.out.Records++
	return r.emit(o)
}

const noFlow = "a flow without addresses, interface and time"

// observe makes an observation of a row, unless there is nothing in it.
func observe(row rows.Row) (evidence.Observation, bool) {
	o := evidence.Observation{
		Kind: "flow", Account: row["account-id"], Region: row["region"], Time: moment(row["start"]), Until: moment(row["end"]), Body: row.Body(),
		ID:   strings.Join([]string{row["interface-id"], row["srcaddr"], row["srcport"], row["dstaddr"], row["dstport"], row["protocol"]}, "/"),
		Keys: []string{row["srcaddr"], row["dstaddr"], row["pkt-srcaddr"], row["pkt-dstaddr"], row["interface-id"], row["instance-id"]},
	}
	return o, !o.Time.IsZero() || row["srcaddr"] != "" || row["interface-id"] != ""
}

// moment reads seconds since 1970, or a timestamp of Parquet.
func moment(s string) time.Time {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n > 0 && n < 1<<40 {
		return time.Unix(n, 0).UTC()
	}
	return evidence.ParseTime(s)
}
