package jsonstream

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// found is what a Splitter told its visitor, in order.
type found struct {
	t       testing.TB
	records []string
	offsets []int64
	damage  []string
	members []string
}

func (f *found) Record(data []byte, offset int64) error {
	f.records = append(f.records, string(data))
	f.offsets = append(f.offsets, offset)
	return nil
}
func (f *found) Member(name, value []byte) {
	f.members = append(f.members, string(name)+"="+string(value))
}
func (f *found) Envelope(name []byte) bool {
	return string(name) == "Records" || string(name) == "Events"
}
func (f *found) Begins(name []byte) bool { return string(name) == "eventVersion" }
func (f *found) Damage(offset int64, reason string) error {
	f.damage = append(f.damage, fmt.Sprintf("%d: %s", offset, reason))
	return nil
}

func split(t testing.TB, r io.Reader) *found {
	f := &found{t: t}
	if err := Split(r, f); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSplit(t *testing.T) {
	const a, b, c = `{"eventVersion":"1","x":{"y":["}","\"{"]}}`, `{"eventVersion":"2"}`, `{"eventVersion":"3"}`
	tests := []struct {
		name, in string
		want     []string
		damage   []string // what each must contain
		members  []string
	}{
		{"records", `{"Records":[` + a + `,` + b + `]}`, []string{a, b}, nil, nil},
		{"no records", `{"Records":[]}`, nil, nil, nil},
		{"members around", `{"schema":"s","n":1,"Records":[` + a + `],"token":"t","o":{"k":"v"}}`, []string{a}, nil, []string{"schema=s", "token=t"}},
		{"array", `[` + a + "\n, " + b + `]`, []string{a, b}, nil, nil},
		{"lines", a + "\r\n" + b + "\n\n" + c, []string{a, b, c}, nil, nil},
		{"concatenated", a + b + c, []string{a, b, c}, nil, nil},
		{"commas between lines", a + ",\n" + b + ",\n", []string{a, b}, nil, nil},
		{"pages", `{"Events":[` + a + `]}{"Events":[` + b + `]}`, []string{a, b}, nil, nil},
		{"array of pages", `[{"Records":[` + a + `]},{"Records":[` + b + `]}]`, []string{a, b}, nil, nil},
		{"rows", `[[{"a":1},{"b":2}]]`, []string{`[{"a":1},{"b":2}]`}, nil, nil},
		{"strings", `"{\"a\":1}"` + "\n" + `"x"`, []string{`"{\"a\":1}"`, `"x"`}, nil, nil},
		{"empty object", `{}`, []string{`{}`}, nil, nil},
		{"cut inside a record", `{"Records":[` + a + `,{"eventVersion":"2`, []string{a}, []string{"cut short"}, nil},
		{"cut between records", `{"Records":[` + a + `,`, []string{a}, []string{"not closed"}, nil},
		{"lost quote", `{"Records":[` + a + `,{"eventVersion":"2,"k":"v"},` + c + `]}`, []string{a, c}, []string{"reading went on at byte"}, nil},
		{"lost brace", a + `{"eventVersion":{"k":1]}` + c, []string{a, c}, []string{"brackets do not match"}, nil},
		{"broken line", a + "\n{\"other\":oops}\n{\"k\":1}\n" + b, []string{a, `{"k":1}`, b}, []string{"unexpected"}, nil},
		{"text line", a + "\nhello {world}\n" + b, []string{a, b}, []string{"no record begins with"}, nil},
		{"stray brackets", a + `]}]` + b, []string{a, b}, []string{"no record begins with"}, nil},
		{"quoted look-alike", `{"eventVersion":"1","x":"{\"eventVersion\":\"9\"}" oops}` + b, []string{b}, []string{"comma"}, nil},
		{"raw line break in a string", "{\"a\":\"x\ny\"}\n" + b, []string{b}, []string{"control character"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(tt.in), iotest.OneByteReader(strings.NewReader(tt.in))} {
				f := split(t, r)
				if !slices.Equal(f.records, tt.want) {
					t.Errorf("records:\n%q\nwant\n%q", f.records, tt.want)
				}
				if !slices.Equal(f.members, tt.members) {
					t.Errorf("members %q, want %q", f.members, tt.members)
				}
				if !slices.EqualFunc(f.damage, tt.damage, strings.Contains) {
					t.Errorf("damage %q, want %q", f.damage, tt.damage)
				}
				for i, o := range f.offsets {
					if got := tt.in[o : o+int64(len(f.records[i]))]; got != f.records[i] {
						t.Errorf("at offset %d stands %q, not %q", o, got, f.records[i])
					}
				}
			}
		})
	}
}

