/* A map read at given places. Of each pixel of the result the taps are found once, for all channels; those outside of a map that is
 * continued by zeros are left out, for what stands in their place may be infinite. Sums: taps row by row. */
#ifndef NET2C_GRID_SAMPLE_H
#define NET2C_GRID_SAMPLE_H

#include "kernels/resize/resize_args.h"
#include "kernels/rows.h"

/* One axis of n pixels between two ends. */
struct net2c_grid_axis {
  int32_t n;
  uint32_t kind, outside, align_corners;
  float low, high;
};

struct net2c_grid_taps { uint32_t n, at[4]; float weight[4]; };

NET2C_INLINE struct net2c_grid_axis net2c_grid_axis_of(const struct net2c_grid_sample_args *a, uint32_t n)
{
  struct net2c_grid_axis axis;
  axis.n = (int32_t)n, axis.kind = a->kind, axis.outside = a->outside, axis.align_corners = a->align_corners;
  axis.low = a->align_corners ? 0.0f : -0.5f;
  axis.high = (float)n - (a->align_corners ? 1.0f : 0.5f);
  return axis;
}

/* |v| < 2^22: so far, a float has halves. */
NET2C_INLINE float net2c_grid_reflected(const struct net2c_grid_axis *axis, float v)
{
  const float low = axis->low, high = axis->high, range = high - low;
  float beyond, rest;
  int32_t times;
  if (v >= low && v <= high) return v;
  if (range <= 0.0f) return low;
  beyond = v < low ? low - v : v - high;
  times = (int32_t)(beyond / range);
  rest = beyond - (float)times * range;
  return (v < low) == (times % 2 == 0) ? low + rest : high - rest;
}

NET2C_INLINE int32_t net2c_grid_inside(const struct net2c_grid_axis *axis, int32_t i) { return i < 0 ? 0 : i >= axis->n ? axis->n - 1 : i; }

/* Keys' kernel at distances up to 1, and from 1 to 2; a = -0.75. */
NET2C_INLINE float net2c_grid_near(float d) { return (1.25f * d - 2.25f) * d * d + 1.0f; }
NET2C_INLINE float net2c_grid_far(float d) { return ((-0.75f * d + 3.75f) * d - 6.0f) * d + 3.0f; }

NET2C_INLINE void net2c_grid_find(const struct net2c_grid_axis *axis, float v, struct net2c_grid_taps *taps)
{
  const float size = (float)axis->n, most = 2097152.0f, magic = 12582912.0f; /* 1.5 * 2^23 */
  float weight[4];
  int32_t first;
  uint32_t n;
  v = axis->align_corners ? (v + 1.0f) / 2.0f * (size - 1.0f) : ((v + 1.0f) * size - 1.0f) / 2.0f;
  v = v > -most ? v : -most; /* also what is not a number */
  v = v < most ? v : most;
  if (axis->kind == NET2C_GRID_NEAREST) v = (v + magic) - magic;
  if (axis->outside == NET2C_FILL_EDGE && axis->kind != NET2C_GRID_CUBIC) v = v > 0.0f ? (v < size - 1.0f ? v : size - 1.0f) : 0.0f;
  if (axis->outside == NET2C_FILL_REFLECT) v = net2c_grid_reflected(axis, v);
  first = (int32_t)v;
  if ((float)first > v) --first;
  v = v - (float)first;
  if (axis->kind == NET2C_GRID_NEAREST) {
    n = 1, weight[0] = 1.0f;
  } else if (axis->kind == NET2C_GRID_LINEAR) {
    n = 2, weight[0] = 1.0f - v, weight[1] = v;
  } else {
    n = 4, --first;
    weight[0] = net2c_grid_far(v + 1.0f), weight[1] = net2c_grid_near(v);
    weight[2] = net2c_grid_near(1.0f - v), weight[3] = net2c_grid_far(2.0f - v);
  }
  taps->n = 0;
  for (uint32_t k = 0; k < n; ++k) {
    int32_t i = first + (int32_t)k;
    if (i < 0 || i >= axis->n) {
      if (axis->outside == NET2C_FILL_ZERO) continue;
      i = net2c_grid_inside(axis, axis->outside == NET2C_FILL_EDGE ? i : (int32_t)net2c_grid_reflected(axis, (float)i));
    }
    taps->at[taps->n] = (uint32_t)i, taps->weight[taps->n] = weight[k], ++taps->n;
  }
}

NET2C_INLINE void net2c_grid_sample_body(const struct net2c_grid_sample_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const struct net2c_grid_axis rows = net2c_grid_axis_of(a, a->x.h), columns = net2c_grid_axis_of(a, a->x.w);
  const float *grid = (const float *)net2c_in(f, a->grid);
  const uint32_t h = a->y.h, w = a->y.w, work = a->y.n * h, blocks = net2c_blocks(&a->y);
  (void)unused;
  for (uint32_t i = net2c_cut(work, chunk, a->chunks), end = net2c_cut(work, chunk + 1, a->chunks); i < end; ++i) {
    const uint32_t n = i / h, r = i % h;
    const float *x = net2c_map_in(f, &a->x, n, 0), *places = grid + (size_t)i * w * 2;
    float *y = net2c_map_out(f, &a->y, n, 0) + (size_t)r * a->y.pitch * 8;
    for (uint32_t j = 0; j < w; ++j) {
      struct net2c_grid_taps down, across;
      uint32_t at[16], taps = 0;
      float weight[16];
      net2c_grid_find(&columns, places[2 * j], &across);
      net2c_grid_find(&rows, places[2 * j + 1], &down);
      for (uint32_t p = 0; p < down.n; ++p)
        for (uint32_t q = 0; q < across.n; ++q, ++taps)
          at[taps] = down.at[p] * a->x.pitch + across.at[q], weight[taps] = down.weight[p] * across.weight[q];
      for (uint32_t b = 0; b < blocks; ++b) {
        const float *from = x + (size_t)b * a->x.plane * 8;
        v8 sum = set8(0.0f);
        for (uint32_t t = 0; t < taps; ++t) sum = fma8(load8(from + (size_t)at[t] * 8), set8(weight[t]), sum);
        store8(y + (size_t)b * a->y.plane * 8 + 8 * j, sum);
      }
    }
    for (uint32_t b = 0; b < blocks; ++b) net2c_halo_rows(f, &a->y, n, b, r, r + 1);
  }
}

#endif
