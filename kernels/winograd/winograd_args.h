/* Convolution of stride 1 with 3 x 3 or 5 x 5 taps by the algorithm of Toom, Cook and Winograd (Lavin and Gray, arXiv 1509.09308): an
 * output tile of M x M (4 or 2) is 36 products a pair of channels, of the transformed 6 x 6 input and the transformed filter.
 *
 * The points are 0, +-3/4, +-3/2 and infinity: exact in binary, about twice the rounding error of the direct sum. Two steps a strip of tile rows:
 * winograd_input makes V of the input map, winograd transforms one panel of filters at a time into its scratch, multiplies, and
 * transforms back. Weights lie as conv's. The grid of tiles is the image's, and every sum goes ic ascending from zero, so
 * strips, chunks and ISAs change no bit; the bias is added after the inverse transform.
 *
 * Tile rows are numbered through the images: `tile_rows` an image, `columns` tiles a row; a strip is rows [first, first + rows).
 * V: [36][blocks][pitch][8] floats, pitch >= rows * columns, a point's plane NET2C_WINOGRAD_PLANE(blocks * pitch * 8) apart. */
#ifndef NET2C_WINOGRAD_ARGS_H
#define NET2C_WINOGRAD_ARGS_H

#include "kernels/kernel.h"

#define NET2C_WINOGRAD_PLANE(floats) ((floats) + 16) /* 36 planes 4 KB apart would share cache sets */
#define NET2C_WINOGRAD_BLOCK 28                      /* most tiles that are multiplied and transformed back together */
/* Of a worker, in bytes: the filters of a panel, and a block's products. */
#define NET2C_WINOGRAD_SCRATCH(ic_blocks) \
  (36u * 4 * (NET2C_WINOGRAD_PLANE((ic_blocks) * 128u) + NET2C_WINOGRAD_PLANE(NET2C_WINOGRAD_BLOCK * 16u)))

/* m: outputs of a tile's side. high, wide: rows and columns of input that outputs read, from the first tap of the first; tiles
 * reach beyond them and take zeros there. Chunk: a range of (block, tile row). */
#define NET2C_WINOGRAD_INPUT_ARGS(F)                                                                                      \
  F(map, x) F(ref, v) F(u32, m) F(u32, tile_rows) F(u32, columns) F(u32, first) F(u32, rows) F(u32, pitch) F(i32, top)    \
  F(i32, left) F(u32, high) F(u32, wide) F(u32, chunks)
struct net2c_winograd_input_args { NET2C_WINOGRAD_INPUT_ARGS(NET2C_FIELD) };

/* Operands as conv's. Chunk: rows * oc_chunks + panels; a panel is a pair of blocks, or the last of an odd number in a group. */
#define NET2C_WINOGRAD_ARGS(F)                                                                                            \
  F(ref, v) F(map, y) F(map, r) F(ref, w) F(ref, bias) F(ref, scale) F(ref, shift) F(u32, groups) F(u32, ic_blocks)       \
  F(u32, oc_blocks) F(u32, tile_rows) F(u32, columns) F(u32, first) F(u32, rows) F(u32, pitch) F(u32, act) F(f32, a)      \
  F(f32, b) F(u32, row_chunks) F(u32, oc_chunks)
struct net2c_winograd_args { NET2C_WINOGRAD_ARGS(NET2C_FIELD) };

#endif
