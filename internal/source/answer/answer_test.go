package answer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
)

// fruit is a form that tells of each part where it lay and what it was asked of.
var fruit = Form{
	Kind: "fruit", Lists: []string{"Apples", "Pears"}, Single: []string{"Plum"}, Own: []string{"Stone"},
	Thing: func(t Thing) ([]evidence.Observation, string) {
		switch {
		case !t.Is():
			return t.Observe("text", t.Value(), t.In), ""
		case t.Has("Seeds"):
			var out []evidence.Observation
			for _, s := range t.Each("Seeds") {
				out = append(out, s.Observe("seed", s.Value(), s.In)...)
			}
			return out, t.Text("Why")
		case t.Text("Name") == "":
			return nil, ""
		}
		return t.Observe("fruit", t.Text("Name"), t.In, t.Name()), ""
	},
}

// failer is what tests and checks of rapid have in common.
type failer interface {
	Helper()
	Fatal(...any)
}

func decode(t failer, f *Form, in io.Reader) ([]evidence.Observation, source.Result) {
	t.Helper()
	var list []evidence.Observation
	res, err := f.Decode(context.Background(), in, source.Emit{Observation: func(o evidence.Observation) error {
		list = append(list, o)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return list, res
}

// places shows each observation as the list it lay in and its id.
func places(list []evidence.Observation) string {
	var out []string
	for _, o := range list {
		out = append(out, o.Keys[0]+"/"+o.ID)
	}
	return strings.Join(out, " ")
}

// TestWhereAPartLies: a part is told by the list that it lies in, and by no list
// that was read before it.
func TestWhereAPartLies(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"Apples":[{"Name":"a"},{"Name":"b"}]}`, "Apples/a Apples/b"},
		{`[{"Name":"a"}]`, "/a"},
		{`{"Name":"a"}{"Name":"b"}`, "/a /b"},
		{`{"Plum":{"Name":"a"}}`, "Plum/a"},
		{`{"Apples":[{"Name":"a"}],"Pears":[{"Name":"b"}]}`, "Apples/a Pears/b"},
		{`{"Plum":"x","Name":"a"}`, "/a"},
		{`{"Apples":[{"Name":"a","Stone":1,"Plum":{"Name":"p"}}]}{"Name":"b","Stone":1,"Plum":{"Name":"p"}}`, "Apples/a /b"},
		{"{\"Apples\":[{\"Name\":\"a\"}]}\n{\"Name\":\"b\"}", "Apples/a /b"},
		{"{\"Apples\":[{\"Name\":\"a\"}],\"Next\":\"x\"},\n{\"Name\":\"b\"},{\"Name\":\"c\"}", "Apples/a /b /c"},
		{"{\"Apples\" : [ ] }\n{\"Name\":\"b\"}", "/b"},
		{`[{"Apples":[]},{"Name":"b"}]`, "/b"},
		{`{"Apples":[],"Kind":"Apples"}{"Name":"b"}`, "/b"},
		{`[{"Apples":[{"Name":"a"}]},{"Pears":[]},{"Plum":{"Name":"b"}},{"Name":"c"},{"Apples":[{"Name":"d"}]}]`, "Apples/a Plum/b /c Apples/d"},
		{`{"Apples":[{"Name":"]"},{"Name":"}]"},{"Name":"c"}]}`, "Apples/] Apples/}] Apples/c"},
		{`{"Apples":[{"Other":1},{"Name":"b"}]}`, "Apples/b"},
		{`{"Apples":["x","y"]}["z"]`, "Apples/x Apples/y /z"},
		{"\xef\xbb\xbf" + `{"Apples":[{"Name":"a"}]}{"Name":"b"}`, "Apples/a /b"},
	} {
		list, _ := decode(t, &fruit, strings.NewReader(c.in))
		if got := places(list); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

// TestAnswersInARow: reading several answers as one file says the same of each
// part as reading them one by one.
func TestAnswersInARow(t *testing.T) {
	name := rapid.StringMatching(`[a-z\]\[{}," ]{1,4}`)
	answer := rapid.Custom(func(t *rapid.T) string {
		list := func() string {
			var parts []string
			for _, n := range rapid.SliceOfN(name, 0, 3).Draw(t, "names") {
				parts = append(parts, fmt.Sprintf(`{"Name":%q}`, n))
			}
			return strings.Join(parts, rapid.SampledFrom([]string{",", " , ", ",\n"}).Draw(t, "between"))
		}
		return fmt.Sprintf(rapid.SampledFrom([]string{
			`{"Apples":[%s]}`, `{"X":"[","Pears":[ %s ],"Y":"Apples"}`, `{"Plum":{"Name":"p"},"Z":[%s]}`, `[%s]`, `{"Apples":[%s],"Pears":[]}`,
		}).Draw(t, "form"), list())
	})
	rapid.Check(t, func(t *rapid.T) {
		answers := rapid.SliceOfN(answer, 0, 5).Draw(t, "answers")
		var apart []string
		for _, a := range answers {
			list, _ := decode(t, &fruit, strings.NewReader(a))
			if len(list) > 0 {
				apart = append(apart, places(list))
			}
		}
		whole := strings.Join(answers, rapid.SampledFrom([]string{"", "\n", ",\n"}).Draw(t, "between answers"))
		list, _ := decode(t, &fruit, iotest.HalfReader(strings.NewReader(whole)))
		if got, want := places(list), strings.Join(apart, " "); got != want {
			t.Fatalf("%s:\n got %s\nwant %s", whole, got, want)
		}
	})
}

// TestWhatStandsBeside: the moment, account, region and subject that an answer
// carries beside its parts.
func TestWhatStandsBeside(t *testing.T) {
	const header = `"ResponseMetadata":{"HTTPHeaders":{"date":"Tue, 03 Nov 2026 09:00:00 GMT"}}`
	for _, c := range []struct{ beside, time, account, region, name string }{
		{`"x":1`, "", "", "", ""},
		{header, "2026-11-03T09:00:00Z", "", "", ""},
		{`"Collected":{"At":"2026-11-03T10:00:00Z","Account":"111122223333","Region":"eu-west-1","Target":"t"}`,
			"2026-11-03T10:00:00Z", "111122223333", "eu-west-1", "t"},
		{header + `,"Collected":{"At":"2026-11-03T10:00:00Z"}`, "2026-11-03T10:00:00Z", "", "", ""},
		{header + `,"Collected":{"Region":"eu-west-1"}`, "2026-11-03T09:00:00Z", "", "eu-west-1", ""},
		{header + `,"Collected":{"At":"yesterday"}`, "2026-11-03T09:00:00Z", "", "", ""},
		{`"TargetId":"r-1"`, "", "", "", "r-1"},
		{`"ChildId":"ou-1"`, "", "", "", "ou-1"},
		{`"PolicyId":"p-1","Collected":{"Target":"p-2"}`, "", "", "", "p-2"},
		{`"PolicyId":"p-1","Collected":{"Region":"eu-west-1"}`, "", "", "eu-west-1", "p-1"},
		{`"ResponseMetadata":{"HTTPHeaders":{"date":"soon"}}`, "", "", "", ""},
		{`"Collected":"x"`, "", "", "", ""},
	} {
		list, _ := decode(t, &fruit, strings.NewReader(`{`+c.beside+`,"Apples":[{"Name":"a"}]}`))
		if len(list) != 1 {
			t.Fatalf("%s: %v", c.beside, list)
		}
		o, at := list[0], ""
		if !o.Time.IsZero() {
			at = o.Time.Format(time.RFC3339)
		}
		if at != c.time || o.Account != c.account || o.Region != c.region || o.Keys[1] != c.name {
			t.Errorf("%s: %q %q %q %q", c.beside, at, o.Account, o.Region, o.Keys[1])
		}
	}
}

// TestWhatAPartSaysOfItself: it wins over what stands beside the list.
func TestWhatAPartSaysOfItself(t *testing.T) {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	own := Form{Kind: "own", Lists: []string{"Apples"}, Thing: func(t Thing) ([]evidence.Observation, string) {
		list := t.Observe("own", t.Text("Arn"))
		list[0].Region, list[0].Time = t.Text("Region"), at
		return list, ""
	}}
	list, _ := decode(t, &own, strings.NewReader(`{"Collected":{"At":"2026-11-03T10:00:00Z","Account":"444455556666","Region":"eu-west-1"},
		"Apples":[{"Arn":"arn:aws:x::111122223333:apple","Region":"us-east-1"}]}`))
	if len(list) != 1 || list[0].Account != "111122223333" || list[0].Region != "us-east-1" || !list[0].Time.Equal(at) {
		t.Errorf("%+v", list)
	}
}

// TestRefs: every observation of a part has its own index and the part's offset
// in the bytes as they came; parts of one snapshot say so, unless they stand alone.
func TestRefs(t *testing.T) {
	in := "\xef\xbb\xbf" + `{"Apples":[{"Seeds":["s","t"]},{"no":1},{"Name":"b"}]}`
	for _, alone := range []bool{false, true} {
		f := fruit
		f.Alone = alone
		list, res := decode(t, &f, strings.NewReader(in))
		if len(list) != 3 || res.Records != 3 || res.Rejected != 1 {
			t.Fatalf("%+v, %+v", list, res)
		}
		for i, want := range []evidence.Ref{{Index: 0, Offset: 14}, {Index: 1, Offset: 14}, {Index: 3, Offset: 43}} {
			if got := list[i].Ref; got != want {
				t.Errorf("%d: %+v, want %+v", i, got, want)
			}
			if alone != (list[i].Snapshot == "") || list[i].Snapshot != list[0].Snapshot {
				t.Errorf("%d: snapshot %q", i, list[i].Snapshot)
			}
		}
		if r := res.Rejections[0]; r.Offset != 34 || r.Reason != "it is JSON of another kind" {
			t.Errorf("rejected: %+v", r)
		}
	}
}

// TestInvalidBytes: what is no UTF-8 is marked, and moves nothing behind it.
func TestInvalidBytes(t *testing.T) {
	in := "{\"Apples\":[{\"Name\":\"a\xff\xfeb\"},{\"Name\":\"\xe2\x82\"},{\"Name\":\"\u20ac\ufffd\"}]}"
	list, res := decode(t, &fruit, strings.NewReader(in))
	if got, want := places(list), "Apples/a\x7f\x7fb Apples/\x7f\x7f Apples/\u20ac\ufffd"; got != want || res.Rejected != 0 {
		t.Fatalf("%q, want %q; %+v", got, want, res)
	}
	for _, o := range list {
		if in[o.Ref.Offset:][:8] != `{"Name":` {
			t.Errorf("%q is not at byte %d", o.ID, o.Ref.Offset)
		}
	}
}

// TestNothingToRead: the reason of an answer without a part that could be read.
func TestNothingToRead(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{``, "it is an empty list"},
		{`{"Apples":[]}`, "it is an empty list"},
		{`{"Apples":[{"no":1}]}`, "nothing in it could be read: it is JSON of another kind"},
		{`{"Apples":[{"Seeds":[],"Why":"it has none"}]}`, "nothing in it could be read: it has none"},
		{`{"Apples":[`, "nothing in it could be read: the file is cut short: its list of records is not closed"},
	} {
		if list, res := decode(t, &fruit, strings.NewReader(c.in)); len(list) != 0 || res.Reason != c.want || res.Kind != "fruit" {
			t.Errorf("%s: %v, %+v", c.in, list, res)
		}
	}
}

// TestTrouble: a reader that fails, a receiver that refuses, a run that is ended.
func TestTrouble(t *testing.T) {
	broken := io.MultiReader(strings.NewReader(`{"Apples":[{"Name":"a"},`), iotest.ErrReader(errors.New("the disk is gone")))
	list, res := decode(t, &fruit, broken)
	if places(list) != "Apples/a" || res.Rejected != 1 || !strings.Contains(res.Rejections[0].Reason, "the disk is gone") {
		t.Errorf("%v, %+v", list, res)
	}

	full := errors.New("full")
	_, err := fruit.Decode(context.Background(), strings.NewReader(`{"Apples":[{"Name":"a"}]}`), source.Emit{Observation: func(evidence.Observation) error { return full }})
	if !errors.Is(err, full) {
		t.Errorf("refused: %v", err)
	}

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = fruit.Decode(ctx, strings.NewReader(`{"Apples":[{"Name":"a"}]}`), source.Emit{Observation: func(evidence.Observation) error {
		t.Error("an observation after the end")
		return nil
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended: %v", err)
	}
}

// TestTextOfNothing: asking a part that is absent or of another sort is no mistake.
func TestTextOfNothing(t *testing.T) {
	one := Form{Kind: "one", Thing: func(t Thing) ([]evidence.Observation, string) {
		if t.At("No", "Where").Is() || t.At("Text", "Where").Is() || t.Has("Name", "No") || t.Text("No") != "" || t.At("No").Value() != "" ||
			t.At("No").Body() != nil || t.Raw("No") != nil || t.Each("No") != nil || len(t.Each("Text")) != 0 || t.At("No").Each("x") != nil || t.At("No").Raw("x") != nil {
			return Refuse("something came of %s", "nothing")
		}
		if t.Text("Empty", "Null", "Number") != "1.50" || t.Text("Yes") != "true" || string(t.Raw("Object")) != `{"b":[1,2],"a":null}` {
			return Refuse("%q %q %s", t.Text("Empty", "Null", "Number"), t.Text("Yes"), t.Raw("Object"))
		}
		return t.Observe("one", "x"), ""
	}}
	list, res := decode(t, &one, strings.NewReader(`{"Name":"n","Text":"t","Empty":"","Null":null,"Number":1.50,"Yes":true,"Object":{"b": [1, 2], "a": null}}`))
	if len(list) != 1 {
		t.Error(res.Reason)
	}
}

func TestAccountOf(t *testing.T) {
	for _, c := range []struct{ arn, want string }{
		{"arn:aws:iam::111122223333:user/a", "111122223333"},
		{"arn:aws-cn:sqs:cn-north-1:111122223333:q:with:colons", "111122223333"},
		{"arn:aws:iam::aws:policy/ReadOnlyAccess", ""},
		{"arn:aws:s3:::bucket", ""},
		{"arn:aws:iam::1111222233334:user/a", ""},
		{"arn:aws:iam::not-a-number:user/a", ""},
		{"111122223333", ""}, {"", ""}, {"urn:aws:iam::111122223333:user/a", ""}, {"arn:aws:iam::111122223333", ""},
	} {
		if got := AccountOf(c.arn); got != c.want {
			t.Errorf("%s: %q, want %q", c.arn, got, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"Apples":[{"Name":"a"}],"Collected":{"At":"2026-11-03T10:00:00Z"}}{"Name":"b"}`, `{"Apples":[]},[{"Plum":{"Seeds":["x",1,null]}}]`,
		`{"Apples":"Apples","Apples":[{"Name":"\ud800"}`, "\xef\xbb\xbf{\"Apples\":[\xff]}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		list, res := decode(t, &fruit, bytes.NewReader(in))
		if len(list) != res.Records || len(list) == 0 && res.Reason == "" {
			t.Fatalf("%d observations, %+v", len(list), res)
		}
		for i, o := range list {
			if o.Ref.Offset < 0 || o.Ref.Offset > int64(len(in)) || i > 0 && o.Ref.Index <= list[i-1].Ref.Index {
				t.Fatalf("%d: %+v of %d bytes", i, o.Ref, len(in))
			}
		}
	})
}
