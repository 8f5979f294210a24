// Package gunzip unpacks gzip that is in memory, twice as fast as a reader that must
// fetch its input piece by piece: a trail delivers small files, and unpacking them was
// the largest part of reading them.
//
// The bytes are hostile. Every index is checked, by Go or, in the loop that is assembly
// where the processor has AVX2, by bounds that hold for a whole turn of it; the output is
// a window of fixed size, and each member must match its CRC-32 and length. Whatever is
// not plain, valid gzip goes to a judge, klauspost/compress, which unpacks it anew and
// has the last word on what is damaged and where. FuzzReader holds the two equal, with and
// without assembly.
package gunzip
