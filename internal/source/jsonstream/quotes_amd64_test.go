package jsonstream

// ownWays are those that this processor has.
func ownWays() (ways []way) {
	if hasAVX2 {
		ways = append(ways, way{"AVX2", quotesAVX2})
	}
	if hasAVX512 {
		ways = append(ways, way{"AVX-512", quotesAVX512})
	}
	return ways
}
