package simulator

import (
	"strconv"
	"time"
)

// The alphabet of AWS's ids, without 0, 1, 8 and 9.
const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

func (r stream) uuid() string {
	var b [36]byte
	const hex = "0123456789abcdef"
	hi, lo := r.Uint64(), r.Uint64()
	hi = hi&^0xf000 | 0x4000 // version 4
	lo = lo&^(3<<62) | 2<<62 // RFC 9562 variant
	j := 0
	for i := range 32 {
		if i == 8 || i == 12 || i == 16 || i == 20 {
			b[j] = '-'
			j++
		}
		n := hi
		if i >= 16 {
			n = lo
		}
		b[j] = hex[n>>(60-4*(i%16))&15]
		j++
	}
	return string(b[:])
}

func (r stream) text(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

func (r stream) hex(n int) string { return r.text("0123456789abcdef", n) }

// requestID of S3 is not a UUID.
func (r stream) s3RequestID() string { return r.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 16) }

// token looks like a session token: base64 that gzip can't squeeze, as long as
// the real ones, because they are a large share of a real trail's bytes.
func (r stream) token(n int) string {
	const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	b := append(make([]byte, 0, n), "IQoJb3JpZ2luX2VjE"...)
	var bits uint64
	for i := 0; len(b) < n; i++ {
		if i%10 == 0 {
			bits = r.Uint64()
		}
		b = append(b, base64[bits&63])
		bits >>= 6
	}
	return string(b)
}

// account is one AWS account. Every id that AWS makes for an account since
// 2019 carries the account number in its first eight characters; ours do too.
type account struct {
	id     string
	number uint64
	r      stream
}

// newAccount draws twelve digits, the first no zero.
func newAccount(r stream) *account {
	n := 100_000_000_000 + r.Uint64N(900_000_000_000)
	return &account{strconv.FormatUint(n, 10), n, r}
}

// mint makes an id: AKIA and ASIA take 16 characters more, AIDA, AROA and the
// others 17. The 40 bits of the account number start at bit 1 of the payload.
func (a *account) mint(prefix string) string {
	n := 17
	if prefix == "AKIA" || prefix == "ASIA" {
		n = 16
	}
	high := 1<<47 | a.number<<7 | a.r.Uint64N(128) // 48 bits
	low := a.r.Uint64()
	b := append(make([]byte, 0, 24), prefix...)
	for i := range n {
		var v uint64
		switch shift := 43 - 5*i; {
		case shift >= 0:
			v = high >> shift
		case shift > -5: // the character that straddles the two halves
			v = high<<-shift | low>>62
		default:
			v = low
			low >>= 5
		}
		b = append(b, base32[v&31])
	}
	return string(b)
}

// verbose is the date style of IAM and STS responses: "Nov 2, 2025, 4:51:09 PM"
// with the narrow no-break space that Java writes since 2023.
func verbose(t time.Time) string { return t.UTC().Format("Jan 2, 2006, 3:04:05\u202fPM") }
