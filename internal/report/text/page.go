package text

import (
	"bytes"
	"strings"
)

// style is an SGR parameter; "" is plain. Only page writes escapes, and only these: whatever a
// report says was made inert before it came here.
type style string

const (
	plain  style = ""
	bold   style = "1"
	faint  style = "2"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
	cyan   style = "36"
	alarm  style = "1;31"
)

// span is a piece of a line in one style.
type span struct {
	text  string
	style style
}

// s makes a span, plain unless a style is given.
func s(text string, st ...style) span {
	if len(st) > 0 {
		return span{text, st[0]}
	}
	return span{text, plain}
}

// page collects lines of at most width columns.
type page struct {
	bytes.Buffer
	width int
	color bool
}

// paint closes each span by itself, so a line that is cut off elsewhere colours nothing after it.
// Spans are painted after wrapping, so escapes take no columns.
func (p *page) paint(sp span) string {
	if !p.color || sp.style == plain || sp.text == "" {
		return sp.text
	}
	return "\x1b[" + string(sp.style) + "m" + sp.text + "\x1b[0m"
}

// line writes spans as they are, without wrapping: for commands, which must stay whole to be
// copied.
// Blanks at the end go, so that what is copied from a terminal has none.
func (p *page) line(spans ...span) {
	var b strings.Builder
	for _, sp := range spans {
		b.WriteString(p.paint(sp))
	}
	p.WriteString(strings.TrimRight(b.String(), " "))
	p.WriteByte('\n')
}

// para writes spans as one wrapped paragraph: the first line after first, the others after
// rest. Words are not broken, so that an ARN can be copied whole, unless they are absurd.
func (p *page) para(first, rest string, spans ...span) {
	for i, l := range wrap(spans, p.width-columns(first), p.width-columns(rest), maxWord) {
		if i == 0 {
			p.line(append([]span{s(first)}, l...)...)
		} else {
			p.line(append([]span{s(rest)}, l...)...)
		}
	}
}

// section starts a part of the report with a rule as wide as the page.
func (p *page) section(title string) {
	p.WriteByte('\n')
	rule := strings.Repeat("─", max(2, p.width-columns(title)-4))
	p.line(s("── ", faint), s(title, bold), s(" "+rule, faint))
}

// box writes lines in a frame; every paragraph is a list of spans, nil an empty line.
// A paragraph that begins with a label keeps its later lines behind the label's column.
func (p *page) box(border style, paras [][]span) {
	inner := p.width - 4
	p.line(s("╭"+strings.Repeat("─", inner+2)+"╮", border))
	for _, para := range paras {
		indent := ""
		if len(para) > 1 && strings.HasSuffix(para[0].text, labelEnd) {
			indent = strings.Repeat(" ", columns(para[0].text))
		}
		for i, l := range wrap(para, inner, inner-len(indent), maxBoxWord) {
			if i > 0 {
				l = append([]span{s(indent)}, l...)
			}
			// A word too wide for the frame makes pad negative: its border is pushed out, not lost.
			pad := inner
			for _, sp := range l {
				pad -= columns(sp.text)
			}
			p.line(append(append([]span{s("│ ", border)}, l...), s(strings.Repeat(" ", max(0, pad))+" "), s("│", border))...)
		}
	}
	p.line(s("╰"+strings.Repeat("─", inner+2)+"╯", border))
}

// maxBoxWord is maxWord inside a frame, which a longer word would break open.
const maxBoxWord = 24

// labelEnd marks the first span of a box paragraph as a label: the text hangs behind it. It is
// two no-break spaces, which no inert string contains, shown as spaces.
const labelEnd = "\u00a0\u00a0"

// label pads a word to the label column.
func label(word string) span {
	return span{word + strings.Repeat("\u00a0", max(0, 11-columns(word))) + labelEnd, faint}
}
