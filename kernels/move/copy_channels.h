/* Channels picked from one C8 map into another, lane by lane. */
#ifndef NET2C_COPY_CHANNELS_H
#define NET2C_COPY_CHANNELS_H

#include "kernels/move/move_args.h"
#include "kernels/rows.h"

NET2C_INLINE void net2c_copy_channels_body(const struct net2c_copy_channels_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const struct net2c_map *m = &a->y;
  const uint32_t first = a->y_first / 8, end_channel = a->y_first + a->count, blocks = (end_channel + 7) / 8 - first;
  const uint32_t rows = m->n * blocks * m->h, w = m->w;
  const uint32_t *index = a->index == NET2C_NONE ? 0 : (const uint32_t *)net2c_in(f, a->index);
  (void)unused;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); i < end; ++i) {
    const uint32_t r = i % m->h, b = first + i / m->h % blocks, n = i / m->h / blocks;
    float *y = net2c_map_out(f, m, n, b) + (size_t)r * m->pitch * 8;
    const float *x[8];
    uint32_t lanes = 0;
    for (uint32_t l = 0; l < 8; ++l) {
      const uint32_t c = 8 * b + l;
      x[l] = 0;
      if (c < a->y_first || c >= end_channel) continue;
      const uint32_t from = index ? index[c - a->y_first] : a->x_first + c - a->y_first;
      x[l] = net2c_map_in(f, &a->x, n, from / 8) + (size_t)r * a->x.pitch * 8 + from % 8;
      ++lanes;
    }
    if (lanes == 8) {
      for (uint32_t j = 0; j < w; ++j)
        NET2C_UNROLL for (uint32_t l = 0; l < 8; ++l) y[8 * j + l] = x[l][8 * j];
    } else {
      for (uint32_t l = 0; l < 8; ++l) {
        if (x[l])
          for (uint32_t j = 0; j < w; ++j) y[8 * j + l] = x[l][8 * j];
        else if (end_channel == m->c && 8 * b + l >= m->c)
          for (uint32_t j = 0; j < w; ++j) y[8 * j + l] = 0.0f;
      }
    }
    net2c_halo_rows(f, m, n, b, r, r + 1);
  }
}

#endif
