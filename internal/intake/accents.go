package intake

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Letters that have no parts to be taken apart into, and how German writes its own where it has
// none of them: accounts are named in plain letters.
var (
	plainLetters = strings.NewReplacer("ß", "ss", "ø", "o", "ł", "l", "đ", "d", "æ", "ae", "œ", "oe", "ı", "i", "þ", "th", "ð", "d")
	germanWay    = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "å", "aa", "ø", "oe")
)

// Unaccented gives the ways in which a name in small letters may be written in plain ones: "rémi" as
// "remi", "jürgen" as "jurgen" or "juergen". A plain name is given as it is.
func Unaccented(name string) []string {
	bare := func(s string) string {
		return plainLetters.Replace(strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, norm.NFD.String(s)))
	}
	ways := []string{bare(name), bare(germanWay.Replace(norm.NFC.String(name)))}
	return slices.Compact(ways)
}
