// Package s3access reads the server access logs of S3 buckets.
package s3access

import (
	"context"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/rows"
)

// Decoder reads server access logs.
type Decoder struct{}

var _ source.Decoder = Decoder{}

// Name implements source.Decoder.
func (Decoder) Name() string { return "s3access" }

// columns of a line, from the S3 user guide; newer ones are added at its end.
var columns = strings.Fields(`bucket_owner bucket time remote_ip requester request_id operation key request_uri http_status error_code
	bytes_sent object_size total_time turn_around_time referer user_agent version_id host_id signature_version cipher_suite
	authentication_type host_header tls_version access_point_arn acl_required source_region`)

// begins recognises a line by what no caller can write: owner, bucket, time,
// address, requester, request id, operation.
var begins = regexp.MustCompile(`^[0-9a-f]{64} \S+ \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] \S+ \S+ [0-9A-Z]+ (?:REST|WEBSITE|SOAP|BATCH|S3)\.[A-Z0-9_.]+ `)

// Claims implements source.Decoder.
func (Decoder) Claims(head []byte) bool { return begins.Match(head[:min(len(head), 4096)]) }

// Decode implements source.Decoder.
func (Decoder) Decode(ctx context.Context, content io.Reader, emit source.Emit) (source.Result, error) {
	out := source.Result{Kind: "s3-access-log"}
	index := int64(0)
	err := rows.Lines(content, func(line []byte, offset int64) error {
		if index&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		index++
		row, ok := parse(strings.ToValidUTF8(string(line), "\uFFFD"))
		at, err := time.Parse("02/Jan/2006:15:04:05 -0700", row["time"])
		if !ok || err != nil {
			out.Reject(offset, "a line that is none of a server access log")
			return nil
		}
		out.Records++
		return emit.Observation(evidence.Observation{
			Kind: "s3_access", ID: row["request_id"], Account: account(row["requester"]), Time: at, Body: row.Body(),
			Keys: []string{row["remote_ip"], row["requester"], row["bucket"], "arn:aws:s3:::" + row["bucket"], row["request_id"]},
			Ref:  evidence.Ref{Index: index - 1, Offset: offset},
		})
	}, out.Reject)
	if out.Records == 0 {
		out.Reason = "there is no request in it"
	}
	return out, err
}

// parse cuts a line into its fields: words, "texts in quotes" and [a time]. A
// caller writes key, referrer and agent, so a quote inside them may cut a field
// short; what stands before them, all that joins a line to anything, it cannot touch.
func parse(line string) (rows.Row, bool) {
	row := rows.Row{}
	for i := 0; line != "" && i < len(columns); i++ {
		var v string
		switch line[0] {
		case '[':
			end := strings.IndexByte(line, ']')
			if end < 0 {
				return nil, false
			}
			v, line = line[1:end], line[end+1:]
		case '"':
			end := closing(line)
			if end < 0 {
				return nil, false
			}
			v, line = line[1:end], line[end+1:]
		default:
			v, line, _ = strings.Cut(line, " ")
			line = " " + line
		}
		line = strings.TrimPrefix(line, " ")
		if v != "-" && v != "" {
			row[columns[i]] = v
		}
	}
	return row, row["request_id"] != "" && row["operation"] != ""
}

// closing finds the quote that ends a field: one that a blank or the end follows.
func closing(line string) int {
	for i := 1; i < len(line); i++ {
		if line[i] == '"' && (i+1 == len(line) || line[i+1] == ' ') {
			return i
		}
	}
	return -1
}

func account(requester string) string {
	parts := strings.SplitN(requester, ":", 6)
	if len(parts) == 6 && parts[0] == "arn" {
		return parts[4]
	}
	return ""
}
