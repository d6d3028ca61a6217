/* Windows over a C8 map. */
#ifndef NET2C_POOL_ARGS_H
#define NET2C_POOL_ARGS_H

#include "kernels/kernel.h"

enum { NET2C_POOL_MAX, NET2C_POOL_AVERAGE, NET2C_POOL_SUM };

/* Window (r, c) starts at row r stride_y - pad_top, column c stride_x - pad_left; taps outside the map do not count, unless
 * include_pad: then those inside the padded map are divided by too. Literals: kind; kernel and stride of square windows
 * without dilation, or 0: as in the arguments. kept, back: as in rows.h. Chunk (rows, channels): one of row_chunks ranges of rows, by
 * pairs, of one of oc_chunks ranges of blocks, of all images. */
#define NET2C_POOL_ARGS(F)                                                                                             \
  F(map, x) F(map, y) F(u32, kernel_y) F(u32, kernel_x) F(u32, stride_y) F(u32, stride_x) F(u32, dilation_y)           \
  F(u32, dilation_x) F(u32, pad_top) F(u32, pad_left) F(u32, pad_bottom) F(u32, pad_right) F(u32, include_pad) \
  F(u32, row_chunks) F(u32, oc_chunks) F(u32, kept) F(u32, back)
struct net2c_pool_args { NET2C_POOL_ARGS(NET2C_FIELD) };

#endif
