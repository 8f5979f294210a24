package scenetest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// Parse reads a script. Its errors name the line.
func Parse(text string) ([]*Scene, error) {
	var out []*Scene
	var s *Scene
	section := ""
	lines := strings.Split(text, "\n")
	for n, raw := range lines {
		line := strings.TrimRight(raw, " \t\r")
		body := strings.TrimSpace(line)
		if body == "" || strings.HasPrefix(body, "#") {
			continue
		}
		verb, args, _ := strings.Cut(body, " ")
		args = strings.TrimSpace(args)
		indented := body != line
		var err error
		switch {
		case !indented && verb == "scene":
			s = &Scene{Name: args, who: map[string]identity{}, last: map[string]manner{}, labels: map[string]string{}, ids: map[string]string{}, lines: lines}
			out, section = append(out, s), ""
		case s == nil:
			err = fmt.Errorf("a script begins with a scene")
		case !indented:
			section = verb
			if verb != "given" && verb != "load" {
				s.Steps = append(s.Steps, Step{Verb: verb, Args: args, line: n, from: n + 1, to: n + 1})
			}
		case section == "given":
			err = s.given(body)
		case section == "load":
			err = s.load(body, n)
		case section == "":
			err = fmt.Errorf("what is this line about? it stands under nothing")
		default:
			step := &s.Steps[len(s.Steps)-1]
			step.Body, step.to = append(step.Body, body), n+1
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
	}
	return out, nil
}

// When reads a moment of the script: "09:00", "d2 09:00:30".
func When(text string) (time.Time, error) {
	days, clock, err := moments(strings.Fields(text))
	if err != nil || len(days) != 1 {
		return time.Time{}, fmt.Errorf("%q is no moment such as d2 09:00 (%v)", text, err)
	}
	return days[0].Add(clock), nil
}

var dayForm = regexp.MustCompile(`^d(\d+)(?:\.\.d(\d+))?$`)

// moments reads an optional range of days and a clock.
func moments(words []string) (days []time.Time, clock time.Duration, err error) {
	from, to := 1, 1
	if m := dayForm.FindStringSubmatch(words[0]); m != nil {
		from, _ = strconv.Atoi(m[1])
		to = from
		if m[2] != "" {
			to, _ = strconv.Atoi(m[2])
		}
		words = words[1:]
	}
	// A slip such as d1..d1000 should be an error and not a minute of building
	// events.
	if len(words) == 0 || from < 1 || to < from || to > 400 {
		return nil, 0, fmt.Errorf("a day such as d2 or d1..d10, then a clock")
	}
	layout := "15:04"
	if strings.Count(words[0], ":") == 2 {
		layout = "15:04:05"
	}
	at, err := time.Parse(layout, words[0])
	if err != nil {
		return nil, 0, fmt.Errorf("%q is no clock such as 09:00", words[0])
	}
	clock = at.Sub(at.Truncate(24 * time.Hour))
	for d := from; d <= to; d++ {
		days = append(days, first.AddDate(0, 0, d-1))
	}
	return days, clock, nil
}

// line is one line of load, taken apart.
type line struct {
	days    []time.Time
	clock   time.Duration
	times   int
	gap     time.Duration
	caller  string
	how     manner
	service string
	call    string
	target  string
	session string
	state   string // a last bare word: Active, Inactive
	request map[string]any
	result  string
	answer  map[string]any
	errCode string
	errText string
	over    map[string]any
}

// manner is how a caller reaches AWS.
type manner struct{ from, with, via, in, account string }

var (
	callForm  = regexp.MustCompile(`^(?:([a-z0-9-]+):)?([A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*)$`)
	errorForm = regexp.MustCompile(`\s+!\s*([A-Za-z0-9_.:]+)(?:\s+"(.*)")?\s*$`)
	timesForm = regexp.MustCompile(`^x(\d+)(?:/(\d+[smh]))?$`)
)

func (s *Scene) read(text string) (*line, error) {
	l := &line{times: 1, gap: time.Minute}
	var err error
	// From the end of the line to its beginning: what stands behind may hold any
	// text, also one that looks like what stands before.
	if i := strings.LastIndex(text, " + {"); i >= 0 {
		if l.over, err = yamlMap(text[i+3:]); err != nil {
			return nil, err
		}
		text = text[:i]
	}
	if m := errorForm.FindStringSubmatchIndex(text); m != nil {
		l.errCode = text[m[2]:m[3]]
		if m[4] >= 0 {
			l.errText = text[m[4]:m[5]]
		}
		text = text[:m[0]]
	}
	text, result, _ := strings.Cut(text, " -> ")
	if result = strings.TrimSpace(result); strings.HasPrefix(result, "{") {
		l.answer, err = yamlMap(result)
	} else {
		l.result, _, _ = strings.Cut(result, " ")
		if i := strings.IndexByte(result, '{'); i >= 0 {
			l.answer, err = yamlMap(result[i:])
		}
	}
	if err != nil {
		return nil, err
	}
	if i := strings.Index(text, " {"); i >= 0 {
		if l.request, err = yamlMap(text[i+1:]); err != nil {
			return nil, err
		}
		text = text[:i]
	}
	return l, s.words(l, strings.Fields(text))
}

func (s *Scene) words(l *line, words []string) (err error) {
	if l.days, l.clock, err = moments(words); err != nil {
		return err
	}
	if dayForm.MatchString(words[0]) {
		words = words[1:]
	}
	if words = words[1:]; len(words) == 0 {
		return fmt.Errorf("nobody calls")
	}
	l.caller, words = words[0], words[1:]
	l.how = s.last[l.caller]
	for len(words) > 0 {
		if m := callForm.FindStringSubmatch(words[0]); m != nil && l.call == "" {
			l.service, l.call, words = m[1], m[2], words[1:]
			continue
		}
		if m := timesForm.FindStringSubmatch(words[0]); m != nil {
			l.times, _ = strconv.Atoi(m[1])
			if m[2] != "" {
				l.gap, _ = time.ParseDuration(m[2])
			}
			words = words[1:]
			continue
		}
		option := map[string]*string{"from": &l.how.from, "with": &l.how.with, "via": &l.how.via, "in": &l.how.in, "as": &l.session}[words[0]]
		switch {
		case option != nil && len(words) > 1:
			if *option = words[1]; words[0] == "in" && isAccount(words[1]) {
				l.how.in, l.how.account = s.last[l.caller].in, words[1]
			}
			words = words[2:]
		case l.call != "" && l.target == "":
			l.target, words = words[0], words[1:]
		case l.call != "" && l.state == "":
			l.state, words = words[0], words[1:]
		default:
			return fmt.Errorf("%q: expected from, with, via, in, as or a call", words[0])
		}
	}
	if l.call == "" {
		return fmt.Errorf("there is no call in the line")
	}
	kept := l.how
	kept.via, kept.in, kept.account = "", "", "" // these are of the one call
	s.last[l.caller] = kept
	return nil
}

func isAccount(s string) bool {
	_, err := strconv.ParseUint(s, 10, 64)
	return len(s) == 12 && err == nil
}

func yamlMap(text string) (map[string]any, error) {
	var m map[string]any
	if err := yaml.Unmarshal([]byte(text), &m); err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	return m, nil
}
