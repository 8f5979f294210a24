package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/trailhound/trailhound/internal/access/generate"
	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
	reportjson "github.com/trailhound/trailhound/internal/report/json"
)

// maxDocument bounds what is read whole: documents that people or the AWS CLI write. A path
// that is mistyped may lead to a disk image, or to a device that never ends.
const maxDocument = 64 << 20

// readDocument reads a file of at most maxDocument bytes.
func readDocument(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxDocument+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxDocument {
		return nil, fmt.Errorf("%s is larger than %d MB: it is no document", name, maxDocument>>20)
	}
	return data, nil
}

// readFiles reads documents that fit into memory: policies, answers of the command line.
func readFiles(names []string) (out [][]byte, err error) {
	for _, name := range names {
		data, err := readDocument(name)
		if err != nil {
			return nil, hintFor(fmt.Errorf("read: %w", err))
		}
		out = append(out, data)
	}
	return out, nil
}

// readBuilds reads which builds there were and what triggered each, by build id.
func readBuilds(names []string) (map[string]generate.Build, error) {
	out := map[string]generate.Build{}
	files, err := readFiles(names)
	if err != nil {
		return nil, err
	}
	for i, data := range files {
		if err := generate.ReadBuilds(data, names[i], out); err != nil {
			return nil, withHint(fmt.Errorf("%s: %w", names[i], err), "give the output of aws codebuild batch-get-builds")
		}
	}
	return out, nil
}

// roleProjects are the projects of files, as far as CodeBuild's own use of their
// roles goes.
func roleProjects(ctx context.Context, paths []string) (out []generate.Project, err error) {
	if len(paths) == 0 {
		return nil, nil
	}
	res, err := read.Files(ctx, paths)
	if err != nil {
		return nil, withHint(err, "check the path")
	}
	// What CodeBuild itself does with a role (logs, artifacts, network) stands in no build's calls
	// where no build ran: it follows from the project.
	for _, p := range res.Inventory.Projects {
		g := generate.Project{Name: p.Name.V, Role: p.Role.V, Partition: "aws", Region: p.Region, Account: p.Account}
		if f := strings.SplitN(p.ARN.V, ":", 3); len(f) == 3 {
			g.Partition = f[1]
		}
		// The service's defaults: logs are on, in a group of the project's name.
		if p.Logs.CloudWatch.Or("ENABLED") != "DISABLED" {
			g.LogGroup = p.Logs.Group.Or("/aws/codebuild/" + p.Name.V)
		}
		for _, a := range p.Artifacts.Or(nil) {
			if a.Type.V == "S3" && a.Location.Known() {
				g.Artifacts = append(g.Artifacts, strings.Trim(a.Location.V+"/"+strings.Trim(a.Path.V, "/"), "/"))
			}
		}
		if p.VPC.Known() {
			g.Subnets = p.VPC.V.Subnets.Or(nil)
		}
		out = append(out, g)
	}
	return out, nil
}

// hostileEvents are the events that a report does not hold to be the owner's. An undetermined one
// counts: a permission is drawn only from what is known to be wanted.
func hostileEvents(file string) (map[string]bool, error) {
	if file == "" {
		return nil, nil
	}
	in, err := os.Open(file)
	if err != nil {
		return nil, hintFor(err)
	}
	defer in.Close()
	doc, err := reportjson.Read(in)
	if err != nil {
		return nil, withHint(fmt.Errorf("%s: %w", file, err), "give the JSON that investigate wrote with --format json")
	}
	out := map[string]bool{}
	for _, row := range doc.Attribution {
		// Every other actor is held to be rightful.
		switch row.Actor {
		case attribution.Intruder, attribution.LikelyIntruder, attribution.Undetermined:
			out[row.Event] = true
		}
	}
	return out, nil
}
