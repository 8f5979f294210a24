package awsapi

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the shapes anew from AWS's model")

// model is what is read of botocore's model of a service, which AWS publishes.
type model struct {
	Operations map[string]struct{ Output struct{ Shape string } }
	Shapes     map[string]struct {
		Type    string
		Members map[string]struct{ Shape, LocationName string }
		Member  struct{ Shape string }
	}
}

func (m model) kind(shape string) string {
	s := m.Shapes[shape]
	switch s.Type {
	case "structure":
		return shape
	case "list":
		return "[]" + m.kind(s.Member.Shape)
	case "long":
		return "integer"
	case "float", "double":
		return "number"
	}
	return s.Type
}

// table writes the rows that the answers of our calls need.
func (m model) table() string {
	seen := map[string]bool{}
	var walk func(shape string)
	walk = func(shape string) {
		s := m.Shapes[shape]
		if s.Type == "list" {
			walk(s.Member.Shape)
		}
		if s.Type != "structure" || seen[shape] {
			return
		}
		seen[shape] = true
		for _, f := range s.Members {
			walk(f.Shape)
		}
	}
	for _, o := range operations {
		if o.shape != "" {
			walk(o.shape)
		}
	}
	names := []string{}
	for s := range seen {
		names = append(names, s)
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteString("# Made by: go test ./internal/source/awsapi -run TestShapes -update, from AWS's public model of EC2 (2016-11-15).\n# STRUCTURE, then its members: element, name, type.\n")
	for _, s := range names {
		fmt.Fprintf(&b, "%s\n", s)
		rows := []string{}
		for name, f := range m.Shapes[s].Members {
			at := f.LocationName
			if at == "" {
				at = name
			}
			rows = append(rows, fmt.Sprintf(" %s %s %s\n", at, name, m.kind(f.Shape)))
		}
		slices.Sort(rows)
		b.WriteString(strings.Join(rows, ""))
	}
	return b.String()
}

// botocore reads the model that the AWS CLI of this machine speaks by.
func botocore(t *testing.T) model {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "python3", "-c", "import botocore; print(botocore.__path__[0])").Output()
	if err != nil {
		t.Skip("SKIPPED, NOT PASSED: there is no botocore (pip install botocore)")
	}
	f, err := os.Open(filepath.Join(strings.TrimSpace(string(out)), "data", "ec2", "2016-11-15", "service-2.json.gz"))
	if err != nil {
		t.Skipf("SKIPPED, NOT PASSED: botocore has no packed model of EC2: %v", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	var m model
	if err = json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// Our table is AWS's model. Another botocore may know more members, never others.
func TestShapesAreThoseOfTheModel(t *testing.T) {
	m := botocore(t)
	for _, o := range operations {
		if _, op, _ := strings.Cut(o.name, ":"); o.shape != "" && m.Operations[op].Output.Shape != o.shape {
			t.Errorf("%s answers with %s, not with %s", op, m.Operations[op].Output.Shape, o.shape)
		}
	}
	want := m.table()
	if *update {
		if err := os.WriteFile("ec2.shapes", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	known := map[string]bool{}
	shape := ""
	for _, line := range strings.Split(want, "\n") {
		if !strings.HasPrefix(line, " ") {
			shape = line
		}
		known[shape+line] = true
	}
	for _, line := range strings.Split(ec2Shapes, "\n") {
		if !strings.HasPrefix(line, " ") {
			shape = line
		}
		if !known[shape+line] && !strings.HasPrefix(line, "#") {
			t.Errorf("%s%s is not in the model", shape, line)
		}
	}
}

func TestXMLIsReadAsTheCLIPrintsIt(t *testing.T) {
	for xml, want := range map[string]string{
		`<r><requestId>x</requestId><reservationSet/></r>`: `{"Reservations":[]}`,
		`<r><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId><amiLaunchIndex>0</amiLaunchIndex><ebsOptimized>false</ebsOptimized><launchTime>2026-11-01T00:00:00.000Z</launchTime><keyName/></item></instancesSet></item></reservationSet><nextToken>more</nextToken></r>`: `{"NextToken":"more","Reservations":[{"Instances":[{"AmiLaunchIndex":0,"EbsOptimized":false,"InstanceId":"i-1","KeyName":"","LaunchTime":"2026-11-01T00:00:00+00:00"}]}]}`,
		// What AWS added after the table was made is kept.
		`<r><laterSet><item><a>1</a></item></laterSet><laterThing><b>2</b></laterThing><word>x</word></r>`: `{"LaterSet":[{"A":"1"}],"LaterThing":{"B":"2"},"Word":"x"}`,
		// What is no number and no date stays what it is.
		`<r><reservationSet><item><instancesSet><item><amiLaunchIndex>many</amiLaunchIndex><launchTime>soon</launchTime></item></instancesSet></item></reservationSet></r>`: `{"Reservations":[{"Instances":[{"AmiLaunchIndex":"many","LaunchTime":"soon"}]}]}`,
	} {
		got, err := jsonOf([]byte(xml), "DescribeInstancesResult")
		var flat bytes.Buffer
		if err != nil || json.Compact(&flat, got) != nil || flat.String() != want {
			t.Errorf("%s\ngives %s, %v\nwant  %s", xml, flat.String(), err, want)
		}
	}
	for _, bad := range []string{"", "<r>", "no xml", strings.Repeat("<a>", 100000), strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100)} {
		if got, err := jsonOf([]byte(bad), "DescribeInstancesResult"); err == nil {
			t.Errorf("%.20s gives %s", bad, got)
		}
	}
}

// An answer may come from a proxy or a server of the intruder's: it is read or
// refused, and what is read is JSON.
func FuzzXML(f *testing.F) {
	f.Add([]byte(`<r><reservationSet><item><groupSet/></item></reservationSet></r>`))
	f.Add([]byte(`<r><nextToken>&lt;&#x0;</nextToken></r>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := jsonOf(data, "DescribeInstancesResult"); err == nil && !json.Valid(got) {
			t.Errorf("%s is no JSON", got)
		}
	})
}
