/* Elements of plain arrays from one place to another; nothing is known of their type but its size in bytes (1, 2, 4, 8). */
#ifndef NET2C_MOVE_ARGS_H
#define NET2C_MOVE_ARGS_H

#include "kernels/kernel.h"

/* Element (i, j, ..) of a box: from x_first + i x_step[0] + .. to y_first + i y_step[0] + .. Chunk: part of the box. */
#define NET2C_COPY_STRIDED_ARGS(F)                                                                                     \
  F(ref, x) F(ref, y) F(dims, size) F(steps, x_step) F(steps, y_step) F(u32, x_first) F(u32, y_first) F(u32, bytes) F(u32, chunks)
struct net2c_copy_strided_args { NET2C_COPY_STRIDED_ARGS(NET2C_FIELD) };

/* y[..][r][c] = x[..][c][r] of 4-byte elements: batch axes size[0..3], rows size[4], columns size[5]; x_step[4] is 1, y is
 * dense. Chunk: batches and groups of eight rows. */
#define NET2C_TRANSPOSE_ARGS(F) F(ref, x) F(ref, y) F(dims, size) F(steps, x_step) F(u32, chunks)
struct net2c_transpose_args { NET2C_TRANSPOSE_ARGS(NET2C_FIELD) };

/* n elements of `value` (its low bytes; 8-byte elements: both halves). Chunk: part of them. */
#define NET2C_FILL_PLAIN_ARGS(F) F(ref, y) F(u32, n) F(u32, bytes) F(u32, low) F(u32, high) F(u32, chunks)
struct net2c_fill_plain_args { NET2C_FILL_PLAIN_ARGS(NET2C_FIELD) };

/* Rows of `row` bytes: y[o][i] = x[o][index[i]], x has n of them for each o; indices are u32 in the weights. */
#define NET2C_GATHER_ROWS_ARGS(F) F(ref, x) F(ref, y) F(ref, index) F(u32, outer) F(u32, n) F(u32, count) F(u32, row) F(u32, chunks)
struct net2c_gather_rows_args { NET2C_GATHER_ROWS_ARGS(NET2C_FIELD) };

/* Channels between C8 maps of one size: y_first + i of y is channel index[i] of x (no index: x_first + i). Other channels
 * of y stay; where the last channel is written, the lanes beyond it become zero. Chunk: rows of the touched blocks of y. */
#define NET2C_COPY_CHANNELS_ARGS(F) F(map, x) F(map, y) F(ref, index) F(u32, x_first) F(u32, y_first) F(u32, count) F(u32, chunks)
struct net2c_copy_channels_args { NET2C_COPY_CHANNELS_ARGS(NET2C_FIELD) };

#endif
