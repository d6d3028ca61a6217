/* Normalisation of each pixel over its channels. Sums: lane by lane over the blocks, ascending, then the lanes by a fixed tree. Up to eight pixels at a
 * time, so that they have one root and one division. */
#ifndef NET2C_CHANNEL_NORM_H
#define NET2C_CHANNEL_NORM_H

#include "kernels/norm/norm_args.h"
#include "kernels/norm/pixels.h"
#include "kernels/rows.h"

/* 1 / sqrt(variance + epsilon) of each of eight pixels, from their sums of squares. */
NET2C_INLINE void net2c_channel_norm_factors(const struct net2c_channel_norm_args *a, const vt *squares, float *factors)
{
  const v8 inverse = set8(1.0f / (float)a->x.c);
  v8 p[8];
  NET2C_UNROLL for (uint32_t i = 0; i < 8; ++i) p[i] = halft(squares[i / NET2C_PIXELS_VECTOR], (int)(i % NET2C_PIXELS_VECTOR));
  transpose8(p);
  NET2C_UNROLL for (uint32_t half = 4; half; half /= 2)
    NET2C_UNROLL for (uint32_t i = 0; i < half; ++i) p[i] = add8(p[i], p[i + half]);
  store8(factors, div8(set8(1.0f), sqrt8(add8(mul8(p[0], inverse), set8(a->epsilon)))));
}

/* k of P pixels: a literal where all, so that nothing is asked. */
NET2C_INLINE void net2c_channel_norm_pixels(const struct net2c_channel_norm_args *a, const float *scales, const float *biases, const float *x,
                                             float *y, uint32_t k, const uint32_t P)
{
  enum { N = NET2C_PIXELS_VECTOR, STEP = 8 * N };
  const uint32_t vectors = P / N;
  const uint32_t c = a->x.c;
  const size_t x_plane = (size_t)a->x.plane * 8, y_plane = (size_t)a->y.plane * 8;
  const vt inverse = sett(1.0f / (float)c), zero = sett(0.0f);
  vt sum[8], mean[8], factor[8];
  float factors[16];
  NET2C_UNROLL for (uint32_t j = 0; j < vectors; ++j) sum[j] = zero;
  for (uint32_t i = 0, at = 0; i < c; i += 8, ++at)
    NET2C_UNROLL for (uint32_t j = 0; j < vectors; ++j)
      if (j * N < k) sum[j] = addt(sum[j], net2c_pixels_load(x + at * x_plane + j * STEP, j * N + N <= k));
  NET2C_UNROLL for (uint32_t j = 0; j < vectors; ++j) mean[j] = mult(totalt(sum[j]), inverse), sum[j] = zero;
  for (uint32_t i = 0, at = 0; i < c; i += 8, ++at) {
    NET2C_UNROLL for (uint32_t j = 0; j < vectors; ++j) {
      vt d = zero;
      if (j * N < k) d = subt(net2c_pixels_load(x + at * x_plane + j * STEP, j * N + N <= k), mean[j]);
      if (c - i < 8) d = net2c_pixels_keep(d, c - i);
      sum[j] = fmat(d, d, sum[j]);
    }
  }
  NET2C_UNROLL for (uint32_t j = 0; j < P; j += 8) net2c_channel_norm_factors(a, sum + j / N, factors + j);
  NET2C_UNROLL for (uint32_t j = 0; j < vectors; ++j) factor[j] = net2c_pixels_own(factors + j * N);
  for (uint32_t i = 0; i < c; i += 8, x += x_plane, y += y_plane) {
    const uint32_t valid = c - i < 8 ? c - i : 8;
    const vt scale = scales ? net2c_pixels_each(loadn8(scales + i, valid)) : sett(1.0f);
    const vt bias = biases ? net2c_pixels_each(loadn8(biases + i, valid)) : zero;
    NET2C_UNROLL for (uint32_t j = 0; j < vectors; ++j) {
      const int both = j * N + N <= k;
      if (j * N < k) {
        const vt v = mult(subt(net2c_pixels_load(x + j * STEP, both), mean[j]), factor[j]);
        net2c_pixels_store(y + j * STEP, fmat(v, scale, bias), both, valid);
      }
    }
  }
}

NET2C_INLINE void net2c_channel_norm_body(const struct net2c_channel_norm_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const uint32_t rows = a->x.n * a->x.h, blocks = (a->x.c + 7) / 8, w = a->x.w;
  const float *scales = a->scale == NET2C_NONE ? 0 : (const float *)net2c_in(f, a->scale);
  const float *biases = a->bias == NET2C_NONE ? 0 : (const float *)net2c_in(f, a->bias);
  (void)unused;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks), some; i < end; i += some) {
    const uint32_t n = i / a->x.h, r = i % a->x.h, left = a->x.h - r < end - i ? a->x.h - r : end - i;
    const float *x = net2c_map_in(f, &a->x, n, 0) + (size_t)r * a->x.pitch * 8;
    float *y = net2c_map_out(f, &a->y, n, 0) + (size_t)r * a->y.pitch * 8;
    some = a->x.pitch == w && a->y.pitch == w ? left : 1;   /* rows without a gap are one */
    const uint32_t pixels = some * w;
    uint32_t j = 0;
    for (; NET2C_VT == 16 && j + 16 <= pixels; j += 16) net2c_channel_norm_pixels(a, scales, biases, x + 8 * j, y + 8 * j, 16, 16);
    for (; j + 8 <= pixels; j += 8) net2c_channel_norm_pixels(a, scales, biases, x + 8 * j, y + 8 * j, 8, 8);
    if (j < pixels) net2c_channel_norm_pixels(a, scales, biases, x + 8 * j, y + 8 * j, pixels - j, 8);
    for (uint32_t b = 0; b < blocks; ++b) net2c_halo_rows(f, &a->y, n, b, r, r + some);
  }
}

#endif
