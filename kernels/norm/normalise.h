/* What an instance norm does with each number once its statistics are known. */
#ifndef NET2C_NORMALISE_H
#define NET2C_NORMALISE_H

#include "kernels/act/act_many.h"
#include "kernels/norm/norm_args.h"
#include "kernels/norm/pixels.h"
#include "kernels/rows.h"

/* A row of w pixels. A clip goes by vectors of pixels where lanes without a channel stay 0 by themselves or are not there. r: added at last, or null. */
NET2C_INLINE void net2c_normalise_row(const float *x, float *y, const float *r, uint32_t w, const v8 terms[3], uint32_t act, float a, float b, uint32_t valid)
{
  uint32_t j = 0;
  if (act == NET2C_ACT_CLIP && (valid == 8 || (a <= 0.0f && b >= 0.0f))) {
    const vt centre = net2c_pixels_each(terms[0]), scale = net2c_pixels_each(terms[1]), bias = net2c_pixels_each(terms[2]), low = sett(a), high = sett(b);
    if (r)
      for (; j + NET2C_PIXELS_VECTOR <= w; j += NET2C_PIXELS_VECTOR)
        storet(y + 8 * j, addt(mint(high, maxt(low, fmat(subt(loadt(x + 8 * j), centre), scale, bias))), loadt(r + 8 * j)));
    else
      for (; j + NET2C_PIXELS_VECTOR <= w; j += NET2C_PIXELS_VECTOR)
        storet(y + 8 * j, mint(high, maxt(low, fmat(subt(loadt(x + 8 * j), centre), scale, bias))));
  }
  for (; j < w; j += 8) {
    const uint32_t n = w - j < 8 ? w - j : 8;
    v8 v[8];
    for (uint32_t k = 0; k < n; ++k) v[k] = fma8(sub8(load8(x + 8 * (j + k)), terms[0]), terms[1], terms[2]);
    net2c_act_many(v, n, act, a, b);
    for (uint32_t k = 0; k < n; ++k) store8(y + 8 * (j + k), keep8(r ? add8(v[k], load8(r + 8 * (j + k))) : v[k], valid));
  }
}

NET2C_INLINE void net2c_normalise_body(const struct net2c_normalise_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const uint32_t rows = net2c_rows(&a->x);
  (void)unused;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); i < end; ++i) {
    const struct net2c_row row = net2c_row_at(&a->x, i);
    const float *all = (const float *)net2c_in(f, a->terms) + 24 * (size_t)row.b;
    const v8 terms[3] = {load8(all), load8(all + 8), load8(all + 16)};
    const float *r = a->r.base == NET2C_NONE ? 0 : net2c_row_in(f, &a->r, &row);
    net2c_normalise_row(net2c_row_in(f, &a->x, &row), net2c_row_out(f, &a->y, &row), r, a->x.w, terms, a->act, a->a, a->b, row.valid);
    net2c_row_done(f, &a->y, &row);
  }
}

#endif
