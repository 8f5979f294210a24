package markdown

import (
	"strings"

	"github.com/trailhound/trailhound/internal/report/outline"
)

// prose neutralises what Markdown (CommonMark and GitHub's dialect) would read as syntax.
// Entities are used where a backslash is read differently by different programs: pipes split
// cells before escapes are looked at, and bare URLs become links in spite of them.
var prose = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `~`, `\~`, `$`, `\$`,
	`<`, `&lt;`, `>`, `&gt;`, `&`, `&amp;`, `|`, `&#124;`,
	`://`, `:&#47;/`, `www.`, `www&#46;`, `WWW.`, `WWW&#46;`,
)

// esc makes an inert string safe as running text, at the start of a line and in a cell. Blanks
// before it go: four would make a code block, and behind fewer a "#" still starts a heading.
func esc(s string) string {
	out := prose.Replace(strings.TrimLeft(strings.ReplaceAll(s, "\n", " "), " \t"))
	if out == "" {
		return ""
	}
	// Marks that act only at the start of a line. Those that prose escapes anywhere, such as
	// "*", ">" and "|", need no second look.
	switch out[0] {
	case '#', '-', '+', '=', ':':
		return `\` + out
	}
	digits := 0
	for digits < len(out) && out[digits] >= '0' && out[digits] <= '9' {
		digits++
	}
	if digits > 0 && digits < len(out) && (out[digits] == '.' || out[digits] == ')') {
		return out[:digits] + `\` + out[digits:] // "2." would start a list
	}
	return out
}

// sentence writes one of our own sentences: what outline.Quoted finds quoted becomes a code span.
func sentence(s string) string {
	var b strings.Builder
	for i, p := range outline.Quoted(s) {
		switch {
		case i%2 == 1:
			b.WriteString(code(p))
		case i == 0:
			b.WriteString(esc(p))
		default: // inside the line: only what a start of line would mean is not at issue
			b.WriteString(prose.Replace(strings.ReplaceAll(p, "\n", " ")))
		}
	}
	return b.String()
}

// code makes an inert string a code span that ends where the string ends. A pipe is shown as
// its escape: inside code no other notation keeps it from ending a table cell.
// The fence is longer than any run of backticks inside (CommonMark, section 6.1), since
// backslashes do not escape there. A blank is put inside where the string begins or ends
// with a backtick, or with blanks, of which the format takes one off at either side.
func code(s string) string {
	if strings.TrimSpace(s) == "" {
		return ""
	}
	s = strings.NewReplacer("\n", " ", "|", `\x7c`).Replace(s)
	fence := strings.Repeat("`", longestRun(s)+1)
	if s[0] == '`' || s[len(s)-1] == '`' || s[0] == ' ' || s[len(s)-1] == ' ' {
		s = " " + s + " "
	}
	return fence + s + fence
}

// block makes lines a fenced block that nothing inside can close.
// The command is evidence's in part (names and ARNs): it is shown to be copied, so nothing
// in it may be escaped.
func block(language, s string) string {
	fence := strings.Repeat("`", max(3, longestRun(s)+1))
	return fence + language + "\n" + strings.TrimRight(s, "\n") + "\n" + fence + "\n"
}

// longestRun is the length of the longest run of backticks.
func longestRun(s string) int {
	longest, run := 0, 0
	for _, r := range s {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

// strong makes an inert string bold; four asterisks in a row would be something else.
func strong(s string) string {
	if s = esc(s); s == "" {
		return ""
	}
	return "**" + s + "**"
}

// codes joins code spans.
func codes(items []string) string {
	var out []string
	for _, s := range items {
		if c := code(s); c != "" {
			out = append(out, c)
		}
	}
	return strings.Join(out, ", ")
}
