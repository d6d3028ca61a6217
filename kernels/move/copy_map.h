/* Map -> map of the same size and lanes with another halo. */
#ifndef NET2C_COPY_MAP_H
#define NET2C_COPY_MAP_H

#include "kernels/move/layout_args.h"
#include "kernels/rows.h"

NET2C_INLINE void net2c_copy_floats(const float *x, uint32_t n, float *y)
{
  uint32_t i = 0;
  for (; i + 8 <= n; i += 8) store8(y + i, load8(x + i));
  for (; i < n; ++i) y[i] = x[i];
}

NET2C_INLINE void net2c_copy_map_body(const struct net2c_copy_map_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const struct net2c_map *m = &a->y;
  const uint32_t rows = net2c_rows(m);
  (void)unused;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); i < end; ++i) {
    const struct net2c_row row = net2c_row_at(m, i);
    net2c_copy_floats(net2c_row_in(f, &a->x, &row), m->w * m->lanes, net2c_row_out(f, m, &row));
    net2c_row_done(f, m, &row);
  }
}

#endif
