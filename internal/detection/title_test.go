package detection

import "testing"

// TestTitleOf: what is told is what the call did; of several calls that are told by different
// words, what is true of all.
func TestTitleOf(t *testing.T) {
	r := &Rule{Title: "Alarms deleted or muted", Titles: map[string]string{"DisableAlarmActions": "Alarms muted", "PutMetricAlarm": "Alarms muted", "DeleteAlarms": "Alarms deleted"}}
	for _, c := range []struct {
		calls []string
		want  string
	}{
		{[]string{"DisableAlarmActions"}, "Alarms muted"},
		{[]string{"DisableAlarmActions", "PutMetricAlarm"}, "Alarms muted"},
		{[]string{"DisableAlarmActions", "DeleteAlarms"}, r.Title},
		{[]string{"DeleteAlarms", "DeleteLogGroup"}, r.Title},
		{nil, r.Title},
	} {
		if got := r.TitleOf(c.calls...); got != c.want {
			t.Errorf("%v: %q, want %q", c.calls, got, c.want)
		}
	}
}
