package intake

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden files of testdata")

// The world of the golden sentences: three weeks of evidence that end on a Tuesday, and
// the names that it holds.
var (
	testClock = Clock{
		EvidenceFrom: time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC),
		EvidenceTo:   time.Date(2026, 11, 10, 15, 30, 0, 0, time.UTC),
	}
	testLexicon = Lexicon{Entries: []Entry{
		{"deploy-bot", "principal", "arn:aws:iam::111111111111:user/deploy-bot"},
		{"deploy-bot-2", "principal", "arn:aws:iam::111111111111:user/deploy-bot-2"},
		{"alice", "principal", "arn:aws:iam::111111111111:user/alice"},
		{"bob", "principal", "arn:aws:iam::111111111111:user/bob"},
		{"ops-admin", "principal", "arn:aws:iam::111111111111:user/ops-admin"},
		{"john.smith", "principal", "arn:aws:iam::111111111111:user/john.smith"},
		{"jdoe@example.com", "session", "arn:aws:sts::111111111111:assumed-role/Admin/jdoe@example.com"},
		{"Admin", "principal", "arn:aws:iam::111111111111:role/Admin"},
		{"backup", "principal", "arn:aws:iam::111111111111:role/backup"},
		{"app", "principal", "arn:aws:iam::111111111111:role/app"},
		{"web-role", "principal", "arn:aws:iam::111111111111:role/web-role"},
		{"ScanRole", "principal", "arn:aws:iam::111111111111:role/ScanRole"},
		{"VendorReadOnly", "principal", "arn:aws:iam::111111111111:role/VendorReadOnly"},
		{"shared", "principal", "arn:aws:iam::111111111111:user/shared"},
		{"shared", "principal", "arn:aws:iam::111111111111:role/shared"},
		{"data-lake", "resource", "arn:aws:s3:::data-lake"},
		{"acme-invoices", "resource", "arn:aws:s3:::acme-invoices"},
		{"root", "principal", "arn:aws:iam::111111111111:root"},
	}}
)

// TestSentences reads every sentence of testdata/sentences and compares what was
// understood. A line "> text" is the case text, "answer ID> text" an answer; the lines
// below it are the result. Run with -update to rewrite them, and read the difference.
func TestSentences(t *testing.T) {
	files, _ := filepath.Glob("testdata/sentences/*.txt")
	total := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		var block []string
		flush := func() {
			if len(block) > 0 {
				total++
				want := strings.Join(block[1:], "\n")
				got := strings.TrimSpace(render(block[0]))
				if got != want && !*update {
					t.Errorf("%s: %s\ngot:\n%s\nwant:\n%s", filepath.Base(file), block[0], got, want)
				}
				fmt.Fprintf(&out, "%s\n%s\n\n", block[0], got)
			}
			block = nil
		}
		for _, line := range strings.Split(string(data), "\n") {
			switch {
			case strings.HasPrefix(line, "#"):
				flush()
				out.WriteString(line + "\n\n")
			case strings.HasPrefix(line, ">") || strings.HasPrefix(line, "answer "):
				flush()
				block = []string{line}
			case line != "" && len(block) > 0:
				block = append(block, line)
			}
		}
		flush()
		if *update {
			if err := os.WriteFile(file, []byte(strings.TrimSpace(out.String())+"\n"), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	if total < 120 {
		t.Errorf("only %d sentences were read", total)
	}
}

func render(line string) string {
	from := FromCase
	head, text, _ := strings.Cut(line, "> ")
	if id, ok := strings.CutPrefix(head, "answer "); ok {
		from = FromAnswer(id)
	}
	text = strings.ReplaceAll(text, `\n`, "\n")
	r := Read(text, from, testClock, testLexicon)
	var b strings.Builder
	if from == FromCase {
		fmt.Fprintf(&b, "kind %s: %s\n", r.Kind, r.KindWhy)
	}
	for _, s := range r.Seeds {
		fmt.Fprintf(&b, "seed %s %s", s.Kind, s.Value)
		if got := text[s.Span[0]:s.Span[1]]; from == FromCase && got != s.Value {
			fmt.Fprintf(&b, " (%s)", got)
		}
		b.WriteByte('\n')
	}
	for _, s := range r.Times {
		fmt.Fprintf(&b, "time %s, %s%s\n", s, s.Grain, map[bool]string{true: ", when it was found"}[s.Found])
	}
	for _, s := range r.Statements {
		fmt.Fprintf(&b, "says %s", s.Relation)
		if s.Negated {
			b.WriteString(" NOT")
		}
		for _, x := range s.Seeds {
			fmt.Fprintf(&b, " %s", x.Value)
		}
		for _, x := range s.Agents {
			fmt.Fprintf(&b, " with:%s", x)
		}
		for _, x := range s.When {
			fmt.Fprintf(&b, " when:%s", x)
		}
		fmt.Fprintf(&b, " <%s>\n", s.Text)
	}
	if len(r.Abroad) > 0 {
		fmt.Fprintf(&b, "abroad %s\n", strings.Join(r.Abroad, " "))
	}
	if len(r.Tellers) > 0 {
		fmt.Fprintf(&b, "only told by %s\n", strings.Join(r.Tellers, " "))
	}
	if r.Staying {
		b.WriteString("somebody is still at work\n")
	}
	if r.Wider {
		b.WriteString("asks for more than it names\n")
	}
	for _, e := range r.Effects {
		fmt.Fprintf(&b, "effect %s", e.Kind)
		for _, x := range append(append(append([]string{e.Object}, e.Names...), e.Regions...), e.Accounts...) {
			fmt.Fprintf(&b, " %s", x)
		}
		if e.Supposed {
			b.WriteString(" supposed")
		}
		fmt.Fprintf(&b, " <%s>\n", text[e.Span[0]:e.Span[1]])
	}
	if len(r.Actions) > 0 {
		fmt.Fprintf(&b, "calls %s\n", strings.Join(r.Actions, " "))
	}
	if r.Unknown {
		b.WriteString("unknown\n")
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note %s\n", n)
	}
	return b.String()
}
