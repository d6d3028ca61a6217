/* Resize of C8 maps: rows first, into scratch, then columns; taps in the order of the tables. */
#ifndef NET2C_RESIZE_H
#define NET2C_RESIZE_H

#include "kernels/resize/resize_args.h"
#include "kernels/rows.h"

NET2C_INLINE void net2c_resize_rows(const float *x, size_t pitch, uint32_t w, const uint32_t *index, const float *weight, uint32_t taps, float *t)
{
  if (taps == 2) {
    const float *p = x + index[0] * pitch, *q = x + index[1] * pitch;
    const v8 u = set8(weight[0]), v = set8(weight[1]);
    for (uint32_t j = 0; j < w; ++j) store8(t + 8 * j, fma8(load8(q + 8 * j), v, mul8(load8(p + 8 * j), u)));
    return;
  }
  for (uint32_t j = 0; j < w; ++j) {
    v8 sum = mul8(load8(x + index[0] * pitch + 8 * j), set8(weight[0]));
    for (uint32_t k = 1; k < taps; ++k) sum = fma8(load8(x + index[k] * pitch + 8 * j), set8(weight[k]), sum);
    store8(t + 8 * j, sum);
  }
}

NET2C_INLINE void net2c_resize_columns(const float *t, uint32_t w, const uint32_t *index, const float *weight, uint32_t taps, float *y)
{
  if (taps == 2) {
    for (uint32_t j = 0; j < w; ++j) {
      const v8 p = load8(t + 8 * (size_t)index[2 * j]), q = load8(t + 8 * (size_t)index[2 * j + 1]);
      store8(y + 8 * j, fma8(q, set8(weight[2 * j + 1]), mul8(p, set8(weight[2 * j]))));
    }
    return;
  }
  for (uint32_t j = 0; j < w; ++j, index += taps, weight += taps) {
    v8 sum = mul8(load8(t + 8 * (size_t)index[0]), set8(weight[0]));
    for (uint32_t k = 1; k < taps; ++k) sum = fma8(load8(t + 8 * (size_t)index[k]), set8(weight[k]), sum);
    store8(y + 8 * j, sum);
  }
}

NET2C_INLINE void net2c_resize_body(const struct net2c_resize_args *a, const struct net2c_frame *f, uint32_t chunk, int nearest)
{
  const uint32_t rows = net2c_rows(&a->y), w = a->y.w;
  const uint32_t *index_y = (const uint32_t *)net2c_in(f, a->index_y), *index_x = (const uint32_t *)net2c_in(f, a->index_x);
  const float *weight_y = nearest ? 0 : (const float *)net2c_in(f, a->weight_y), *weight_x = nearest ? 0 : (const float *)net2c_in(f, a->weight_x);
  const size_t pitch = (size_t)a->x.pitch * 8;
  float *t = (float *)f->scratch;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); i < end; ++i) {
    const struct net2c_row row = net2c_row_at(&a->y, i);
    const float *x = net2c_map_in(f, &a->x, row.n, row.b);
    float *y = net2c_row_out(f, &a->y, &row);
    if (nearest) {
      x += index_y[row.r] * pitch;
      for (uint32_t j = 0; j < w; ++j) store8(y + 8 * j, load8(x + 8 * (size_t)index_x[j]));
    } else {
      net2c_resize_rows(x, pitch, a->x.w, index_y + row.r * a->taps_y, weight_y + row.r * a->taps_y, a->taps_y, t);
      net2c_resize_columns(t, w, index_x, weight_x, a->taps_x, y);
    }
    net2c_row_done(f, &a->y, &row);
  }
}

#endif
