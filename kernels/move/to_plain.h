/* C8 or image map -> plain [n][c][h][w], which may be the app's memory: written exactly. */
#ifndef NET2C_TO_PLAIN_H
#define NET2C_TO_PLAIN_H

#include "kernels/move/layout_args.h"
#include "kernels/rows.h"

NET2C_INLINE void net2c_from_c8_row(const float *x, uint32_t w, float *y, size_t step, uint32_t valid)
{
  for (uint32_t i = 0; i < w; i += 8) {
    const uint32_t k = w - i < 8 ? w - i : 8;
    v8 p[8];
    for (uint32_t j = 0; j < 8; ++j) p[j] = j < k ? load8(x + 8 * (i + j)) : set8(0.0f);
    transpose8(p);
    for (uint32_t c = 0; c < valid; ++c) {
      if (k == 8) store8(y + c * step + i, p[c]);
      else storen8(y + c * step + i, p[c], k);
    }
  }
}

NET2C_INLINE void net2c_from_c8_row_full(const float *x, uint32_t w, float *y, size_t step)
{
  uint32_t i = 0;
  for (; i + 8 <= w; i += 8) {
    v8 p[8];
    NET2C_UNROLL for (uint32_t j = 0; j < 8; ++j) p[j] = load8(x + 8 * (i + j));
    transpose8(p);
    NET2C_UNROLL for (uint32_t c = 0; c < 8; ++c) store8(y + c * step + i, p[c]);
  }
  net2c_from_c8_row(x + 8 * i, w - i, y + i, step, 8);
}

NET2C_INLINE void net2c_to_plain_body(const struct net2c_to_plain_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const struct net2c_map *m = &a->x;
  const uint32_t rows = net2c_rows(m), lanes = m->lanes;
  float *y = (float *)net2c_out(f, a->y);
  const size_t step = (size_t)m->h * m->w;
  (void)unused;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); i < end; ++i) {
    const struct net2c_row row = net2c_row_at(m, i);
    const float *x = net2c_row_in(f, m, &row);
    float *to = y + ((size_t)row.n * m->c + 8 * row.b) * step + (size_t)row.r * m->w;
    if (lanes != 8) {
      for (uint32_t w = 0; w < m->w; ++w)
        for (uint32_t l = 0; l < lanes; ++l) to[l * step + w] = x[w * lanes + l];
    } else if (row.valid == 8) {
      net2c_from_c8_row_full(x, m->w, to, step);
    } else {
      net2c_from_c8_row(x, m->w, to, step, row.valid);
    }
  }
}

#endif
