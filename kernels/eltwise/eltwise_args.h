/* Functions of two operands and other work element by element. Kinds are those of BinaryKind in compiler/graph/op.h, in the
 * same order; types those of Type in compiler/graph/tensor.h. */
#ifndef NET2C_ELTWISE_ARGS_H
#define NET2C_ELTWISE_ARGS_H

#include "kernels/kernel.h"

enum {
  NET2C_BIN_ADD, NET2C_BIN_SUB, NET2C_BIN_MUL, NET2C_BIN_DIV, NET2C_BIN_POW, NET2C_BIN_MIN, NET2C_BIN_MAX, NET2C_BIN_PRELU,
  NET2C_BIN_MOD, NET2C_BIN_FMOD, NET2C_BIN_EQUAL, NET2C_BIN_LESS, NET2C_BIN_LESS_EQUAL, NET2C_BIN_GREATER,
  NET2C_BIN_GREATER_EQUAL, NET2C_BIN_AND, NET2C_BIN_OR, NET2C_BIN_XOR
};
enum {
  NET2C_TYPE_F32, NET2C_TYPE_F16, NET2C_TYPE_F64, NET2C_TYPE_I8, NET2C_TYPE_U8, NET2C_TYPE_I16, NET2C_TYPE_U16, NET2C_TYPE_I32,
  NET2C_TYPE_U32, NET2C_TYPE_I64, NET2C_TYPE_U64, NET2C_TYPE_BOOL
};

/* y = a op b (swap: b op a) over C8 maps; y may be a or b. b's vector for image n, block k, row r, pixel x starts at float
 * b_first + n b_image + k b_plane + r b_row + x b_pixel of `b`: distances of 0 repeat it. b_lanes is 8, or 1: one float for
 * all channels. Chunk: rows of all blocks and images. Literal: the kind, or -1: a->kind. */
#define NET2C_BINARY_MAP_ARGS(F)                                                                                       \
  F(map, a) F(ref, b) F(map, y) F(u32, b_first) F(u32, b_image) F(u32, b_plane) F(u32, b_row) F(u32, b_pixel)         \
  F(u32, b_lanes) F(u32, kind) F(u32, swap) F(u32, chunks)
struct net2c_binary_map_args { NET2C_BINARY_MAP_ARGS(NET2C_FIELD) };

/* y = a op b over plain arrays; y is dense. Literal: 0 f32 arithmetic, 1 comparison or logic of any type to bool, 2 integers,
 * 3 f64 arithmetic (no pow, no mod).
 * Chunk: part of the elements. */
#define NET2C_BINARY_PLAIN_ARGS(F)                                                                                     \
  F(ref, a) F(ref, b) F(ref, y) F(dims, size) F(steps, a_step) F(steps, b_step) F(u32, kind) F(u32, type) F(u32, chunks)
struct net2c_binary_plain_args { NET2C_BINARY_PLAIN_ARGS(NET2C_FIELD) };

/* y = condition ? yes : no for elements of `bytes` (1, 2, 4, 8) bytes. */
#define NET2C_SELECT_PLAIN_ARGS(F)                                                                                     \
  F(ref, condition) F(ref, yes) F(ref, no) F(ref, y) F(dims, size) F(steps, condition_step) F(steps, yes_step)         \
  F(steps, no_step) F(u32, bytes) F(u32, chunks)
struct net2c_select_plain_args { NET2C_SELECT_PLAIN_ARGS(NET2C_FIELD) };

/* y = fma(x, scale[c], shift[c]) on a C8 map; y may be x. scale and shift are read exactly. */
#define NET2C_AFFINE_ARGS(F) F(map, x) F(map, y) F(ref, scale) F(ref, shift) F(u32, chunks)
struct net2c_affine_args { NET2C_AFFINE_ARGS(NET2C_FIELD) };

/* The same on plain [n][c][inner]. Chunk: part of the n c rows, or of the n rows of channels where inner is 1. */
#define NET2C_AFFINE_PLAIN_ARGS(F) F(ref, x) F(ref, y) F(ref, scale) F(ref, shift) F(u32, n) F(u32, c) F(u32, inner) F(u32, chunks)
struct net2c_affine_plain_args { NET2C_AFFINE_PLAIN_ARGS(NET2C_FIELD) };

/* n elements of one type as another: to integers cut off and clamped, NaN 0; to bool != 0. No f16. */
#define NET2C_CAST_ARGS(F) F(ref, x) F(ref, y) F(u32, n) F(u32, from) F(u32, to) F(u32, chunks)
struct net2c_cast_args { NET2C_CAST_ARGS(NET2C_FIELD) };

/* Functions of n integers or bools: NET2C_ACT_RELU, ABS, NEG, SIGN, NOT, CLIP to [low, high]. */
#define NET2C_ACT_INTEGER_ARGS(F) F(ref, x) F(ref, y) F(u32, n) F(u32, act) F(u32, type) F(i32, low) F(i32, high) F(u32, chunks)
struct net2c_act_integer_args { NET2C_ACT_INTEGER_ARGS(NET2C_FIELD) };

#endif
