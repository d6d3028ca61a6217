/* Resize of one axis of a plain array. */
#ifndef NET2C_RESIZE_AXIS_H
#define NET2C_RESIZE_AXIS_H

#include "kernels/resize/resize_args.h"

NET2C_INLINE void net2c_resize_axis_body(const struct net2c_resize_axis_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const float *x = (const float *)net2c_in(f, a->x);
  float *y = (float *)net2c_out(f, a->y);
  const uint32_t rows = a->outer * a->m, inner = a->inner, taps = a->taps;
  (void)unused;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); i < end; ++i) {
    const uint32_t *index = (const uint32_t *)net2c_in(f, a->index) + (size_t)(i % a->m) * taps;
    const float *weight = (const float *)net2c_in(f, a->weight) + (size_t)(i % a->m) * taps;
    const float *from = x + (size_t)(i / a->m) * a->n * inner;
    float *to = y + (size_t)i * inner;
    for (uint32_t j = 0; j < inner; j += 8) {
      const uint32_t k = inner - j < 8 ? inner - j : 8;
      v8 sum = mul8(loadn8(from + (size_t)index[0] * inner + j, k), set8(weight[0]));
      for (uint32_t q = 1; q < taps; ++q) sum = fma8(loadn8(from + (size_t)index[q] * inner + j, k), set8(weight[q]), sum);
      storen8(to + j, sum, k);
    }
  }
}

#endif
