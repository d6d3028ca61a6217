/* Resize by tables that the compiler made: output i of an axis is the sum of weight[i][k] x[index[i][k]], k < taps. */
#ifndef NET2C_RESIZE_ARGS_H
#define NET2C_RESIZE_ARGS_H

#include "kernels/kernel.h"

/* Rows and columns of a C8 map; indices u32, weights f32, all in the weights. Scratch: 32 bytes a column of x. Literal: 1
 * takes the first index and no weight (nearest). Chunk: rows of y, of all blocks and images. */
#define NET2C_RESIZE_ARGS(F)                                                                                           \
  F(map, x) F(map, y) F(ref, index_y) F(ref, weight_y) F(ref, index_x) F(ref, weight_x) F(u32, taps_y) F(u32, taps_x) F(u32, chunks)
struct net2c_resize_args { NET2C_RESIZE_ARGS(NET2C_FIELD) };

/* One axis of plain [outer][n][inner] -> [outer][m][inner]. Chunk: part of the outer m rows. */
#define NET2C_RESIZE_AXIS_ARGS(F)                                                                                      \
  F(ref, x) F(ref, y) F(ref, index) F(ref, weight) F(u32, taps) F(u32, outer) F(u32, n) F(u32, m) F(u32, inner) F(u32, chunks)
struct net2c_resize_axis_args { NET2C_RESIZE_AXIS_ARGS(NET2C_FIELD) };

enum { NET2C_GRID_NEAREST = 0, NET2C_GRID_LINEAR = 1, NET2C_GRID_CUBIC = 2 };

/* A C8 map read at places that are known at run time. grid: plain [n][h][w][2] of y, each a column and a row from -1 to 1: the centres of the outer pixels of x where align_corners,
 * else their outer edges. outside: what lies beyond, as NET2C_FILL_*; reflected about those ends. Chunk: rows of y, of all images. */
#define NET2C_GRID_SAMPLE_ARGS(F) F(map, x) F(map, y) F(ref, grid) F(u32, kind) F(u32, outside) F(u32, align_corners) F(u32, chunks)
struct net2c_grid_sample_args { NET2C_GRID_SAMPLE_ARGS(NET2C_FIELD) };

#endif
