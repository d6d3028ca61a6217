/* Normalisation of each pixel over its channels. Sums: lane by lane over the blocks, ascending, then the lanes by a fixed tree;
 * eight pixels at a time, turned so that the tree is made of vectors. */
#ifndef NET2C_CHANNEL_NORM_H
#define NET2C_CHANNEL_NORM_H

#include "kernels/norm/norm_args.h"
#include "kernels/rows.h"

/* Of each of eight vectors the sum of its lanes. */
NET2C_INLINE v8 net2c_channel_lanes(v8 p[8])
{
  transpose8(p);
  NET2C_UNROLL for (uint32_t half = 4; half; half /= 2)
    NET2C_UNROLL for (uint32_t i = 0; i < half; ++i) p[i] = add8(p[i], p[i + half]);
  return p[0];
}

/* k pixels (a literal where it is 8) from x; `plane` floats from block to block. */
NET2C_INLINE void net2c_channel_norm_pixels(const struct net2c_channel_norm_args *a, const float *scales, const float *biases, const float *x,
                                            float *y, uint32_t k)
{
  const uint32_t c = a->x.c, blocks = (c + 7) / 8;
  const size_t x_plane = (size_t)a->x.plane * 8, y_plane = (size_t)a->y.plane * 8;
  const v8 inverse = set8(1.0f / (float)c);
  v8 sum[8], variance;
  float mean[8], factor[8];
  NET2C_UNROLL for (uint32_t j = 0; j < 8; ++j) sum[j] = set8(0.0f);
  for (uint32_t b = 0; b < blocks; ++b)
    NET2C_UNROLL for (uint32_t j = 0; j < k; ++j) sum[j] = add8(sum[j], load8(x + b * x_plane + 8 * j));
  store8(mean, mul8(net2c_channel_lanes(sum), inverse));
  NET2C_UNROLL for (uint32_t j = 0; j < 8; ++j) sum[j] = set8(0.0f);
  for (uint32_t b = 0; b < blocks; ++b) {
    const uint32_t valid = c - 8 * b < 8 ? c - 8 * b : 8;
    NET2C_UNROLL for (uint32_t j = 0; j < k; ++j) {
      const v8 d = keep8(sub8(load8(x + b * x_plane + 8 * j), set8(mean[j])), valid);
      sum[j] = fma8(d, d, sum[j]);
    }
  }
  variance = mul8(net2c_channel_lanes(sum), inverse);
  store8(factor, div8(set8(1.0f), sqrt8(add8(variance, set8(a->epsilon)))));
  for (uint32_t b = 0; b < blocks; ++b) {
    const uint32_t valid = c - 8 * b < 8 ? c - 8 * b : 8;
    const v8 scale = scales ? loadn8(scales + 8 * b, valid) : set8(1.0f), bias = biases ? loadn8(biases + 8 * b, valid) : set8(0.0f);
    NET2C_UNROLL for (uint32_t j = 0; j < k; ++j) {
      const v8 v = mul8(sub8(load8(x + b * x_plane + 8 * j), set8(mean[j])), set8(factor[j]));
      store8(y + b * y_plane + 8 * j, keep8(fma8(v, scale, bias), valid));
    }
  }
}

NET2C_INLINE void net2c_channel_norm_body(const struct net2c_channel_norm_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const uint32_t rows = a->x.n * a->x.h, blocks = (a->x.c + 7) / 8, w = a->x.w;
  const float *scales = a->scale == NET2C_NONE ? 0 : (const float *)net2c_in(f, a->scale);
  const float *biases = a->bias == NET2C_NONE ? 0 : (const float *)net2c_in(f, a->bias);
  (void)unused;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); i < end; ++i) {
    const uint32_t n = i / a->x.h, r = i % a->x.h;
    const float *x = net2c_map_in(f, &a->x, n, 0) + (size_t)r * a->x.pitch * 8;
    float *y = net2c_map_out(f, &a->y, n, 0) + (size_t)r * a->y.pitch * 8;
    uint32_t j = 0;
    for (; j + 8 <= w; j += 8) net2c_channel_norm_pixels(a, scales, biases, x + 8 * j, y + 8 * j, 8);
    if (j < w) net2c_channel_norm_pixels(a, scales, biases, x + 8 * j, y + 8 * j, w - j);
    for (uint32_t b = 0; b < blocks; ++b) net2c_halo_rows(f, &a->y, n, b, r, r + 1);
  }
}

#endif
