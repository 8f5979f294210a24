package intake

import (
	"strings"
	"time"
)

// headed says whether a time is when a mail or a part of a thread was written: it stands in
// the head of one ("Sent: Wednesday, November 18, 2026 9:12 AM") or in the line that a mail
// program puts above what is quoted ("On Fri, Nov 20, 2026 at 6:15 PM Vik Rao wrote:").
func (p *peopleCues) headed(text string, e expr) bool {
	line := text[strings.LastIndexByte(text[:e.start], '\n')+1:]
	before := strings.Trim(line[:e.start-(len(text)-len(line))], "> \t*")
	if head, _, ok := strings.Cut(before, ":"); ok && p.written[strings.ToLower(strings.TrimSpace(head))] && strings.TrimSpace(before[len(head)+1:]) == "" {
		return true
	}
	after, _, _ := strings.Cut(text[e.end:], "\n")
	if before == "" && strings.TrimSpace(after) == "" && e.a.clock.has && e.a.day.kind == dateDay && p.belowHead(text[:len(text)-len(line)]) {
		return true // "> Tuesday, 28 April 2026 11:09" below "> From: huber"
	}
	words := strings.Fields(before)
	if len(words) > 0 && p.written[strings.ToLower(strings.Trim(words[len(words)-1], "(/|"))] && p.byWhom(after) {
		return true // "Ticket 17 / created 19 March 07:05 by huber"
	}
	lead := strings.Trim(before[strings.LastIndexAny(before, ".!?;")+1:], " ([*:")
	if p.updates[strings.ToLower(lead)] { // "Update 08:40: just talked to her"
		return true
	}
	if len(words) > 1 { // "On Fri,", "Am"
		return false
	}
	rest := text[e.end:min(len(text), e.end+maxWriter)]
	rest, _, ended := strings.Cut(rest, ":\n")
	if !ended && !strings.HasSuffix(rest, ":") || strings.Count(rest, "\n") > 1 {
		return false
	}
	for _, w := range strings.Fields(strings.ToLower(rest)) {
		if p.quotes[strings.Trim(w, ":,")] {
			return true
		}
	}
	return false
}

// belowHead says that the last line of what stands above is one of a mail's head.
func (p *peopleCues) belowHead(above string) bool {
	above = strings.TrimSuffix(above, "\n")
	head, _, ok := strings.Cut(strings.Trim(above[strings.LastIndexByte(above, '\n')+1:], "> \t*"), ":")
	head = strings.ToLower(strings.TrimSpace(head))
	return ok && (p.from[head] || p.written[head])
}

// byWhom says that a name follows by which a ticket tells who opened it.
func (p *peopleCues) byWhom(rest string) bool {
	word, _, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	return p.authors[strings.ToLower(word)]
}

// maxWriter bounds the name between a date and "wrote:", in bytes.
const maxWriter = 120

// heads takes the day of a head for the one that the words behind it are counted from, up to
// the next head: a thread holds mails of several days, the last one first. A moment that
// somebody gave beside the text is that of the words before the first head.
func (r *resolver) heads(e expr) {
	// A copy resolves it: the day that the head gives must not depend on the head before, nor may
	// reading it change what "at 14:00" is of.
	probe := *r
	probe.today = time.Time{}
	at, _, grain, ok := probe.days(e.a, r.location(e.a))
	if !ok || grain != "day" || e.a.day.kind != dateDay && e.a.day.kind != numberDay {
		return
	}
	r.wrote = time.Time{}
	if c := e.a.clock; e.op == "at" && c.has && c.part == "" {
		r.wrote = at.Add(time.Duration(c.h)*time.Hour + time.Duration(c.m)*time.Minute)
	}
	r.today, r.day = at.AddDate(0, 0, 1).Add(-time.Second), time.Time{}
}

// quotes takes the day of the newest head for the one that words before the first head are counted
// from: who writes above what they forward, and gives no date, writes on that day or soon after. A
// moment that somebody gave beside the text, or that the words themselves give, stands.
func (r *resolver) quotes(found []expr, headed func(expr) bool) {
	if !r.c.Now.IsZero() || !r.today.IsZero() || len(found) == 0 || headed(found[0]) {
		return
	}
	newest := time.Time{}
	for n, e := range found {
		if n >= maxHeads {
			break
		}
		if !headed(e) {
			continue
		}
		probe := *r
		probe.heads(e)
		if probe.today.After(newest) {
			newest = probe.today
		}
	}
	if newest.After(r.c.EvidenceFrom) && newest.Before(r.c.now()) {
		r.today = newest
	}
}

// maxHeads bounds how many times are looked at for heads.
const maxHeads = 512
