/* Matrix product with packed right operand, plain [batch][m][k] x packed [n/32][k][32] -> plain [batch][m][n].
 * Every sum starts at the bias and goes k ascending. */
#ifndef NET2C_DENSE_ARGS_H
#define NET2C_DENSE_ARGS_H

#include "kernels/kernel.h"

/* bias, scale, shift: padded to a multiple of 32, or NET2C_NONE (scale, shift). r: plain residual or NET2C_NONE. w_batch: numbers
 * from one batch's weights to the next, 0 where all share. Chunk: (batch * row_chunks + rows) * column_chunks + blocks of 32. Scratch of
 * dense_half: NET2C_DENSE_SCRATCH(k) bytes where a chunk has NET2C_DENSE_WIDEN_ROWS rows or more. */
#define NET2C_DENSE_WIDEN_ROWS 24u
#define NET2C_DENSE_SCRATCH(k) ((k) * 128u)
#define NET2C_DENSE_ARGS(F)                                                                                        \
  F(ref, x) F(ref, y) F(ref, r) F(ref, w) F(ref, bias) F(ref, scale) F(ref, shift)                                 \
  F(u32, batch) F(u32, m) F(u32, k) F(u32, n) F(u32, x_batch) F(u32, w_batch)                                      \
  F(u32, act) F(f32, a) F(f32, b) F(u32, row_chunks) F(u32, column_chunks)
struct net2c_dense_args { NET2C_DENSE_ARGS(NET2C_FIELD) };

/* A right operand known at run time only: plain [batch][k][n] -> packed [n/32][k][32], zeros beyond n. Chunk: blocks. */
#define NET2C_PACK_DENSE_ARGS(F) F(ref, x) F(ref, y) F(u32, batch) F(u32, k) F(u32, n) F(u32, chunks)
struct net2c_pack_dense_args { NET2C_PACK_DENSE_ARGS(NET2C_FIELD) };

#endif
