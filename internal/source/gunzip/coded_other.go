//go:build !amd64

package gunzip

const fast = false

func codedAVX2(*inflater) (ok bool) { return false }

func pairAVX2(*[1 << litBits]uint32, *[litSize]uint32) {}
