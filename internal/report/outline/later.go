package outline

import (
	"strings"

	"github.com/trailhound/trailhound/internal/ledger"
)

// Later is what became of a thing that was left behind, in words: "used by 3 calls until
// …", "removed … by user `sec`"; "" if nothing of it is known.
func (o *Outline) Later(p ledger.Persistence) string {
	var out []string
	for _, l := range p.Later {
		switch l.What {
		case "used":
			calls := " calls"
			if l.Calls == 1 {
				calls = " call"
			}
			out = append(out, "used by "+Number(int64(l.Calls))+calls+" of the intruder's, the last "+Time(l.At))
		case "removed":
			out = append(out, "removed "+Time(l.At)+" by "+l.By+actorBehind(l.Actor))
		}
	}
	return strings.Join(out, "; ")
}

// actorBehind says whom the one who removed it is held to be, where anybody judged.
func actorBehind(actor string) string {
	if actor == "" {
		return ""
	}
	return " (" + Words(actor) + ")"
}
