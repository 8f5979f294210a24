package html

import (
	"strings"
	"unicode/utf8"

	"github.com/trailhound/trailhound/internal/report/inert"
)

type fatal interface{ Fatalf(string, ...any) }

// tags is every element the page may hold, and attributes every attribute: what is not here can
// only have come out of evidence.
var tags = set("html head meta title style body a header span svg path circle button section p h1 h2 h3 h4 dl div dt dd small strong nav b main footer dialog form pre script " +
	"article blockquote ul li ol table thead tbody tr th td details summary figure figcaption rect text label input select option output g code sup em s br")

var attributes = set("lang charset http-equiv content name class href aria-hidden viewbox width height d fill stroke stroke-width stroke-linecap cx cy r type id aria-label method value tabindex role " +
	"aria-live title x y rx transform colspan scope data-actor data-phase data-outcome placeholder autocomplete spellcheck open")

func set(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// checkInert reads the page as a browser's tokenizer does and fails on any element, attribute,
// link or script that is not ours, and on any character that could act on a screen.
func checkInert(t fatal, out string) {
	if !utf8.ValidString(out) {
		t.Fatalf("not UTF-8")
	}
	body := strings.NewReplacer(style, "", script, "").Replace(out)
	for i, r := range body {
		if r != '\n' && r != '\t' && inert.Unsafe(r) {
			t.Fatalf("%U at %d: …%q…", r, i, body[max(0, i-60):i+8])
		}
	}
	scripts, styles := 0, 0
	for i := 0; i < len(out); {
		lt := strings.IndexByte(out[i:], '<')
		if lt < 0 {
			break
		}
		i += lt
		if strings.HasPrefix(out[i:], "<!doctype html>") {
			i += len("<!doctype html>")
			continue
		}
		name, attrs, end := tag(t, out, i)
		i = end
		if strings.HasPrefix(name, "/") {
			name = name[1:]
			attrs = nil
		} else if name == "script" || name == "style" || name == "title" {
			stop := strings.Index(out[i:], "</"+name)
			if stop < 0 {
				t.Fatalf("<%s> never ends", name)
			}
			switch text := out[i : i+stop]; {
			case name == "script" && text == script && len(attrs) == 0:
				scripts++
			case name == "style" && text == style && len(attrs) == 0:
				styles++
			case name == "title" && !strings.Contains(text, "<"):
			default:
				t.Fatalf("a %s that is not ours: %.80q %q", name, text, attrs)
			}
			i += stop
		}
		if !tags[name] {
			t.Fatalf("element <%s> at %d: …%q…", name, i, out[max(0, i-80):min(len(out), i+20)])
		}
		for _, a := range attrs {
			if !attributes[a[0]] {
				t.Fatalf("attribute %q of <%s>: …%q…", a[0], name, out[max(0, i-120):i])
			}
			if a[0] == "href" && !strings.HasPrefix(a[1], "#") {
				t.Fatalf("link to %q", a[1])
			}
			if a[0] == "id" && strings.ContainsAny(a[1], " <>&;=") {
				t.Fatalf("id %q", a[1])
			}
		}
	}
	if scripts != 1 || styles != 1 {
		t.Fatalf("%d scripts, %d styles", scripts, styles)
	}
}

// tag reads one tag from its "<" on; every attribute must be quoted.
func tag(t fatal, out string, i int) (name string, attrs [][2]string, end int) {
	j := i + 1
	for j < len(out) && !strings.ContainsRune(" \t\n>", rune(out[j])) {
		j++
	}
	name = strings.ToLower(strings.TrimSuffix(out[i+1:j], "/"))
	for {
		for j < len(out) && strings.ContainsRune(" \t\n/", rune(out[j])) {
			j++
		}
		if j >= len(out) {
			t.Fatalf("<%s never ends", name)
		}
		if out[j] == '>' {
			return name, attrs, j + 1
		}
		k := j
		for k < len(out) && !strings.ContainsRune("= \t\n>/", rune(out[k])) {
			k++
		}
		a := [2]string{strings.ToLower(out[j:k]), ""}
		j = k
		if j < len(out) && out[j] == '=' {
			if out[j+1] != '"' {
				t.Fatalf("unquoted attribute %q of <%s>", a[0], name)
			}
			stop := strings.IndexByte(out[j+2:], '"')
			a[1] = out[j+2 : j+2+stop]
			j += stop + 3
		}
		attrs = append(attrs, a)
	}
}
