package investigation

import (
	"context"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
)

// past is what was done before the intrusion by calls that a few rules ask
// about: it is read only when one of them does, and keeps names and maxima.
// ctx is kept here because rules ask for facts without one; it is that of the run.
type past struct {
	ctx  context.Context
	read map[string]bool            // calls already read
	seen map[string]map[string]bool // kind → what was seen before the intrusion
	most map[string]int             // account → instances launched by one call
	err  error
}

// histories are the calls behind each fact.
// They are asked for by name, and traces reads of them what only the calls that are meant have.
var histories = map[string][]string{
	"oidc.subject_new_for_role": {"AssumeRoleWithWebIdentity"},
	"model_new_for_account":     {"InvokeModel", "InvokeModelWithResponseStream", "Converse", "ConverseStream"},
	"tag_overwrite":             {"PutImage"},
	"key.protects_logs":         {"CreateTrail", "UpdateTrail"},
	"launch_outlier":            {"RunInstances"},
}

// fact compares the event with what was done before. Without days of history it
// is unknown: the first day of a log makes everything first.
func (p *past) fact(in *inquiry, name string, e *evidence.Event) (bool, bool) {
	s := in.subject(e.ID)
	days := in.o.Content.Weights.Baseline.MinDays
	if s == nil || in.pass.survey.First.AddDate(0, 0, days).After(e.Time) && name != "tag_overwrite" && name != "key.protects_logs" {
		return false, false
	}
	p.load(in, name)
	if p.err != nil {
		return false, false
	}
	keys := traces(name, s)
	before := func(k string) bool { return p.seen[name][k] }
	switch name {
	case "tag_overwrite", "key.protects_logs": // an absence here proves nothing: the log began later than the thing
		return slices.ContainsFunc(keys, before), slices.ContainsFunc(keys, before)
	case "launch_outlier":
		n := launched(s.Record)
		return n > 5*p.most[e.Account] || len(keys) > 0 && !slices.ContainsFunc(keys, before), true
	}
	return len(keys) > 0 && !slices.ContainsFunc(keys, before), len(keys) > 0
}

// load reads what was done before the first hostile call, refused calls left out: to have
// tried is no usage.
func (p *past) load(in *inquiry, name string) {
	if p.read[name] || p.err != nil {
		return
	}
	p.read[name] = true
	p.seen[name] = map[string]bool{}
	from, _ := in.intrusion()
	for e, err := range in.q.Events(p.ctx, evidence.Query{Names: histories[name], To: from, Body: true}) {
		if err != nil {
			p.err = err
			return
		}
		r, err := e.Parse()
		if err != nil || e.Outcome() == evidence.Failure {
			continue
		}
		s := &detection.Subject{Event: &e, Record: r}
		for _, k := range traces(name, s) {
			p.seen[name][k] = true
		}
		if name == "launch_outlier" {
			p.most[e.Account] = max(p.most[e.Account], launched(r))
		}
	}
}

// traces are what a fact compares of one call, within its account.
func traces(name string, s *detection.Subject) []string {
	r := s.Record
	join := func(paths ...string) []string {
		parts := []string{s.Event.Account}
		for _, p := range paths {
			v := r.Str(p)
			if v == "" {
				return nil
			}
			parts = append(parts, v)
		}
		return []string{strings.Join(parts, "\x00")}
	}
	switch name {
	case "oidc.subject_new_for_role":
		return join("requestParameters.roleArn", "responseElements.subjectFromWebIdentityToken")
	case "model_new_for_account":
		return join("requestParameters.modelId")
	case "layer.new":
		return layers(s)
	case "tag_overwrite":
		return join("requestParameters.repositoryName", "requestParameters.imageTag")
	case "key.protects_logs":
		if k := r.Str("requestParameters.kmsKeyId"); k != "" {
			return []string{k}
		}
		return r.Strs("requestParameters.keyId")
	}
	family, _, _ := strings.Cut(r.Str("requestParameters.instanceType"), ".")
	if family == "" {
		return nil
	}
	return []string{s.Event.Account + "\x00" + family}
}

// layers names the layers that a call gives a function, without their versions: a deployment
// brings a new version each time. Records write them as ARNs or as objects that hold one.
func layers(s *detection.Subject) (out []string) {
	for _, arn := range append(s.Record.Strs("requestParameters.layers"), s.Record.Strs("requestParameters.layers.arn")...) {
		if parts := strings.SplitN(arn, ":", 8); len(parts) == 8 {
			arn = strings.Join(parts[:7], ":")
		}
		out = append(out, s.Event.Account+"\x00"+arn)
	}
	return out
}

// launched is how many instances one call asked for.
// From the answer where there is one, else what was asked for at most.
func launched(r evidence.Record) int {
	if n := len(r.Strs("responseElements.instancesSet.items.instanceId")); n > 0 {
		return n
	}
	n := int64(1)
	if items, ok := r.Get("requestParameters.instancesSet.items").([]any); ok {
		for _, item := range items {
			if m, ok := item.(map[string]any); ok {
				if k, err := jsonInt(m["maxCount"]); err == nil {
					n = max(n, k)
				}
			}
		}
	}
	return int(n)
}
