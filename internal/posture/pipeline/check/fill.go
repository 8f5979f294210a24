package check

import (
	"encoding/json"
	"strings"
)

// fill replaces {names}. A name nobody gave stays as it is, in capitals where a
// person must put something in: <NAME>.
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

func plainWord(s string) string { return s }

// shellWord quotes for a POSIX shell: names come from whoever made the project.
func shellWord(s string) string {
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
	Edits          []Edit   `json:"edits,omitempty"`
}

// Edit replaces text on one line of an input.
type Edit struct {
	File string `json:"file"`
	Line int    `json:"line"`
	From string `json:"from"`
	To   string `json:"to"`
}

// Remedy fills the check's fix in for this finding.
func (f *Finding) Remedy() Remedy {
	fix := f.Check.Fix
	r := Remedy{Note: fill(fix.Note, f.words, plainWord), CloudFormation: fill(fix.CloudFormation, f.words, quotedWord), Terraform: fill(fix.Terraform, f.words, quotedWord)}
	for _, line := range fix.CLI {
		r.CLI = append(r.CLI, fill(line, f.words, shellWord))
	}
	if wrong := f.words["wrong"]; f.At.File != "" && f.At.Line > 0 {
		if to, ok := fix.Replace[wrong]; ok {
			r.Edits = append(r.Edits, Edit{f.At.File, f.At.Line, wrong, to})
		}
	}
	return r
}
