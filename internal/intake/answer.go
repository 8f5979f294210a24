package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Answer is what was said to one question, as one text: lists and objects are turned into
// sentences, so that the reader of the case text reads them too.
type Answer struct {
	ID   string
	Text string
}

// Limits of an answers file. They are far above what people write.
const (
	MaxAnswers     = 1 << 20 // bytes of the file
	maxAnswerCount = 256
	maxAnswerDepth = 8
)

// idForm is the form of a question id: it is a file name of content/questions, and is quoted in
// reports and in the origin of seeds, so that it holds no space and nothing that ends a line.
var idForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// ParseAnswers reads the object of an --answers file: question id → text, list or object.
// An id given twice is an error, since one of the two would be lost without a word.
func ParseAnswers(data []byte) (map[string]Answer, error) {
	if len(data) > MaxAnswers {
		return nil, fmt.Errorf("read answers: %d bytes are more than the %d that are read", len(data), MaxAnswers)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("read answers: the file is empty; it should be one JSON object, question id → answer")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	tok, err := dec.Token()
	if err != nil {
		return nil, answerError(dec, err)
	}
	if tok != json.Delim('{') {
		return nil, errors.New(`read answers: the file should hold one JSON object, such as {"owner": "our CI, Terraform only"}`)
	}
	out := map[string]Answer{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, answerError(dec, err)
		}
		id, _ := tok.(string)
		if !idForm.MatchString(id) {
			return nil, fmt.Errorf("read answers: %.80q is not a question id", id)
		}
		if _, twice := out[id]; twice {
			return nil, fmt.Errorf("read answers: %q is answered twice", id)
		}
		if len(out) == maxAnswerCount {
			return nil, fmt.Errorf("read answers: more than %d answers", maxAnswerCount)
		}
		text, err := flatten(dec, id, 0)
		if err != nil {
			return nil, answerError(dec, err)
		}
		out[id] = Answer{id, strings.TrimSpace(text)}
	}
	if _, err := dec.Token(); err != nil {
		return nil, answerError(dec, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read answers: something follows the JSON object")
	}
	return out, nil
}

// answerError says where the file is broken. A file that ends too early is named so; io.EOF
// alone reads like success.
func answerError(dec *json.Decoder, err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("read answers at byte %d: %w", dec.InputOffset(), err)
}

// flatten reads one value as text. Objects keep the order in which they were written.
func flatten(dec *json.Decoder, key string, depth int) (string, error) {
	if depth > maxAnswerDepth {
		return "", fmt.Errorf("an answer is nested deeper than %d", maxAnswerDepth)
	}
	tok, err := dec.Token()
	if err != nil {
		return "", err
	}
	switch v := tok.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case bool:
		if v {
			return "yes", nil
		}
		return "no", nil
	case json.Delim:
		if v == '[' {
			return flattenList(dec, key, depth)
		}
		return flattenObject(dec, depth)
	}
	return "", nil // null
}

// flattenList joins names with commas, and sentences as sentences.
func flattenList(dec *json.Decoder, key string, depth int) (string, error) {
	var items []string
	long := false
	for dec.More() {
		s, err := flatten(dec, key, depth+1)
		if err != nil {
			return "", err
		}
		if s = strings.TrimSpace(s); s != "" {
			items = append(items, s)
			long = long || strings.ContainsAny(s, ",.;") && strings.Contains(s, " ") || strings.Count(s, " ") > 3
		}
	}
	if _, err := dec.Token(); err != nil {
		return "", err
	}
	if !long {
		return strings.Join(items, ", "), nil
	}
	return sentences(items), nil
}

// sentences parts the items by empty lines, which end a sentence for the reader whatever the
// item ends with.
func sentences(items []string) string {
	for i, s := range items {
		items[i] = strings.TrimRight(s, ". ") + "."
	}
	return strings.Join(items, "\n\n")
}

// ends pairs the keys that bound an interval: {"from": "2 Nov", "to": "4 Nov"} is one time.
var ends = map[string]string{"from": "to", "start": "end", "begin": "end", "since": "until"}

// flattenObject writes "principal: deploy-bot, networks: 192.0.2.0/24, tools: terraform",
// one sentence, since what stands in one object belongs together.
func flattenObject(dec *json.Decoder, depth int) (string, error) {
	type field struct{ key, value string }
	var fields []field
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return "", err
		}
		key, _ := tok.(string)
		value, err := flatten(dec, key, depth+1)
		if err != nil {
			return "", err
		}
		if value = strings.TrimRight(strings.TrimSpace(value), ". "); value != "" {
			fields = append(fields, field{key, strings.ReplaceAll(value, "\n\n", " ")})
		}
	}
	if _, err := dec.Token(); err != nil {
		return "", err
	}
	var out []string
	for i := 0; i < len(fields); i++ {
		f := fields[i]
		key := strings.NewReplacer("_", " ", "-", " ").Replace(strings.ToLower(f.key))
		switch {
		case i+1 < len(fields) && ends[key] != "" && strings.EqualFold(fields[i+1].key, ends[key]):
			out = append(out, "from "+f.value+" to "+fields[i+1].value)
			i++
		case key == "text" || key == "note" || key == "notes" || key == "comment" || key == "answer" || key == "description" || key == "who" || key == "what" || key == "when":
			out = append(out, f.value)
		case key == "name" || key == "arn":
			out = append(out, "principal: "+f.value)
		case key == "from" || key == "since" || key == "until" || key == "at" || key == "on" || key == "by" || key == "to":
			out = append(out, key+" "+f.value)
		default:
			out = append(out, key+": "+f.value)
		}
	}
	return strings.Join(out, ", "), nil
}

// ParseAnswerFlag reads the value of an --answer flag, id=text.
func ParseAnswerFlag(s string) (id, text string, err error) {
	id, text, ok := strings.Cut(s, "=")
	id, text = strings.TrimSpace(id), strings.TrimSpace(text)
	if !ok || !idForm.MatchString(id) {
		return "", "", fmt.Errorf("read answer %.80q: it should be id=text, such as owner=%q", s, "our CI, Terraform only")
	}
	if text == "" {
		return "", "", fmt.Errorf("read answer %q: it has no text; leave the flag out to take the default", id)
	}
	return id, text, nil
}