func TestSplitSetsAsideWhatIsTooLarge(t *testing.T) {
	huge := `{"eventVersion":"1","x":"` + strings.Repeat("x", MaxRecord) + `"}`
	f := split(t, strings.NewReader(`{"Records":[{"a":1},`+huge+`,{"b":2}]}`))
	if !slices.Equal(f.records, []string{`{"a":1}`, `{"b":2}`}) || len(f.damage) != 1 || !strings.Contains(f.damage[0], "over the limit of 16 MB") {
		t.Errorf("records %d, damage %q", len(f.records), f.damage)
	}
	deep := strings.Repeat(`{"a":[`, 10_000)
	f = split(t, strings.NewReader(`{"k":1}`+"\n"+deep+"\n"+`{"k":2}`))
	if len(f.records) != 2 || len(f.damage) != 1 || !strings.Contains(f.damage[0], "deep") {
		t.Errorf("records %q, damage %q", f.records, f.damage)
	}
}

// A stream of nothing but damage must not cost the square of its length.
func TestSplitReadsDamageInBoundedTime(t *testing.T) {
	in := strings.Repeat(`{"eventVersion":[`, 300_000)
	f := split(t, strings.NewReader(in))
	if len(f.records) != 0 || len(f.damage) == 0 {
		t.Errorf("%d records, %d places of damage", len(f.records), len(f.damage))
	}
}

func TestSplitTellsReadErrors(t *testing.T) {
	broken := iotest.ErrReader(io.ErrUnexpectedEOF)
	f := split(t, io.MultiReader(strings.NewReader(`{"Records":[{"a":1},{"b":`), broken))
	if len(f.records) != 1 || len(f.damage) != 1 || !strings.Contains(f.damage[0], io.ErrUnexpectedEOF.Error()) {
		t.Errorf("records %q, damage %q", f.records, f.damage)
	}
	f = split(t, io.MultiReader(strings.NewReader(`{"a":1}`), broken))
	if len(f.records) != 1 || len(f.damage) != 1 {
		t.Errorf("records %q, damage %q", f.records, f.damage)
	}
}

func TestParseAgreesWithEncodingJSON(t *testing.T) {
	for _, in := range []string{
		`{}`, ` [ ] `, `null`, `true`, `-0.5e+10`, `"a\u00e9\ud83d\ude00\n"`, `{"a":{"b":[1,2,{"c":null}]},"d":"e"}`,
		``, `{`, `{"a"}`, `{"a":}`, `{"a":1,}`, `[1,]`, `01`, `1.`, `.5`, `-`, `+1`, `nul`, `"\x"`, `"\u12g4"`, "\"\n\"", `"`, `1 2`, `{a:1}`, `{"a":1 "b":2}`,
		`[` + strings.Repeat("[", 50) + strings.Repeat("]", 50) + `]`,
	} {
		checkParse(t, []byte(in))
	}
}

// checkParse holds Doc against encoding/json: same verdict, same content.
func checkParse(t *testing.T, in []byte) {
	t.Helper()
	var d Doc
	err := d.Parse(in)
	if valid := json.Valid(in); valid != (err == nil) {
		if err != nil && (strings.Contains(err.Error(), "too") || strings.Contains(err.Error(), "larger")) {
			return // our own bounds
		}
		t.Fatalf("%q: encoding/json says valid=%v, Parse says %v", in, valid, err)
	}
	if err != nil {
		return
	}
	want := decode(t, in)
	for what, got := range map[string][]byte{"canonical": d.AppendCanonical(nil, 0), "compact": d.AppendCompact(nil, 0)} {
		if !json.Valid(got) || fmt.Sprint(decode(t, got)) != fmt.Sprint(want) {
			t.Fatalf("%s form of %q is %q", what, in, got)
		}
	}
	var again Doc
	canonical := d.AppendCanonical(nil, 0)
	if err := again.Parse(canonical); err != nil || !bytes.Equal(again.AppendCanonical(nil, 0), canonical) {
		t.Fatalf("canonical form of %q is not its own: %q", in, canonical)
	}
	if again.Spaced {
		t.Fatalf("canonical form of %q holds white space: %q", in, canonical)
	}
}

