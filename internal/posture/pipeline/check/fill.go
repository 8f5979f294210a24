package check

import (
	"encoding/json"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// fill replaces {names}. A name nobody gave stays as it is, in capitals where a
// person must put something in: <NAME>.
// A value is never looked through for {names} again: words come from accounts and
// repositories, and one word must not pull in another.
func fill(text string, words map[string]string, quote func(string) string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(text, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, rest, closed := strings.Cut(after, "}")
		// Braces of templates and of JSON stay as they are.
		if !closed || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") != "" {
			b.WriteByte('{')
			text = after
			continue
		}
		if v, ok := words[name]; ok && v != "" {
			b.WriteString(quote(v))
		} else {
			b.WriteString("<" + strings.ToUpper(name) + ">")
		}
		text = rest
	}
}

// plainWord is for sentences, in which nothing is quoted.
func plainWord(s string) string { return s }

// shellWord quotes for a POSIX shell: names come from whoever made the project.
func shellWord(s string) string {
	// The list of harmless characters is short on purpose. A tilde, a blank or a
	// star would be read by the shell.
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// quotedWord is a JSON string, which YAML and HCL read too; HCL's ${ and %{ are doubled.
func quotedWord(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(string(data))
}

// Remedy is a fix with everything filled in.
type Remedy struct {
	Note           string   `json:"note,omitempty"`
	CLI            []string `json:"cli,omitempty"`
	CloudFormation string   `json:"cloudformation,omitempty"`
	Terraform      string   `json:"terraform,omitempty"`
	CDK            string   `json:"cdk,omitempty"` // TypeScript, where CDK synthesised the template
	Edits          []Edit   `json:"edits,omitempty"`
}

// Edit is a correction of one place of an input that can be made mechanically.
type Edit struct {
	File string `json:"file"`
	Line int    `json:"line"`
	As   string `json:"as"`
	From string `json:"from"`
	To   string `json:"to"`
}

// The kinds of edits.
const (
	AsWord      = "word"      // the text From on that line becomes To
	AsAuth      = "auth"      // the member From, from that line on, becomes source.auth with the secret To
	AsStatement = "statement" // before the statement with From, from that line on, comes one that allows To on everything
	AsActions   = "actions"   // the list of actions with From, from that line on, gets those of To too, which blanks part
)

// Remedy fills the check's fix in for this finding.
func (f *Finding) Remedy() Remedy {
	fix := f.Check.Fix
	r := Remedy{Note: fill(fix.Note, f.words, plainWord), CloudFormation: fill(fix.CloudFormation, f.words, quotedWord), Terraform: fill(fix.Terraform, f.words, quotedWord)}
	for _, line := range fix.CLI {
		r.CLI = append(r.CLI, fill(line, f.words, shellWord))
	}
	r.CDK = CDK(f.Subject.construct(), r.CloudFormation)
	r.Edits = f.edits()
	return r
}

// edits are the corrections of a finding that need nobody's judgement.
// An edit needs a file and a line: what came from an account's answer is corrected by
// command.
func (f *Finding) edits() []Edit {
	if f.At.File == "" || f.At.Line <= 0 {
		return nil
	}
	var out []Edit
	wrong := f.words["wrong"]
	switch to, ok := f.Check.Fix.Replace[wrong]; {
	case ok && to == "auth":
		out = append(out, Edit{f.At.File, f.At.Line, AsAuth, wrong, f.words["secret_arn"]})
	case ok:
		out = append(out, Edit{f.At.File, f.At.Line, AsWord, wrong, to})
	}
	for _, e := range f.Subject.edits {
		if e.check == f.Check.ID && e.Line > 0 && e.File != "" && e.From != e.To {
			out = append(out, e.Edit)
		}
	}
	return out
}

// construct is the CDK construct that synthesised what the finding is about, "" for
// what CDK did not.
func (s *Subject) construct() string {
	switch {
	case s.Project != nil && s.Project.Form == model.CloudFormation:
		return s.Project.Construct
	case strings.HasSuffix(s.At.Path, "/Resource") && len(s.Also) > 0 && s.Also[0].Construct != "":
		return s.At.Path // a role beside it
	}
	return ""
}
