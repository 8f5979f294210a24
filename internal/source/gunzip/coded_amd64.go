package gunzip

import "golang.org/x/sys/cpu"

// fast says whether blocks are unpacked in assembly, which needs the instructions of 2013.
// Tests switch it off.
var fast = cpu.X86.HasAVX2 && cpu.X86.HasBMI2

// codedAVX2 is the part of coded that is run through nearly always: literals and matches,
// until a turn might read behind src or write behind win, or in front of an entry that is
// neither, which is left to coded. It is not ok where a distance is none or reaches too far.
//
// It reads src, the tables, and win from from on, and writes win from out on. How far one
// turn goes is inRoom and slack. The index of a table is as many bits as the table is wide,
// or what build put there.
//
//go:noescape
func codedAVX2(z *inflater) (ok bool)

// pairAVX2 makes pairs of lit: where the next bits are two literals, an entry for both. An
// entry of one or two literals holds
//
//	bits 0–5    how many bits they take from the input
//	bit  7      that it is one
//	bits 8–15   1 or 2
//	bits 16–31  the literals
//
// and all others are as in lit, where bits 6 and 7 are never set.
//
//go:noescape
func pairAVX2(pairs *[1 << litBits]uint32, lit *[litSize]uint32)
