#include "go_asm.h"
#include "textflag.h"

// What is in registers all the time of codedAVX2:
//
//	SI  where the next bits come from    R8  how far it may be for one more turn
//	DI  where the next byte goes         R9  how far it may be for one more turn
//	BX  bits taken from SI               CX  their number, in its lowest six bits alone
//	R10 the farthest a distance reaches  AX  the entry in hand, not used yet
//	R11 inflater.pairs                   R12 inflater.lit    R13 inflater.dist

// refill has at least 56 bits in BX.
#define refill(t) \
	MOVQ  (SI), t; \
	SHLXQ CX, t, t; \
	ORQ   t, BX; \
	MOVL  CX, t; \
	SHRL  $3, t; \
	ANDL  $7, t; \
	ADDQ  $7, SI; \
	SUBQ  t, SI; \
	ORL   $56, CX

// take uses up the bits of the entry in AX.
#define take \
	SHRXQ AX, BX, BX; \
	SUBL  AX, CX

// next looks up the entry of the bits that come next.
#define next \
	MOVL BX, AX; \
	ANDL $const_litMask, AX; \
	MOVL (R11)(AX*4), AX

// literals writes the one or two of the entry in AX, and looks up the next.
#define literals \
	MOVL    AX, DX; \
	take; \
	SHRL    $16, DX; \
	MOVW    DX, (DI); \
	MOVBLZX AH, DX; \
	ADDQ    DX, DI; \
	next

// value is the length or distance of the entry in AX.
#define value(to, t) \
	BZHIQ AX, BX, to; \
	MOVL  AX, t; \
	SHRL  $8, t; \
	take; \
	SHRXQ t, to, to; \
	SHRL  $8, t; \
	ADDL  t, to

// further looks up AX in a further table, for bits behind those of the first.
#define further(table, first) \
	MOVQ  BX, R14; \
	SHRQ  $first, R14; \
	MOVL  AX, R15; \
	SHRL  $8, R15; \
	ANDL  $15, R15; \
	BZHIQ R15, R14, R14; \
	SHRL  $16, AX; \
	ADDL  AX, R14; \
	MOVL  (table)(R14*4), AX

// func codedAVX2(z *inflater) (ok bool)
TEXT ·codedAVX2(SB), NOSPLIT, $0-9
	MOVQ z+0(FP), DX
	MOVQ inflater_src+0(DX), SI
	MOVQ inflater_src+8(DX), R8
	LEAQ -const_inRoom(SI)(R8*1), R8
	ADDQ inflater_pos(DX), SI
	MOVQ inflater_win+0(DX), R10
	MOVQ inflater_win+8(DX), R9
	LEAQ -const_slack(R10)(R9*1), R9
	MOVQ R10, DI
	ADDQ inflater_out(DX), DI
	ADDQ inflater_from(DX), R10
	MOVQ inflater_bits(DX), BX
	MOVQ inflater_nbits(DX), CX
	LEAQ inflater_pairs(DX), R11
	LEAQ inflater_lit(DX), R12
	LEAQ inflater_dist(DX), R13
	CMPQ SI, R8
	JA   done
	refill(DX)
	next

turn:
	CMPQ SI, R8
	JA   done
	CMPQ DI, R9
	JA   done
	refill(DX)

	// At most three times 11 bits, and a length of 20.
	TESTB AX, AX
	JPL   noLiteral
	literals
	TESTB AX, AX
	JPL   noLiteral
	literals
	TESTB AX, AX
	JPL   noLiteral
	literals
	TESTB AX, AX
	JMI   turn

noLiteral:
	TESTL $const_isOther, AX
	JNZ   otherLit

length:
	value(DX, R14)
	refill(R14)
	MOVBLZX BX, AX
	MOVL    (R13)(AX*4), AX
	TESTL   $const_isOther, AX
	JNZ     otherDist

distance:
	value(R14, R15)
	next
	MOVQ DI, R15
	SUBQ R14, R15
	CMPQ R15, R10
	JB   bad
	CMPQ R14, $32
	JB   near
	VMOVDQU (R15), Y0
	VMOVDQU Y0, (DI)
	VMOVDQU 32(R15), Y0
	VMOVDQU Y0, 32(DI)
	VMOVDQU 64(R15), Y0
	VMOVDQU Y0, 64(DI)
	VMOVDQU 96(R15), Y0
	VMOVDQU Y0, 96(DI)
	CMPL    DX, $128
	JA      long
	ADDQ    DX, DI
	JMP     turn

long:
	LEAQ (DI)(DX*1), R14

more:
	VMOVDQU 128(R15), Y0
	VMOVDQU Y0, 128(DI)
	VMOVDQU 160(R15), Y0
	VMOVDQU Y0, 160(DI)
	ADDQ    $64, R15
	ADDQ    $64, DI
	LEAQ    128(DI), DX
	CMPQ    DX, R14
	JB      more
	MOVQ    R14, DI
	JMP     turn

