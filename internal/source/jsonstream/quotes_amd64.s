#include "textflag.h"

DATA quotesOf<>+0(SB)/8, $0x2222222222222222
DATA quotesOf<>+8(SB)/8, $0x5c5c5c5c5c5c5c5c
DATA quotesOf<>+16(SB)/8, $0x1f1f1f1f1f1f1f1f
GLOBL quotesOf<>(SB), RODATA|NOPTR, $24

// next writes the position of the lowest quote in R10 and takes it off. With none left
// it writes what is never read.
#define next(off) \
	TZCNTQ R10, R14; \
	ADDL   DX, R14; \
	MOVL   R14, off(R12); \
	BLSRQ  R10, R10

// func quotesAVX2(at []uint32, data []byte, from int) (n, upto int)
TEXT ·quotesAVX2(SB), NOSPLIT, $0-72
	MOVQ at_base+0(FP), DI
	MOVQ at_len+8(FP), R8
	MOVQ data_base+24(FP), SI
	MOVQ data_len+32(FP), CX
	VPBROADCASTQ quotesOf<>+0(SB), Y0
	VPBROADCASTQ quotesOf<>+8(SB), Y1
	VPBROADCASTQ quotesOf<>+16(SB), Y2
	XORL AX, AX // n
	MOVQ from+48(FP), DX

block:
	LEAQ 64(DX), R10
	CMPQ R10, CX
	JA   done
	LEAQ 64(AX), R10
	CMPQ R10, R8
	JA   done
	VMOVDQU (SI)(DX*1), Y3
	VMOVDQU 32(SI)(DX*1), Y4

	// The sign of a byte of Y5: it is odd.
	VPCMPEQB Y3, Y1, Y5
	VPMINUB  Y3, Y2, Y6
	VPCMPEQB Y3, Y6, Y6
	VPOR     Y5, Y6, Y5
	VPCMPEQB Y4, Y1, Y6
	VPMINUB  Y4, Y2, Y7
	VPCMPEQB Y4, Y7, Y7
	VPOR     Y6, Y7, Y6
	VPOR     Y3, Y5, Y5
	VPOR     Y4, Y6, Y6
	VPOR     Y5, Y6, Y5
	VPMOVMSKB Y5, R10
	TESTL    R10, R10
	JNZ      done

	VPCMPEQB  Y3, Y0, Y3
	VPCMPEQB  Y4, Y0, Y4
	VPMOVMSKB Y3, R10
	VPMOVMSKB Y4, R11
	SHLQ      $32, R11
	ORQ       R11, R10
	POPCNTQ   R10, R11
	LEAQ      (DI)(AX*4), R12
	ADDQ      R11, AX

eight:
	next(0)
	next(4)
	next(8)
	next(12)
	next(16)
	next(20)
	next(24)
	next(28)
	ADDQ $32, R12
	SUBQ $8, R11
	JG   eight
	ADDQ $64, DX
	JMP  block

done:
	VZEROUPPER
	MOVQ AX, n+56(FP)
	MOVQ DX, upto+64(FP)
	RET
