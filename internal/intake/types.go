package intake

// Case is what was asked: the report's "case".
type Case struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Text     string `json:"text"`
	Kind     string `json:"kind"`      // one of Kinds
	OpenedAt string `json:"opened_at"` // RFC 3339 UTC; "" unless given
}

// Scope is what the case turned out to be about: the report's "scope".
type Scope struct {
	Seeds       []Seed       `json:"seeds"`
	Window      Window       `json:"window"`
	Accounts    []string     `json:"accounts"`
	Assumptions []Assumption `json:"assumptions"`
}

// Seed is an anchor of the case: something named that evidence can be searched for.
type Seed struct {
	Kind  string `json:"kind"` // access_key | principal | ip | resource | session | account | service | region | event | user_agent
	Value string `json:"value"`
	From  string `json:"from"` // "case text", "answer <id>", "evidence"
	Span  [2]int `json:"span"` // half-open, UTF-8 bytes of the case text; 0,0 if not from there
	Guess bool   `json:"-"`    // somebody whom the text only guesses at
}

// Window is the interval investigated, RFC 3339 UTC.
type Window struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Basis string `json:"basis"` // how it was arrived at, in words
}

// Assumption is something taken for granted because nobody said otherwise.
type Assumption struct {
	ID                string `json:"id"`
	Text              string `json:"text"`
	BecauseUnanswered string `json:"because_unanswered"` // question id, or ""
}

// Question is a clarifying question, answered or not.
type Question struct {
	ID             string   `json:"id"`
	Text           string   `json:"text"`
	Why            string   `json:"why"`
	Default        string   `json:"default"`
	Choices        []string `json:"choices"` // drawn from the evidence; may be empty
	Answer         string   `json:"answer"`
	Status         string   `json:"status"` // answered | defaulted | open
	ContradictedBy []string `json:"contradicted_by"`
}
