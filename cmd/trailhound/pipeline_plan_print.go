package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/ladder"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/report/inert"
)

// encodePlain writes JSON that is for programs: every character is kept, and those
// that are not plain are escaped.
func encodePlain(w io.Writer, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	for _, r := range string(data) {
		if r >= 0x7f {
			if r > 0xffff {
				hi, lo := (r-0x10000)>>10+0xd800, (r-0x10000)&0x3ff+0xdc00
				fmt.Fprintf(w, `\u%04x\u%04x`, hi, lo)
			} else {
				fmt.Fprintf(w, `\u%04x`, r)
			}
			continue
		}
		if _, err := w.Write([]byte{byte(r)}); err != nil {
			return err
		}
	}
	_, err = w.Write([]byte("\n"))
	return err
}

// printPlans writes plans and, after them, what could not be read.
func printPlans(w io.Writer, doc *plansDoc) {
	for i := range doc.Plans {
		if i > 0 {
			fmt.Fprintln(w)
		}
		printPlan(w, &doc.Plans[i])
	}
	for _, g := range doc.Gaps {
		fmt.Fprintf(w, "\nUNKNOWN: %s could not be read: %s\n", safe(strings.Join(strings.Fields(strings.Join([]string{g.Account, g.Region, g.At, g.What}, " ")), " ")), safe(g.Why))
	}
}

// printPlan says one plan as a person reads it.
func printPlan(w io.Writer, p *ladder.Plan) {
	fmt.Fprintf(w, "%s", safe(p.Project))
	if p.Region != "" {
		fmt.Fprintf(w, " (%s)", safe(p.Region))
	}
	fmt.Fprintln(w)
	fmt.Fprintf(w, "  stands on     %s\n", safe(p.RungBefore))
	// A refusal is the whole answer: what the step would have done is of no interest then.
	if p.Refused != "" {
		fmt.Fprintf(w, "  no step       %s\n", safe(p.Refused))
		return
	}
	fmt.Fprintf(w, "  goes to       %s\n", safe(p.RungAfter))
	fmt.Fprintf(w, "  could start   %s: %s\n", p.Who.Before, safe(p.Who.Why))
	if p.Who.Witness != "" {
		fmt.Fprintf(w, "                for example account %s\n", safe(p.Who.Witness))
	}
	fmt.Fprintf(w, "  can then      %s: %s\n", p.Who.After, safe(p.Who.WhyNow))
	for _, n := range p.Notes {
		fmt.Fprintf(w, "  note          %s\n", safe(n))
	}
	// What the step would have stopped, of what was seen: the best guess at what it will break.
	r := p.Replay
	// Nothing seen is not the same as nothing stopped.
	if r.Builds+r.Deliveries > 0 {
		fmt.Fprintf(w, "  seen          %d builds of the webhook and %d deliveries: %d as before, %d would no longer run, %d would wait for a comment, %d would newly run, %d cannot be told\n",
			r.Builds, r.Deliveries, r.Same, len(r.Stops), len(r.Waits), len(r.Starts), len(r.Unclear))
		for _, part := range []struct {
			word string
			list []ladder.Moved
		}{{"stops", r.Stops}, {"waits", r.Waits}, {"starts", r.Starts}, {"unclear", r.Unclear}} {
			for i, m := range part.list {
				if i == 10 {
					fmt.Fprintf(w, "    %-8s and %d more\n", part.word, len(part.list)-i)
					break
				}
				fmt.Fprintf(w, "    %-8s %s %s  %s\n", part.word, safe(m.ID), safe(m.What), safe(m.Why))
			}
		}
	} else {
		fmt.Fprintln(w, "  seen          no build or delivery was given to hold the step against")
	}
	// No command is shown for what a template owns: the next deployment would undo it.
	if p.Managed != "" {
		fmt.Fprintf(w, "  owned by      %s: change it there, not by hand\n", safe(p.Managed))
		for _, f := range []struct {
			name, text string
			of         bool
		}{{"CDK", p.Edit.CDK, p.Edit.CDK != ""}, {"CloudFormation", p.Edit.CloudFormation, p.Edit.CDK == "" && (p.Form == model.CloudFormation || p.Form == model.API || p.Form == "")},
			{"Terraform", p.Edit.Terraform, p.Form != model.CloudFormation}} {
			if f.of {
				fmt.Fprintf(w, "  %s\n%s", f.name, indent(f.text))
			}
		}
		return
	}
	fmt.Fprintf(w, "  do            %s\n  undo          %s\n  plan          %s\n", safe(p.Edit.CLI), safe(p.Inverse.CLI), p.ID)
}

// indent sets a template in by four blanks, made safe line by line.
func indent(s string) string {
	var b strings.Builder
	for _, line := range strings.Split(inert.Lines("\n"+strings.TrimRight(s, "\n")), "\n")[1:] {
		b.WriteString("    " + line + "\n")
	}
	return b.String()
}
