package intake

import "strings"

// withoutProse blanks, in JSON that somebody pasted into a text, what is written in sentences: a detector's
// title and description, and an error's message, are no story of whoever pasted them. So it does with members
// that a list of grammar.yml silences, such as the time at which a finding was written, which is no time of what
// happened, and with their names but for those of another list. The text keeps its length, so that offsets hold.
func withoutProse(work string) string {
	objects := pastedObjects(work)
	if len(objects) == 0 {
		return work
	}
	b := []byte(work)
	for _, o := range objects {
		keepIdentifying(b, o[0], o[1])
	}
	return string(b)
}

// leastMembers is how many members make JSON of something in braces: people put words in braces too.
const leastMembers = 2

// pastedObjects are the outermost objects of the text, half-open, in order. One that was cut off at the end
// of the text counts: people paste what fits.
func pastedObjects(s string) (out [][2]int) {
	start, depth, members, quoted := -1, 0, 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case start < 0:
			if c == '{' {
				start, depth, members, quoted = i, 1, 0, false
			}
		case quoted && c == '\\':
			i++
		case c == '"':
			if quoted = !quoted; !quoted && strings.HasPrefix(strings.TrimLeft(s[i+1:min(len(s), i+8)], " "), ":") {
				members++
			}
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				if members >= leastMembers {
					out = append(out, [2]int{start, i + 1})
				}
				start = -1
			}
		}
	}
	if start >= 0 && members >= leastMembers {
		out = append(out, [2]int{start, len(s)})
	}
	return out
}

// mostWords is how many words the name of anything has at most; more are a sentence.
const mostWords = 3

// keepIdentifying blanks an object but for values that may name something. What stands between two values is
// made a line of its own: they are no sentence together.
func keepIdentifying(b []byte, from, to int) {
	member := ""
	for i := from; i < to; {
		if b[i] != '"' {
			end := i
			for end < to && b[end] != '"' {
				end++
			}
			apart := strings.ContainsAny(string(b[i:end]), ",{}")
			blank(b[i:end])
			if apart {
				b[end-1] = '\n'
			}
			i = end
			continue
		}
		end := i + 1
		for end < to && b[end] != '"' {
			if b[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end, to)
		value := string(b[i+1 : end])
		next := min(end+1, to)
		if strings.HasPrefix(strings.TrimLeft(string(b[next:min(to, next+8)]), " "), ":") {
			member = strings.ToLower(value)
			head := strings.TrimSuffix(member, "name") // "userName" says of its value what people say in a word: "user"
			if !grammar().pastedNouns[head] {
				head = ""
			}
			blank(b[i : i+1])
			blank(b[i+1+len(head) : next])
		} else if grammar().pastedSilent[member] || member != "useragent" && len(strings.Fields(value)) > mostWords {
			blank(b[i:next])
		} else {
			blank(b[i : i+1])
			blank(b[end:next])
		}
		i = next
	}
}
