package iam

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
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
	for _, row := range rows(data, &out) {
		row.Snapshot, row.Ref.Index = hex.EncodeToString(sum[:]), int64(out.Records)
		out.Records++
		if err := emit.Observation(row); err != nil {
			return out, err
		}
	}
	if err != nil {
		out.Reject(int64(len(data)), err.Error())
	}
	if out.Records == 0 {
		out.Reason = "it is a credential report without a row that could be read"
	}
	return out, ctx.Err()
}

// rows reads the report; what is wrong with a row is counted in out.
func rows(data []byte, out *source.Result) []evidence.Observation {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	header, err := r.Read()
	if err != nil {
		out.Reject(0, err.Error())
		return nil
	}
	var list []evidence.Observation
	for {
		offset := r.InputOffset()
		fields, err := r.Read()
		if err == io.EOF {
			return list
		}
		if err != nil {
			out.Reject(offset, err.Error())
			if _, broken := err.(*csv.ParseError); !broken {
				return list
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
		list = append(list, evidence.Observation{
			Kind: "credential_report", ID: cells["arn"], Account: answer.AccountOf(cells["arn"]), Keys: []string{cells["arn"], cells["user"]},
			Body: body, Ref: evidence.Ref{Offset: offset},
		})
	}
}

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
	list := rows([]byte(text), &out)
	made := evidence.ParseTime(t.Text("GeneratedTime"))
	for i := range list {
		list[i].Time = made
	}
	if len(list) == 0 {
		return nil, "the credential report holds no row"
	}
	return list, ""
}
