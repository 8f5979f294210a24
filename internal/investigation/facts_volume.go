package investigation

import (
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// dayOf is what one person did of one kind on one day: the intruder's calls with a
// credential apart from its owner's.
type dayOf struct {
	person, action, day string
	hostile             bool
}

type volume struct {
	calls int
	bytes int64 // sent out, as far as the records say

	judged, outlier, known bool
}

// volume says whether a call is one of very many of its kind and day, by the same hands:
// so many times (volume of the weights) what the owner does of it on the median day before. Someone of
// whom nothing of the kind is known did nothing of it.
func (in *inquiry) volume(e *evidence.Event) (value, known bool) {
	if in.volumes == nil {
		in.countVolumes()
	}
	row, ok := in.rows()[e.ID]
	if !ok {
		return false, false
	}
	k := dayOf{e.Identity.Person(), e.Action(), e.Time.Format(time.DateOnly), row.Actor.Hostile()}
	v := in.volumes[k]
	if v == nil {
		return false, false
	}
	if !v.judged {
		v.judged = true
		v.outlier, v.known = in.outlier(k, v)
	}
	return v.outlier, v.known
}

func (in *inquiry) outlier(k dayOf, v *volume) (value, known bool) {
	m := in.o.Content.Weights.Volume
	if v.calls < m.ManyCalls && v.bytes < m.Much() {
		return false, true
	}
	var calls []int
	for o, usual := range in.volumes {
		if o.person == k.person && o.action == k.action && !o.hostile && o.day < k.day {
			calls = append(calls, usual.calls)
		}
	}
	if !k.hostile && len(calls) < in.o.Content.Weights.Baseline.MinDays {
		return false, false
	}
	slices.Sort(calls)
	return len(calls) == 0 || v.bytes >= m.Much() && v.calls < m.ManyCalls || v.calls > m.TimesUsual*calls[len(calls)/2], true
}

func (in *inquiry) countVolumes() {
	in.volumes = map[dayOf]*volume{}
	at := func(e *evidence.Event, hostile bool) *volume {
		k := dayOf{e.Identity.Person(), e.Action(), e.Time.Format(time.DateOnly), hostile}
		v := in.volumes[k]
		if v == nil {
			v = &volume{}
			in.volumes[k] = v
		}
		return v
	}
	for i := range in.at.Rows {
		if !in.again(i) {
			at(&in.at.Events[i], in.at.Rows[i].Actor.Hostile()).calls++
		}
	}
	told := map[string]bool{}
	for _, s := range in.subjects {
		if n, err := jsonInt(s.Record.Get("additionalEventData.bytesTransferredOut")); err == nil && n > 0 && !told[s.Event.ID] {
			told[s.Event.ID] = true
			at(s.Event, s.Actor.Hostile()).bytes += n
		}
	}
}
