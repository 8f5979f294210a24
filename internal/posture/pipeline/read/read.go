// Package read makes an inventory of files: what the AWS command line prints,
// CloudFormation templates, Terraform and its plans, answers of GitHub, workflow
// and buildspec files, and the declared trust model. Files are told apart by
// content. What cannot be read is a gap, named, and the rest is still read.
//
// A reader goes over the files once (read.go) and makes a tree of each (tree.go), with
// file, line and path on every node. By what stands on top the tree goes to the reader
// of its form: answers of AWS (aws.go, iam.go, network.go, activity.go), of GitHub
// (surround.go, token.go), templates (template.go, intrinsics.go), plans and
// configurations of Terraform (plan.go, terraform.go, cty.go, resources.go), the declared
// trust (settings.go). What needs several files is joined in the end by link (iam.go).
// answer.go does the same for answers that were just fetched.
//
// Everything is brought into the API's names, so that there is one decoder for a project,
// in package model. A value is known, absent or unknown with its reason, and an unknown
// one is never taken for absent: absent can be safe.
package read

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// Bounds. A file of 10,000 projects is about 30 MB.
const (
	maxFile  = 256 << 20
	maxFiles = 100_000
	maxText  = 8 << 20 // of templates, which are expanded
)

// Result is what was read.
type Result struct {
	Inventory *model.Inventory
	Settings  *Settings
}

// Files reads the paths given, folders with all below them. The error is for a
// path that does not exist; whatever is wrong inside is a gap of the inventory.
func Files(ctx context.Context, paths []string) (*Result, error) {
	r := newReader()
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, fmt.Errorf("there is no file or folder %s", p)
		}
		if !info.IsDir() {
			r.file(p, true)
			continue
		}
		err = filepath.WalkDir(p, func(name string, d fs.DirEntry, err error) error {
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				r.gap(name, "it cannot be opened")
				return nil
			case d.IsDir():
				// Copies of other people's modules are no configuration of this
				// account. What is used of them appears in a plan.
				if slices.Contains([]string{".git", "node_modules", ".terraform", ".venv"}, d.Name()) {
					return filepath.SkipDir
				}
				return nil
			// Links are not followed: they can lead out of the folder that was
			// named, or in a circle. Pipes and devices would block.
			case !d.Type().IsRegular():
				return nil
			}
			// What was read before stays; the rest is one gap.
			if r.files++; r.files > maxFiles {
				return errors.New("too many files")
			}
			r.file(name, false)
			return nil
		})
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			r.gap(p, err.Error())
		}
	}
	// Terraform evaluates a folder as one, so it waits until all files are there;
	// link joins what both gave and must be last.
	r.terraform()
	r.link()
	return &Result{r.inv, r.settings}, nil
}

// source is a file kept for a reader that needs all files of a folder at once.
type source struct {
	name string
	data []byte
}

// reader gathers. Nothing is judged here, and nothing is linked before all is read: files
// come in any order.
type reader struct {
	inv      *model.Inventory
	settings *Settings
	files    int
	modules  map[string][]source // folder to its Terraform files

	managed  map[string]*model.Node // managed policies of the account, by ARN
	attached []attachment
	egress   []egress
	tables   []*model.Node // route tables
	advised  []advice
	rotated  map[string]bool                // secrets that a template rotates, scoped
	secrets  map[string]*model.StoredSecret // the first of each ARN among the first indexed of the inventory
	indexed  int

	construct string // CDK path of the resource that is being read
}

func newReader() *reader {
	return &reader{settings: &Settings{}, modules: map[string][]source{}, managed: map[string]*model.Node{}, rotated: map[string]bool{}, secrets: map[string]*model.StoredSecret{}, inv: &model.Inventory{
		Buildspecs: map[string]model.Secret{}, Forks: map[string]string{}, Baseline: map[string]string{}, Retrusted: map[string]bool{}}}
}

// gap notes a file that was not read, or not whole.
func (r *reader) gap(file, why string) {
	r.inv.Gaps = append(r.inv.Gaps, model.Gap{What: "file", At: file, Why: why})
}

