package investigation

import (
	"testing"
	"testing/fstest"

	"github.com/trailhound/trailhound/content"
)

// TestSpeech hears in each list what it is for, and nothing in what is like it.
func TestSpeech(t *testing.T) {
	s, err := loadSpeech(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		hit  func(string) bool
		yes  string
		no   string
	}{
		{"appearing", s.appearing.MatchString, "an unknown admin user was found", "the user was renewed"},
		{"principal", s.principal.MatchString, "that Role is not ours", "the controller is not ours"},
		{"pointing", s.pointing.MatchString, "yes, THAT was us", "PenTest:IAMUser"},
		{"natures", s.natures.MatchString, "is it a false positive", "is it realistic"},
		{"granted", s.granted.MatchString, "what did the intruder take", "was it an intruder"},
		{"lastDay", s.lastDay.MatchString, "her last working day", "the leftover key"},
		{"notice", s.notice.MatchString, "she resigned on Monday", "she designed it"},
		{"myself", s.myself.MatchString, "that was me", "that was Mel"},
		{"trouble", s.trouble.MatchString, "they were breached", "they were reached"},
		{"tidings", s.tidings.MatchString, "our vendor has told us", "our vendor is Acme"},
		{"theirs", s.theirs.MatchString, "it is theirs", "the thermostat"},
		{"where", s.where.MatchString, "nobody knows that IP", "nobody knows that tip"},
		{"knowing", s.knowing.MatchString, "that I don't recognise", "nobody made it"},
		{"unknown", s.unknown.MatchString, "nobody knows it", "nobody knows why"},
		{"unknown", s.unknown.MatchString, "it isn't one of ours", "it is late"},
	} {
		if !c.hit(c.yes) || c.hit(c.no) {
			t.Errorf("%s: %q must be heard, %q must not", c.name, c.yes, c.no)
		}
	}
}

// TestSpeechIsChecked refuses a list that is missing, and a name that is none.
func TestSpeechIsChecked(t *testing.T) {
	for _, text := range []string{"pointing: [it]", "pointign: [it]"} {
		if _, err := loadSpeech(fstest.MapFS{"intake/speech.yml": {Data: []byte(text)}}); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}
