/* One function over a C8 map. */
#ifndef NET2C_ACT_H
#define NET2C_ACT_H

#include "kernels/act/act_many.h"
#include "kernels/rows.h"

NET2C_INLINE void net2c_act_body(const struct net2c_act_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const uint32_t rows = net2c_rows(&a->x), w = a->x.w;
  (void)unused;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); i < end; ++i) {
    const struct net2c_row row = net2c_row_at(&a->x, i);
    const float *x = net2c_row_in(f, &a->x, &row);
    float *y = net2c_row_out(f, &a->y, &row);
    for (uint32_t j = 0; j < w; j += 8) {
      const uint32_t n = w - j < 8 ? w - j : 8;
      v8 v[8];
      for (uint32_t k = 0; k < n; ++k) v[k] = load8(x + 8 * (j + k));
      net2c_act_many(v, n, a->act, a->a, a->b);
      if (row.valid < 8) /* f(0) need not be 0 */
        for (uint32_t k = 0; k < n; ++k) v[k] = keep8(v[k], row.valid);
      for (uint32_t k = 0; k < n; ++k) store8(y + 8 * (j + k), v[k]);
    }
    net2c_row_done(f, &a->y, &row);
  }
}

#endif
