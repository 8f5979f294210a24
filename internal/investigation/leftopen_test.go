package investigation

import (
	"testing"

	"github.com/trailhound/trailhound/internal/intake"
)

// TestLeftOpen holds that a text which weighs whether it was an intruder, or only wants something looked
// at, is heard so in every language, and that one which tells of an intruder is not.
func TestLeftOpen(t *testing.T) {
	tests := []struct {
		text string
		want string // "open", "look", or ""
	}{
		{"It could be perfectly normal or it could be somebody preparing something.", "open"},
		{"Can you tell me which one it is?", "open"},
		{"Do we have to report it, or was that simply on-call?", "open"},
		{"Did somebody break in or was it just the nightly job?", "open"},
		{"Was that an intruder or is that our contractor?", "open"},
		{"It may well be harmless.", "open"},
		{"That is a mobile address, it could be anybody.", "look"},
		{"Can you check that what the role did since the 10th is the same as before, and close it if so.", "look"},
		{"Please determine whether this is a compromise.", "look"},
		{"I would like to know before we close the alert.", "look"},
		{"Müssen wir das melden oder war das einfach die Bereitschaft?", "open"},
		{"Die Adresse 203.0.113.9 ist Mobilfunk, das kann jeder sein.", "look"},
		{"Es könnte ganz normal sein, wir wissen es nicht.", "open"},
		{"Était-ce un intrus ou était-ce simplement l'astreinte ?", "open"},
		{"Cela peut être parfaitement normal, nous ne savons pas.", "open"},
		{"È stato un intruso o era solo il reperibile?", "open"},
		{"Was het een indringer of was dat gewoon de storingsdienst?", "open"},
		{"Het adres kan van iedereen zijn, we weten het niet.", "look"},
		{"¿Fue un intruso o era simplemente la guardia?", "open"},
		{"Solo quiero que alguien lo compruebe con los registros antes de cerrar la alerta.", "look"},
		{"Foi um invasor ou foi só o plantão?", "open"},
		{"Não sabemos quem foi, pode ser qualquer um.", "look"},

		{"The intruder deleted the backups or was thrown out before.", ""},
		{"This could be a disaster for us, customers are waiting.", ""},
		{"Can you tell which buckets were read?", ""},
		{"The attack was stopped or slowed down by the firewall.", ""},
		{"Close the port if you can.", ""},
		{"Der Angreifer hat die Backups gelöscht oder verschlüsselt.", ""},
		{"L'attaquant a supprimé les sauvegardes.", ""},
		{"El atacante borró los respaldos antes de irse.", ""},
	}
	for _, test := range tests {
		english := intake.Read(test.text, intake.FromCase, intake.Clock{}, intake.Lexicon{}).English
		got := ""
		switch {
		case spoken().leftOpen.MatchString(english):
			got = "open"
		case spoken().lookedAt.MatchString(english):
			got = "look"
		}
		if got != test.want {
			t.Errorf("%q (%q) is heard as %q, want %q", test.text, english, got, test.want)
		}
	}
}
