// Package answer reads what AWS answers to a call that asks: one JSON document,
// several in a row, or one a line; whole or a page; as the AWS CLI, boto3 or an
// API prints it; bare or in an envelope. What the parts mean is for each source.
package answer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/jsonstream"
)

// MaxContent bounds an answer, which is read into memory: its parts carry the
// hash of the whole. The largest real one, an account with 5,000 users, is a
// fifth of it.
const MaxContent = 128 << 20

// Form says where things lie in an answer and what they are.
type Form struct {
	Kind   evidence.Kind // of the artifact
	Lists  []string      // members that are lists of things
	Single []string      // members that hold one thing, of an answer of nothing else: {"User": {…}}
	// Own are members of things that hold another thing beside them, as a device
	// does its "User": what has one is no envelope, whatever Single says.
	Own []string
	// Thing tells what one part is. No observation and no reason means that it is
	// none of this form's.
	Thing func(t Thing) (list []evidence.Observation, reason string)
	// Alone says that the parts are no state of things: they say their own moment,
	// and the same one may come in several answers.
	Alone bool
}

// Thing is one part of an answer.
type Thing struct {
	In   string // the list or member it lies in, "" for one that stands alone
	doc  *jsonstream.Doc
	node int
	// Moment is when AWS gave the answer, zero if it does not say; Account and
	// Region are those it was asked for, "" if it does not say.
	Moment          time.Time
	Account, Region string
	asked           string
}

// Name is the thing that the call asked about, where the answer itself does not
// say and our own collector noted it, or whoever made the file.
func (t Thing) Name() string { return t.asked }

// Decode implements the work of a source.Decoder.
func (f *Form) Decode(ctx context.Context, content io.Reader, emit source.Emit) (source.Result, error) {
	data, err := io.ReadAll(io.LimitReader(content, MaxContent+1))
	if len(data) > MaxContent {
		return source.Result{Kind: evidence.KindUnreadable, Reason: "it is an answer of over 128 MB (divide it, for example one page a file)"}, ctx.Err()
	}
	sum := sha256.Sum256(data)
	base := int64(0)
	if rest, ok := bytes.CutPrefix(data, []byte("\xef\xbb\xbf")); ok {
		data, base = rest, 3
	}
	markInvalid(data)
	r := &reader{ctx: ctx, form: f, emit: emit.Observation, snapshot: hex.EncodeToString(sum[:]), base: base, data: data}
	r.about(data)
	in := io.Reader(bytes.NewReader(data))
	if err != nil {
		in = io.MultiReader(in, failing{err})
	}
	err = jsonstream.Split(in, r)
	r.out.Kind = f.Kind
	switch {
	case r.out.Records == 0 && r.out.Rejected > 0:
		r.out.Reason = "nothing in it could be read: " + r.out.Rejections[0].Reason
	case r.out.Records == 0:
		r.out.Reason = "it is an empty list"
	}
	return r.out, err
}

// markInvalid puts a DEL for every byte that is no UTF-8: one byte, for offsets must
// stay those of the bytes as they came, and one that no name nor pattern of AWS has.
func markInvalid(data []byte) {
	if utf8.Valid(data) {
		return
	}
	for n := 0; len(data) > 0; data = data[n:] {
		var c rune
		if c, n = utf8.DecodeRune(data); c == utf8.RuneError && n == 1 {
			data[0] = 0x7f
		}
	}
}

// failing is the rest of content that could not be read.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

type reader struct {
	ctx      context.Context
	form     *Form
	emit     func(evidence.Observation) error
	snapshot string
	base     int64 // of data in the content: behind its byte order mark
	data     []byte
	in       string // the list that was opened last, "" once it is closed
	opened   bool   // since the last record
	end      int64  // of the last record, in data
	doc      jsonstream.Doc
	context  Thing
	out      source.Result
	index    int64
}

// about reads what stands beside the things: the date in what boto3 keeps of the
// HTTP answer, and what our own collector notes of the call.
func (r *reader) about(data []byte) {
	var d jsonstream.Doc
	if len(data) > jsonstream.MaxRecord || d.Parse(data) != nil || d.Nodes[0].Kind != jsonstream.Object {
		return
	}
	top := Thing{doc: &d}
	if date := top.At("ResponseMetadata", "HTTPHeaders").Text("date"); date != "" {
		if t, err := http.ParseTime(date); err == nil {
			r.context.Moment = t.UTC()
		}
	}
	// What a person wrote beside an answer that does not say what it is about.
	r.context.asked = top.Text("TargetId", "ChildId", "PolicyId")
	if c := top.At("Collected"); c.Is() {
		if at := evidence.ParseTime(c.Text("At")); !at.IsZero() {
			r.context.Moment = at
		}
		r.context.Account, r.context.Region = c.Text("Account"), c.Text("Region")
		if target := c.Text("Target"); target != "" {
			r.context.asked = target
		}
	}
}

// Envelope implements jsonstream.Visitor.
func (r *reader) Envelope(name []byte) bool {
	if !slices.Contains(r.form.Lists, string(name)) {
		return false
	}
	r.in, r.opened = string(name), true
	return true
}

