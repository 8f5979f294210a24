package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/posture/pipeline/drift"
	"github.com/trailhound/trailhound/internal/posture/pipeline/notice"
	"github.com/trailhound/trailhound/internal/response"
)

// notifyFlags say who is told of changes.
type notifyFlags struct {
	// An address, @FILE with one, or the ARN of a topic; a file with the key to sign with; and
	// the file that remembers what was told, "" for the one beside the baseline.
	to, keyFile, told string
	send              bool
}

// register declares them. Nothing is sent without --send: what would be told is shown first.
func (n *notifyFlags) register(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&n.to, "notify", "", "show what would be told of each weakening change to this https address, or to that in @FILE, or to the SNS topic of this ARN")
	f.BoolVar(&n.send, "send", false, "with --notify: send it, each notice once")
	f.StringVar(&n.keyFile, "notify-key-file", "", "with --notify: sign with the key in this file, whsec_ and base64, as Standard Webhooks has it")
	f.StringVar(&n.told, "notified", "", "with --notify: the memory of what was told (default: BASELINE.notified)")
	_ = c.MarkFlagFilename("notify-key-file")
}

// topic is the ARN of an SNS topic; its region is the one to publish in.
var topic = regexp.MustCompile(`^arn:aws[a-z-]*:sns:([a-z0-9-]+):\d{12}:[\w-]{1,256}$`)

// check refuses combinations that would silently tell nobody.
func (n *notifyFlags) check(f *driftFlags) error {
	switch {
	case n.to == "" && (n.send || n.keyFile != "" || n.told != ""):
		return withHint(usage("nobody is named to be told"), "add --notify ADDRESS")
	case n.to != "" && f.baseline == "":
		return withHint(usage("there is nothing to tell of without a baseline"), "add --baseline FILE")
	case n.send && topic.MatchString(n.to):
		return withHint(usage("topics of SNS are not published to from here: what reads accounts must not write"), "leave --send away and run the commands that are shown")
	}
	return nil
}

// noticeDoc is one notice and what became of it.
type noticeDoc struct {
	notice.Notice
	// Never the whole address: its path may be a secret.
	To      string `json:"to"`                // host or topic
	State   string `json:"state"`             // would_send, sent, told_before, failed
	Command string `json:"command,omitempty"` // that publishes it to the topic
}

// notify tells of the alerts, or says what would be told. What could not be sent is
// the error; everything else is in the document.
func (a *app) notify(ctx context.Context, f *driftFlags, doc *driftDoc, alerts []drift.Alert) error {
	n := &f.notify
	if n.to == "" {
		return nil
	}
	// to is shown, id is remembered: of an address the document shows the host alone, for
	// the path may hold a secret.
	to, id := n.to, n.to
	// No sender for a topic of SNS: it is only told how to publish.
	var sender *notice.Sender
	if !topic.MatchString(n.to) {
		var err error
		if sender, err = n.sender(a); err != nil {
			return err
		}
		to, id = sender.Host(), sender.ID()
	}
	memory := cmp.Or(n.told, f.baseline+".notified")
	told, err := notice.OpenTold(memory)
	if err != nil {
		return hintFor(err)
	}
	doc.Notices = []noticeDoc{}
	var failed []error
	// Remembered only when it was sent: one that failed is told in the next run.
	for _, m := range notice.Make(alerts, a.now(), safe) {
		d := noticeDoc{Notice: m, To: to, State: "would_send"}
		switch {
		case told.Knows(id, m.Key):
			d.State = "told_before"
		case sender == nil:
			d.Command = publish(n.to, &m)
		case n.send:
			d.State = "sent"
			if err = sender.Send(ctx, &m); err == nil {
				err = told.Add(id, m.Key, a.now())
			}
			if err != nil {
				d.State, failed = "failed", append(failed, err)
			}
		}
		doc.Notices = append(doc.Notices, d)
	}
	if len(failed) > 0 {
		return withHint(fmt.Errorf("%d of %d notices could not be sent: %w", len(failed), len(doc.Notices), failed[0]), "run it again: what was sent is not sent twice")
	}
	return nil
}

// sender is whoever sends to the address; it and the key may stand in files, so that
// neither shows in a list of processes.
func (n *notifyFlags) sender(a *app) (*notice.Sender, error) {
	address, key := n.to, ""
	for _, read := range []struct {
		name string
		into *string
	}{{strings.TrimPrefix(n.to, "@"), &address}, {n.keyFile, &key}} {
		if read.name == "" || read.name == n.to {
			continue
		}
		data, err := readDocument(read.name)
		if err != nil {
			return nil, hintFor(fmt.Errorf("read where to send notices: %w", err))
		}
		*read.into = strings.TrimSpace(string(data))
	}
	s, err := notice.NewSender(address, key, a.now, sleep)
	if err != nil {
		return nil, withHint(usageError{err}, "give an https address, a file with one as @FILE, or the ARN of an SNS topic")
	}
	return s, nil
}

// publish is the command that publishes a notice. SNS takes no subject above 100
// characters.
func publish(arn string, n *notice.Notice) string {
	words := []string{"aws", "sns", "publish", "--region", topic.FindStringSubmatch(arn)[1], "--topic-arn", arn,
		"--subject", fmt.Sprintf("Pipeline %.60s: %s", n.Data.Project, n.Data.Severity), "--message", n.Text}
	for i, w := range words {
		words[i] = response.Quote(w)
	}
	return strings.Join(words, " ")
}

// print is a notice in the table; its text was made safe when it was made.
func (d *noticeDoc) print(w io.Writer) {
	switch {
	case d.Command != "":
		fmt.Fprintf(w, "to tell it: %s\n", d.Command)
	case d.State == "would_send":
		fmt.Fprintf(w, "would tell %s, with --send: %s\n", safe(d.To), d.Text)
	default:
		fmt.Fprintf(w, "%s %s: %s\n", strings.ReplaceAll(d.State, "_", " "), safe(d.To), d.Text)
	}
}