near:
	LEAQ (DI)(DX*1), DX
	CMPQ R14, $8
	JB   bytes

eight:
	MOVQ (R15), R14
	MOVQ R14, (DI)
	ADDQ $8, R15
	ADDQ $8, DI
	CMPQ DI, DX
	JB   eight
	MOVQ DX, DI
	JMP  turn

bytes:
	MOVBLZX (R15), R14
	MOVB    R14, (DI)
	INCQ    R15
	INCQ    DI
	CMPQ    DI, DX
	JB      bytes
	JMP     turn

otherLit:
	TESTL $const_isPointer, AX
	JZ    done
	further(R12, const_litBits)
	TESTL AX, AX
	JMI   farLiteral
	TESTL $const_isOther, AX
	JNZ   done
	SHRQ  $const_litBits, BX
	SUBL  $const_litBits, CX
	JMP   length

farLiteral:
	SHRQ $const_litBits, BX
	SUBL $const_litBits, CX
	take
	SHRL $16, AX
	MOVB AX, (DI)
	INCQ DI
	refill(DX)
	next
	JMP  turn

otherDist:
	TESTL $const_isPointer, AX
	JZ    bad
	further(R13, const_distBits)
	TESTL $const_isOther, AX
	JNZ   bad
	SHRQ  $const_distBits, BX
	SUBL  $const_distBits, CX
	JMP   distance

bad:
	XORL AX, AX
	JMP  leave

done:
	MOVL $1, AX

leave:
	VZEROUPPER
	MOVB AX, ok+8(FP)
	MOVQ z+0(FP), DX
	SUBQ inflater_src+0(DX), SI
	MOVQ SI, inflater_pos(DX)
	SUBQ inflater_win+0(DX), DI
	MOVQ DI, inflater_out(DX)
	MOVQ BX, inflater_bits(DX)
	ANDL $63, CX
	MOVQ CX, inflater_nbits(DX)
	RET

DATA eights<>+0(SB)/4, $0
DATA eights<>+4(SB)/4, $1
DATA eights<>+8(SB)/4, $2
DATA eights<>+12(SB)/4, $3
DATA eights<>+16(SB)/4, $4
DATA eights<>+20(SB)/4, $5
DATA eights<>+24(SB)/4, $6
DATA eights<>+28(SB)/4, $7
GLOBL eights<>(SB), RODATA|NOPTR, $32

DATA parts<>+0(SB)/4, $63         // bits that an entry takes
DATA parts<>+4(SB)/4, $0x00ff0000 // its literal
DATA parts<>+8(SB)/4, $0x00000180 // of one literal, in pairs
DATA parts<>+12(SB)/4, $0x00000100 // one literal more
DATA parts<>+16(SB)/4, $const_litBits
DATA parts<>+20(SB)/4, $8
GLOBL parts<>(SB), RODATA|NOPTR, $24

// func pairAVX2(pairs *[1 << litBits]uint32, lit *[litSize]uint32)
TEXT ·pairAVX2(SB), NOSPLIT, $0-16
	MOVQ         pairs+0(FP), DI
	MOVQ         lit+8(FP), SI
	VMOVDQU      eights<>(SB), Y0
	VPBROADCASTD parts<>+0(SB), Y1
	VPBROADCASTD parts<>+4(SB), Y2
	VPBROADCASTD parts<>+8(SB), Y3
	VPBROADCASTD parts<>+12(SB), Y4
	VPBROADCASTD parts<>+16(SB), Y5
	VPBROADCASTD parts<>+20(SB), Y6
	XORL         AX, AX

entries:
	VMOVDQU    (SI)(AX*4), Y7    // the entry
	VPAND      Y7, Y1, Y8        // what it takes
	VPSRLVD    Y8, Y0, Y9        // the bits behind it
	VPCMPEQD   Y10, Y10, Y10
	VPGATHERDD Y10, (SI)(Y9*4), Y11 // the entry of these
	VPAND      Y11, Y1, Y12
	VPADDD     Y8, Y12, Y13
	VPCMPGTD   Y5, Y13, Y13      // these were not all there
	VPAND      Y7, Y11, Y14
	VPSRAD     $31, Y14, Y14     // both are literals
	VPANDN     Y14, Y13, Y14
	VPAND      Y11, Y2, Y13
	VPSLLD     $8, Y13, Y13
	VPOR       Y12, Y13, Y13
	VPOR       Y4, Y13, Y13
	VPAND      Y13, Y14, Y13     // what the second adds
	VPAND      Y7, Y2, Y14
	VPOR       Y8, Y14, Y14
	VPOR       Y3, Y14, Y14
	VPADDD     Y13, Y14, Y14
	VBLENDVPS  Y7, Y14, Y7, Y7   // if the first is a literal at all
	VMOVDQU    Y7, (DI)(AX*4)
	VPADDD     Y6, Y0, Y0
	ADDQ       $8, AX
	CMPQ       AX, $(1<<const_litBits)
	JB         entries
	VZEROUPPER
	RET