// leave forgets the list that was opened last if it is closed in front of a record
// at offset: what follows a list in the same file is none of its parts. The
// splitter tells of a list's beginning only, so its end is looked up: a bracket
// behind the last part, or no opening one before the first.
func (r *reader) leave(offset int64) {
	const space = " \t\r\n"
	gap := bytes.Trim(r.data[min(r.end, offset):offset], space)
	closed := bytes.HasPrefix(gap, []byte("]"))
	if r.opened {
		name, opens := bytes.CutSuffix(gap, []byte("["))
		closed = !opens || !bytes.HasSuffix(bytes.TrimRight(name, space), []byte(":"))
	}
	if closed {
		r.in = ""
	}
}

// Begins implements jsonstream.Visitor.
func (r *reader) Begins([]byte) bool { return false }

// Member implements jsonstream.Visitor.
func (r *reader) Member(_, _ []byte) {}

// Damage implements jsonstream.Visitor.
func (r *reader) Damage(offset int64, reason string) error {
	r.out.Reject(r.base+offset, reason)
	r.index++
	return r.ctx.Err()
}

// Record implements jsonstream.Visitor.
func (r *reader) Record(data []byte, offset int64) error {
	if r.index&255 == 0 && r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	r.leave(offset)
	r.opened, r.end = false, offset+int64(len(data))
	if err := r.doc.Parse(data); err != nil {
		return r.Damage(offset, err.Error())
	}
	t := r.context
	t.In, t.doc, t.node = r.in, &r.doc, 0
	single := r.form.Single
	if slices.ContainsFunc(r.form.Own, func(name string) bool { return t.Has(name) }) {
		single = nil
	}
	for _, name := range single {
		if inner := t.At(name); inner.Is() {
			t = inner
			t.In = name
			break
		}
	}
	list, reason := r.form.Thing(t)
	if len(list) == 0 {
		if reason == "" {
			reason = "it is JSON of another kind"
		}
		return r.Damage(offset, reason)
	}
	for _, o := range list {
		o.Ref.Index = r.index
		if !r.form.Alone {
			o.Snapshot = r.snapshot
			if o.Time.IsZero() {
				o.Time = t.Moment
			}
		}
		if o.Account == "" {
			o.Account = t.Account
		}
		if o.Region == "" {
			o.Region = t.Region
		}
		o.Ref.Offset = r.base + offset
		r.index++
		r.out.Records++
		if err := r.emit(o); err != nil {
			return err
		}
	}
	return nil
}

// Is says whether the part is an object.
func (t Thing) Is() bool {
	return t.doc != nil && t.node >= 0 && t.node < len(t.doc.Nodes) && t.doc.Nodes[t.node].Kind == jsonstream.Object
}

// At is the object at a path of members, which Is not if there is none.
func (t Thing) At(path ...string) Thing {
	for _, name := range path {
		if !t.Is() {
			break
		}
		t.node = t.doc.Member(t.node, name)
	}
	return t
}

// Text is the first of the members that holds text, a number or a boolean; "" if
// none does.
func (t Thing) Text(names ...string) string {
	if !t.Is() {
		return ""
	}
	for _, name := range names {
		if c := t.doc.Member(t.node, name); c >= 0 {
			if s := string(t.doc.Text(c)); s != "" {
				return s
			}
		}
	}
	return ""
}

// Has says whether all the members are there, whatever they hold.
func (t Thing) Has(names ...string) bool {
	return t.Is() && !slices.ContainsFunc(names, func(n string) bool { return t.doc.Member(t.node, n) < 0 })
}

// Each gives the parts of a list member.
func (t Thing) Each(name string) []Thing {
	if !t.Is() {
		return nil
	}
	list := t.doc.Member(t.node, name)
	if list < 0 {
		return nil
	}
	var out []Thing
	for c := range t.doc.Children(list) {
		one := t
		one.node, one.In = c, name
		out = append(out, one)
	}
	return out
}

// Value is the text of a part that is a scalar: an element of a list of texts.
func (t Thing) Value() string {
	if t.doc == nil || t.node < 0 {
		return ""
	}
	return string(t.doc.Text(t.node))
}

// Raw is a member as compact JSON, nil if there is none.
func (t Thing) Raw(name string) []byte {
	if !t.Is() {
		return nil
	}
	t.node = t.doc.Member(t.node, name)
	return t.Body()
}

// Body is the part as compact JSON, in the order in which it is written.
func (t Thing) Body() []byte {
	if t.doc == nil || t.node < 0 {
		return nil
	}
	return t.doc.AppendCompact(nil, t.node)
}

// Observe makes an observation of the part.
func (t Thing) Observe(kind, id string, keys ...string) []evidence.Observation {
	return []evidence.Observation{{Kind: kind, ID: id, Account: AccountOf(id), Keys: append(keys, id), Body: t.Body()}}
}

// AccountOf is the account in an ARN, "" for other ids and for AWS's own.
func AccountOf(arn string) string {
	parts := bytes.SplitN([]byte(arn), []byte(":"), 6)
	if len(parts) != 6 || string(parts[0]) != "arn" || len(parts[4]) != 12 || len(bytes.Trim(parts[4], "0123456789")) != 0 {
		return ""
	}
	return string(parts[4])
}

// Refuse says why a part of the form's own kind cannot be used.
func Refuse(format string, args ...any) ([]evidence.Observation, string) {
	return nil, fmt.Sprintf(format, args...)
}
