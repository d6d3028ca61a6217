/* Scale and shift by channel, on plain [n][c][inner]. */
#ifndef NET2C_AFFINE_PLAIN_H
#define NET2C_AFFINE_PLAIN_H

#include "kernels/eltwise/eltwise_args.h"

NET2C_INLINE void net2c_affine_plain_body(const struct net2c_affine_plain_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const float *x = (const float *)net2c_in(f, a->x), *scale = (const float *)net2c_in(f, a->scale), *shift = (const float *)net2c_in(f, a->shift);
  float *y = (float *)net2c_out(f, a->y);
  const int channels = a->inner == 1; /* runs of channels, else of one channel's elements */
  const uint32_t rows = channels ? a->n : a->n * a->c, length = channels ? a->c : a->inner;
  (void)unused;
  for (uint32_t r = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); r < end; ++r) {
    const size_t at = (size_t)r * length;
    const uint32_t c = channels ? 0 : r % a->c;
    for (uint32_t i = 0; i < length; i += 8) {
      const uint32_t n = length - i < 8 ? length - i : 8;
      const v8 s = channels ? loadn8(scale + i, n) : set8(scale[c]), t = channels ? loadn8(shift + i, n) : set8(shift[c]);
      const v8 v = fma8(n == 8 ? load8(x + at + i) : loadn8(x + at + i, n), s, t);
      if (n == 8) store8(y + at + i, v);
      else storen8(y + at + i, v, n);
    }
  }
}

#endif
