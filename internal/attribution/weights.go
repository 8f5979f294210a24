package attribution

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Weights is content/attribution/weights.yml: every number that judges.
type Weights struct {
	Thresholds struct {
		Intruder     int `yaml:"intruder"`
		Likely       int `yaml:"likely"`
		Undetermined int `yaml:"undetermined"`
		Unlike       int `yaml:"unlike"`
	} `yaml:"thresholds"`
	Baseline struct {
		MinEvents   int `yaml:"min_events"`
		MinDays     int `yaml:"min_days"`
		UsualDays   int `yaml:"usual_days"`
		RoamingDays int `yaml:"roaming_days"`
	} `yaml:"baseline"`
	Cluster struct {
		SilenceHours      int `yaml:"silence_hours"`
		ConcurrentMinutes int `yaml:"concurrent_minutes"`
		ReconMinutes      int `yaml:"recon_minutes"`
		ReconOperations   int `yaml:"recon_operations"`
		RotatingNetworks  int `yaml:"rotating_networks"`
		RotatingMinutes   int `yaml:"rotating_minutes"`
		DeniedCalls       int `yaml:"denied_calls"`
		DeniedPercent     int `yaml:"denied_percent"`
		RareHourEvents    int `yaml:"rare_hour_events"`
		GraveMinutes      int `yaml:"grave_minutes"`
	} `yaml:"cluster"`
	Networks struct {
		SharedPrincipals int `yaml:"shared_principals"`
		CorporateDays    int `yaml:"corporate_days"`
	} `yaml:"networks"`
	Coverage   Coverage       `yaml:"coverage"`
	Volume     Volume         `yaml:"volume"`
	Costs      Costs          `yaml:"costs"`
	Points     map[string]int `yaml:"points"`
	KnownTools []string       `yaml:"known_tools"`
	AgentCalls []string       `yaml:"agent_calls"`
	GuestBars  []string       `yaml:"guest_bars"` // patterns of path.Match

	// AwayBars are services that no journey explains the first use of, by the prefix of actions.
	AwayBars []string `yaml:"away_bars"`
	// OpeningCalls are calls, as service:Name, that let in the addresses that they name.
	OpeningCalls []string `yaml:"opening_calls"`

	// FactorCalls are calls, as service:Name, by which somebody registers a second factor of their own.
	FactorCalls []string `yaml:"factor_calls"`
	// SecretReads are calls, as service:Name, that read secrets.
	SecretReads []string `yaml:"secret_reads"`
	// DataReads are calls, as service:Name, that read data.
	DataReads []string `yaml:"data_reads"`
	// Bulk says when reading data is more than the job: at least so many calls of one of DataReads
	// on a day, and so many times what any other day had.
	Bulk struct {
		Least int `yaml:"least"`
		Times int `yaml:"times"`
	} `yaml:"bulk"`

	graveActs map[string][]*graveAct // by call, from GraveFile

	// Scored, if set, is told of each signal that scores: a study of the weights
	// learns so which of them a case can depend on.
	Scored func(signal string) `yaml:"-"`
}

// pointNames are the signals the scorer knows; a weights file names exactly these.
var pointNames = []string{
	"network_new", "network_new_thin", "subject_new", "let_self_in", "password_guessed", "root_recovered", "agent_new", "concurrent_network", "hostile_network", "sibling_session", "recon_opening", "service_new",
	"region_new", "region_unused", "grave_series", "session_grave", "opens_to_intruder", "denied", "odd_hour", "born_hostile", "known_tool", "credential_odd", "off_host", "outside_statement", "named_stolen",
	"usual_pair", "mfa", "corporate_network", "usual_action", "usual_work", "known_hand", "known_owner", "took_over", "known_guest", "away", "source_identity", "key_rotated",
}

// WeightsFile is where LoadWeights looks.
const WeightsFile = "attribution/weights.yml"

// LoadWeights reads the weights from a content pack. A missing or unknown
// signal is an error: a misspelt weight must not silently count nothing.
func LoadWeights(fsys fs.FS) (*Weights, error) {
	data, err := fs.ReadFile(fsys, WeightsFile)
	if err != nil {
		return nil, fmt.Errorf("read weights: %w", err)
	}
	var w Weights
	dec, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithKnownFields())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", WeightsFile, err)
	}
	if err := dec.Load(&w); err != nil {
		return nil, fmt.Errorf("%s: %w", WeightsFile, err)
	}
	if err := w.measured(); err != nil {
		return nil, err
	}
	for _, p := range w.GuestBars {
		if _, err := path.Match(p, ""); err != nil {
			return nil, fmt.Errorf("%s: guest_bars: %q: %w", WeightsFile, p, err)
		}
	}
	for _, p := range pointNames {
		if _, ok := w.Points[p]; !ok {
			return nil, fmt.Errorf("%s: points.%s is missing", WeightsFile, p)
		}
	}
	if len(w.Points) != len(pointNames) {
		return nil, fmt.Errorf("%s: points holds %d signals, the scorer knows %d", WeightsFile, len(w.Points), len(pointNames))
	}
	if w.graveActs, err = loadGrave(fsys); err != nil {
		return nil, err
	}
	return &w, nil
}

// grave says whether a call is no errand of a guest's.
func (w *Weights) grave(e *evidence.Event) bool {
	return slices.ContainsFunc(w.GuestBars, func(p string) bool { ok, _ := path.Match(p, e.Action()); return ok })
}

// points are what a signal that was met counts.
func (w *Weights) points(signal string) int {
	if w.Scored != nil {
		w.Scored(signal)
	}
	return w.Points[signal]
}

func (w *Weights) silence() time.Duration {
	return time.Duration(w.Cluster.SilenceHours) * time.Hour
}
func (w *Weights) concurrent() time.Duration {
	return time.Duration(w.Cluster.ConcurrentMinutes) * time.Minute
}
