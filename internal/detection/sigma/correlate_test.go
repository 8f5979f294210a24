package sigma

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
)

// base are three rules that match the events named a, b and c.
const base = `
title: A
name: a
logsource: {product: aws, service: cloudtrail}
detection: {sel: {eventName: a}, condition: sel}
---
title: B
name: b
logsource: {product: aws, service: cloudtrail}
detection: {sel: {eventName: b}, condition: sel}
---
title: C
name: c
id: id-of-c
logsource: {product: aws, service: cloudtrail}
detection: {sel: {eventName: c}, condition: sel}
---
title: X
correlation:
`

// script makes events of "a@10:u" (event a after ten seconds by user u); ids are
// their positions.
func script(t *testing.T, s string) []evidence.Event {
	var out []evidence.Event
	for i, w := range strings.Fields(s) {
		var name, user string
		var at int
		if _, err := fmt.Sscanf(strings.NewReplacer("@", " ", ":", " ").Replace(w), "%s %d %s", &name, &at, &user); err != nil {
			t.Fatalf("%s: %v", w, err)
		}
		body := fmt.Sprintf(`{"eventName":%q,"user":%q,"peer":%q,"both":[%q,"z"]}`, name, user, "p"+user, user)
		if user == "-" {
			body = fmt.Sprintf(`{"eventName":%q}`, name)
		}
		out = append(out, event(t, fmt.Sprint(i), at, body))
	}
	return out
}

