package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/trailhound/trailhound/internal/report/format"
)

// acts says whether a terminal would act upon a character instead of showing it,
// or the character is there to deceive the eye.
func acts(r rune) bool {
	return (r < ' ' && r != '\t' && r != '\n') || (r >= 0x7f && r < 0xa0) ||
		(r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) || r == 0x200b || r == 0xfeff
}

// TestHostileStringsInEveryFormat takes the evidence of the script hostile.txtar
// through all formats, so that a new one is not forgotten.
func TestHostileStringsInEveryFormat(t *testing.T) {
	script, err := txtar.ParseFile("testdata/script/hostile.txtar")
	if err != nil {
		t.Fatal(err)
	}
	evidence := filepath.Join(t.TempDir(), "hostile.json")
	for _, f := range script.Files {
		if f.Name == "hostile.json" {
			if err := os.WriteFile(evidence, f.Data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, f := range format.Formats {
		t.Run(f.Name, func(t *testing.T) {
			out := command(t, "", "investigate", "--no-input", "--evidence", evidence, "--format", f.Name,
				"key AKIAEXAMPLE000000001 leaked <script>alert(2)</script> \x1b[2J\u202e =cmd()")
			if !strings.Contains(out, "AKIAEXAMPLE000000001") && f.Name != "navigator" {
				t.Errorf("the report does not name the key:\n%.500s", out)
			}
			if i := strings.IndexFunc(out, acts); i >= 0 {
				t.Errorf("%q stands in the output: %q", out[i:i+1], out[max(0, i-80):min(len(out), i+80)])
			}
			if f.Name != "text" && f.Name != "markdown" && strings.Contains(out, "<script>alert") {
				t.Error("live HTML stands in the output")
			}
		})
	}
}
