// Package intake turns what a person wrote, the case text and the answers to questions,
// into anchors, times, statements and a kind of case. No model takes part.
//
// # The order of reading
//
// Read goes over the text once per concern, always by byte offsets into one working copy:
//
//  1. clean blanks what people cannot see, and keeps the length (clean.go).
//  2. gloss says sentences of other languages in English, word by word (sentence.go decides
//     the language, glossary.go holds the phrases, gloss.go writes and keeps the way back).
//  3. typed claims tokens by their form: ARNs, keys, addresses, ids (token.go, address.go).
//  4. times finds expressions (when.go, whenword.go, whenparse.go, stamp.go and what they
//     call), then places them (resolve.go, date.go, ordinal.go, week.go).
//  5. names claims what the evidence calls something, and what the text announces as a name
//     (name.go, nearby.go, misspelt.go); then root, tools, services and regions (service.go,
//     place.go).
//  6. words and segments cut the text into sentences, clauses and parts small enough that a
//     cue in one speaks of what stands in it (word.go, clause.go).
//  7. cues finds in each part the phrases of content/intake/relations.yml (phrase.go, cue.go).
//  8. assign gives each mention its role: suspected, vouched for, or only named (role.go), and
//     person.go, doneby.go, aside.go, besides.go and their like correct it for those who only
//     tell, repair, were away, or own to something else.
//  9. Of roles and cues come statements (statement.go, anchor.go), seeds and times (anchor.go),
//     the kind of case (kind.go), effects to look for (effect.go, act.go) and questions of who
//     did something (ask.go).
//
// # What holds throughout
//
// A byte of the text belongs to one mention at most: what is found first keeps it, so that the
// order above is part of the meaning. The account inside an ARN is no token of its own.
//
// Every offset that leaves the package is one into the text as it was given. Inside, offsets
// are into the English of it; restore turns all of them back at the end.
//
// Words decide nothing here. Which phrase means what is data, content/intake; the code holds
// the grammar: what a cue reaches, what denies it, what a part goes on with. A list of words
// that is still in the code is one on which phrases themselves depend (negators, joints) or
// one of names that are the same everywhere (zones, services).
//
// The text is hostile: it is bounded (MaxText), it never makes the reader panic, its cost grows
// with its length and not with the square of it (cost_test.go), and what cannot be understood
// is left out or noted. Nothing read here proves anything; the evidence may contradict it.
//
// The same text, names and clock give the same reading: no map is ranged over where its order
// could be seen, and the machine's clock is never asked.
//
// # Finding out why
//
// A sentence put into testdata/sentences and read with -update shows all that was understood
// of it. What is right but for one word is mended in content/intake, mostly in relations.yml;
// testdata/heard holds what people meant, and cannot be rewritten by the reader.
package intake
