package intake

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestLanguage(t *testing.T) {
	for text, want := range map[string]string{
		"who deleted the table orders?":                                                                               English,
		"Key of deploy-bot leaked, please check what was done with it and who has it":                                 English,
		"wir haben gestern eine Meldung bekommen, und der Schlüssel wurde nicht von uns benutzt, bitte prüfen":        "de",
		"Nous avons reçu une alerte sur la clé et elle n'est pas utilisée par notre équipe, merci de vérifier":        "fr",
		"de sleutel is gisteren gebruikt door iemand die wij niet kennen, graag kijken wat er met onze data is":       "nl",
		"sprawdzenie: klucz został wczoraj użyty przez kogoś, kto nie jest z naszej firmy, i mamy nasze bucket puste": "pl",
		"vår nyckel har blivit använd igår från en okänd adress, det är inte vi och ingen vet vem som var inne":       "sv",
		"la nostra chiave è stata usata ieri da qualcuno che non conosciamo, per favore controllate":                  "it",
		"a nossa chave foi usada ontem por alguém que a gente não conhece, por favor verifiquem":                      "pt",
		"login from Den Haag by anna, is that de Vries? please check":                                                 English,
	} {
		if got := Read(text, FromCase, Clock{}, Lexicon{}).Language; got != want {
			t.Errorf("%q is taken for %q, want %q", text, got, want)
		}
	}
	for _, bad := range []string{"", "languages: {de: [der]}", "langs: {}"} {
		if _, err := loadTongues(fstest.MapFS{"intake/languages.yml": {Data: []byte(bad)}}); err == nil {
			t.Errorf("%q is read", strings.TrimSpace(bad))
		}
	}
}