func decode(t *testing.T, in []byte) (v any) {
	dec := json.NewDecoder(bytes.NewReader(in))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%q: %v", in, err)
	}
	return v
}

func TestCanonicalJoinsSpellings(t *testing.T) {
	same := []string{
		`{"b":[1,2.50],"a":"é/\"\\\n<"}`,
		"{ \"a\" : \"\\u00e9\\/\\u0022\\u005c\\u000a\\u003c\" ,\n\t\"b\":[ 1 , 2.50 ] }",
		`{"\u0061":"é/\"\\\n<","b":[1,2.50]}`,
	}
	var want string
	for i, in := range same {
		var d Doc
		if err := d.Parse([]byte(in)); err != nil {
			t.Fatal(err)
		}
		got := string(d.AppendCanonical(nil, 0))
		if i == 0 {
			want = got
		}
		if got != want {
			t.Errorf("canonical form of %q is %q, want %q", in, got, want)
		}
	}
	for _, other := range []string{`{"a":"x","b":[1,2.5]}`, `{"a":"\ud800"}`, `{"a":"\ufffd"}`, `{"a":1,"a":2}`, `{"a":2,"a":1}`} {
		var d Doc
		if err := d.Parse([]byte(other)); err != nil {
			t.Fatal(err)
		}
		got := string(d.AppendCanonical(nil, 0))
		if got == want {
			t.Errorf("%q and %q must not share a canonical form", other, same[0])
		}
		want = got
	}
}

func TestMemberTakesTheLast(t *testing.T) {
	var d Doc
	if err := d.Parse([]byte(`{"a":"x","\u0061":"y","A":"z"}`)); err != nil {
		t.Fatal(err)
	}
	if got := string(d.Text(d.Member(0, "a"))); got != "y" {
		t.Errorf("member a is %q, want y, as encoding/json has it", got)
	}
	if d.Member(0, "b") >= 0 {
		t.Error("member b was found")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"a":[1,"\ud83d\ude00",null,true,-1.5e3],"b":{"c":"d"}}`))
	f.Add([]byte("{\"a\":\"\\ud800\\u0041\",\"\xff\":\"\xfe\"}"))
	f.Fuzz(func(t *testing.T, in []byte) { checkParse(t, in) })
}

func FuzzSplit(f *testing.F) {
	f.Add([]byte(`{"Records":[{"eventVersion":"1"},{"eventVersion":"2]},{"eventVersion":"3"}]}`))
	f.Add([]byte("{\"a\":1}\n{\"eventVersion\":\n\n[[{}]]\"x\""))
	f.Fuzz(func(t *testing.T, in []byte) {
		whole, bytewise := split(t, bytes.NewReader(in)), split(t, iotest.OneByteReader(bytes.NewReader(in)))
		if !slices.Equal(whole.records, bytewise.records) || !slices.Equal(whole.damage, bytewise.damage) {
			t.Fatalf("%q: the answer depends on how it is read:\n%q %q\n%q %q", in, whole.records, whole.damage, bytewise.records, bytewise.damage)
		}
		for i, o := range whole.offsets {
			if !bytes.HasPrefix(in[o:], []byte(whole.records[i])) {
				t.Fatalf("%q: record %d does not stand at %d", in, i, o)
			}
		}
		if len(bytes.TrimSpace(in)) > 0 && json.Valid(in) && len(whole.damage) > 0 {
			if !bytes.ContainsAny(in, "0123456789tfn") { // bare numbers and literals are no records
				t.Fatalf("%q is valid, yet: %q", in, whole.damage)
			}
		}
	})
}
