/* Normalisation of each pixel over its channels. Sums: lane by lane over the blocks, ascending, then the lanes by a fixed tree. Of some groups of pixels the means
 * are taken, then the sums of squares, the factors, and the results: what one group waits for, the next hides. */
#ifndef NET2C_CHANNEL_NORM_H
#define NET2C_CHANNEL_NORM_H

#include "kernels/norm/norm_args.h"
#include "kernels/norm/pixels.h"
#include "kernels/rows.h"

/* Up to NET2C_VT pixels side by side. */
struct net2c_channel_norm_group {
  const float *x;
  float *y;
  uint32_t pixels;
  vt mean[8], squares[8];
  float factors[NET2C_VT];
};
#define NET2C_CHANNEL_NORM_GROUPS 8
#define NET2C_CHANNEL_NORM_FLOATS 4096 /* of groups at once, which stay in L1 */

/* These three: k of P pixels, a literal where all, so that nothing is asked. */
NET2C_INLINE void net2c_channel_norm_mean(const struct net2c_channel_norm_args *a, struct net2c_channel_norm_group *g, uint32_t k, const uint32_t P)
{
  enum { N = NET2C_PIXELS_VECTOR, STEP = 8 * N };
  const uint32_t vectors = P / N, c = a->x.c;
  const size_t plane = (size_t)a->x.plane * 8;
  const vt inverse = sett(1.0f / (float)c);
  const float *x = g->x;
  vt sum[8];
  NET2C_UNROLL for (uint32_t j = 0; j < vectors; ++j) sum[j] = sett(0.0f);
  for (uint32_t i = 0; i < c; i += 8, x += plane)
    NET2C_UNROLL for (uint32_t j = 0; j < vectors; ++j)
      if (j * N < k) sum[j] = addt(sum[j], net2c_pixels_load(x + j * STEP, j * N + N <= k));
  NET2C_UNROLL for (uint32_t j = 0; j < vectors; ++j) g->mean[j] = mult(totalt(sum[j]), inverse);
}

NET2C_INLINE void net2c_channel_norm_squares(const struct net2c_channel_norm_args *a, struct net2c_channel_norm_group *g, uint32_t k, const uint32_t P)
{
  enum { N = NET2C_PIXELS_VECTOR, STEP = 8 * N };
  const uint32_t vectors = P / N, c = a->x.c;
  const size_t plane = (size_t)a->x.plane * 8;
  const float *x = g->x;
  vt mean[8], sum[8];
  NET2C_UNROLL for (uint32_t j = 0; j < vectors; ++j) mean[j] = g->mean[j], sum[j] = sett(0.0f);
  for (uint32_t i = 0; i < c; i += 8, x += plane) {
    NET2C_UNROLL for (uint32_t j = 0; j < vectors; ++j) {
      vt d = sett(0.0f);
      if (j * N < k) d = subt(net2c_pixels_load(x + j * STEP, j * N + N <= k), mean[j]);
      if (c - i < 8) d = net2c_pixels_keep(d, c - i);
      sum[j] = fmat(d, d, sum[j]);
    }
  }
  NET2C_UNROLL for (uint32_t j = 0; j < vectors; ++j) g->squares[j] = sum[j];
}

NET2C_INLINE void net2c_channel_norm_results(const struct net2c_channel_norm_args *a, const float *scales, const float *biases,
                                             const struct net2c_channel_norm_group *g, uint32_t k, const uint32_t P)
{
  enum { N = NET2C_PIXELS_VECTOR, STEP = 8 * N };
  const uint32_t vectors = P / N, c = a->x.c;
  const size_t x_plane = (size_t)a->x.plane * 8, y_plane = (size_t)a->y.plane * 8;
  const float *x = g->x;
  float *y = g->y;
  vt mean[8], factor[8];
  NET2C_UNROLL for (uint32_t j = 0; j < vectors; ++j) mean[j] = g->mean[j], factor[j] = net2c_pixels_own(g->factors + j * N);
  for (uint32_t i = 0; i < c; i += 8, x += x_plane, y += y_plane) {
    const uint32_t valid = c - i < 8 ? c - i : 8;
    const vt scale = scales ? net2c_pixels_each(loadn8(scales + i, valid)) : sett(1.0f);
    const vt bias = biases ? net2c_pixels_each(loadn8(biases + i, valid)) : sett(0.0f);
    NET2C_UNROLL for (uint32_t j = 0; j < vectors; ++j) {
      const int both = j * N + N <= k;
      if (j * N < k) {
        const vt v = mult(subt(net2c_pixels_load(x + j * STEP, both), mean[j]), factor[j]);
        net2c_pixels_store(y + j * STEP, fmat(v, scale, bias), both, valid);
      }
    }
  }
}

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

