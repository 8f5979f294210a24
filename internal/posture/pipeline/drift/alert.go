package drift

import "fmt"

// Alert is a change that somebody should look at.
type Alert struct {
	Change   Change
	Key      string // tells the state that was reached: the same again is no news
	Title    string
	Severity string // low, medium, high, critical
}

// Alerts are the changes that weaken, and those of which it cannot be told, one
// for each state that was reached: a webhook that flaps is told of once.
func Alerts(changes []Change) []Alert {
	var out []Alert
	told := map[string]bool{}
	for i := range changes {
		c := &changes[i]
		// The key has the state that was reached and not the one that was left: from
		// wherever a project comes to it, the state is the same piece of news.
		// notice keeps keys between runs, so the key must not hold a time or an
		// event id.
		key := c.key() + "/" + c.Path + "/" + c.After
		if c.Effect != Weakens && c.Effect != CannotTell || told[key] {
			continue
		}
		told[key] = true
		title := "Pipeline weakened: " + c.Why
		if c.Effect == CannotTell {
			title = "Pipeline changed: " + c.Why
		}
		out = append(out, Alert{*c, key, title, c.severity()})
	}
	return out
}

// ARN is that of the project that changed.
func (c *Change) ARN() string {
	return fmt.Sprintf("arn:aws:codebuild:%s:%s:project/%s", c.Region, c.Account, c.Project)
}

// severity follows who gets in, not how much was edited. A change that ranks as a
// weakening without moving the verdict (privileged mode, a digest lost) is medium;
// what cannot be told is low, for most of it turns out to be routine and would drown
// the rest.
func (c *Change) severity() string {
	switch {
	case c.Effect == CannotTell:
		return "low"
	case c.VerdictAfter == "ANYONE" && c.VerdictBefore != "ANYONE":
		return "critical"
	case c.VerdictAfter == "READERS" || c.VerdictAfter == "UNKNOWN":
		return "high"
	}
	return "medium"
}
