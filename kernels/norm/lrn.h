/* Local response normalisation across channels. Of a few pixels at a time the squares of all channels lie side by side in scratch, zeros before and
 * after them: the window of a vector of channels is then a sum of vectors read one number apart, channels ascending. */
#ifndef NET2C_LRN_H
#define NET2C_LRN_H

#include "kernels/math.h"
#include "kernels/norm/norm_args.h"
#include "kernels/rows.h"

NET2C_INLINE void net2c_lrn_body(const struct net2c_lrn_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  enum { P = NET2C_LRN_PIXELS };
  const uint32_t rows = a->x.n * a->x.h, c = a->x.c, blocks = (c + 7) / 8, w = a->x.w, window = a->before + a->after + 1;
  const size_t line = NET2C_LRN_LINE(c, a->before, a->after);
  float *squares = (float *)f->scratch;
  (void)unused;
  for (size_t i = 0; i < P * line; ++i) squares[i] = 0.0f;
  squares += a->before;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); i < end; ++i) {
    const uint32_t n = i / a->x.h, r = i % a->x.h;
    const float *x = net2c_map_in(f, &a->x, n, 0) + (size_t)r * a->x.pitch * 8;
    float *y = net2c_map_out(f, &a->y, n, 0) + (size_t)r * a->y.pitch * 8;
    for (uint32_t j = 0; j < w; j += P) {
      const uint32_t pixels = w - j < P ? w - j : P;
      for (uint32_t b = 0; b < blocks; ++b)
        for (uint32_t p = 0; p < pixels; ++p) {
          const v8 v = load8(x + ((size_t)b * a->x.plane + j + p) * 8);
          store8(squares + p * line + 8 * b, mul8(v, v));
        }
      for (uint32_t b = 0; b < blocks; ++b) {
        const uint32_t valid = c - 8 * b < 8 ? c - 8 * b : 8;
        for (uint32_t p = 0; p < pixels; ++p) {
          const float *q = squares + p * line + 8 * b - a->before;
          const v8 v = load8(x + ((size_t)b * a->x.plane + j + p) * 8);
          v8 sum = set8(0.0f);
          for (uint32_t k = 0; k < window; ++k) sum = add8(sum, load8(q + k));
          sum = fma8(set8(a->factor), sum, set8(a->k));
          v8 o;
          if (a->beta == 0.75f) {
            const v8 root = sqrt8(sum);
            o = div8(v, mul8(root, sqrt8(root)));
          } else {
            o = mul8(v, exp8(mul8(set8(-a->beta), log8(sum))));
          }
          store8(y + ((size_t)b * a->y.plane + j + p) * 8, keep8(o, valid));
        }
      }
    }
    for (uint32_t b = 0; b < blocks; ++b) net2c_halo_rows(f, &a->y, n, b, r, r + 1);
  }
}

#endif
