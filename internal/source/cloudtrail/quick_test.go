package cloudtrail

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/datasettest"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/jsonstream"
)

// sameAsSlow holds quick to event on one record: what it takes it must read to
// the last byte and column as event does, the first time, behind an ordinary
// record, and when it has met that very record before. It says whether quick
// took it.
func sameAsSlow(t testing.TB, in []byte) bool {
	t.Helper()
	took := sameBehind(t, &reader{texts: map[string]string{}}, in)
	r := &reader{texts: map[string]string{}}
	var e evidence.Event
	quickly(r, []byte(sample), &e)
	for range 2 {
		if sameBehind(t, r, in) != took {
			t.Fatalf("whether quick takes it hangs on what was read before (alone: %v): %s", took, in)
		}
	}
	return took
}

// blankText is a value without text: in JSON, quotes in a text stand behind a backslash, and
// what a colon follows is a name.
var blankText = regexp.MustCompile(`[:\[]""|,""[^:]`)

// quickly reads the record that data begins with, and gives its length, or 0.
func quickly(r *reader, data []byte, e *evidence.Event) int {
	r.strict.Reset(data)
	r.ahead = jsonstream.LeastAhead
	return max(0, r.quick(jsonstream.Place{}, 0, e).At)
}

// sameBehind is sameAsSlow for a reader that may have met records before.
func sameBehind(t testing.TB, r *reader, in []byte) bool {
	t.Helper()
	var got evidence.Event
	plain := false
	r.records = func(b []byte, p bool) []byte { plain = p; return bytes.Clone(b) }
	n := quickly(r, in, &got)
	if n == 0 {
		return false
	}
	if valid := utf8.Valid(got.Body); plain && !valid || valid && plain == blankText.Match(got.Body) {
		t.Fatalf("quick calls it plain: %v: %s", plain, got.Body)
	}
	f := &finder{ctx: context.Background(), reader: &reader{texts: map[string]string{}}}
	var want []evidence.Event
	f.emit = func(e *evidence.Event) error { want = append(want, *e); return nil }
	if err := f.Record(in[:n], 0); err != nil || len(want) != 1 || f.out.Rejected > 0 {
		t.Fatalf("quick reads what is no event (%d events, %v): %s", len(want), f.out, in[:n])
	}
	if !reflect.DeepEqual(got, want[0]) {
		t.Fatalf("quick gives\n%+v\nwant\n%+v\nfor %s", got, want[0], in[:n])
	}
	return true
}

// unusual are records that look ordinary and are not, one change each.
var unusual = []struct{ from, to string }{
	{`"eventID":"`, `"eventID":" `}, {`"eventID":`, `"eventID":"other","eventID":`}, {`"eventName":"`, `"eventName":"\u0041`},
	{`"eventSource":"`, `"eventSource":"aws:`}, {`"eventTime":"20`, `"eventTime":"19`}, {`"eventTime"`, `"@timestamp"`},
	{`"readOnly":`, `"readOnly":1,"readOnly":`}, {`"eventType":"AwsApiCall"`, `"eventType":"AwsCloudTrailInsight"`},
	{`"userIdentity":{`, `"userIdentity":{"type":"X","type":`}, {`"awsRegion":"`, `"schema":"trailhound.truth/v1","awsRegion":"`},
	{`"awsRegion":"`, `"cf":{},"awsRegion":"`}, {`"awsRegion":"`, "\"awsRegion\":\"\xff"}, {`"awsRegion":"`, "\"awsRegion\":\"\x01"},
	{`"requestParameters":`, `"requestParameters":"{}","x":`}, {`{`, `{ `}, {`"eventVersion":"1.`, `"eventVersion":01.`}, {`}`, ``},
	{`"accountId":"`, `"accountId":null,"x":"`}, {`"userAgent":"`, `"userAgent":"\"`},
}

func TestQuickIsExact(t *testing.T) {
	in := []byte(sample)
	if !sameAsSlow(t, in) {
		t.Error("the ordinary record is not read quickly")
	}
	for _, u := range unusual {
		sameAsSlow(t, bytes.Replace(in, []byte(u.from), []byte(u.to), 1))
	}
	for i := range in { // cut and followed by something else
		if sameAsSlow(t, in[:i]) {
			t.Fatalf("the first %d bytes of a record are read as one", i)
		}
	}
	sameAsSlow(t, append(bytes.Clone(in), `,{"eventVersion"`...))
}

