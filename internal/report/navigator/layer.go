package navigator

// layer is the whole file: only members that we set, since the tool fills in the others.
type layer struct {
	Name        string      `json:"name"`
	Versions    versions    `json:"versions"`
	Domain      string      `json:"domain"`
	Description string      `json:"description"`
	Sorting     int         `json:"sorting"` // 3: by score, highest first
	Layout      layout      `json:"layout"`
	Techniques  []technique `json:"techniques"`
	Gradient    gradient    `json:"gradient"`
	Legend      []legend    `json:"legendItems"`
	Metadata    []pair      `json:"metadata"`

	// Selecting one technique in the tool must not touch its neighbours: each square has its
	// own evidence.
	AcrossTactics bool `json:"selectTechniquesAcrossTactics"`
	WithParent    bool `json:"selectSubtechniquesWithParent"`
}

type versions struct {
	Attack    string `json:"attack"`
	Navigator string `json:"navigator"`
	Layer     string `json:"layer"`
}

type layout struct {
	Layout   string `json:"layout"`
	ShowID   bool   `json:"showID"`
	ShowName bool   `json:"showName"`
	Expanded string `json:"expandedSubtechniques"`
}

// technique is one square. Color wins over the score in the tool, which the score only sorts.
type technique struct {
	ID       string `json:"techniqueID"`
	Tactic   string `json:"tactic,omitempty"` // without one, the tool marks every tactic
	Score    int    `json:"score"`
	Color    string `json:"color"`
	Comment  string `json:"comment"`
	Enabled  bool   `json:"enabled"`
	Metadata []pair `json:"metadata"`
	ShowSubs bool   `json:"showSubtechniques"`
}

type gradient struct {
	Colors []string `json:"colors"`
	Min    int      `json:"minValue"`
	Max    int      `json:"maxValue"`
}

type legend struct {
	Label string `json:"label"`
	Color string `json:"color"`
}

type pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}
