/* Plain [n][c][h][w] -> C8 or image map. */
#ifndef NET2C_TO_MAP_H
#define NET2C_TO_MAP_H

#include "kernels/move/layout_args.h"
#include "kernels/rows.h"

/* Up to 8 channels of a row, `step` floats apart, as pixels of 8 lanes; lanes without a channel are zero. Reads w floats a
 * channel and no more. */
NET2C_INLINE void net2c_to_c8_row(const float *x, size_t step, uint32_t valid, uint32_t w, float *y)
{
  uint32_t i = 0;
  for (; i < w; i += 8) {
    const uint32_t k = w - i < 8 ? w - i : 8;
    v8 p[8];
    for (uint32_t c = 0; c < 8; ++c)
      p[c] = c >= valid ? set8(0.0f) : k == 8 ? load8(x + c * step + i) : loadn8(x + c * step + i, k);
    transpose8(p);
    for (uint32_t j = 0; j < k; ++j) store8(y + 8 * (i + j), p[j]);
  }
}

/* The same for all channels; the last eight pixels over those before, where there are as many. */
NET2C_INLINE void net2c_to_c8_row_full(const float *x, size_t step, uint32_t w, float *y)
{
  if (w < 8) {
    net2c_to_c8_row(x, step, 8, w, y);
    return;
  }
  for (uint32_t i = 0; i < w; i += 8) {
    const uint32_t at = w - i < 8 ? w - 8 : i;
    v8 p[8];
    NET2C_UNROLL for (uint32_t c = 0; c < 8; ++c) p[c] = load8(x + c * step + at);
    transpose8(p);
    NET2C_UNROLL for (uint32_t j = 0; j < 8; ++j) store8(y + 8 * (at + j), p[j]);
  }
}

/* c channels as interleaved pixels: three in whole vectors; of two and four, eight pixels are stored as overlapping vectors, each over the rest of the one before,
 * as long as the last stays inside the row. */
NET2C_INLINE void net2c_to_image_row(const float *x, size_t step, uint32_t c, uint32_t w, float *y)
{
  uint32_t i = 0;
  if (c == 3)
    for (; i + 8 <= w; i += 8) interleave8(y + i * 3, load8(x + i), load8(x + step + i), load8(x + 2 * step + i));
  for (; c > 1 && (i + 7) * c + 8 <= w * c; i += 8) {
    v8 p[8];
    for (uint32_t l = 0; l < 8; ++l) p[l] = set8(0.0f);
    for (uint32_t l = 0; l < c; ++l) p[l] = load8(x + l * step + i);
    transpose8(p);
    for (uint32_t j = 0; j < 8; ++j) store8(y + (i + j) * c, p[j]);
  }
  for (; i < w; ++i)
    for (uint32_t l = 0; l < c; ++l) y[i * c + l] = x[l * step + i];
}

NET2C_INLINE void net2c_to_map_body(const struct net2c_to_map_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const struct net2c_map *m = &a->y;
  const uint32_t rows = net2c_rows(m), lanes = m->lanes;
  const float *x = (const float *)net2c_in(f, a->x);
  const size_t step = (size_t)m->h * m->w;
  (void)unused;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); i < end; ++i) {
    const struct net2c_row row = net2c_row_at(m, i);
    const float *from = x + ((size_t)row.n * m->c + 8 * row.b) * step + (size_t)row.r * m->w;
    float *y = net2c_row_out(f, m, &row);
    if (lanes == 3) net2c_to_image_row(from, step, 3, m->w, y);
    else if (lanes != 8) net2c_to_image_row(from, step, lanes, m->w, y);
    else if (row.valid == 8) net2c_to_c8_row_full(from, step, m->w, y);
    else net2c_to_c8_row(from, step, row.valid, m->w, y);
    net2c_row_done(f, m, &row);
  }
}

#endif
