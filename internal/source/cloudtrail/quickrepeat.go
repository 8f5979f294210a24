package cloudtrail

// repeats is what quick has met and expects to meet again: a trail writes members
// in one order, and the calls of a session, of a client, of a region, come in
// runs. Equal bytes mean equal columns, so a text that was read and checked once
// is compared from then on, and neither searched for its end nor read again. Only
// texts of nothing but ASCII are remembered, since quick must know of all others.
type repeats struct {
	follows    [version + 3]follower // by the member in front, from notUsual for none
	last       [version + 1]string   // the text of a member in the last record that had it
	identities [256][2]metIdentity   // by type and principal, two of each
	mets       *mets
	who        uint64 // hash of how the identity in hand begins

	open [4]span // of newIdentity: where the texts stand that sessions differ in, in the order of metIdentity
}

// What is longer is not remembered: no single record may claim much memory for good.
const (
	maxFollower = 64
	maxLast     = 512
	maxIdentity = 1 << 10
)

// follower is the member that came behind another one.
type follower struct {
	name  []byte // with its quotes and colon; empty if not known
	field int
}

// quickName tells which member begins at i, behind the member before, and where
// its value stands; notUsual if it cannot.
func (r *reader) quickName(before, i int) (f, at int) {
	s := &r.strict
	next := &r.follows[before-notUsual]
	if n := len(next.name); n > 0 && i+n < len(s.Data) && string(s.Data[i:i+n]) == string(next.name) {
		return next.field, i + n
	}
	end := s.Name(i)
	if end < 0 {
		return notUsual, i
	}
	f, at = field(s.Data[i+1:end]), end+2
	if at-i <= maxFollower && s.ASCII() {
		next.name, next.field = append(next.name[:0], s.Data[i:at]...), f
	}
	return f, at
}

// quickAgain reads a plain string that the last record is likely to have had too.
func (r *reader) quickAgain(f, at int) (text string, next int) {
	s, last := &r.strict, r.last[f]
	if end := at + 1 + len(last); last != "" && end < len(s.Data) && s.Data[end] == '"' && s.Data[at] == '"' &&
		string(s.Data[at+1:end]) == last {
		return last, end + 1
	}
	b, next := r.quickString(at)
	if next < 0 {
		return "", next
	}
	text = r.intern(b)
	if len(text) <= maxLast && s.ASCII() {
		r.last[f] = text
	}
	return text, next
}
