/* C8 or image map -> plain [n][c][h][w], which may be the app's memory: written exactly. */
#ifndef NET2C_TO_PLAIN_H
#define NET2C_TO_PLAIN_H

#include "kernels/move/copy_map.h"
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

/* The same of all channels; the last eight pixels over those before, where there are as many. */
NET2C_INLINE void net2c_from_c8_row_full(const float *x, uint32_t w, float *y, size_t step)
{
  if (w < 8) {
    net2c_from_c8_row(x, w, y, step, 8);
    return;
  }
  for (uint32_t i = 0; i < w; i += 8) {
    const uint32_t at = w - i < 8 ? w - 8 : i;
    v8 p[8];
    NET2C_UNROLL for (uint32_t j = 0; j < 8; ++j) p[j] = load8(x + 8 * (at + j));
    transpose8(p);
    NET2C_UNROLL for (uint32_t c = 0; c < 8; ++c) store8(y + c * step + at, p[c]);
  }
}

NET2C_INLINE void net2c_to_plain_body(const struct net2c_to_plain_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const struct net2c_map *m = &a->x;
  const uint32_t rows = net2c_rows(m), lanes = m->lanes;
  float *y = (float *)net2c_out(f, a->y);
  const size_t step = (size_t)m->h * m->w;
  (void)unused;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks), some; i < end; i += some) {
    const struct net2c_row row = net2c_row_at(m, i);
    const float *x = net2c_row_in(f, m, &row);
    some = m->pitch > m->w ? 1 : m->h - row.r < end - i ? m->h - row.r : end - i;   /* rows without a gap are one */
    const uint32_t pixels = some * m->w;
    float *to = y + ((size_t)row.n * m->c + 8 * row.b) * step + (size_t)row.r * m->w;
    if (lanes != 8) {
      for (uint32_t w = 0; w < pixels; ++w)
        for (uint32_t l = 0; l < lanes; ++l) to[l * step + w] = x[w * lanes + l];
    } else if (step == 1) {
      net2c_copy_floats(x, row.valid, to);
    } else if (row.valid == 8) {
      net2c_from_c8_row_full(x, pixels, to, step);
    } else {
      net2c_from_c8_row(x, pixels, to, step, row.valid);
    }
  }
}

#endif
