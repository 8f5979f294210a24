package live

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/buildspec"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/secret"
	"github.com/trailhound/trailhound/internal/source/awsapi"
)

// references are the secrets and parameters that the projects and the account's
// source credentials name, by name or ARN, sorted.
// Names in a buildspec or a variable are written by authors of code. They are only
// ever sent as the id of something to describe, and no value comes back.
func references(inv *model.Inventory) (stored, parameters []string) {
	s, p := set{}, set{}
	fetch := func(arn string) {
		if strings.Contains(arn, ":secretsmanager:") {
			s.add(arn)
		}
	}
	for _, project := range inv.Projects {
		spec, err := buildspec.Parse(project.Source.Buildspec.V.Reveal())
		if err != nil {
			spec = nil // a path, or text that other checks complain of
		}
		for _, ref := range secret.Refs(project, spec) {
			if ref.Kind == secret.Stored {
				s.add(ref.Name)
			} else {
				p.add(ref.Name)
			}
		}
		fetch(project.Source.AuthFrom.V)
		for _, source := range project.Secondary.Or(nil) {
			fetch(source.AuthFrom.V)
		}
		if registry := project.Env.Registry; registry.Known() {
			// The credential of a private registry always is a secret of Secrets
			// Manager.
			s.add(registry.V)
		}
	}
	for _, c := range inv.Credentials {
		fetch(c.Resource.V)
	}
	return s.sorted(), p.sorted()
}

// secrets asks of each secret what it is and who may read it. The text of a secret is
// never asked for. A secret that is named by its ARN is asked for where that says.
func (r *region) secrets(ctx context.Context, names []string) {
	r.each(ctx, "secret", names, func(ctx context.Context, name string) ([]awsapi.Answer, error) {
		var out []awsapi.Answer
		for _, operation := range []string{"DescribeSecret", "GetResourcePolicy"} {
			call := awsapi.Call{Service: "secretsmanager", Operation: operation, Region: r.name, Input: awsapi.Input{"SecretId": name}}
			if f := strings.Split(name, ":"); f[0] == "arn" && len(f) > 3 {
				// A secret of another account may answer there too, if its policy
				// lets the role describe it; else it is a gap.
				call.Region = cmp.Or(f[3], r.name)
			}
			a, err := r.api.Call(ctx, call)
			if err != nil {
				return out, err
			}
			out = append(out, a)
		}
		return out, nil
	})
}

// parameterChunk is how many values one filter of DescribeParameters takes. Source:
// Systems Manager API reference, ParameterStringFilter.
const parameterChunk = 50

// parameters asks for the metadata of parameters. One that is not listed, because it
// is not there or is another account's, is a gap.
func (r *region) parameters(ctx context.Context, refs []string) {
	names, listed := set{}, set{}
	for _, ref := range refs {
		// Several references may name one parameter, by its ARN and by its name.
		names.add(secret.Name(ref))
	}
	for part := range slices.Chunk(names.sorted(), parameterChunk) {
		in := awsapi.Input{"ParameterFilters": []any{map[string]any{"Key": "Name", "Option": "Equals", "Values": part}}}
		err := awsapi.Pages(ctx, r.api, awsapi.Call{Service: "ssm", Operation: "DescribeParameters", Region: r.name, Input: in}, func(a awsapi.Answer) error {
			var page struct{ Parameters []struct{ Name string } }
			if err := json.Unmarshal(a.Body, &page); err != nil {
				return fmt.Errorf("read the answer: %w", err)
			}
			for _, p := range page.Parameters {
				listed.add(p.Name)
			}
			r.keep("DescribeParameters", a)
			return nil
		})
		if err != nil {
			r.gap(some("parameter", part), err)
			continue
		}
		for _, name := range part {
			if !listed[name] {
				r.gaps = append(r.gaps, model.Gap{Account: r.o.Account, Region: r.name, What: "parameter " + name, Why: "Systems Manager does not list it there"})
			}
		}
	}
}
