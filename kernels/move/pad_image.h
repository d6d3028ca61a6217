/* Plain [n][c][h][w] -> image map whose rows and columns are picked: a padded picture in one pass. */
#ifndef NET2C_PAD_IMAGE_H
#define NET2C_PAD_IMAGE_H

#include "kernels/move/move_args.h"
#include "kernels/move/to_map.h"

NET2C_INLINE void net2c_pad_image_body(const struct net2c_pad_image_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const struct net2c_map *m = &a->y;
  const uint32_t rows = net2c_rows(m), lanes = m->lanes;
  const float *x = (const float *)net2c_in(f, a->x);
  const uint32_t *picked = (const uint32_t *)net2c_in(f, a->rows);
  const size_t step = (size_t)a->h * a->w;
  (void)unused;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); i < end; ++i) {
    const struct net2c_row row = net2c_row_at(m, i);
    const struct net2c_gather_run *run = (const struct net2c_gather_run *)net2c_in(f, a->columns);
    float *y = net2c_row_out(f, m, &row);
    for (const float *last = y + (size_t)m->w * lanes; y < last; y += run++->count * lanes) {
      const float *from = x + (size_t)row.n * lanes * step + (size_t)picked[row.r] * a->w + run->first;
      if (run->step == 1 && lanes == 3) net2c_to_image_row(from, step, 3, run->count, y);
      else if (run->step == 1) net2c_to_image_row(from, step, lanes, run->count, y);
      else
        for (uint32_t j = 0; j < run->count; ++j, from += run->step)
          for (uint32_t l = 0; l < lanes; ++l) y[j * lanes + l] = from[l * step];
    }
    net2c_row_done(f, m, &row);
  }
}

#endif
