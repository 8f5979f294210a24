package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// once sends the request one time.
func (t *Transport) once(ctx context.Context, r Request, endpoint, region string) (Answer, error) {
	method, url, body := r.Method, endpoint+r.Path, r.Body
	if r.Service.Target != "" || r.Service.Version != "" {
		method, url = http.MethodPost, endpoint+"/"
	}
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return Answer{}, fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("User-Agent", "trailhound")
	switch {
	case r.Service.Target != "":
		req.Header.Set("Content-Type", "application/x-amz-json-1.1")
		req.Header.Set("X-Amz-Target", r.Service.Target+"."+r.Operation)
	case r.Service.Version != "":
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	case body != nil:
		req.Header.Set("Content-Type", "application/json")
	}
	if t.cfg.Credentials == nil {
		return Answer{}, errors.New("no credentials are configured")
	}
	creds, err := t.cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return Answer{}, fmt.Errorf("get credentials: %w", err)
	}
	at := t.now().Add(t.Skew())
	if err := t.signer.SignHTTP(ctx, creds, req, hash(body), r.Service.Signing, region, at); err != nil {
		return Answer{}, fmt.Errorf("sign request: %w", err)
	}
	resp, err := t.client.Do(req)
	if err != nil {
		return Answer{}, &smithyhttp.RequestSendError{Err: err}
	}
	defer resp.Body.Close()
	return t.read(resp, r.Service.Version != "")
}

// read takes the answer in, whole or not at all.
func (t *Transport) read(resp *http.Response, inXML bool) (Answer, error) {
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	id := requestID(resp.Header)
	switch {
	case err != nil:
		return Answer{}, cut{fmt.Errorf("read the answer: %w", err)}
	case len(data) > maxBody:
		return Answer{}, fmt.Errorf("the answer is larger than %d MB", maxBody>>20)
	case resp.StatusCode >= 300:
		return Answer{}, refusal(resp, data, id)
	case inXML && !wellFormed(data):
		return Answer{}, cut{errors.New("the answer is not XML, or was cut short")}
	case !inXML && !json.Valid(data) && len(data) > 0:
		return Answer{}, cut{errors.New("the answer is not JSON, or was cut short")}
	}
	if id == "" && inXML {
		id = idInXML(data)
	}
	a := Answer{Body: data, SHA256: hash(data), RequestID: id}
	if a.Time, err = parseDate(resp.Header.Get("Date")); err != nil {
		a.Time = t.now().UTC()
	}
	return a, nil
}

// cut is an answer that was lost on the way: every call of ours may be repeated.
type cut struct{ error }

// RetryableError tells the SDK's retryer so.
func (cut) RetryableError() bool { return true }

func (c cut) Unwrap() error { return c.error }

func parseDate(s string) (time.Time, error) {
	d, err := http.ParseTime(s)
	return d.UTC(), err
}

func requestID(h http.Header) string {
	for _, name := range []string{"X-Amzn-Requestid", "X-Amz-Request-Id", "X-Amz-Requestid"} {
		if id := h.Get(name); id != "" {
			return id
		}
	}
	return ""
}

// refusal is an error answer in the shape that SDK clients give. The code stands
// in a header or in the body, with a namespace before it or a link behind it.
func refusal(resp *http.Response, data []byte, id string) error {
	var body struct {
		Type    string `json:"__type"`
		Code    string `json:"code"`
		Message string `json:"message"` // matched in any case
	}
	_ = json.Unmarshal(data, &body) // a proxy may answer HTML: then the status alone speaks
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) {
		body.Code, body.Message = errorInXML(data)
	}
	code := resp.Header.Get("X-Amzn-Errortype")
	if code == "" {
		code = body.Type
	}
	if code == "" {
		code = body.Code
	}
	code, _, _ = strings.Cut(code, ":")
	if i := strings.LastIndexByte(code, '#'); i >= 0 {
		code = code[i+1:]
	}
	if code == "" {
		code = fmt.Sprintf("HTTP%d", resp.StatusCode)
	}
	return &awshttp.ResponseError{
		RequestID: id,
		ResponseError: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: resp},
			Err:      &smithy.GenericAPIError{Code: code, Message: body.Message},
		},
	}
}

// clockCodes are the refusals that a wrong clock can cause.
var clockCodes = map[string]bool{
	"RequestTimeTooSkewed": true, "RequestExpired": true, "RequestInTheFuture": true, "InvalidSignatureException": true,
	"SignatureDoesNotMatch": true, "AuthFailure": true, "SignatureExpired": true,
}

func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}
