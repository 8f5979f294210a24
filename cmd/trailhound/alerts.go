package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/detection/sigma"
	"github.com/trailhound/trailhound/internal/evidence"
	reportjson "github.com/trailhound/trailhound/internal/report/json"
)

func (a *app) alertsCmd() *cobra.Command {
	var paths []string
	var rules string
	var l listing
	var limit int
	c := &cobra.Command{
		Use:   "alerts --evidence PATH --sigma DIR",
		Short: "Run Sigma rules of your own and list what they match, with each rule's author",
		Long: `Run Sigma rules over the evidence. What a rule matches is an alert, the opinion of
the rule's author about an event, and no finding: nobody has asked who did it.
The Detection Rule License asks that whoever passes a match on names the author.`,
		Example: `  trailhound alerts --evidence ./logs --sigma ./sigma/rules/cloud/aws
  trailhound alerts --evidence ./case-17 --sigma ./our-rules/sigma --format json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			q := evidence.Query{Body: true}
			if err := l.narrow(&q); err != nil {
				return err
			}
			if rules == "" {
				return withHint(usage("no rules were given"), "add --sigma DIR: a folder of Sigma rules")
			}
			pack, err := loadSigma(rules)
			if err != nil {
				return err
			}
			a.sigmaRefused(pack)
			s, done, err := a.openEvidence(c.Context(), paths)
			if err != nil {
				return err
			}
			defer done()
			res, err := pack.Run(c.Context(), s.Events(c.Context(), q))
			if err != nil {
				return err
			}
			a.sigmaGaps(res)
			if l.as == "json" {
				return a.alertsJSON(pack, res)
			}
			return a.alertsTable(pack, res, limit)
		},
	}
	f := c.Flags()
	f.StringArrayVar(&paths, "evidence", nil, "file, folder, archive, - or a store; may be repeated")
	f.StringVar(&rules, "sigma", "", "folder of Sigma rules; placeholders.yml in it gives the values of placeholders")
	l.flags(c, "table or json")
	f.IntVar(&limit, "limit", 1000, "table: stop after so many; 0 for all")
	return c
}

// loadSigma reads a folder of rules. Rules that were refused are in the pack;
// only a folder of which nothing can be used is an error.
func loadSigma(dir string) (*sigma.Pack, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, withHint(fmt.Errorf("there is no folder %s", dir), "check the path given with --sigma")
	}
	pack, err := sigma.Load(os.DirFS(dir), ".")
	switch {
	case pack == nil:
		return nil, err
	case len(pack.Rules) == 0 && len(pack.Refused) == 0:
		return nil, withHint(fmt.Errorf("%s holds no Sigma rule", dir), "rules are files that end in .yml or .yaml")
	case len(pack.Rules) == 0:
		return nil, withHint(fmt.Errorf("%s holds no Sigma rule that can be used: %d were refused, the first is %w", dir, len(pack.Refused), pack.Refused[0]),
			"rules must be about product aws, service cloudtrail")
	}
	return pack, nil
}

// sigmaRefused says which rules will not be asked: their silence means nothing.
func (a *app) sigmaRefused(p *sigma.Pack) {
	other, faults := 0, 0
	for _, r := range p.Refused {
		if r.OtherLog {
			other++
			continue
		}
		if faults++; faults <= maxMentioned {
			fmt.Fprintf(a.stderr, "refused: %s\n", safe(r.Error()))
		}
	}
	if faults > maxMentioned {
		fmt.Fprintf(a.stderr, "refused: and %d more; --format json lists all\n", faults-maxMentioned)
	}
	fmt.Fprintf(a.stderr, "%d Sigma rules, %d refused, %d about other logs\n", len(p.Rules), faults, other)
}

// sigmaGaps says what the result lacks.
func (a *app) sigmaGaps(res *sigma.Result) {
	if res.Unread > 0 {
		fmt.Fprintf(a.stderr, "%d events could not be read by the rules, the first is %s\n", res.Unread, safe(res.Unreadable[0]))
	}
	dropped := 0
	for _, n := range res.Dropped {
		dropped += n
	}
	if dropped > 0 {
		fmt.Fprintf(a.stderr, "%d matches of %d rules are beyond %d a rule and are left out\n", dropped, len(res.Dropped), sigma.MaxAlerts)
	}
}

func (a *app) alertsTable(p *sigma.Pack, res *sigma.Result, limit int) error {
	if len(res.Alerts) == 0 {
		fmt.Fprintf(a.stderr, "none of the %d rules matches any of the %d events\n", len(p.Rules), res.Events)
		return nil
	}
	table := tabwriter.NewWriter(a.stdout, 2, 8, 2, ' ', 0)
	fmt.Fprintln(table, "TIME\tLEVEL\tRULE\tID\tAUTHOR\tLICENCE\tEVENTS")
	for i, al := range res.Alerts {
		if limit > 0 && i == limit {
			fmt.Fprintf(a.stderr, "stopped at --limit %d; there are %d\n", limit, len(res.Alerts))
			break
		}
		events := strings.Join(al.Events[:min(len(al.Events), 3)], ", ")
		if al.Total > 3 {
			events += fmt.Sprintf(" and %d more", al.Total-3)
		}
		r := al.Rule
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", al.At.UTC().Format(time.RFC3339), stated(r.Level, "-"), safe(r.Title), safe(stated(r.ID, "-")),
			safe(stated(r.Author, "not stated")), safe(stated(r.License, "not stated")), safe(events))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "%d alerts of %d rules over %d events; an alert is what a rule's author thinks of an event, not a finding\n", len(res.Alerts), len(p.Rules), res.Events)
	return nil
}

func stated(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// The JSON of alerts, described in docs/formats/sigma.md.
type (
	alertsDoc struct {
		Format     string       `json:"format"`
		Events     int          `json:"events"`
		Rules      int          `json:"rules"`
		Alerts     []alertRow   `json:"alerts"`
		Refused    []refusedRow `json:"refused"`
		Unread     int          `json:"unread_events"`
		Unreadable []string     `json:"unread_event_ids"`
		Dropped    int          `json:"dropped_matches"`
	}
	alertRow struct {
		Time   string   `json:"time"`
		Rule   ruleRow  `json:"rule"`
		Events []string `json:"events"`
		Total  int      `json:"total_events"`
		Group  []string `json:"group,omitempty"`
	}
	ruleRow struct {
		ID             string   `json:"id"`
		Title          string   `json:"title"`
		Level          string   `json:"level"`
		Author         string   `json:"author"`
		License        string   `json:"license"`
		Status         string   `json:"status,omitempty"`
		Techniques     []string `json:"techniques"`
		References     []string `json:"references"`
		FalsePositives []string `json:"falsepositives"`
		Path           string   `json:"path"`
		Line           int      `json:"line"`
	}
	refusedRow struct {
		Path     string `json:"path"`
		Line     int    `json:"line"`
		Title    string `json:"title"`
		Reason   string `json:"reason"`
		OtherLog bool   `json:"other_log"`
	}
)

func (a *app) alertsJSON(p *sigma.Pack, res *sigma.Result) error {
	doc := alertsDoc{Format: "trailhound-alerts/1", Events: res.Events, Rules: len(p.Rules), Alerts: []alertRow{}, Refused: []refusedRow{},
		Unread: res.Unread, Unreadable: notNil(res.Unreadable)}
	for _, n := range res.Dropped {
		doc.Dropped += n
	}
	for _, al := range res.Alerts {
		r := al.Rule
		doc.Alerts = append(doc.Alerts, alertRow{al.At.UTC().Format(time.RFC3339), ruleRow{r.ID, r.Title, r.Level, r.Author, r.License, r.Status,
			notNil(r.Techniques()), notNil(r.References), notNil(r.FalsePositives), r.Path, r.Line}, notNil(al.Events), al.Total, al.Group})
	}
	for _, r := range p.Refused {
		doc.Refused = append(doc.Refused, refusedRow{r.Path, r.Line, r.Title, r.Reason, r.OtherLog})
	}
	data, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "%s\n", reportjson.Inert(data))
	return err
}

func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// sigmaTest loads the Sigma rules of a content folder, if it has any.
func (a *app) sigmaTest(dir string) error {
	dir = filepath.Join(dir, "sigma")
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	pack, err := sigma.Load(os.DirFS(dir), ".")
	if pack == nil {
		return err
	}
	for _, r := range pack.Refused { // rules for other logs too: in a folder of one's own they are a slip
		fmt.Fprintln(a.stdout, safe("sigma/"+r.Error()))
	}
	fmt.Fprintf(a.stdout, "%d Sigma rules: %d refused\n", len(pack.Rules), len(pack.Refused))
	if len(pack.Refused) > 0 {
		return codeError(exitFailed)
	}
	return nil
}
