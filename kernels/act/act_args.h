/* Element-wise functions y = act(x), by number: their meaning is UnaryKind in compiler/graph/op.h, in the same order. */
#ifndef NET2C_ACT_ARGS_H
#define NET2C_ACT_ARGS_H

#include "kernels/kernel.h"

enum {
  NET2C_ACT_IDENTITY, NET2C_ACT_RELU, NET2C_ACT_LEAKY_RELU, NET2C_ACT_ELU, NET2C_ACT_CELU, NET2C_ACT_SELU,
  NET2C_ACT_THRESHOLDED_RELU, NET2C_ACT_CLIP, NET2C_ACT_SIGMOID, NET2C_ACT_TANH, NET2C_ACT_HARD_SIGMOID,
  NET2C_ACT_HARD_SWISH, NET2C_ACT_SILU, NET2C_ACT_GELU, NET2C_ACT_GELU_TANH, NET2C_ACT_MISH, NET2C_ACT_SOFTPLUS,
  NET2C_ACT_SOFTSIGN, NET2C_ACT_ABS, NET2C_ACT_NEG, NET2C_ACT_SIGN, NET2C_ACT_FLOOR, NET2C_ACT_CEIL, NET2C_ACT_ROUND,
  NET2C_ACT_SQRT, NET2C_ACT_RECIPROCAL, NET2C_ACT_EXP, NET2C_ACT_LOG, NET2C_ACT_ERF, NET2C_ACT_SIN, NET2C_ACT_COS,
  NET2C_ACT_NOT
};

/* One C8 map, element by element; y may be x. Chunk: rows of all blocks and images. */
#define NET2C_ACT_ARGS(F) F(map, x) F(map, y) F(u32, act) F(f32, a) F(f32, b) F(u32, chunks)
struct net2c_act_args { NET2C_ACT_ARGS(NET2C_FIELD) };

/* n floats; y may be x. Chunk: part of them. */
#define NET2C_ACT_PLAIN_ARGS(F) F(ref, x) F(ref, y) F(u32, n) F(u32, act) F(f32, a) F(f32, b) F(u32, chunks)
struct net2c_act_plain_args { NET2C_ACT_PLAIN_ARGS(NET2C_FIELD) };

#endif