// file reads one file. Something that is no input of ours is a gap only when it
// was named by itself.
func (r *reader) file(name string, named bool) {
	ext := strings.ToLower(filepath.Ext(name))
	if !named && !slices.Contains([]string{".json", ".yml", ".yaml", ".template", ".tf"}, ext) {
		return
	}
	data, err := bounded(name)
	if err != nil {
		r.gap(name, err.Error())
		return
	}
	known := false
	// By content, because templates are named .template, .txt and nothing at all.
	// The byte order mark is what some editors on Windows put first.
	switch head := bytes.TrimLeft(data[:min(len(data), 4096)], " \t\r\n\xef\xbb\xbf"); {
	case ext == ".tf":
		dir := filepath.Dir(name)
		r.modules[dir] = append(r.modules[dir], source{name, data})
		known = true
	case len(head) == 0:
		r.gap(name, "it is empty")
		return
	case head[0] == '{' || head[0] == '[':
		known, err = r.json(name, data)
	default:
		known, err = r.yaml(name, data)
	}
	switch {
	// Known and broken at once is a file that is ours and ends early: the gap tells
	// that there was more.
	case err != nil && (named || known):
		r.gap(name, err.Error())
	case err != nil && suspect.Match(data):
		// A broken file in a folder may be the template that matters.
		r.gap(name, err.Error())
	case err != nil:
	case known:
		r.inv.Read = append(r.inv.Read, name)
	case named:
		r.gap(name, "it is none of the forms that are read here")
	}
}

// suspect is what a broken file says when it is likely one of ours: a folder also
// holds templates of other tools that are no YAML.
var suspect = regexp.MustCompile(`AWS::|AWSTemplateFormatVersion|(?i)codebuild|"(?:filterGroups|projects|builds|RoleDetailList|resource_changes)"|\baws_(?:codebuild|codepipeline|iam)_`)

// bounded reads a file whole, up to maxFile. Its errors are for the reader of a report.
func bounded(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, errors.New("it cannot be opened")
	}
	defer f.Close()
	// The size of the file system is not asked: a file may grow while it is read.
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, errors.New("it cannot be read to its end")
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("it is larger than %d MB", maxFile>>20)
	}
	return data, nil
}

// json reads a document, or several after one another.
// What was read before an error counts, and the error is told beside it.
func (r *reader) json(name string, data []byte) (bool, error) {
	docs, err := parseJSON(name, data)
	known := false
	for _, doc := range docs {
		known = r.document(doc, name) || known
	}
	return known, err
}

// document hands a JSON document to the first reader that knows it.
func (r *reader) document(n *model.Node, name string) bool {
	if !n.Is() { // "null"
		return false
	}
	if n.List {
		if r.githubList(n) {
			return true
		}
		known := false
		for _, item := range n.Items {
			known = item.Is() && item.Fields != nil && r.document(item, name) || known
		}
		return known
	}
	switch {
	case isTemplate(n):
		r.template(n)
	case n.Get("resource_changes").Is() || n.Get("planned_values").Is():
		r.plan(n)
	default:
		return r.aws(n) || r.github(n)
	}
	return true
}

// yaml reads a template, a workflow, a buildspec or the settings.
func (r *reader) yaml(name string, data []byte) (bool, error) {
	if len(data) > maxText {
		return false, fmt.Errorf("it is larger than %d MB", maxText>>20)
	}
	n, err := parseYAML(name, data)
	if err != nil {
		return isSettings(name), err
	}
	switch {
	case isSettings(name):
		return true, r.settings.read(name, data)
	case isTemplate(n):
		r.template(n)
	case n.Get("phases").Is() && n.Get("version").Is() || n.Get("batch").Is() && n.Get("version").Is():
		r.inv.Buildspecs[name] = model.Hide(string(data))
	case n.Get("jobs").Is():
		r.inv.Workflows = append(r.inv.Workflows, &model.Workflow{At: n.At, Name: filepath.Base(name), Body: n})
	default:
		return r.aws(n), nil // --output yaml
	}
	return true, nil
}
