package access

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The language in which samples and tests write a statement, one line each:
//
//	Allow|Deny [not] ACTION,… [on [not] RESOURCE,…] [for [not] PRINCIPAL,…] [if OPERATOR KEY VALUE,… [and …]]
//
// A principal is "*", an account, an ARN, a service (lambda.amazonaws.com), or
// federated:PROVIDER. The version is that of 2012 unless a line says else.

var twelveDigits = regexp.MustCompile(`^\d{12}$`)

// statementJSON turns a line into a statement as IAM writes it.
func statementJSON(line string) (json.RawMessage, error) {
	words := strings.Fields(line)
	if len(words) < 2 || words[0] != "Allow" && words[0] != "Deny" {
		return nil, fmt.Errorf("%q: a statement is Allow or Deny, and an action", line)
	}
	s := map[string]any{"Effect": words[0]}
	words = take(words[1:], s, "Action", split)
	for len(words) > 1 {
		key := words[0]
		words = words[1:]
		switch key {
		case "on":
			words = take(words, s, "Resource", split)
		case "for":
			words = take(words, s, "Principal", principals)
		case "if", "and":
			if len(words) < 3 {
				return nil, fmt.Errorf("%q: a condition is OPERATOR KEY VALUE", line)
			}
			condition, _ := s["Condition"].(map[string]map[string]any)
			if condition == nil {
				condition = map[string]map[string]any{}
				s["Condition"] = condition
			}
			if condition[words[0]] == nil {
				condition[words[0]] = map[string]any{}
			}
			condition[words[0]][words[1]] = split(words[2])
			words = words[3:]
		default:
			return nil, fmt.Errorf("%q: %q is none of on, for, if, and", line, key)
		}
	}
	if len(words) > 0 {
		return nil, fmt.Errorf("%q: what is %q at the end?", line, words[0])
	}
	return json.Marshal(s)
}

// take reads "[not] LIST" into the element, or into its Not form.
func take(words []string, s map[string]any, element string, read func(string) any) []string {
	if len(words) > 1 && words[0] == "not" {
		element, words = "Not"+element, words[1:]
	}
	s[element] = read(words[0])
	return words[1:]
}

func split(list string) any { return strings.Split(list, ",") }

func principals(list string) any {
	if list == "*" {
		return "*"
	}
	out := map[string][]string{}
	for _, p := range strings.Split(list, ",") {
		kind, name, ok := strings.Cut(p, ":")
		switch {
		case ok && kind == "federated":
			out["Federated"] = append(out["Federated"], name)
		case ok && kind == "canonical":
			out["CanonicalUser"] = append(out["CanonicalUser"], name)
		case strings.HasPrefix(p, "arn:"), p == "*", twelveDigits.MatchString(p), slices.Contains([]string{"AIDA", "AROA"}, p[:min(4, len(p))]):
			out["AWS"] = append(out["AWS"], p)
		default:
			out["Service"] = append(out["Service"], p)
		}
	}
	return out
}

// documentJSON joins lines into a policy document.
func documentJSON(lines ...string) (json.RawMessage, error) {
	doc := struct {
		Version   string
		Statement []json.RawMessage
	}{Version: "2012-10-17"}
	for _, line := range lines {
		s, err := statementJSON(line)
		if err != nil {
			return nil, err
		}
		doc.Statement = append(doc.Statement, s)
	}
	return json.Marshal(doc)
}
