/* 1 x 1 convolution by one step of Strassen's algorithm (Gaussian elimination is not optimal, 1969): output channels, input channels and pixels
 * are cut in halves, weights into W11 W12 W21 W22 (row: output), pixels into X11 X12 X21 X22 (column: pixel), and of the eight products of
 * halves seven are left, M1 to M7 in this order:
 *
 *   (W11 + W22)(X11 + X22)   (W21 + W22) X11   W11 (X12 - X22)   W22 (X21 - X11)   (W11 + W12) X22   (W21 - W11)(X11 + X12)   (W12 - W22)(X21 + X22)
 *   Y11 = ((M1 + M4) - M5) + M7   Y12 = M3 + M5   Y21 = M2 + M4   Y22 = ((M1 - M2) + M3) + M6
 *
 * Rounding errors are 1.7 times those of the direct sum (rms, 512 to 1024 channels). Two steps: strassen_input makes the seven operands of pixels, strassen the five sums of one
 * panel of weights at a time in its scratch, multiplies by conv's tiles, and adds up. Weights lie as conv's, so the file is the same. A product is
 * summed over channels ascending from zero; the bias is added last.
 *
 * Pixels are numbered through rows and images. The first `pixels` are the left half, the next the right one; what is left beyond 2 * pixels, less than
 * 2 * NET2C_STRASSEN_PIXELS of them, is a direct sum that begins at the bias. */
#ifndef NET2C_STRASSEN_ARGS_H
#define NET2C_STRASSEN_ARGS_H

#include "kernels/kernel.h"

#define NET2C_STRASSEN_PIXELS 24 /* `pixels` is a multiple: whole tiles on every ISA, which must not differ in what is summed how */

/* x: channels a multiple of 16. v: NET2C_STRASSEN_BYTES(x.c, pixels) bytes; of each NET2C_STRASSEN_PIXELS pixels, a part, the seven operands
 * [channels / 16][pixels of the part][8]. Chunk: a range of (part, block of x.c / 2). */
#define NET2C_STRASSEN_INPUT_ARGS(F) F(map, x) F(ref, v) F(u32, pixels) F(u32, chunks)
struct net2c_strassen_input_args { NET2C_STRASSEN_INPUT_ARGS(NET2C_FIELD) };
#define NET2C_STRASSEN_OPERAND(channels) ((size_t)((channels) / 2) * NET2C_STRASSEN_PIXELS) /* floats */
#define NET2C_STRASSEN_BYTES(channels, pixels) ((channels) / 2 * (pixels) * 28)

/* Operands as conv's, of which x has been turned into v and the pixels left are read; output channels a multiple of 32. Chunk: tiles * oc_chunks + panels; a
 * panel is 32 channels of each half (the last of an odd number of pairs of blocks 16); with row_chunks > 1, y's halo must be of zeros.
 * Scratch: NET2C_STRASSEN_SCRATCH(x.c) bytes, of strassen_half also NET2C_STRASSEN_WIDE(x.c) for a panel of floats. */
#define NET2C_STRASSEN_ARGS(F)                                                                                      \
  F(map, x) F(ref, v) F(map, y) F(map, r) F(ref, w) F(ref, bias) F(ref, scale) F(ref, shift) F(u32, pixels) F(u32, act) \
  F(f32, a) F(f32, b) F(u32, row_chunks) F(u32, oc_chunks)
struct net2c_strassen_args { NET2C_STRASSEN_ARGS(NET2C_FIELD) };
#define NET2C_STRASSEN_PANELS(channels) (((channels) / 32 + 1) / 2)
#define NET2C_STRASSEN_SUM(channels) ((channels) / 2 * 16 + 16) /* floats of a pair's sum: 4 KB apart they would share cache sets */
#define NET2C_STRASSEN_SCRATCH(channels) ((2u * 5u * NET2C_STRASSEN_SUM(channels) + 7u * NET2C_STRASSEN_PIXELS * 32u) * 4u)
#define NET2C_STRASSEN_WIDE(channels) ((channels) * 64u * 4u)

#endif
