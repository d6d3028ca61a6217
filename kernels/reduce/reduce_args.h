/* Sums and extremes over axes. Kinds are those of ReduceKind in compiler/graph/op.h, in the same order. */
#ifndef NET2C_REDUCE_ARGS_H
#define NET2C_REDUCE_ARGS_H

#include "kernels/kernel.h"

enum {
  NET2C_REDUCE_MEAN, NET2C_REDUCE_SUM, NET2C_REDUCE_MAX, NET2C_REDUCE_MIN, NET2C_REDUCE_PROD, NET2C_REDUCE_L1, NET2C_REDUCE_L2,
  NET2C_REDUCE_LOG_SUM, NET2C_REDUCE_LOG_SUM_EXP, NET2C_REDUCE_SUM_SQUARE
};

/* Over the plane of each channel of a C8 map, to a map of 1x1; all kinds but LOG_SUM_EXP. Chunk: blocks of all images. */
#define NET2C_REDUCE_PLANE_ARGS(F) F(map, x) F(map, y) F(u32, kind) F(u32, chunks)
struct net2c_reduce_plane_args { NET2C_REDUCE_PLANE_ARGS(NET2C_FIELD) };

/* Plain [outer][n][inner] -> [outer][inner]. Literal: 0 f32, 1 integers of `type`. Chunk: part of the results. */
#define NET2C_REDUCE_PLAIN_ARGS(F) F(ref, x) F(ref, y) F(u32, outer) F(u32, n) F(u32, inner) F(u32, kind) F(u32, type) F(u32, chunks)
struct net2c_reduce_plain_args { NET2C_REDUCE_PLAIN_ARGS(NET2C_FIELD) };

/* Plain [outer][n][inner] -> int64 [outer][inner]: where the largest (least: the smallest) of the n is; of equal ones the first,
 * or the last. n below 2^24. Literal: 0 f32, 1 integers of `type`. Chunk: part of the results. */
#define NET2C_ARGMAX_ARGS(F) \
  F(ref, x) F(ref, y) F(u32, outer) F(u32, n) F(u32, inner) F(u32, least) F(u32, last) F(u32, type) F(u32, chunks)
struct net2c_argmax_args { NET2C_ARGMAX_ARGS(NET2C_FIELD) };

#endif
