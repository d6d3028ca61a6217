/* Matrices turned over, eight by eight. */
#ifndef NET2C_TRANSPOSE_H
#define NET2C_TRANSPOSE_H

#include "kernels/move/move_args.h"

NET2C_INLINE void net2c_transpose_body(const struct net2c_transpose_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const float *x = (const float *)net2c_in(f, a->x);
  float *y = (float *)net2c_out(f, a->y);
  const uint32_t rows = a->size[4], columns = a->size[5], groups = (rows + 7) / 8;
  const uint32_t work = a->size[0] * a->size[1] * a->size[2] * a->size[3] * groups;
  const ptrdiff_t step = a->x_step[5];
  (void)unused;
  for (uint32_t i = net2c_cut(work, chunk, a->chunks), end = net2c_cut(work, chunk + 1, a->chunks); i < end; ++i) {
    const uint32_t r = 8 * (i % groups), m = rows - r < 8 ? rows - r : 8;
    const float *from = x + r;
    float *to = y + ((size_t)(i / groups) * rows + r) * columns;
    uint32_t rest = i / groups;
    for (int d = 3; d >= 0; --d) from += (ptrdiff_t)(rest % a->size[d]) * a->x_step[d], rest /= a->size[d];
    for (uint32_t c = 0; c < columns; c += 8) {
      const uint32_t n = columns - c < 8 ? columns - c : 8;
      v8 p[8];
      for (uint32_t j = 0; j < 8; ++j) {
        const float *q = from + (ptrdiff_t)(c + j) * step;
        p[j] = j >= n ? set8(0.0f) : m == 8 ? load8(q) : loadn8(q, m);
      }
      transpose8(p);
      for (uint32_t j = 0; j < m; ++j) {
        if (n == 8) store8(to + (size_t)j * columns + c, p[j]);
        else storen8(to + (size_t)j * columns + c, p[j], n);
      }
    }
  }
}

#endif
