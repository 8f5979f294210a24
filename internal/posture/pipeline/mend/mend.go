package mend

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline"
	"github.com/trailhound/trailhound/internal/posture/pipeline/check"
)

// Left is an edit that was not made, with the reason.
type Left struct {
	Edit check.Edit
	Why  string
}

// Edits are all edits of a report, by file, each once, in the order of lines.
// A finding about a shared role or template stands under every project that uses it;
// made twice, its edit would break the file.
func Edits(r *pipeline.Report) map[string][]check.Edit {
	out := map[string][]check.Edit{}
	add := func(list []pipeline.Finding) {
		for _, f := range list {
			for _, e := range f.Fix.Edits {
				if !slices.Contains(out[e.File], e) {
					out[e.File] = append(out[e.File], e)
				}
			}
		}
	}
	for i := range r.Projects {
		add(r.Projects[i].Findings)
	}
	add(r.Findings)
	for _, list := range out {
		slices.SortFunc(list, func(a, b check.Edit) int {
			return cmp.Or(a.Line-b.Line, strings.Compare(a.As, b.As), strings.Compare(a.From, b.From), strings.Compare(a.To, b.To))
		})
	}
	return out
}

// Text makes the edits of one file. Later lines are edited first, so that the lines
// of the edits stay those of the input.
func Text(data []byte, edits []check.Edit) (out []byte, made int, left []Left) {
	// The caller keeps the original: it shows the difference and may refuse it.
	out = bytes.Clone(data)
	for _, e := range slices.Backward(edits) {
		next, why := one(out, e)
		if why != "" {
			left = append(left, Left{e, why})
			continue
		}
		out = next
		made++
	}
	slices.Reverse(left)
	return out, made, left
}

func one(data []byte, e check.Edit) (out []byte, why string) {
	start, end, ok := lineAt(data, e.Line)
	if !ok {
		return nil, fmt.Sprintf("the file has no line %d", e.Line)
	}
	switch e.As {
	case check.AsWord:
		return replace(data, start, end, e.From, e.To)
	case check.AsAuth:
		return reshape(data, start, e)
	case check.AsActions:
		return actions(data, start, e)
	case check.AsStatement:
		return statement(data, start, e)
	}
	return nil, "there is no edit of the kind " + e.As
}

// lineAt is where a line begins and ends, from 1.
func lineAt(data []byte, n int) (start, end int, ok bool) {
	for i := 1; ; i++ {
		rest := bytes.IndexByte(data[start:], '\n')
		end = len(data)
		if rest >= 0 {
			end = start + rest
		}
		if i == n {
			return start, end, n > 0
		}
		if rest < 0 {
			return 0, 0, false
		}
		start = end + 1
	}
}

// replace changes a word or text on one line, where it stands exactly once as a
// whole: not as part of a longer word.
func replace(data []byte, start, end int, from, to string) ([]byte, string) {
	found := -1
	for at := start; at <= end; {
		i := bytes.Index(data[at:end], []byte(from))
		if i < 0 || from == "" {
			break
		}
		i += at
		// Twice on a line is not decided by taking the first: which of them was
		// meant is the reader's knowledge, and a wrong edit of a policy is worse
		// than none.
		if whole(data, i, i+len(from)) {
			if found >= 0 {
				return nil, from + " stands there more than once"
			}
			found = i
		}
		at = i + 1
	}
	if found < 0 {
		return nil, from + " does not stand there as it was read"
	}
	return splice(data, found, found+len(from), to), ""
}

// wholeWord is where a word first stands as a whole from start on, -1 if nowhere: ecr:PutImage
// is no part of ecr:PutImageTagMutability.
func wholeWord(data []byte, start int, word string) int {
	for at := start; word != "" && at <= len(data); {
		i := bytes.Index(data[at:], []byte(word))
		if i < 0 {
			break
		}
		if i += at; whole(data, i, i+len(word)) {
			return i
		}
		at = i + 1
	}
	return -1
}

// A dash is no part of a word here: names of the API have none, and in YAML a dash
// begins an entry.
func whole(data []byte, from, to int) bool {
	word := func(i int) bool {
		return i >= 0 && i < len(data) && (data[i] == '_' || '0' <= data[i] && data[i] <= '9' || 'a' <= data[i]|0x20 && data[i]|0x20 <= 'z')
	}
	return !(word(from-1) && word(from)) && !(word(to-1) && word(to))
}

func splice(data []byte, from, to int, text string) []byte {
	return slices.Concat(data[:from], []byte(text), data[to:])
}