func TestCorrelation(t *testing.T) {
	const by = "  group-by: [user]\n  timespan: 60s\n"
	for _, c := range []struct{ name, corr, events, want string }{
		{"count holds", "  type: event_count\n  rules: [a]\n" + by + "  condition: {gte: 3}\n", "a@0:u a@10:u a@60:u", "0 1 2"},
		{"too slow", "  type: event_count\n  rules: [a]\n" + by + "  condition: {gte: 3}\n", "a@0:u a@10:u a@61:u", ""},
		{"another user", "  type: event_count\n  rules: [a]\n" + by + "  condition: {gte: 3}\n", "a@0:u a@10:u a@20:v", ""},
		{"no user is no group", "  type: event_count\n  rules: [a]\n" + by + "  condition: {gte: 2}\n", "a@0:- a@10:-", ""},
		{"a burst is one alert", "  type: event_count\n  rules: [a]\n" + by + "  condition: {gt: 2}\n", "a@0:u a@10:u a@20:u a@30:u a@70:u", "0 1 2 3 4"},
		{"two bursts are two", "  type: event_count\n  rules: [a]\n" + by + "  condition: {gte: 2}\n", "a@0:u a@10:u a@300:u a@310:u", "0 1|2 3"},
		{"two users are two", "  type: event_count\n  rules: [a]\n" + by + "  condition: {gte: 2}\n", "a@0:u a@1:v a@10:u a@11:v", "0 2|1 3"},
		{"several rules", "  type: event_count\n  rules: [a, id-of-c]\n" + by + "  condition: {gte: 2}\n", "a@0:u c@1:u b@2:u", "0 1"},
		{"no group-by", "  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {gte: 2}\n", "a@0:u a@10:v", "0 1"},
		{"eq", "  type: event_count\n  rules: [a]\n" + by + "  condition: {eq: 2}\n", "a@0:u a@10:u a@100:u", "0 1"},
		{"eq of more", "  type: event_count\n  rules: [a]\n" + by + "  condition: {eq: 2}\n", "a@0:u a@10:u a@20:u", ""},
		{"lt", "  type: event_count\n  rules: [a]\n" + by + "  condition: {lt: 3}\n", "a@0:u a@10:u a@20:u a@100:u", "3"},
		{"lte", "  type: event_count\n  rules: [a]\n" + by + "  condition: {lte: 3}\n", "a@0:u a@10:u a@20:u", "0 1 2"},
		{"range", "  type: event_count\n  rules: [a]\n" + by + "  condition: {gt: 1, lte: 3}\n", "a@0:u a@1:u a@2:u a@100:u a@200:u a@201:u a@202:u a@203:u", "0 1 2"},
		{"values", "  type: value_count\n  rules: [a]\n  group-by: [eventName]\n  timespan: 1h\n  condition: {field: user, gte: 3}\n", "a@0:u a@1:u a@2:v a@3:w a@4:-", "0 1 2 3"},
		{"same values", "  type: value_count\n  rules: [a]\n  group-by: [eventName]\n  timespan: 1h\n  condition: {field: user, gte: 2}\n", "a@0:u a@1:u a@2:u", ""},
		{"values slide", "  type: value_count\n  rules: [a]\n  group-by: [eventName]\n  timespan: 1m\n  condition: {field: user, gte: 2}\n", "a@0:u a@61:v a@122:u", ""},
		{"values of a list", "  type: value_count\n  rules: [a]\n  group-by: [eventName]\n  timespan: 1m\n  condition: {field: both, gte: 2}\n", "a@0:u", "0"},
		{"values of two fields", "  type: value_count\n  rules: [a]\n  timespan: 1m\n  condition: {field: [user, peer], gte: 2}\n", "a@0:u a@1:v", "0 1"},
		{"temporal", "  type: temporal\n  rules: [a, b, c]\n" + by, "c@0:u a@10:u b@60:u", "0 1 2"},
		{"temporal lacks one", "  type: temporal\n  rules: [a, b, c]\n" + by, "c@0:u a@10:u a@60:u", ""},
		{"temporal, too late", "  type: temporal\n  rules: [a, b]\n" + by, "a@0:u b@61:u", ""},
		{"temporal, two of three", "  type: temporal\n  rules: [a, b, c]\n" + by + "  condition: {gte: 2}\n", "c@0:u a@10:u", "0 1"},
		{"ordered", "  type: temporal_ordered\n  rules: [a, b, c]\n" + by, "a@0:u b@10:u c@60:u", "0 1 2"},
		{"out of order", "  type: temporal_ordered\n  rules: [a, b, c]\n" + by, "b@0:u a@10:u c@20:u", ""},
		{"within a second order is not known", "  type: temporal_ordered\n  rules: [a, b]\n" + by, "b@5:u a@5:u", "0 1"},
		{"latest beginning", "  type: temporal_ordered\n  rules: [a, b]\n" + by, "a@0:u a@50:u b@100:u", "1 2"},
		{"ordered, too late", "  type: temporal_ordered\n  rules: [a, b]\n" + by, "a@0:u b@61:u", ""},
		{"ordered with its own count", "  type: temporal_ordered\n  rules: [a, b]\n" + by + "  condition: {eq: 2}\n", "a@0:u b@1:u", "0 1"},
		{"aliases", "  type: temporal\n  rules: [a, b]\n  group-by: [who]\n  timespan: 1m\n  aliases: {who: {a: peer, b: user}}\n", "a@0:u b@1:pu b@2:u", "0 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := mustLoad(t, base+c.corr)
			events := script(t, c.events)
			want := ""
			for range 2 {
				res := run(t, p, events...)
				var got []string
				for _, a := range res.Alerts {
					if a.Rule.Title == "X" {
						got = append(got, strings.Join(a.Events, " "))
						if a.Total != len(a.Events) {
							t.Errorf("total %d of %v", a.Total, a.Events)
						}
					}
				}
				if want = strings.Join(got, "|"); want != c.want {
					t.Errorf("got %q, want %q", want, c.want)
				}
				slices.Reverse(events) // order of arrival does not matter
			}
		})
	}
}

// TestSilent: a rule that feeds a correlation is silent unless generate is true.
func TestSilent(t *testing.T) {
	const corr = "  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {gte: 9}\n"
	for text, want := range map[string]int{base + corr: 1, base + corr + "  generate: true\n": 2, base + corr + "generate: true\n": 2} {
		if got := len(run(t, mustLoad(t, text), script(t, "a@0:u b@0:u")...).Alerts); got != want {
			t.Errorf("%d alerts, want %d\n%s", got, want, text)
		}
	}
}

