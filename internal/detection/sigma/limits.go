package sigma

// Bounds on what a rule may be. SigmaHQ's largest rules stay an order of
// magnitude below each.
const (
	maxFile       = 1 << 20 // bytes of one file
	maxFiles      = 20_000  // files in one folder
	maxDocuments  = 200     // rules in one file
	maxNodes      = 50_000  // YAML nodes of one rule, aliases followed
	maxSelections = 500     // selections of one rule
	maxTests      = 20_000  // values of one rule, placeholders replaced
	maxPattern    = 8 << 10 // bytes of one value
	maxRegexp     = 4 << 10 // bytes of one regular expression
	maxCondition  = 8 << 10 // bytes of one condition
	maxDepth      = 64      // brackets and negations in each other
	maxPicked     = 5000    // selections that the patterns of one condition stand for
	maxSteps      = 16      // steps of a field's path
	maxText       = 512     // bytes kept of a header field that is shown
	maxList       = 100     // entries kept of a header list
	maxRelated    = 50      // rules that one correlation speaks of
	maxChain      = 8       // correlations of correlations
	maxGroupBy    = 10      // fields of a group-by
)

// Bounds on what a run may keep.
const (
	// MaxAlertEvents bounds Alert.Events; Alert.Total counts them all.
	MaxAlertEvents = 1000
	// MaxAlerts bounds the alerts of one rule; Result.Dropped counts the rest.
	MaxAlerts = 10_000
	// maxHits bounds the events kept for one rule that correlations speak of.
	// It is as much as fits into memory for some dozens of rules, and far more than a count
	// needs to be reached.
	maxHits = 500_000
	// maxVisits bounds the walk from a correlation's alerts to their events.
	maxVisits = 5_000_000
	// maxValues bounds the values of one field of one event that are counted.
	maxValues = 64
)
