/* Convolution by the algorithm of Toom, Cook and Winograd (Lavin and Gray, arXiv 1509.09308): an output tile of M x M is N x N products a
 * pair of channels, of the transformed input and the transformed filter.
 *
 *   3 x 3, stride 1: F(4,3), M = 4, N = 6      5 x 5, stride 1: F(2,5), M = 2, N = 6, both at the points 0, +-3/4, +-3/2, infinity
 *   4 x 4, stride 2, and its transpose: F(4,2), M = 4, N = 5, at +-1/2, +-5/4, infinity
 *   3 x 3, stride 2, and its transpose: the same, but of the two halves of an axis one has two taps and one has one, which is F(4,1), with no product
 *   at infinity: (5 + 4)^2 products of all four images or phases, not (5 + 5)^2
 *
 * and of one dimension, N products for M outputs along a row or a column of the map (a line), all of stride 1 at the six points:
 *
 *   1 x 3, 3 x 1: F(4,3)      1 x 7, 7 x 1: two pieces by F(3,4), of the first three taps and of the last four. The pieces are M taps apart, so the
 *   second's transformed input is that of the next tile; the first has no fourth tap, so no product at infinity: 11 products for 3 outputs.
 *
 * The points are exact in binary; rounding errors are about twice those of the direct sum. Two steps a strip of tile rows:
 * winograd_input makes V of the input map, winograd transforms one panel of filters at a time into its scratch, multiplies, and
 * transforms back. Weights lie as conv's and deconv's, but the taps of an input channel together. The grid of tiles is the image's, and every sum
 * goes ic ascending from zero (stride 2: image by image; seven taps: the first piece first), so strips, chunks and ISAs change no bit;
 * the bias is added after the inverse transform.
 *
 * Tile rows are numbered through the images: `tile_rows` an image, `columns` tiles a row; a strip is rows [first, first + rows).
 * V: [N * N][blocks][pitch][8] floats, pitch >= rows * columns, a point's plane NET2C_WINOGRAD_PLANE(blocks * pitch * 8) apart; with stride 2
 * there are four times as many blocks, of an image after the other: even rows and odd columns, even and even, odd and even, odd and odd, so that
 * those of even rows, and those of even columns, are neighbours. Points that 3 x 3 does not need are not written.
 *
 * Of one dimension, `tile_rows` are the lines of an image, and a strip's tiles lie column by column, tile t of line r at t * rows + r, so that the next
 * tiles of all lines are `rows` further: for two pieces winograd_input makes one column of tiles more than there are outputs for. */
#ifndef NET2C_WINOGRAD_ARGS_H
#define NET2C_WINOGRAD_ARGS_H

#include "kernels/kernel.h"

#define NET2C_WINOGRAD_PLANE(floats) ((floats) + 16) /* planes 4 KB apart would share cache sets */
#define NET2C_WINOGRAD_IMAGE(row, column) (2 * (row) + ((row) == (column)))   /* of stride 2; 1: odd */
#define NET2C_WINOGRAD_IMAGE_ROW(image) ((image) / 2)
#define NET2C_WINOGRAD_IMAGE_COLUMN(image) (((image) + 3) / 2 % 2)
#define NET2C_WINOGRAD_BLOCK 28                      /* most tiles that are multiplied and transformed back together */
#define NET2C_WINOGRAD_FILTER_BYTES (128u << 10)     /* of a pair of blocks' filters that are in scratch at once, where that has a limit: they stay in L2 */
/* Of a worker, in bytes: the filters of a panel, `depth` blocks of input channels at once, and a block's products. */
#define NET2C_WINOGRAD_SCRATCH(points, depth) \
  (2u * points * 4u * (NET2C_WINOGRAD_PLANE((depth) * 128u) + NET2C_WINOGRAD_PLANE(NET2C_WINOGRAD_BLOCK * 16u)))

/* m: M. high, wide: rows and columns of input that outputs read, from the first that the first tile reads; tiles reach beyond them and
 * take zeros there. top, left: how far that first is outside. vertical: lines are columns of the map. band: of F(4,3) of one image; rows of tiles of a
 * band of mixed tiles (band.h), 0: all tiles are whole. Chunk: a range of (block, tile row), of lines of (block, column of tiles). */
#define NET2C_WINOGRAD_INPUT_ARGS(F)                                                                                      \
  F(map, x) F(ref, v) F(u32, m) F(u32, tile_rows) F(u32, columns) F(u32, first) F(u32, rows) F(u32, pitch) F(i32, top)    \
  F(i32, left) F(u32, high) F(u32, wide) F(u32, vertical) F(u32, band) F(u32, chunks)
struct net2c_winograd_input_args { NET2C_WINOGRAD_INPUT_ARGS(NET2C_FIELD) };

/* Operands as conv's; stride 2 and transposed: one group. top, left: the model's pads, which say where the tiles of a transposed one
 * lie: their window starts at input row top / 2 - 1, their outputs at row -(top & 1), both phases of a row at once; 3 x 3: one more, as of 4 x 4 with a first tap of zero. Chunk: rows * oc_chunks + panels; a panel is
 * four blocks, or what is left of a group. depth: blocks of input channels whose filters are in scratch at once;
 * all of them where a chunk has more tiles than a block, whose products would not fit, or more bands than one. band: as the input's; its tiles are at
 * most a block, and chunks are bands instead of rows. pool: of F(4,3), 1: y is the maximum of each 2 x 2 outputs, whose sides are even; then r and scale
 * are absent, and act is a clip or a leaky ReLU of a slope in (0, 1], so that it may come after the maximum. Of lines, chunks are columns of tiles instead of rows; one must have
 * all of a row of the map whose halo is copied from it. */
#define NET2C_WINOGRAD_ARGS(F)                                                                                            \
  F(ref, v) F(map, y) F(map, r) F(ref, w) F(ref, bias) F(ref, scale) F(ref, shift) F(u32, groups) F(u32, ic_blocks)       \
  F(u32, oc_blocks) F(u32, tile_rows) F(u32, columns) F(u32, first) F(u32, rows) F(u32, pitch) F(i32, top) F(i32, left)   \
  F(u32, depth) F(u32, vertical) F(u32, band) F(u32, pool) F(u32, act) F(f32, a) F(f32, b) F(u32, row_chunks) F(u32, oc_chunks)
struct net2c_winograd_args { NET2C_WINOGRAD_ARGS(NET2C_FIELD) };
#define NET2C_WINOGRAD_PANELS(oc_blocks) (((oc_blocks) + 3) / 4) /* of a group */

#endif
