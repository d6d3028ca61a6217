/* Maximum, average and sum over windows. Sums: columns ascending, a partial a row, rows in order. */
#ifndef NET2C_POOL_H
#define NET2C_POOL_H

#include "kernels/pool/pool_args.h"
#include "kernels/rows.h"

struct net2c_taps { uint32_t from, to, padded; }; /* taps inside the map; number inside the padded map */

NET2C_INLINE struct net2c_taps net2c_pool_taps(int64_t start, uint32_t kernel, uint32_t dilation, uint32_t size, uint32_t pad_after)
{
  struct net2c_taps t;
  const int64_t end = size, padded_end = end + pad_after;
  t.from = start < 0 ? (uint32_t)((-start + dilation - 1) / dilation) : 0;
  t.to = start >= end ? 0 : (uint32_t)((end - 1 - start) / dilation + 1);
  t.padded = start >= padded_end ? 0 : (uint32_t)((padded_end - 1 - start) / dilation + 1);
  if (t.to > kernel) t.to = kernel;
  if (t.from > t.to) t.from = t.to;
  if (t.padded > kernel) t.padded = kernel;
  return t;
}

/* A whole window of k x k taps side by side, rows `down` floats apart; k: a literal. */
NET2C_INLINE v8 net2c_pool_window(const float *x, uint32_t k, size_t down, int kind)
{
  v8 all = kind == NET2C_POOL_MAX ? set8(-__builtin_inff()) : set8(0.0f);
  NET2C_UNROLL for (uint32_t i = 0; i < k; ++i)
  {
    if (kind == NET2C_POOL_MAX) {
      NET2C_UNROLL for (uint32_t j = 0; j < k; ++j) all = max8(load8(x + i * down + j * 8), all);
    } else {
      v8 sum = load8(x + i * down);
      NET2C_UNROLL for (uint32_t j = 1; j < k; ++j) sum = add8(sum, load8(x + i * down + j * 8));
      all = add8(all, sum);
    }
  }
  return all;
}

/* kx taps, `step` floats apart, of ky rows, `down` floats apart. */
NET2C_NOINLINE v8 net2c_pool_any(const float *x, uint32_t ky, size_t down, uint32_t kx, size_t step, int kind)
{
  v8 all = kind == NET2C_POOL_MAX ? set8(-__builtin_inff()) : set8(0.0f);
  for (uint32_t i = 0; i < ky && kx; ++i, x += down) {
    if (kind == NET2C_POOL_MAX) {
      for (uint32_t j = 0; j < kx; ++j) all = max8(load8(x + j * step), all);
    } else {
      v8 sum = load8(x);
      for (uint32_t j = 1; j < kx; ++j) sum = add8(sum, load8(x + j * step));
      all = add8(all, sum);
    }
  }
  return all;
}

NET2C_INLINE void net2c_pool_body(const struct net2c_pool_args *a, const struct net2c_frame *f, uint32_t chunk, int kind, int kernel,
                                  int stride)
{
  const uint32_t rows = net2c_rows(&a->y), w = a->y.w, kx = kernel ? (uint32_t)kernel : a->kernel_x;
  const uint32_t sx = stride ? (uint32_t)stride : a->stride_x, dx = kernel ? 1 : a->dilation_x;
  const size_t down = (size_t)a->x.pitch * 8 * a->dilation_y;
  const uint32_t whole_from = (a->pad_left + sx - 1) / sx, room = a->x.w + a->pad_left;
  const uint32_t whole_end = room < kx ? 0 : (room - kx) / sx + 1, whole_to = whole_end < w ? whole_end : w;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); i < end; ++i) {
    const struct net2c_row row = net2c_row_at(&a->y, i);
    const int64_t top = (int64_t)row.r * a->stride_y - a->pad_top;
    const struct net2c_taps v = net2c_pool_taps(top, a->kernel_y, a->dilation_y, a->x.h, a->pad_bottom);
    const uint32_t ky = v.to - v.from;
    float *y = net2c_row_out(f, &a->y, &row);
    const float *x = net2c_map_in(f, &a->x, row.n, row.b);
    uint32_t divided_by = 0;
    v8 inverse = set8(0.0f);
    if (ky) x += ((size_t)(top + (int64_t)v.from * a->dilation_y)) * a->x.pitch * 8;
    for (uint32_t j = 0; j < w; ++j) {
      if (kernel && ky == kx && j == whole_from && whole_to > j) {   /* all windows of the row that lie in the map */
        const v8 part = set8(1.0f / (float)(kx * kx));
        const float *from = x + ((ptrdiff_t)j * sx - a->pad_left) * 8;
        for (; j < whole_to; ++j, from += sx * 8) {
          v8 r = net2c_pool_window(from, (uint32_t)kernel, down, kind);
          if (kind == NET2C_POOL_AVERAGE) r = mul8(r, part);
          store8(y + 8 * j, keep8(r, row.valid));
        }
        if (j == w) break;
      }
      const int64_t left = (int64_t)j * sx - a->pad_left;
      const int whole = left >= 0 && left + (int64_t)(kx - 1) * dx < a->x.w;
      struct net2c_taps t;
      t.from = 0, t.to = kx, t.padded = kx;
      if (!whole) t = net2c_pool_taps(left, kx, dx, a->x.w, a->pad_right);
      const size_t first = ky && t.to > t.from ? (size_t)(left + (int64_t)t.from * dx) : 0;
      v8 r = net2c_pool_any(x + first * 8, ky, down, t.to - t.from, (size_t)dx * 8, kind);
      if (kind == NET2C_POOL_AVERAGE) {
        const uint32_t n = a->include_pad ? v.padded * t.padded : ky * (t.to - t.from);
        if (n != divided_by) divided_by = n, inverse = set8(n ? 1.0f / (float)n : 0.0f);
        r = mul8(r, inverse);
      }
      store8(y + 8 * j, keep8(r, row.valid));
    }
    net2c_row_done(f, &a->y, &row);
  }
}

#endif
