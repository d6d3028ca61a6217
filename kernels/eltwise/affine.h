/* Scale and shift by channel, on a C8 map. */
#ifndef NET2C_AFFINE_H
#define NET2C_AFFINE_H

#include "kernels/eltwise/eltwise_args.h"
#include "kernels/rows.h"

NET2C_INLINE void net2c_affine_body(const struct net2c_affine_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const uint32_t rows = net2c_rows(&a->x), w = a->x.w;
  const float *scales = (const float *)net2c_in(f, a->scale), *shifts = (const float *)net2c_in(f, a->shift);
  (void)unused;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); i < end; ++i) {
    const struct net2c_row row = net2c_row_at(&a->x, i);
    const float *x = net2c_row_in(f, &a->x, &row);
    float *y = net2c_row_out(f, &a->y, &row);
    /* Zero beyond c: so are the results there. */
    const v8 scale = row.valid == 8 ? load8(scales + 8 * row.b) : loadn8(scales + 8 * row.b, row.valid);
    const v8 shift = row.valid == 8 ? load8(shifts + 8 * row.b) : loadn8(shifts + 8 * row.b, row.valid);
    for (uint32_t j = 0; j < w; ++j) store8(y + 8 * j, fma8(load8(x + 8 * j), scale, shift));
    net2c_row_done(f, &a->y, &row);
  }
}

#endif
