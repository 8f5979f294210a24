//go:build !amd64

package jsonstream

func quotes(at []uint32, data []byte, from int) (n, upto int) {
	return quotesPortable(at, data, from)
}
