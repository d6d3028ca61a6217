/* Local response normalisation across channels. Eight pixels of a row at a time, turned so that a vector is one channel:
 * the window is then a sum of vectors, channels ascending. */
#ifndef NET2C_LRN_H
#define NET2C_LRN_H

#include "kernels/math.h"
#include "kernels/norm/norm_args.h"
#include "kernels/rows.h"

/* k pixels from x, turned: p[channel]. */
NET2C_INLINE void net2c_lrn_load(v8 p[8], const float *x, uint32_t k)
{
  for (uint32_t j = 0; j < 8; ++j) p[j] = j < k ? load8(x + 8 * j) : set8(0.0f);
  transpose8(p);
}

NET2C_INLINE void net2c_lrn_body(const struct net2c_lrn_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const uint32_t rows = a->x.n * a->x.h, c = a->x.c, blocks = (c + 7) / 8, w = a->x.w;
  float *squares = (float *)f->scratch;
  (void)unused;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); i < end; ++i) {
    const uint32_t n = i / a->x.h, r = i % a->x.h;
    const float *x = net2c_map_in(f, &a->x, n, 0) + (size_t)r * a->x.pitch * 8;
    float *y = net2c_map_out(f, &a->y, n, 0) + (size_t)r * a->y.pitch * 8;
    for (uint32_t j = 0; j < w; j += 8) {
      const uint32_t k = w - j < 8 ? w - j : 8;
      v8 p[8];
      for (uint32_t b = 0; b < blocks; ++b) {
        net2c_lrn_load(p, x + (size_t)b * a->x.plane * 8 + 8 * j, k);
        for (uint32_t l = 0; l < 8; ++l) store8(squares + 8 * (8 * b + l), mul8(p[l], p[l]));
      }
      for (uint32_t b = 0; b < blocks; ++b) {
        float *to = y + (size_t)b * a->y.plane * 8 + 8 * j;
        net2c_lrn_load(p, x + (size_t)b * a->x.plane * 8 + 8 * j, k);
        for (uint32_t l = 0; l < 8; ++l) {
          const uint32_t at = 8 * b + l, from = at < a->before ? 0 : at - a->before, to_channel = c - at <= a->after ? c : at + a->after + 1;
          v8 sum = set8(0.0f);
          if (at >= c) {
            p[l] = set8(0.0f);
            continue;
          }
          for (uint32_t q = from; q < to_channel; ++q) sum = add8(sum, load8(squares + 8 * q));
          sum = fma8(set8(a->factor), sum, set8(a->k));
          if (a->beta == 0.75f) {
            const v8 root = sqrt8(sum);
            p[l] = div8(p[l], mul8(root, sqrt8(root)));
          } else {
            p[l] = mul8(p[l], exp8(mul8(set8(-a->beta), log8(sum))));
          }
        }
        transpose8(p);
        for (uint32_t q = 0; q < k; ++q) store8(to + 8 * q, p[q]);
      }
    }
    for (uint32_t b = 0; b < blocks; ++b) net2c_halo_rows(f, &a->y, n, b, r, r + 1);
  }
}

#endif
