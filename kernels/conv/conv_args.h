/* Convolution of any kernel, stride, dilation, padding and group, and its transpose.
 *
 * Weights [OC/16][KH][KW][IC][16] a group (IC a multiple of 8, zeros beyond the model's), the last block 8 wide when the group
 * has an odd number of 8-channel blocks. The first layer's [OC/16][KH][KW][C][16], C = lanes of the image map. Transposed: one
 * such array a phase, phases row by row. Every sum starts at the bias and goes kh, kw, ic; taps in the halo are multiplied. */
#ifndef NET2C_CONV_ARGS_H
#define NET2C_CONV_ARGS_H

#include "kernels/kernel.h"

/* r: residual with y's size, or base NET2C_NONE. w, b: weights and bias (padded like the weights' blocks), scale and shift: per
 * channel after the activation, or NET2C_NONE. Blocks are of 8 channels, by group. The first tap of output (i, j) is input
 * (i * sh - top, j * sw - left). act: with parameters a, b; identity and relu are given as clips.
 * Chunk: ((image * row_chunks) + rows) * oc_chunks + panels, of maps of few pixels ((image * oc_chunks) + panels) * row_chunks + rows, so that weights
 * are read once; its pixels go through all of its panels in parts of about `pixels`.
 * Scratch of conv_half and deconv_half: NET2C_CONV_SCRATCH(taps, oc_blocks) bytes, taps: weights of an output channel. */
#define NET2C_CONV_ARGS(F)                                                                                             \
  F(map, x) F(map, y) F(map, r) F(ref, w) F(ref, bias) F(ref, scale) F(ref, shift)                                     \
  F(u32, groups) F(u32, ic_blocks) F(u32, oc_blocks) F(u32, kh) F(u32, kw) F(u32, sh) F(u32, sw) F(u32, dh) F(u32, dw) \
  F(i32, top) F(i32, left) F(u32, act) F(f32, a) F(f32, b) F(u32, pixels) F(u32, row_chunks) F(u32, oc_chunks)
struct net2c_conv_args { NET2C_CONV_ARGS(NET2C_FIELD) };
#define NET2C_CONV_FEW_PIXELS 400
#define NET2C_CONV_PANELS(oc_blocks) ((oc_blocks) < 4 ? 1 : (oc_blocks) / 4) /* of a group: four blocks, the last up to seven */
/* Blocks of output channels whose weights are widened at once: up to 1 MB of floats, and never less than a pair. */
#define NET2C_CONV_WIDE_BLOCKS(taps) ((taps) > 8192 ? 2 : 4)
#define NET2C_CONV_SCRATCH(taps, oc_blocks) \
  ((taps) * 32 * ((oc_blocks) < NET2C_CONV_WIDE_BLOCKS(taps) ? (oc_blocks) : NET2C_CONV_WIDE_BLOCKS(taps)))

/* At most four output channels, one group, column stride 1. w: [KH][KW][IC/8][OC][8], IC padded with zeros. Sums: each output's of input channel
 * 8 k + l in one of eight, l, which are added pair by pair, then the bias. Scratch: NET2C_NARROW_SCRATCH(oc) bytes, and where w are halves as many floats.
 * The result is the map y or, where that has no base, plain [n][c][top + h + bottom][w] at `plain`, which may be the app's memory: a step makes the h rows.
 * Chunk: image * row_chunks + rows. */
#define NET2C_NARROW_PIXELS 96 /* whose sums are in scratch at once */
#define NET2C_NARROW_SCRATCH(oc) ((oc) * NET2C_NARROW_PIXELS * 32)
#define NET2C_CONV_NARROW_ARGS(F)                                                                                      \
  F(map, x) F(map, y) F(ref, plain) F(map, r) F(ref, w) F(ref, bias) F(ref, scale) F(ref, shift)                                     \
  F(u32, kh) F(u32, kw) F(u32, sh) F(u32, dh) F(u32, dw) F(i32, top) F(i32, left) F(u32, act) F(f32, a) F(f32, b)      \
  F(u32, row_chunks)
struct net2c_conv_narrow_args { NET2C_CONV_NARROW_ARGS(NET2C_FIELD) };

/* Transposed, stride (sh, sw): output row i = sh * q + p takes the taps k with (i + top - k) a multiple of sh; kernels and pads
 * as the model's. Each phase (p, q) is a convolution of stride 1 whose outputs lie sh, sw apart. */
#define NET2C_DECONV_ARGS(F)                                                                                           \
  F(map, x) F(map, y) F(map, r) F(ref, w) F(ref, bias) F(ref, scale) F(ref, shift)                                     \
  F(u32, groups) F(u32, ic_blocks) F(u32, oc_blocks) F(u32, kh) F(u32, kw) F(u32, sh) F(u32, sw) F(u32, dh) F(u32, dw) \
  F(i32, top) F(i32, left) F(u32, act) F(f32, a) F(f32, b) F(u32, row_chunks) F(u32, oc_chunks)
struct net2c_deconv_args { NET2C_DECONV_ARGS(NET2C_FIELD) };

#endif
