/* softmax(scale q k^T + bias) v of plain arrays: q [batch][m][depth], k [batch][n][depth], v [batch][n][width] -> y [batch][m][width]. */
#ifndef NET2C_ATTENTION_ARGS_H
#define NET2C_ATTENTION_ARGS_H

#include "kernels/kernel.h"

enum { NET2C_ATTENTION_ROWS = 24 }; /* whose scores are there at a time */
/* Floats of scratch: two constant vectors, k and v packed as for a matrix product, scores. */
#define NET2C_ATTENTION_SCRATCH(n, depth, width) \
  (64 + ((n) + 31) / 32 * 32 * (depth) + ((width) + 31) / 32 * 32 * (n) + NET2C_ATTENTION_ROWS * (n))

/* bias may be absent: of batch b, row r it is the n floats at (b / bias_repeat % bias_batches) bias_step + r bias_row.
 * Chunk: batch * row_chunks + rows. Every chunk packs k and v anew. */
#define NET2C_ATTENTION_ARGS(F)                                                                                        \
  F(ref, q) F(ref, k) F(ref, v) F(ref, y) F(u32, batch) F(u32, m) F(u32, n) F(u32, depth) F(u32, width) F(f32, scale)      \
  F(ref, bias) F(u32, bias_repeat) F(u32, bias_batches) F(u32, bias_step) F(u32, bias_row) F(u32, row_chunks)
struct net2c_attention_args { NET2C_ATTENTION_ARGS(NET2C_FIELD) };

#endif