// TestChain is a correlation of a correlation: a password was tried until it fit.
func TestChain(t *testing.T) {
	p, err := Load(os.DirFS("testdata"), "rules")
	if err != nil {
		t.Fatal(err)
	}
	var events []evidence.Event
	for i, w := range []string{"Failure 1", "Failure 1", "Success 2", "Failure 1", "Failure 1", "Success 1", "Success 1"} {
		how, from, _ := strings.Cut(w, " ")
		events = append(events, event(t, fmt.Sprint(i), i*60, fmt.Sprintf(`{"eventName":"ConsoleLogin","responseElements":{"ConsoleLogin":%q},"sourceIPAddress":"203.0.113.%s"}`, how, from)))
	}
	res := run(t, p, events...)
	if len(res.Alerts) != 1 {
		t.Fatalf("%d alerts: %+v", len(res.Alerts), res.Alerts)
	}
	a := res.Alerts[0]
	if a.Rule.Title != "Password guessed" || !slices.Equal(a.Events, []string{"0", "1", "3", "4", "5", "6"}) || !a.At.Equal(events[5].Time) || !slices.Equal(a.Group, []string{"203.0.113.1"}) {
		t.Errorf("%+v", a)
	}
}

func TestCorrelationRefused(t *testing.T) {
	for _, c := range []struct{ corr, want string }{
		{"  type: value_sum\n  rules: [a]\n", `"value_sum" is not supported`}, {"  type: odd\n  rules: [a]\n", "not known"}, {"  type: event_count\n  rules: [a]\n  timespan: 1m\n", "needs a condition"},
		{"  type: event_count\n  rules: [nobody]\n  timespan: 1m\n  condition: {gte: 1}\n", `"nobody"`}, {"  type: event_count\n  rules: []\n  timespan: 1m\n  condition: {gte: 1}\n", "names no rules"},
		{"  type: event_count\n  rules: [a, a]\n  timespan: 1m\n  condition: {gte: 1}\n", "given twice"}, {"  type: event_count\n  rules: [c, id-of-c]\n  timespan: 1m\n  condition: {gte: 1}\n", "twice"},
		{"  type: event_count\n  rules: [a]\n  condition: {gte: 1}\n", "no timespan"}, {"  type: event_count\n  rules: [a]\n  timespan: 1M\n  condition: {gte: 1}\n", "timespan"}, {"  type: event_count\n  rules: [a]\n  timespan: 99999d\n  condition: {gte: 1}\n", "timespan"},
		{"  type: event_count\n  rules: [a]\n  timespan: -1m\n  condition: {gte: 1}\n", "timespan"}, {"  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {neq: 1}\n", `"neq" is not supported`}, {"  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {gte: x}\n", "wants a count"},
		{"  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: {gte: 1, field: x}\n", "counts no field"}, {"  type: value_count\n  rules: [a]\n  timespan: 1m\n  condition: {gte: 1}\n", "needs a field"}, {"  type: temporal\n  rules: [a]\n  timespan: 1m\n", "two rules"},
		{"  type: temporal\n  rules: [a, b]\n  timespan: 1m\n  condition: a and not b\n", "in words"}, {"  type: temporal_ordered\n  rules: [a, b]\n  timespan: 1m\n  condition: {gte: 1}\n", "all of its rules"}, {"  type: temporal\n  rules: [a, b]\n  timespan: 1m\n  group-by: [w]\n  aliases: {w: {a: x}}\n", `alias "w"`},
		{"  type: temporal\n  rules: [a, b]\n  timespan: 1m\n  odd: 1\n", `"odd"`}, {"  type: temporal\n  rules: [a, b]\n  timespan: 1m\n  generate: 3\n", "generate"}, {"  type: temporal\n  rules: [a, self]\n  timespan: 1m\nname: self\n", "circle"},
		{"  type: temporal\n  rules: [a, y]\n  timespan: 1m\nname: x\n---\ntitle: Y\nname: y\ncorrelation: {type: temporal, rules: [x, b], timespan: 1m}\n", "circle"},
		{"  type: temporal\n  rules: [a, y]\n  timespan: 1m\nname: x\n---\ntitle: Y\nname: y\ncorrelation: {type: temporal, rules: [q, b], timespan: 1m}\n", `"y"`},
	} {
		p, err := load(base + c.corr)
		if err == nil || !strings.Contains(err.Error(), c.want) || len(p.Rules) != 3 {
			t.Errorf("%v, want %q\n%s", err, c.want, c.corr)
		}
	}
}