// TestQuickIsExactOnRealData reads every record of the data sets twice. Records
// as AWS delivers them must nearly all be read quickly, or speed is an illusion.
func TestQuickIsExactOnRealData(t *testing.T) {
	quick, all := 0, 0
	one := &reader{texts: map[string]string{}} // which has met all records before
	err := filepath.WalkDir(datasettest.Dir(t), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if z, err := gzip.NewReader(bytes.NewReader(data)); err == nil {
			var out bytes.Buffer
			_, _ = out.ReadFrom(z) // what is damaged is shorter
			data = out.Bytes()
		}
		for at := 0; ; at++ {
			i := bytes.Index(data[at:], []byte(`{"eventVersion":`))
			if i < 0 {
				return nil
			}
			at += i
			all++
			if sameBehind(t, one, data[at:]) {
				quick++
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d compact records are read quickly", quick, all)
	if quick < all*9/10 {
		t.Errorf("only %d of %d compact records are read quickly", quick, all)
	}
}

// TestQuickAgain holds records to event that differ little from one met before:
// in what is remembered, in one byte of it, and in length.
func TestQuickAgain(t *testing.T) {
	r := &reader{texts: map[string]string{}}
	for _, change := range []struct{ from, to string }{
		{"", ""}, {"", ""}, {"ASIAEX", "ASIBEX"}, {"ASIAEX", "asiaex"}, {"ASIAEX", `\u0041`}, {"ASIAEX", `A\"EX`}, {"ASIAEX", ""}, {"ASIAEXAMPLE", ""}, {`"accessKeyId"`, `"accessKey"`},
		{"ASIAEX", "ASI\xffEX"}, {"ASIAEX", "ASI\xffEX"}, {"ASIAEX", "ASIÉX"}, {"ASIAEX", "ASIÉX"}, // keys as long as those met
		{"T0", "T2"}, {"Z\"", "X\""}, {"eu-", "us-"}, {"eu-", "é-"}, {"amazonaws.com", "amazonaws.com.cn"}, {"amazonaws.com", "amazonaws.co"},
		{"userName", "userNam"}, {`"awsRegion":"`, `"awsRegion":"","x":"`}, {`"awsRegion":`, `"awsRegion" :`}, {`"eventTime":`, `"eventTimes":`},
		{`"type":"`, `"type":"é`}, {`"type":"`, `"type":"a`}, {`"type":"`, `"userName":"","type":"`}, {`"requestParameters":`, `"x":{"a":[1,""]},"requestParameters":`}, {`"requestParameters":`, `"x":{"a":1,"":"b"},"requestParameters":`},
		{`"awsRegion":"`, "\"us\x83rI\":{},\"awsRegion\":\""}, {`"awsRegion":"`, "\"us\x83rI\":{},\"awsRegion\":\""}, {`"awsRegion":"`, `"usérI":{},"awsRegion":"`}, {"", ""},
	} {
		for n := range 3 {
			in := strings.Replace(sample, change.from, change.to, n+1)
			sameAsSlow(t, []byte(in))
			sameBehind(t, r, []byte(in))
		}
	}
}

func FuzzQuick(f *testing.F) {
	f.Add([]byte(sample))
	for _, u := range unusual {
		f.Add(bytes.Replace([]byte(sample), []byte(u.from), []byte(u.to), 1))
	}
	forms(f, func(_ string, _ *txtar.Archive, in []byte) {
		if i := bytes.IndexByte(in, '{'); i >= 0 {
			f.Add(in[i:])
		}
	})
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 0 && in[0] == '{' {
			sameAsSlow(t, in)
		}
	})
}

// TestFilesReadTheSameEitherWay holds whole files, with records of both kinds and
// damage between them, to a reading without quick.
func TestFilesReadTheSameEitherWay(t *testing.T) {
	odd := strings.Replace(sample, `"eventID"`, ` "eventID"`, 1)
	escaped := strings.Replace(sample, `"requestParameters":`, `"x":"{\"a\":[\"b\\\\\",1]}","requestParameters":`, 1)
	foreign := strings.Replace(sample, `"awsRegion":"`, `"y":"łódź","awsRegion":"`, 1)
	large := func(n int) string {
		return strings.Replace(sample, `"requestParameters":`, `"x":{"list":[`+strings.Repeat(`"word",`, n/7)+`0]},"requestParameters":`, 1)
	}
	for i, in := range []string{
		`{"Records":[` + sample + "," + odd + "," + sample + `]}`,
		`{"Records":[` + sample + `,{"broken":,` + sample + `,` + sample + `]}`,
		sample + "\n" + odd + "\n" + sample, "[" + sample + "," + sample + "]", `{"Records":[` + sample + `,{"eventVersion":`,
		`{"Records":[` + strings.Repeat(sample+",", 400) + odd + `]}`,
		`{"Records":[` + strings.Repeat(sample+","+escaped+",", 40) + foreign + `]}`,
		`{"Records":[` + sample + "," + large(3<<10) + "," + large(20<<10) + "," + sample + "," + large(90<<10) + "," + sample + `]}`,
	} {
		read := func(d source.Decoder) string {
			var out strings.Builder
			res, err := d.Decode(context.Background(), strings.NewReader(in), source.Emit{Event: func(e *evidence.Event) error {
				fmt.Fprintf(&out, "%+v\n", *e)
				return nil
			}})
			fmt.Fprintln(&out, res, err)
			return out.String()
		}
		if quick, slow := read(Decoder{}), read(Decoder{thorough: true}); quick != slow {
			t.Errorf("file %d: quickly\n%.3000s\nthoroughly\n%.3000s", i, quick, slow)
		}
	}
}
