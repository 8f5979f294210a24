package jsonstream

import "golang.org/x/sys/cpu"

var (
	hasAVX2   = cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasPOPCNT
	hasAVX512 = cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VBMI2 && cpu.X86.HasPOPCNT
)

// quotes is quotesPortable, many bytes at a time where the processor can.
func quotes(at []uint32, data []byte, from int) (n, upto int) {
	switch {
	case hasAVX512:
		return quotesAVX512(at, data, from)
	case hasAVX2:
		return quotesAVX2(at, data, from)
	}
	return quotesPortable(at, data, from)
}

// quotesAVX2 is quotesPortable, to the last position. Behind the n it may write to at as
// far as there is room for a block.
//
//go:noescape
func quotesAVX2(at []uint32, data []byte, from int) (n, upto int)

// quotesAVX512 is the same where a processor can press what is chosen of 64 bytes together.
//
//go:noescape
func quotesAVX512(at []uint32, data []byte, from int) (n, upto int)
