package audit

import (
	"bufio"
	"crypto/sha256"
	_ "embed" // the page and its style are part of the program
	"encoding/base64"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/posture/pipeline"
	"github.com/trailhound/trailhound/internal/report/inert"
)

//go:embed page.gohtml
var pageText string

//go:embed page.css
var pageStyle string

var page = template.Must(template.New("page").Funcs(template.FuncMap{"join": strings.Join, "draw": draw, "lower": strings.ToLower}).Parse(pageText))

// maxDrawn bounds the projects that get a picture and their findings in full: a
// page of ten thousand is read by nobody.
const maxDrawn = 200

// writeHTML writes one page that asks nothing of any server. Every string went
// through inert before, html/template escapes it for its place, and the policy in
// the page lets nothing run.
func writeHTML(w io.Writer, r *pipeline.Report, _ Options) error {
	// Fixes are shown to be copied, over several lines.
	c := inert.Copy(r, "Remedy.CLI", "Remedy.CloudFormation", "Remedy.Terraform")
	slices.SortStableFunc(c.Projects, func(a, b pipeline.Project) int { return worst(b) - worst(a) })
	// The page's policy names its one style by hash, as the report's page does (package html).
	sum := sha256.Sum256([]byte(pageStyle))
	data := struct {
		*pipeline.Report
		Style      template.CSS
		Hash       string
		Drawn      []pipeline.Project
		More       int
		Severities []string
	}{c, template.CSS(pageStyle), base64.StdEncoding.EncodeToString(sum[:]), c.Projects[:min(len(c.Projects), maxDrawn)], max(0, len(c.Projects)-maxDrawn), backwards(evidence.Severities)}
	b := bufio.NewWriter(w)
	if err := page.Execute(b, data); err != nil {
		return err
	}
	return b.Flush()
}
