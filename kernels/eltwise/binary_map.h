/* A C8 map and a map, a vector of channels, a plane or a scalar. */
#ifndef NET2C_BINARY_MAP_H
#define NET2C_BINARY_MAP_H

#include "kernels/eltwise/binary_many.h"
#include "kernels/rows.h"

NET2C_INLINE v8 net2c_binary_operand(const float *b, uint32_t lanes) { return lanes == 8 ? load8(b) : set8(b[0]); }

NET2C_INLINE void net2c_binary_map_body(const struct net2c_binary_map_args *a, const struct net2c_frame *f, uint32_t chunk, int literal)
{
  const uint32_t rows = net2c_rows(&a->a), kind = literal < 0 ? a->kind : (uint32_t)literal, pixel = a->b_pixel;
  const uint32_t halo = a->y.top | a->y.left | a->y.bottom | a->y.right;
  const int together = !halo && a->a.pitch == a->a.w && a->y.pitch == a->y.w && a->b_row == pixel * a->a.w; /* rows of a plane, without a gap */
  const float *second = (const float *)net2c_in(f, a->b) + a->b_first;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks), count; i < end; i += count) {
    const struct net2c_row row = net2c_row_at(&a->a, i);
    const uint32_t left = a->a.h - row.r < end - i ? a->a.h - row.r : end - i, w = a->a.w * (count = together ? left : 1);
    const float *x = net2c_row_in(f, &a->a, &row);
    const float *b = second + (size_t)row.n * a->b_image + (size_t)row.b * a->b_plane + (size_t)row.r * a->b_row;
    float *y = net2c_row_out(f, &a->y, &row);
    uint32_t j = 0;
    if (literal >= 0 && row.valid == 8) { /* the hot ones: no swap, no lanes to clear */
      if (pixel == 8) {
        for (; j < w; ++j) {
          v8 v = load8(x + 8 * j);
          const v8 u = load8(b + 8 * j);
          net2c_binary_many(&v, &u, 1, kind);
          store8(y + 8 * j, v);
        }
      } else if (pixel == 0) {
        const v8 u = net2c_binary_operand(b, a->b_lanes);
        for (; j < w; ++j) {
          v8 v = load8(x + 8 * j);
          net2c_binary_many(&v, &u, 1, kind);
          store8(y + 8 * j, v);
        }
      }
    }
    for (; j < w; j += 8) {
      const uint32_t n = w - j < 8 ? w - j : 8;
      v8 v[8], u[8];
      for (uint32_t k = 0; k < n; ++k) {
        const v8 p = load8(x + 8 * (j + k)), q = net2c_binary_operand(b + (size_t)(j + k) * pixel, a->b_lanes);
        v[k] = a->swap ? q : p, u[k] = a->swap ? p : q;
      }
      net2c_binary_many(v, u, n, kind);
      for (uint32_t k = 0; k < n; ++k) store8(y + 8 * (j + k), keep8(v[k], row.valid));
    }
    net2c_row_done(f, &a->y, &row);
  }
}

#endif
