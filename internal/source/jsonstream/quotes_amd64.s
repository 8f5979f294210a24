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

DATA up<>+0(SB)/8, $0x0706050403020100
DATA up<>+8(SB)/8, $0x0f0e0d0c0b0a0908
DATA up<>+16(SB)/8, $0x1716151413121110
DATA up<>+24(SB)/8, $0x1f1e1d1c1b1a1918
DATA up<>+32(SB)/8, $0x2726252423222120
DATA up<>+40(SB)/8, $0x2f2e2d2c2b2a2928
DATA up<>+48(SB)/8, $0x3736353433323130
DATA up<>+56(SB)/8, $0x3f3e3d3c3b3a3938
GLOBL up<>(SB), RODATA|NOPTR, $64

// sixteen writes the places in X9, which are those in the block, as positions.
#define sixteen(off) \
	VPMOVZXBD X9, Z9; \
	VPADDD    Z5, Z9, Z9; \
	VMOVDQU32 Z9, off(DI)(AX*4)

// func quotesAVX512(at []uint32, data []byte, from int) (n, upto int)
TEXT ·quotesAVX512(SB), NOSPLIT, $0-72
	MOVQ at_base+0(FP), DI
	MOVQ at_len+8(FP), R8
	MOVQ data_base+24(FP), SI
	MOVQ data_len+32(FP), CX
	VPBROADCASTQ quotesOf<>+0(SB), Z0
	VPBROADCASTQ quotesOf<>+8(SB), Z1
	MOVQ $0x2020202020202020, R10
	VPBROADCASTQ R10, Z2
	MOVQ $0x6060606060606060, R10
	VPBROADCASTQ R10, Z3
	VMOVDQU64 up<>(SB), Z4
	XORL AX, AX // n
	MOVQ from+48(FP), DX
	VPBROADCASTD DX, Z5
	MOVL $64, R10
	VPBROADCASTD R10, Z7

wide:
	LEAQ 64(DX), R10
	CMPQ R10, CX
	JA   out
	LEAQ 64(AX), R11
	CMPQ R11, R8
	JA   out
	VMOVDQU64 (SI)(DX*1), Z6

	// What is below ' ', and what is not ASCII, is 96 and more behind ' '.
	VPSUBB    Z2, Z6, Z8
	VPCMPUB   $5, Z3, Z8, K1
	VPCMPEQB  Z1, Z6, K2
	VPCMPEQB  Z0, Z6, K3
	KORTESTQ  K1, K2
	JNZ       out
	VPCOMPRESSB.Z Z4, K3, Z8
	KMOVQ     K3, R11
	POPCNTQ   R11, R11
	VMOVDQA64 Z8, Z9
	sixteen(0)
	CMPQ      R11, $16
	JA        many

counted:
	ADDQ   R11, AX
	VPADDD Z7, Z5, Z5
	MOVQ   R10, DX
	JMP    wide

many:
	VEXTRACTI32X4 $1, Z8, X9
	sixteen(64)
	VEXTRACTI32X4 $2, Z8, X9
	sixteen(128)
	VEXTRACTI32X4 $3, Z8, X9
	sixteen(192)
	JMP    counted

out:
	VZEROUPPER
	MOVQ AX, n+56(FP)
	MOVQ DX, upto+64(FP)
	RET