#define NET2C_CHANNEL_NORM_EACH(F, ...)                                  \
  for (uint32_t i = 0; i < count; ++i) {                                 \
    const uint32_t k = g[i].pixels;                                      \
    if (k == NET2C_VT) F(__VA_ARGS__, g + i, NET2C_VT, NET2C_VT);        \
    else if (k > 8) F(__VA_ARGS__, g + i, k, NET2C_VT);                  \
    else if (k == 8) F(__VA_ARGS__, g + i, 8, 8);                        \
    else F(__VA_ARGS__, g + i, k, 8);                                    \
  }
NET2C_INLINE void net2c_channel_norm_groups(const struct net2c_channel_norm_args *a, const float *scales, const float *biases,
                                            struct net2c_channel_norm_group *g, uint32_t count)
{
  NET2C_CHANNEL_NORM_EACH(net2c_channel_norm_mean, a)
  NET2C_CHANNEL_NORM_EACH(net2c_channel_norm_squares, a)
  for (uint32_t i = 0; i < count; ++i)
    for (uint32_t j = 0; j < g[i].pixels; j += 8) net2c_channel_norm_factors(a, g[i].squares + j / NET2C_PIXELS_VECTOR, g[i].factors + j);
  NET2C_CHANNEL_NORM_EACH(net2c_channel_norm_results, a, scales, biases)
}

NET2C_INLINE void net2c_channel_norm_body(const struct net2c_channel_norm_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const uint32_t rows = a->x.n * a->x.h, blocks = (a->x.c + 7) / 8, w = a->x.w, fit = NET2C_CHANNEL_NORM_FLOATS / (blocks * 8 * NET2C_VT);
  const uint32_t most = fit < 1 ? 1 : fit < NET2C_CHANNEL_NORM_GROUPS ? fit : NET2C_CHANNEL_NORM_GROUPS;
  const float *scales = a->scale == NET2C_NONE ? 0 : (const float *)net2c_in(f, a->scale);
  const float *biases = a->bias == NET2C_NONE ? 0 : (const float *)net2c_in(f, a->bias);
  struct net2c_channel_norm_group g[NET2C_CHANNEL_NORM_GROUPS];
  (void)unused;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks), some; i < end; i += some) {
    const uint32_t n = i / a->x.h, r = i % a->x.h;
    const int whole = a->x.pitch == w && a->y.pitch == w;   /* rows without a gap are one */
    some = a->x.h - r < end - i ? a->x.h - r : end - i;
    const uint32_t lines = whole ? 1 : some, pixels = whole ? some * w : w;
    uint32_t count = 0;
    for (uint32_t l = 0; l < lines; ++l) {
      const float *x = net2c_map_in(f, &a->x, n, 0) + (size_t)(r + l) * a->x.pitch * 8;
      float *y = net2c_map_out(f, &a->y, n, 0) + (size_t)(r + l) * a->y.pitch * 8;
      for (uint32_t j = 0; j < pixels; j += NET2C_VT) {
        g[count].x = x + 8 * j, g[count].y = y + 8 * j, g[count].pixels = pixels - j < NET2C_VT ? pixels - j : NET2C_VT;
        if (++count == most) net2c_channel_norm_groups(a, scales, biases, g, count), count = 0;
      }
    }
    net2c_channel_norm_groups(a, scales, biases, g, count);
    if (a->x.base == a->y.base && a->x.fill == a->y.fill) continue;   /* in place: the halo is there */
    for (uint32_t b = 0; b < blocks; ++b) net2c_halo_rows(f, &a->y, n, b, r, r + some);
  }
}

#endif
