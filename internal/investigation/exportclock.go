package investigation

import "fmt"

// Export is the clock that a case text says its export was written by (intake.ExportClock),
// and what reading by it did. The zero Export says that nothing was told.
type Export struct {
	Zone    string // as the reader names it: "Europe/Berlin", "UTC+01:00"; "" for none
	Shifted int64  // times without a zone that were read by it; -1 where the evidence had been read before
}

// exportClock says what became of the times of an export: a report whose times were
// moved says so, and one whose times could not be moved as well.
func (in *inquiry) exportClock() {
	e := in.o.Export
	switch {
	case e.Zone == "" || e.Zone == "UTC":
	case e.Shifted > 0:
		in.assume("", fmt.Sprintf("Times in the evidence that name no zone (%s) are read as %s, as the case says of its export; times that name their zone stay as they are.", fmt.Sprintf("%d of them", e.Shifted), e.Zone))
	case e.Shifted < 0:
		in.assume("", fmt.Sprintf("The case says that an export is written by the clock of %s. The evidence stands in a store, which was read before: its times are as they were read, in UTC unless it was imported with --clock.", e.Zone))
	default:
		in.assume("", fmt.Sprintf("The case says that an export is written by the clock of %s, but all times in the evidence name their zone: none was moved.", e.Zone))
	}
}
