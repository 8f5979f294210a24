package intake

// asideCues is content/intake/asides.yml.
type asideCues struct {
	Deadlines struct {
		Before []string `yaml:"before"`
		At     []string `yaml:"at"`
		Small  string   `yaml:"small"`
	} `yaml:"deadlines"`

	before, at []phrase
	small      map[string]bool
}

func (a *asideCues) compile() error {
	a.small = set(a.Deadlines.Small)
	if err := compileAll(a.Deadlines.Before, &a.before); err != nil {
		return err
	}
	return compileAll(a.Deadlines.At, &a.at)
}

// asides marks the times that are none of what happened: those by which somebody wants to
// know. An answer to a question has none, it was asked for a time.
func (r *reader) asides() {
	if r.answer != "" {
		return
	}
	for _, words := range r.sentences() {
		for _, hit := range r.every(r.vocab.asides.before, words) {
			if m := r.timeOf(words, hit); m >= 0 && r.mentions[m].span.Grain == "until" {
				r.mentions[m].aside = true
			}
		}
		for _, hit := range r.every(r.vocab.asides.at, words) {
			if m := r.timeOf(words, hit); m >= 0 {
				r.mentions[m].aside = true
			}
		}
	}
}

// timeOf is the time that a phrase took, -1 where more than small words stand between its own.
func (r *reader) timeOf(words, hit []int) int {
	m := -1
	for k, h := range hit {
		w := r.words[words[h]]
		if w.m >= 0 && r.mentions[w.m].kind == "time" {
			m = w.m
		}
		for g := h + 1; k+1 < len(hit) && g < hit[k+1]; g++ {
			if !r.vocab.asides.small[r.words[words[g]].text] {
				return -1
			}
		}
	}
	return m
}

// sentences are the words of each sentence, parentheses where they stand.
func (r *reader) sentences() [][]int {
	var out [][]int
	for _, s := range r.segs {
		for len(out) <= s.sentence {
			out = append(out, nil)
		}
		out[s.sentence] = append(out[s.sentence], s.words...)
	}
	return out
}
