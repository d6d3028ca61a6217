/* Packs a right operand that is known at run time only. */
#ifndef NET2C_PACK_DENSE_H
#define NET2C_PACK_DENSE_H

#include "kernels/dense/dense_args.h"

NET2C_INLINE void net2c_pack_dense_body(const struct net2c_pack_dense_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const uint32_t columns = (a->n + 31) / 32, all = columns * a->batch;
  (void)unused;
  for (uint32_t i = net2c_cut(all, chunk, a->chunks), end = net2c_cut(all, chunk + 1, a->chunks); i < end; ++i) {
    const uint32_t batch = i / columns, column = i % columns * 32, n = a->n - column < 32 ? a->n - column : 32;
    const float *x = (const float *)net2c_in(f, a->x) + (size_t)batch * a->k * a->n + column;
    float *y = (float *)net2c_out(f, a->y) + (size_t)i * a->k * 32;
    for (uint32_t k = 0; k < a->k; ++k, x += a->n, y += 32)
      for (uint32_t j = 0; j < 32; ++j) y[j] = j < n ? x[j] : 0.0f;
  }
}

#endif
