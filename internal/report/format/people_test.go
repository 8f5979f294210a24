package format_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/report/format"
	"github.com/trailhound/trailhound/internal/report/inert"
	"github.com/trailhound/trailhound/internal/report/reporttest"
)

// TestEveryFormatIsInertAndLeavesTheReportAlone holds each format of the list, and so
// any that is added, to what all of them promise: nothing of the evidence acts on a
// screen, two writings agree, and the document is not touched.
func TestEveryFormatIsInertAndLeavesTheReportAlone(t *testing.T) {
	for _, f := range format.Formats {
		t.Run(f.Name, func(t *testing.T) {
			for _, keep := range []bool{false, true} {
				r, before := reporttest.Hostile(t, keep), reporttest.Hostile(t, keep)
				var one, two bytes.Buffer
				if err := format.Write(&one, f.Name, r, format.Options{}); err != nil {
					t.Fatal(err)
				}
				if err := format.Write(&two, f.Name, r, format.Options{}); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
					t.Fatalf("two writings differ: %v", err)
				}
				if d := cmp.Diff(before, r); d != "" {
					t.Errorf("the report changed (-want +got):\n%s", d)
				}
				for i, c := range one.String() {
					if c != '\n' && c != '\t' && inert.Unsafe(c) {
						t.Fatalf("%U stands at byte %d", c, i)
					}
				}
			}
		})
	}
}

// TestPeopleReadTheSame: what the renderings for people say of one thing is one thing.
func TestPeopleReadTheSame(t *testing.T) {
	r := reporttest.Sample(t, "leaked-ci-key")
	// A session that ran out by itself: nobody removed it.
	r.Persistence = append(r.Persistence, ledger.Persistence{Kind: "federation_session", ID: "ASIAEXAMPLESESSION77", Status: "removed"})
	r.Credentials = append(r.Credentials, lineage.Credential{ID: "ASIAEXAMPLESESSION77", State: "expired", HeldBy: "intruder"})
	// One sentence with a name, and one with a backquote that evidence brought along.
	r.Impact = []investigation.Impact{{Class: "data", Level: "confirmed", Text: "Objects of `a-bucket` were read."}, {Class: "data", Level: "possible", Text: "Objects of b`bucket may have been."}}
	// Two copies of the first hostile event, the owner's first.
	first := 0
	for i, e := range r.Timeline {
		if e.Actor == "intruder" {
			first = i
			break
		}
	}
	for i, a := range r.Attribution {
		if a.Event == r.Timeline[first].Event {
			r.Attribution[i].Because = "score:77"
		}
	}
	r.Attribution = append([]attribution.Row{{Event: r.Timeline[first].Event, Actor: "owner", Because: "score:1"}}, r.Attribution...)
	for name, want := range map[string][]string{
		"text":     {"EXPIRED", "Objects of `a-bucket` were read.", "Held to be the intruder because: its calls together score 77."},
		"markdown": {"**expired**", "Objects of `a-bucket` were read.", "Objects of b\\`bucket may have been."},
		"html":     {`<span class="pill st-removed">expired</span>`, "Objects of <code>a-bucket</code> were read.", "Objects of b`bucket may have been."},
	} {
		var buf bytes.Buffer
		if err := format.Write(&buf, name, r, format.Options{Width: 200}); err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(buf.String(), w) {
				t.Errorf("%s does not say %q", name, w)
			}
		}
	}
}

// TestPeopleReadWhatIsOpen: where there is no incident, what could be put down to
// nobody stands in front, with the reason that it is open.
func TestPeopleReadWhatIsOpen(t *testing.T) {
	r := reporttest.Sample(t, "no-incident")
	r.Attribution = append(r.Attribution, attribution.Row{Event: "open-1", Actor: attribution.Undetermined, Credential: "AKIAEXAMPLEOPEN00001", Because: "score:40|network_new+40"})
	for _, c := range []claim.Claim{
		{ID: "C901", Text: "User `jo` made 3 calls from 203.0.113.0/24.", Evidence: []string{"event:open-1"}, Predicate: claim.Predicate{Op: "count", Filter: claim.Filter{"actor": []any{"likely_intruder", "undetermined"}}, Value: 3}},
		{ID: "C902", Text: "User `jo` made 700 calls.", Evidence: []string{"event:open-1"}, Predicate: claim.Predicate{Op: "count", Filter: claim.Filter{"credential": "AKIAEXAMPLEOPEN00001"}, Value: 700}},
	} {
		r.Claims, r.Verdict.Claims = append(r.Claims, c), append(r.Verdict.Claims, c.ID)
	}
	for name, want := range map[string]string{
		"text":     "• User `jo` made 3 calls from 203.0.113.0/24. (C901) Open because: its calls together score 40: the network is new for the principal (+40).",
		"markdown": "**Undecided:** User `jo` made 3 calls from 203.0.113.0/24. (`C901`) Open because: its calls together score 40: the network is new for the principal (+40).",
		"html":     `<li>User <code>jo</code> made 3 calls from 203.0.113.0/24.`,
	} {
		var buf bytes.Buffer
		if err := format.Write(&buf, name, r, format.Options{Width: 300}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(strings.Fields(buf.String()), " "), want) {
			t.Errorf("%s does not say %q", name, want)
		}
		// What the claim only counts is told as found, and not as open.
		if _, open, _ := strings.Cut(buf.String(), "ask whose it is"); name == "text" && strings.Contains(open, "made 700 calls") {
			t.Error("text calls open what the claim only counts")
		}
	}
}
