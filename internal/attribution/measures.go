package attribution

import (
	"fmt"
	"reflect"
	"time"
)

// Coverage says when silence is a gap of the log. It judges nobody: what it finds bounds what
// may be said not to have happened.
type Coverage struct {
	QuietHours      int `yaml:"quiet_hours"`
	ExpectedEvents  int `yaml:"expected_events"`
	BusyHours       int `yaml:"busy_hours"`
	DaysOfHours     int `yaml:"days_of_hours"`
	DaysToKnow      int `yaml:"days_to_know"`
	CallsToKnow     int `yaml:"calls_to_know"`
	WriteOnlyEvents int `yaml:"write_only_events"`
}

// Volume says when much is much: calls, bytes, deletions.
type Volume struct {
	ManyCalls    int `yaml:"many_calls"`
	MuchMiB      int `yaml:"much_mib"`
	TimesUsual   int `yaml:"times_usual"`
	ShellMiB     int `yaml:"shell_mib"`
	BurstCalls   int `yaml:"burst_calls"`
	BurstMinutes int `yaml:"burst_minutes"`
}

// Much is MuchMiB in bytes.
func (v Volume) Much() int64 { return int64(v.MuchMiB) << 20 }

// Shell is ShellMiB in bytes.
func (v Volume) Shell() int64 { return int64(v.ShellMiB) << 20 }

// Burst is how long a burst may take.
func (v Volume) Burst() time.Duration { return time.Duration(v.BurstMinutes) * time.Minute }

// Costs says when a cost stands out, and how the days of a bill are read.
type Costs struct {
	SpikeTimes       int `yaml:"spike_times"`
	SpikeAtLeast     int `yaml:"spike_at_least"`
	BeforeBillHours  int `yaml:"before_bill_hours"`
	BillHistoryHours int `yaml:"bill_history_hours"`
}

// BeforeBill is how long before the day of a cost it can have been caused: bills put what
// was begun at night on either day.
func (c Costs) BeforeBill() time.Duration { return time.Duration(c.BeforeBillHours) * time.Hour }

// BillHistory is how far a bill must go back before a day of it can stand out.
func (c Costs) BillHistory() time.Duration { return time.Duration(c.BillHistoryHours) * time.Hour }

// maxMeasure is more than any of these can mean; what is far beyond would turn round where it
// is multiplied.
const maxMeasure = 1 << 20

// measured refuses a measure that is left out, which would hold of everything, and one that no
// number of events or bytes can reach.
func (w *Weights) measured() error {
	for name, group := range map[string]any{"coverage": w.Coverage, "volume": w.Volume, "costs": w.Costs} {
		v := reflect.ValueOf(group)
		for i := range v.NumField() {
			if n := v.Field(i).Int(); n < 1 || n > maxMeasure {
				return fmt.Errorf("%s: %s.%s is %d, not between 1 and %d", WeightsFile, name, v.Type().Field(i).Tag.Get("yaml"), n, maxMeasure)
			}
		}
	}
	return nil
}
