package read

// Answer is what an API said, with a name to cite it by.
type Answer struct {
	Name string
	Data []byte
}

// Answers reads answers of the API as Files reads files of them. What cannot be
// read is a gap.
// Every list is linked by itself: what is joined must come in one call. live and
// github therefore gather first and read once.
func Answers(list []Answer) *Result {
	r := newReader()
	for _, a := range list {
		known, err := r.json(a.Name, a.Data)
		switch {
		case err != nil:
			r.gap(a.Name, err.Error())
		case !known:
			r.gap(a.Name, "it is no answer that is read here")
		}
	}
	r.link()
	return &Result{r.inv, r.settings}
}
