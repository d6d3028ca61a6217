/* Depthwise convolution, one filter a channel. Weights [C/8][KH][KW][8]; every sum starts at the bias and goes kh, kw. */
#ifndef NET2C_DEPTHWISE_ARGS_H
#define NET2C_DEPTHWISE_ARGS_H

#include "kernels/kernel.h"

/* Operands as in conv_args.h; kept, back: as in rows.h. Chunk (rows, channels): one of row_chunks ranges of rows, by fours, of one of oc_chunks ranges
 * of blocks, of all images. */
#define NET2C_DEPTHWISE_ARGS(F)                                                                                   \
  F(map, x) F(map, y) F(map, r) F(ref, w) F(ref, bias) F(ref, scale) F(ref, shift)                                \
  F(u32, kh) F(u32, kw) F(u32, sh) F(u32, sw) F(u32, dh) F(u32, dw) F(i32, top) F(i32, left)                      \
  F(u32, act) F(f32, a) F(f32, b) F(u32, row_chunks) F(u32, oc_chunks) F(u32, kept) F(u32, back)
struct net2c_depthwise_args { NET2C_DEPTHWISE_ARGS(NET2C_FIELD) };

#endif
