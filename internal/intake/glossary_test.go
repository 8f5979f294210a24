package intake

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestGlossariesLoad(t *testing.T) {
	tongues, err := builtinTongues()
	if err != nil {
		t.Fatal(err)
	}
	if len(tongues.glossaries) == 0 {
		t.Error("there is none")
	}
}

func TestGlossaryRefuses(t *testing.T) {
	const head = "name: X\nsmall: [a1, a2, a3, a4]\nwords:\n"
	for yaml, want := range map[string]string{
		"small: [a1, a2, a3, a4]\nwords: {}":         "no name",
		"name: X\nsmall: [a1]\nwords: {}":            "hardly a small word",
		head + "  stolen: [weg]\n  gone: [weg]":      "stands under",
		head + "  gone: [~2 weg]":                    "begin and end",
		head + "  \"not … there\": [ne pas]":         "carries words over",
		head + "  from: [\"%address\"]":              "no alternative",
		head + "  from: [\"von %adress\"]":           "a class is one of",
		head + "  from: [Von]":                       "small letters",
		"name: X\nsmall: [a1, a2, a3, a4]\nwort: {}": "wort",
	} {
		_, err := loadGlossary(fstest.MapFS{"intake/lang/xx.yml": {Data: []byte(yaml)}}, "intake/lang/xx.yml")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\nis refused as %v, want %q", yaml, err, want)
		}
	}
}

func TestGloss(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Wir haben die Rolle x-1 nicht angelegt.", "We did not create the role x-1."},
		{"Der IAM-Benutzer „eve“ kam aus 192.0.2.7", `The iam user "eve" came from 192.0.2.7`},
		{"Der Schluessel wurde gelöscht", "The key was deleted"}, // as it is typed without umlauts
		{"The key was deleted. Das war niemand von uns.", "The key was deleted. None of us did it."},
		{"the user hat was used in the hall", "the user hat was used in the hall"}, // a name that is a word there
		{"La clé n'a pas été volée. We rotated it.", "The key was not stolen. We rotated it."},
		{"Nous n'avons pas créé x-1", "We did not create x-1"},
		{"Wij hebben x-1 niet gewist", "We did not delete x-1"},
		{"192.0.2.7 niet, dat was niemand van ons", "192.0.2.7 is not, none of us did it"},
		{"¿Quién borró la tabla x-1 el 3 de mayo de 2026?", " Who deleted the table x-1 on 3 may 2026?"},
		{"La chiave di marta e' stata rubata ieri", "The key of marta was stolen yesterday"},
		{"A chave da marta foi roubada ontem", "The key of the marta was stolen yesterday"},
		{"Klucz użytkownika marta został wczoraj skradziony", "Klucz użytkownika marta został wczoraj skradziony"},
		{"Anna Weber und Ben Vogt signed in from the office", "Anna Weber und Ben Vogt signed in from the office"},
	} {
		g := glossed(c.text, Lexicon{})
		if g.text != c.want {
			t.Errorf("%q is read as %q, want %q", c.text, g.text, c.want)
		}
		if i := strings.Index(g.text, "192.0.2.7"); i >= 0 && g.said(i, i+9) != "192.0.2.7" {
			t.Errorf("%q stands for %q", "192.0.2.7", g.said(i, i+9))
		}
	}
}
