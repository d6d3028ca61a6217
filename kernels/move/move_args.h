/* Data movement on plain arrays; elements of `bytes` (1, 2, 4 or 8) bytes. */
#ifndef NET2C_MOVE_ARGS_H
#define NET2C_MOVE_ARGS_H

#include "kernels/kernel.h"

/* y[y_first + i . y_step] = x[x_first + i . x_step] for every i below size: slices, transposes, broadcasts (step 0), parts of a
 * concat. Chunk: part of the walk over the five outer axes, or of the inner one where there is no outer. */
#define NET2C_MOVE_ARGS(F)                                                                                       \
  F(ref, x) F(ref, y) F(u32, x_first) F(u32, y_first) F(dims, size) F(steps, x_step) F(steps, y_step) F(u32, bytes) F(u32, chunks)
struct net2c_move_args { NET2C_MOVE_ARGS(NET2C_FIELD) };

/* n elements of y become `value`: the bits of a float for 4 bytes, else an integer extended by its sign. */
#define NET2C_FILL_ARGS(F) F(ref, y) F(u32, n) F(i32, value) F(u32, bytes) F(u32, chunks)
struct net2c_fill_args { NET2C_FILL_ARGS(NET2C_FIELD) };

/* y[o][i][...] = x[o][index[i]][...]. The indices, all below `in`, are runs of evenly spaced ones: first, step and count of each, 32-bit numbers in
 * the weights. Literal 1: int64 that are known at run time only; from -in on they count from the end, beyond the axis they are clamped.
 * Chunk: part of the outer * out rows. */
#define NET2C_GATHER_ARGS(F) \
  F(ref, x) F(ref, y) F(ref, index) F(u32, outer) F(u32, in) F(u32, out) F(u32, inner) F(u32, bytes) F(u32, chunks)
struct net2c_gather_run { uint32_t first; int32_t step; uint32_t count; };
struct net2c_gather_args { NET2C_GATHER_ARGS(NET2C_FIELD) };

/* Row i of the image map y is row rows[i] of every plane of x, plain [n][c][h][w], its columns are runs as above. rows: 32-bit numbers in the weights.
 * Chunk: rows of all images. x may lie in the app's memory. */
#define NET2C_PAD_IMAGE_ARGS(F) F(ref, x) F(map, y) F(ref, rows) F(ref, columns) F(u32, h) F(u32, w) F(u32, chunks)
struct net2c_pad_image_args { NET2C_PAD_IMAGE_ARGS(NET2C_FIELD) };

/* y[i] = x[index[i] - 1], 0 where index[i] is 0, of n floats: weights that are known at run time only, in the layout that their
 * kernel wants. index: n uint32 in the weights. Chunk: part of the n. */
#define NET2C_PACK_ARGS(F) F(ref, x) F(ref, y) F(ref, index) F(u32, n) F(u32, chunks)
struct net2c_pack_args { NET2C_PACK_ARGS(NET2C_FIELD) };

/* y[..][r][c] = x[..][c][r] of 4-byte elements: batch axes size[0..3], rows size[4], columns size[5]; x_step[4] is 1, y is
 * dense. Chunk: batches and groups of eight rows. */
#define NET2C_TRANSPOSE_ARGS(F) F(ref, x) F(ref, y) F(dims, size) F(steps, x_step) F(u32, chunks)
struct net2c_transpose_args { NET2C_TRANSPOSE_ARGS(NET2C_FIELD) };

/* Channels between C8 maps of one size: y_first + i of y is channel index[i] of x (no index: x_first + i). Other channels
 * of y stay; where the last channel is written, the lanes beyond it become zero. Chunk: rows of the touched blocks of y. */
#define NET2C_COPY_CHANNELS_ARGS(F) F(map, x) F(map, y) F(ref, index) F(u32, x_first) F(u32, y_first) F(u32, count) F(u32, chunks)
struct net2c_copy_channels_args { NET2C_COPY_CHANNELS_ARGS(NET2C_FIELD) };

#endif
