/* Local response normalisation across channels: the window's squares are added, channels ascending. Five channels go through registers, two pixels a
 * vector where it has sixteen lanes. For others, squares of all channels of a few pixels lie side by side in scratch, zeros before and after them: the
 * window of a vector of channels is then a sum of vectors read one number apart. */
#ifndef NET2C_LRN_H
#define NET2C_LRN_H

#include "kernels/math_wide.h"
#include "kernels/norm/norm_args.h"
#include "kernels/norm/pixels.h"
#include "kernels/rows.h"

/* (k + factor * sum)^-3/4. Where squares overflow, of the largest float. */
NET2C_INLINE v8 net2c_lrn_scale8(const struct net2c_lrn_args *a, v8 sum)
{
  return power_n34_8(min8(set8(3.40282347e38f), fma8(set8(a->factor), sum, set8(a->k))));
}
#if NET2C_VW == 16
NET2C_INLINE vt net2c_lrn_scale_pixels(const struct net2c_lrn_args *a, vt sum)
{
  return power_n34_w(minw(setw(3.40282347e38f), fmaw(setw(a->factor), sum, setw(a->k))));
}
#else
NET2C_INLINE vt net2c_lrn_scale_pixels(const struct net2c_lrn_args *a, vt sum) { return net2c_lrn_scale8(a, sum); }
#endif

/* All channels of `vectors` vectors of pixels (a literal), windows of five. */
NET2C_INLINE void net2c_lrn_five(const struct net2c_lrn_args *a, const float *x, float *y, uint32_t vectors, int both)
{
  enum { STEP = 8 * NET2C_PIXELS_VECTOR };
  const size_t x_plane = (size_t)a->x.plane * 8, y_plane = (size_t)a->y.plane * 8;
  vt before[2], here[2]; /* squares of a block and of that before it */
  NET2C_UNROLL for (uint32_t j = 0; j < vectors; ++j) {
    const vt v = net2c_pixels_load(x + j * STEP, both);
    before[j] = sett(0.0f), here[j] = mult(v, v);
  }
  for (uint32_t c = 0; c < a->x.c; c += 8, x += x_plane, y += y_plane) {
    const uint32_t left = a->x.c - c, valid = left < 8 ? left : 8;
    NET2C_UNROLL for (uint32_t j = 0; j < vectors; ++j) {
      vt after = sett(0.0f), sum;
      if (left > 8) after = net2c_pixels_load(x + x_plane + j * STEP, both);
      prefetch8(x + 128 + j * STEP); /* pixels of this row soon; planes are streams that hardware does not foresee */
      after = mult(after, after);
      sum = addt(slidet(before[j], here[j], 6), slidet(before[j], here[j], 7));
      sum = addt(sum, here[j]);
      sum = addt(sum, slidet(here[j], after, 1));
      sum = addt(sum, slidet(here[j], after, 2));
      sum = mult(net2c_pixels_load(x + j * STEP, both), net2c_lrn_scale_pixels(a, sum));
      net2c_pixels_store(y + j * STEP, sum, both, valid);
      before[j] = here[j], here[j] = after;
    }
  }
}

/* `pixels` pixels by windows in scratch, which is zero where no channel is. */
NET2C_INLINE void net2c_lrn_any(const struct net2c_lrn_args *a, float *squares, const float *x, float *y, uint32_t pixels, int quick)
{
  const uint32_t blocks = (a->x.c + 7) / 8, window = a->before + a->after + 1;
  const size_t line = NET2C_LRN_LINE(a->x.c, a->before, a->after);
  for (uint32_t b = 0; b < blocks; ++b)
    for (uint32_t p = 0; p < pixels; ++p) {
      const v8 v = load8(x + ((size_t)b * a->x.plane + p) * 8);
      store8(squares + p * line + a->before + 8 * b, mul8(v, v));
    }
  for (uint32_t b = 0; b < blocks; ++b) {
    const uint32_t valid = a->x.c - 8 * b < 8 ? a->x.c - 8 * b : 8;
    for (uint32_t p = 0; p < pixels; ++p) {
      const float *q = squares + p * line + 8 * b;
      v8 sum = set8(0.0f), scale;
      for (uint32_t k = 0; k < window; ++k) sum = add8(sum, load8(q + k));
      scale = quick ? net2c_lrn_scale8(a, sum) : exp8(mul8(set8(-a->beta), log8(fma8(set8(a->factor), sum, set8(a->k)))));
      store8(y + ((size_t)b * a->y.plane + p) * 8, keep8(mul8(load8(x + ((size_t)b * a->x.plane + p) * 8), scale), valid));
    }
  }
}

NET2C_INLINE void net2c_lrn_body(const struct net2c_lrn_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const uint32_t rows = a->x.n * a->x.h, w = a->x.w;
  const int quick = a->beta == 0.75f && a->k >= 1.17549435e-38f && a->factor >= 0.0f, five = quick && a->before == 2 && a->after == 2;
  float *squares = (float *)f->scratch;
  (void)unused;
  if (!five)
    for (size_t i = 0; i < NET2C_LRN_PIXELS * NET2C_LRN_LINE(a->x.c, a->before, a->after); ++i) squares[i] = 0.0f;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); i < end; ++i) {
    const uint32_t n = i / a->x.h, r = i % a->x.h;
    const float *x = net2c_map_in(f, &a->x, n, 0) + (size_t)r * a->x.pitch * 8;
    float *y = net2c_map_out(f, &a->y, n, 0) + (size_t)r * a->y.pitch * 8;
    uint32_t j = 0;
    if (five) {
      for (; j + 2 * NET2C_PIXELS_VECTOR <= w; j += 2 * NET2C_PIXELS_VECTOR) net2c_lrn_five(a, x + 8 * j, y + 8 * j, 2, 1);
      for (; j + NET2C_PIXELS_VECTOR <= w; j += NET2C_PIXELS_VECTOR) net2c_lrn_five(a, x + 8 * j, y + 8 * j, 1, 1);
      for (; j < w; ++j) net2c_lrn_five(a, x + 8 * j, y + 8 * j, 1, 0);
    }
    for (; j < w; j += NET2C_LRN_PIXELS) net2c_lrn_any(a, squares, x + 8 * j, y + 8 * j, w - j < NET2C_LRN_PIXELS ? w - j : NET2C_LRN_PIXELS, quick);
    for (uint32_t b = 0; b < (a->x.c + 7) / 8; ++b) net2c_halo_rows(f, &a->y, n, b, r, r + 1);
  }
}

#endif
