package iam

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/answer"
)

// table reads the credential report as it is downloaded: CSV, a row a user.
func table(ctx context.Context, content io.Reader, emit source.Emit) (source.Result, error) {
	out := source.Result{Kind: Kind}
	data, err := io.ReadAll(io.LimitReader(content, answer.MaxContent+1))
	if len(data) > answer.MaxContent {
		return source.Result{Kind: evidence.KindUnreadable, Reason: "it is a credential report of over 128 MB"}, ctx.Err()
	}
	sum := sha256.Sum256(data)
	if eerr := rows(data, &out, func(row evidence.Observation) error {
		row.Snapshot, row.Ref.Index = hex.EncodeToString(sum[:]), int64(out.Records)
		if out.Records++; out.Records&255 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		return emit.Observation(row)
	}); eerr != nil {
		return out, eerr
	}
	if err != nil {
		out.Reject(int64(len(data)), err.Error())
	}
	if out.Records == 0 {
		out.Reason = "it is a credential report without a row that could be read"
	}
	return out, ctx.Err()
}

// Every row is kept as an object of its own, with the names of all columns, so that a
// long header is written again for each: a file of 1 MB could ask for many gigabytes.
// AWS's report has 22 columns, of names of some 30 bytes.
const (
	maxColumns = 64
	maxHeader  = 4 << 10 // bytes of all names
)

// maxEmbedded bounds the rows of a report that lies in an answer and is held in memory
// as a whole. IAM allows an account 5,000 users.
const maxEmbedded = 20_000

// rows reads the report and gives emit a row at a time; what is wrong with one is counted
// in out. The error is emit's own.
func rows(data []byte, out *source.Result, emit func(evidence.Observation) error) error {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	header, err := r.Read()
	if err == nil && (len(header) > maxColumns || len(strings.Join(header, "")) > maxHeader) {
		err = fmt.Errorf("a header of %d columns and %d bytes, which AWS does not write", len(header), len(strings.Join(header, "")))
	}
	if err != nil {
		out.Reject(0, err.Error())
		return nil
	}
	for {
		offset := r.InputOffset()
		fields, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			out.Reject(offset, err.Error())
			if _, broken := err.(*csv.ParseError); !broken {
				return nil
			}
			continue
		}
		if len(fields) != len(header) {
			out.Reject(offset, "a row with another number of columns than the header")
			continue
		}
		cells := map[string]string{}
		for i, h := range header {
			cells[h] = strings.ToValidUTF8(fields[i], "\uFFFD")
		}
		body, err := json.Marshal(cells)
		if err != nil || cells["arn"] == "" {
			out.Reject(offset, "a row without an ARN")
			continue
		}
		if err := emit(evidence.Observation{
			Kind: "credential_report", ID: cells["arn"], Account: answer.AccountOf(cells["arn"]), Keys: []string{cells["arn"], cells["user"]},
			Body: body, Ref: evidence.Ref{Offset: offset},
		}); err != nil {
			return err
		}
	}
}

var errTooMany = fmt.Errorf("the credential report has more than %d rows", maxEmbedded)

// embedded reads the report inside the answer of get-credential-report, which
// also says when it was made.
func embedded(t answer.Thing) ([]evidence.Observation, string) {
	text := t.Text("Content")
	if decoded, err := base64.StdEncoding.DecodeString(text); err == nil {
		text = string(decoded)
	}
	if !isReport([]byte(text)) {
		return nil, "the content of this credential report is not the CSV that AWS writes"
	}
	var out source.Result
	var list []evidence.Observation
	made := evidence.ParseTime(t.Text("GeneratedTime"))
	err := rows([]byte(text), &out, func(row evidence.Observation) error {
		if len(list) == maxEmbedded {
			return errTooMany
		}
		row.Time = made
		list = append(list, row)
		return nil
	})
	switch {
	case err != nil:
		return nil, err.Error()
	case len(list) == 0 && out.Rejected > 0:
		return nil, "the credential report holds no row: " + out.Rejections[0].Reason
	case len(list) == 0:
		return nil, "the credential report holds no row"
	}
	return list, ""
}
