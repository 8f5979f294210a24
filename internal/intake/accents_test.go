package intake

import (
	"slices"
	"testing"
)

func TestUnaccented(t *testing.T) {
	for name, want := range map[string][]string{
		"alice": {"alice"}, "rémi": {"remi"}, "jürgen": {"jurgen", "juergen"}, "søren": {"soren", "soeren"}, "łukasz": {"lukasz"},
		"groß": {"gross"}, "e\u0301tienne": {"etienne"}, "": {""},
	} {
		if got := Unaccented(name); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestPeopleAreFoundWithoutTheirAccents(t *testing.T) {
	l := Lexicon{Entries: []Entry{{Name: "remi.gautier", Kind: "principal", Value: "arn:aws:iam::111111111111:user/remi.gautier"}, {Name: "j.mueller", Kind: "principal", Value: "arn:aws:iam::111111111111:user/j.mueller"}}}
	for _, text := range []string{"Rémi Gautier left on Friday.", "The key of Jürgen Müller leaked."} {
		if r := Read(text, FromCase, testClock, l); len(r.Seeds) != 1 || r.Seeds[0].Kind != "principal" {
			t.Errorf("%s: %v", text, r.Seeds)
		}
	}
}
