package answer

import (
	"bytes"
	"slices"
)

// maxPaths bounds what Shape remembers of hostile content.
const maxPaths = 4096

// maxKey bounds a name in a path: none that is asked for is near as long.
const maxKey = 128

// Shape lists the paths of members that the beginning of JSON content shows, at
// most three names deep and without regard to arrays: "UserDetailList.UserName".
// It is for telling kinds of content apart, so it forgives a cut end and any
// damage, and is nil for what does not begin like JSON.
func Shape(head []byte) Paths {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(head) == 0 || head[0] != '{' && head[0] != '[' {
		return nil
	}
	s := shaper{data: head, paths: Paths{}}
	s.walk()
	return s.paths
}

// Paths is the shape of content.
type Paths map[string]bool

// Any says whether one of the paths occurs.
func (p Paths) Any(paths ...string) bool {
	return slices.ContainsFunc(paths, func(s string) bool { return p[s] })
}

// All says whether all of the paths occur.
func (p Paths) All(paths ...string) bool {
	return !slices.ContainsFunc(paths, func(s string) bool { return !p[s] })
}

type shaper struct {
	data  []byte
	paths Paths
	stack []level
}

// level is one open bracket.
type level struct {
	object bool
	path   string // of the member it is the value of
	deep   int    // names in path
	key    string // of the member in hand
	value  bool   // behind the colon
}

func (s *shaper) walk() {
	for i := 0; i < len(s.data) && len(s.paths) < maxPaths; i++ {
		switch c := s.data[i]; c {
		case '{', '[':
			if len(s.stack) > 200 {
				return
			}
			next := level{object: c == '{'}
			if n := len(s.stack); n > 0 {
				top := s.stack[n-1]
				next.path, next.deep = top.path, top.deep
				if top.object {
					next.path, next.deep = top.key, top.deep+1
				}
			}
			s.stack = append(s.stack, next)
		case '}', ']':
			if len(s.stack) > 0 {
				s.stack = s.stack[:len(s.stack)-1]
			}
		case ':', ',':
			if n := len(s.stack); n > 0 {
				s.stack[n-1].value = c == ':'
			}
		case '"':
			end := closing(s.data, i+1)
			if end < 0 {
				return
			}
			s.text(s.data[i+1 : end])
			i = end
		}
	}
}

// text takes a string for the name of a member if it stands where one does.
func (s *shaper) text(b []byte) {
	n := len(s.stack)
	if n == 0 || !s.stack[n-1].object || s.stack[n-1].value {
		return
	}
	top := &s.stack[n-1]
	short := len(b) < maxKey
	top.key = string(b[:min(len(b), maxKey)]) // a long one would be copied into every path below it
	if top.path != "" {
		top.key = top.path + "." + top.key
	}
	if top.deep < 3 && short {
		s.paths[top.key] = true
	}
	if top.deep >= 3 {
		top.key = top.path // no deeper path is ever asked for
	}
}

func closing(data []byte, i int) int {
	for ; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}
