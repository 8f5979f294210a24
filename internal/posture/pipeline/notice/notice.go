package notice

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/posture/pipeline/drift"
)

// Notice is what is told of one change. It holds no values of the project: before and
// after stay in the drift report.
type Notice struct {
	// Key tells the state that was reached: project, what was looked at, and the hash of
	// what it became. The same key is told of once.
	Key  string    `json:"-"`
	Type string    `json:"type"` // pipeline.weakened, pipeline.changed
	At   time.Time `json:"timestamp"`
	Text string    `json:"text"` // one sentence, for people and for chats
	Data Data      `json:"data"`
}

// Data is the change as programs read it.
type Data struct {
	Key           string    `json:"key"` // of the notice: the SHA-256 of Notice.Key
	Severity      string    `json:"severity"`
	Account       string    `json:"account,omitempty"`
	Region        string    `json:"region,omitempty"`
	Project       string    `json:"project"`
	Check         string    `json:"check"` // what was looked at: webhook, environment.privilegedMode
	Effect        string    `json:"effect"`
	Why           string    `json:"why"`
	VerdictBefore string    `json:"verdict_before,omitempty"`
	VerdictAfter  string    `json:"verdict_after,omitempty"`
	AfterSHA256   string    `json:"after_sha256"`
	ChangedAt     time.Time `json:"changed_at,omitzero"` // zero: no call in the evidence tells
	By            string    `json:"by,omitempty"`
	From          string    `json:"from,omitempty"`
	Event         string    `json:"event,omitempty"`
	Undone        bool      `json:"undone,omitempty"` // a later change took it back
}

// Make makes the notices of alerts, in their order, at a time. clean makes text from
// the evidence, which the intruder may have written, fit to be shown.
func Make(alerts []drift.Alert, at time.Time, clean func(string) string) []Notice {
	out := []Notice{}
	for i := range alerts {
		out = append(out, of(&alerts[i], at.UTC(), clean))
	}
	return out
}

func of(a *drift.Alert, at time.Time, clean func(string) string) Notice {
	c := &a.Change
	after := hash(c.After)
	key := strings.Join([]string{c.Account, c.Region, c.Project, c.Path, after}, "\n")
	d := Data{Key: hash(key), Severity: a.Severity, Account: clean(c.Account), Region: clean(c.Region), Project: clean(c.Project), Check: clean(c.Path), Effect: string(c.Effect),
		Why: clean(c.Why), VerdictBefore: c.VerdictBefore, VerdictAfter: c.VerdictAfter, AfterSHA256: after, ChangedAt: c.At, By: clean(c.By), From: clean(c.From), Event: clean(c.Event), Undone: c.Undone}
	kind := "pipeline.weakened"
	if c.Effect != drift.Weakens {
		kind = "pipeline.changed"
	}
	return Notice{Key: d.Key, Type: kind, At: at, Text: d.sentence(), Data: d}
}

// chat are the characters by which a chat takes text for a link, a mention or markup.
// Source: Slack, "Formatting text for app surfaces", escaping text.
var chat = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\n", " ", "\r", " ")

func (d *Data) sentence() string {
	who := "; no call in the evidence says who did it"
	if d.By != "" {
		who = ", by " + d.By
		if d.From != "" {
			who += " from " + d.From
		}
	}
	was := ""
	if d.Undone {
		was = " It was undone since."
	}
	return chat.Replace(fmt.Sprintf("[%s] Build project %s in %s of %s: %s (%s)%s.%s", d.Severity, d.Project, word(d.Region), word(d.Account), d.Why, d.Check, who, was))
}

func word(s string) string {
	if s == "" {
		return "(unknown)"
	}
	return s
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// Body is the notice as it is sent.
func (n *Notice) Body() ([]byte, error) {
	data, err := json.Marshal(n)
	if err != nil {
		return nil, fmt.Errorf("notice: %w", err)
	}
	return data, nil
}
