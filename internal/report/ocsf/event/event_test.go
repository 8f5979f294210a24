package event

import (
	"testing"
	"time"
)

func TestNew(t *testing.T) {
	b := New(2003, "Compliance Finding", time.UnixMilli(42))
	if b.TypeUID != 200301 || b.TypeName != "Compliance Finding: Create" || b.Time != 42 {
		t.Errorf("%+v", b)
	}
	for word, want := range map[string]int{"informational": 1, "low": 2, "medium": 3, "high": 4, "critical": 5, "": 0, "grave": 0} {
		g := Grade("m", word)
		if g.SeverityID != want || (want == 0) != (g.Severity == "Unknown") {
			t.Errorf("%q: %+v", word, g)
		}
	}
	if In("", "r").Account != nil || In("1", "r").Account.UID != "1" {
		t.Error("account")
	}
}
