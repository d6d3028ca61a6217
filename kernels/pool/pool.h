/* Maximum, average and sum over windows. Sums: of a row its columns ascending, rows in order; where size and stride are literals, of a column its
 * rows ascending, columns in order. */
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

/* kx taps, `step` floats apart, of ky rows, `down` floats apart. */
NET2C_NOINLINE v8 net2c_pool_taps_any(const float *x, uint32_t ky, size_t down, uint32_t kx, size_t step, int kind)
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

/* A row of windows of any size; top: the first one's row, v: its taps. */
NET2C_INLINE void net2c_pool_row_any(const struct net2c_pool_args *a, const float *x, float *y, int64_t top, const struct net2c_taps *v,
                                     uint32_t valid, int kind)
{
  const uint32_t kx = a->kernel_x, sx = a->stride_x, dx = a->dilation_x, ky = v->to - v->from;
  const size_t down = (size_t)a->x.pitch * 8 * a->dilation_y;
  uint32_t divided_by = 0;
  v8 inverse = set8(0.0f);
  if (ky) x += (top + (int64_t)v->from * a->dilation_y) * (ptrdiff_t)a->x.pitch * 8;
  for (uint32_t j = 0; j < a->y.w; ++j) {
    const int64_t left = (int64_t)j * sx - a->pad_left;
    const int whole = left >= 0 && left + (int64_t)(kx - 1) * dx < a->x.w;
    struct net2c_taps t;
    t.from = 0, t.to = kx, t.padded = kx;
    if (!whole) t = net2c_pool_taps(left, kx, dx, a->x.w, a->pad_right);
    const size_t first = ky && t.to > t.from ? (size_t)(left + (int64_t)t.from * dx) : 0;
    v8 r = net2c_pool_taps_any(x + first * 8, ky, down, t.to - t.from, (size_t)dx * 8, kind);
    if (kind == NET2C_POOL_AVERAGE) {
      const uint32_t n = a->include_pad ? v->padded * t.padded : ky * (t.to - t.from);
      if (n != divided_by) divided_by = n, inverse = set8(n ? 1.0f / (float)n : 0.0f);
      r = mul8(r, inverse);
    }
    store8(y + 8 * j, keep8(r, valid));
  }
}

/* What windows share: a column of KY taps, once for all of them; of R windows one below the other, S rows apart. By columns: windows of K of them. */
#define NET2C_POOL_COLUMNS(COLUMN, COLUMNS, V, LOAD, SET, MAX, ADD)                                                                \
  NET2C_INLINE void COLUMN(V *all, const float *x, size_t down, int kind, const int S, const int KY, const int R)                  \
  {                                                                                                                                \
    NET2C_UNROLL for (int i = 0; i < KY + (R - 1) * S; ++i)                                                                        \
    {                                                                                                                              \
      const V tap = LOAD(x + (size_t)i * down);                                                                                    \
      NET2C_UNROLL for (int r = 0; r < R; ++r)                                                                                     \
      {                                                                                                                            \
        if (i < r * S || i >= r * S + KY) continue;                                                                                \
        if (kind == NET2C_POOL_MAX) all[r] = MAX(tap, i == r * S ? SET(-__builtin_inff()) : all[r]);                               \
        else all[r] = i == r * S ? tap : ADD(all[r], tap);                                                                         \
      }                                                                                                                            \
    }                                                                                                                              \
  }                                                                                                                                \
  NET2C_INLINE V COLUMNS(V column[][2], int r, int kind, const int K)                                                              \
  {                                                                                                                                \
    V all = column[0][r];                                                                                                          \
    NET2C_UNROLL for (int k = 1; k < K; ++k) all = kind == NET2C_POOL_MAX ? MAX(column[k][r], all) : ADD(all, column[k][r]);       \
    return all;                                                                                                                    \
  }
NET2C_POOL_COLUMNS(net2c_pool_column, net2c_pool_columns, v8, load8, set8, max8, add8)

#if NET2C_VW == 16
NET2C_POOL_COLUMNS(net2c_pool_columnw, net2c_pool_columnsw, vw, loadw, setw, maxw, addw)

/* So many pairs of windows side by side, inside the map, of stride 1 or S = K = 2: x and y are the first's. */
NET2C_INLINE void net2c_pool_pairs_rows(const float *x, float *y, size_t down, size_t y_next, uint32_t pairs, float part, int kind, const int K, const int S,
                                        const int R)
{
  vw v[2][2], column[3][2];   /* v[i]: columns 2 i and 2 i + 1 */
  if (S < K) net2c_pool_columnw(v[0], x, down, kind, S, K, R);
  for (uint32_t i = 0; i < pairs; ++i, x += S * 16, y += 16) {
    if (S == K) net2c_pool_columnw(v[0], x, down, kind, S, K, R);
    net2c_pool_columnw(v[1], x + 16, down, kind, S, K, R);
    if (R == 1 && S == K) {   /* long rows that are read once: the next ones */
      NET2C_UNROLL for (int k = 0; k < K; ++k) prefetch8_l2(x + (size_t)(K + k) * down), prefetch8_l2(x + (size_t)(K + k) * down + 16);
    }
    NET2C_UNROLL for (int r = 0; r < R; ++r)
    {
      NET2C_UNROLL for (int k = 0; k < K; ++k)
      {
        if (S == 1) column[k][r] = k % 2 ? betweenw(v[0][r], v[1][r]) : v[k / 2][r];
        else column[k][r] = k ? secondsw(v[0][r], v[1][r]) : firstsw(v[0][r], v[1][r]);
      }
      vw all = net2c_pool_columnsw(column, r, kind, K);
      if (kind == NET2C_POOL_AVERAGE) all = mulw(all, setw(part));
      store8(y + r * y_next, half8(&all, 0)), store8(y + r * y_next + 8, half8(&all, 1));   /* rows begin at any pixel: two lines or one */
      v[0][r] = v[1][r];
    }
  }
}

#define NET2C_POOL_PAIRS(NAME, KIND, K, S)                                                                                          \
  NET2C_NOINLINE void NAME(const float *x, float *y, size_t down, size_t y_next, uint32_t pairs, float part, uint32_t rows)          \
  {                                                                                                                                 \
    if (rows == 1) net2c_pool_pairs_rows(x, y, down, y_next, pairs, part, KIND, K, S, 1);                                           \
    else net2c_pool_pairs_rows(x, y, down, y_next, pairs, part, KIND, K, S, 2);                                                     \
  }
NET2C_POOL_PAIRS(net2c_max_pairs_2_2, NET2C_POOL_MAX, 2, 2)
NET2C_POOL_PAIRS(net2c_max_pairs_3_1, NET2C_POOL_MAX, 3, 1)
NET2C_POOL_PAIRS(net2c_average_pairs_2_2, NET2C_POOL_AVERAGE, 2, 2)
NET2C_POOL_PAIRS(net2c_average_pairs_3_1, NET2C_POOL_AVERAGE, 3, 1)

NET2C_INLINE void net2c_pool_pairs(const float *x, float *y, size_t down, size_t y_next, uint32_t pairs, float part, int kind, const int K,
                                   uint32_t rows)
{
  if (kind == NET2C_POOL_MAX) {
    if (K == 2) net2c_max_pairs_2_2(x, y, down, y_next, pairs, part, rows);
    else net2c_max_pairs_3_1(x, y, down, y_next, pairs, part, rows);
  } else if (K == 2) {
    net2c_average_pairs_2_2(x, y, down, y_next, pairs, part, rows);
  } else {
    net2c_average_pairs_3_1(x, y, down, y_next, pairs, part, rows);
  }
}
#endif

/* 1 / n, as the compiler rounds it: as a division at run time would. */
static const float net2c_pool_part[10] = {0, 1, 1.0f / 2, 1.0f / 3, 1.0f / 4, 1.0f / 5, 1.0f / 6, 1.0f / 7, 1.0f / 8, 1.0f / 9};

#define NET2C_POOL_EDGE_COLUMN(k)                                                                                              \
  {                                                                                                                            \
    if (at - before < size) net2c_pool_column(column[k], x + (ptrdiff_t)((int64_t)at - before) * 8, down, kind, S, KY, R);      \
    else column[k][0] = column[k][1] = set8(kind == NET2C_POOL_MAX ? -__builtin_inff() : 0.0f);                                 \
  }
/* R rows of windows of K x K taps side by side, S <= K apart, KY rows of which, the first at x, are in the map. padded: rows in the padded map. */
NET2C_INLINE void net2c_pool_rows(const struct net2c_pool_args *a, const float *x, float *y, uint32_t padded, uint32_t valid, int kind,
                                  const int K, const int S, const int KY, const int R)
{
  const size_t down = (size_t)a->x.pitch * 8, y_next = (size_t)a->y.pitch * 8;
  const uint32_t w = a->y.w, size = a->x.w, before = a->pad_left, room = size + before;
  const uint32_t from = (before + S - 1) / S, end = room < (uint32_t)K ? 0 : (room - K) / S + 1, to = end < w ? end : w;   /* windows inside the row */
  const v8 part = set8(net2c_pool_part[K * (a->include_pad ? padded : (uint32_t)KY)]);
  v8 column[3][2];
  uint32_t at = 0;   /* of the next column, counted from the first window's first */
  NET2C_UNROLL for (int k = 0; k < K - S; ++k, ++at) NET2C_POOL_EDGE_COLUMN(k)
  for (uint32_t j = 0; j < w;) {
    if (j == from && to > j) {
      const float *p = x + (ptrdiff_t)((int64_t)at - before) * 8;
      at += (to - j) * S;
#if NET2C_VW == 16
      if (KY == K && (K + S) % 2 == 0 && to - j >= 16) {   /* of others, and shorter rows, they are no faster */
        const uint32_t pairs = (to - j) / 2;
        net2c_pool_pairs(p - (K - S) * 8, y + 8 * j, down, y_next, pairs, net2c_pool_part[K * K], kind, K, R);
        j += 2 * pairs, p += (size_t)pairs * S * 16;
        NET2C_UNROLL for (int k = 0; k < K - S; ++k) net2c_pool_column(column[k], p + (k - K + S) * 8, down, kind, S, KY, R);
      }
#endif
      for (; j < to; ++j, p += S * 8) {
        if (R == 1 && S == K) {   /* long rows that are read once: the next ones */
          NET2C_UNROLL for (int i = 0; i < KY; ++i) prefetch8_l2(p + (size_t)(KY + i) * down);
        }
        NET2C_UNROLL for (int k = 0; k < S; ++k) net2c_pool_column(column[K - S + k], p + k * 8, down, kind, S, KY, R);
        NET2C_UNROLL for (int r = 0; r < R; ++r)
        {
          const v8 all = net2c_pool_columns(column, r, kind, K);
          store8(y + r * y_next + 8 * j, kind == NET2C_POOL_AVERAGE ? mul8(all, part) : all);
          NET2C_UNROLL for (int k = 0; k < K - S; ++k) column[k][r] = column[k + S][r];
        }
      }
      continue;
    }
    NET2C_UNROLL for (int k = K - S; k < K; ++k, ++at) NET2C_POOL_EDGE_COLUMN(k)
    v8 edge = part;
    if (kind == NET2C_POOL_AVERAGE) {
      const struct net2c_taps t = net2c_pool_taps((int64_t)j * S - before, K, 1, size, a->pad_right);
      edge = set8(net2c_pool_part[a->include_pad ? padded * t.padded : KY * (t.to - t.from)]);
    }
    NET2C_UNROLL for (int r = 0; r < R; ++r)
    {
      const v8 all = net2c_pool_columns(column, r, kind, K);
      store8(y + r * y_next + 8 * j, keep8(kind == NET2C_POOL_AVERAGE ? mul8(all, edge) : all, valid));
      NET2C_UNROLL for (int k = 0; k < K - S; ++k) column[k][r] = column[k + S][r];
    }
    ++j;
  }
}

NET2C_INLINE void net2c_pool_body(const struct net2c_pool_args *a, const struct net2c_frame *f, uint32_t chunk, int kind, int kernel,
                                  int stride)
{
  const uint32_t pairs = (a->y.h + 1) / 2, planes = a->y.n * net2c_blocks(&a->y), near = a->y.w <= 64; /* of longer rows two are no faster */
  const uint32_t row_chunk = chunk / a->oc_chunks, oc_chunk = chunk % a->oc_chunks, end = net2c_cut(planes, oc_chunk + 1, a->oc_chunks);
  const uint32_t from = 2 * net2c_cut(pairs, row_chunk, a->row_chunks), pairs_end = 2 * net2c_cut(pairs, row_chunk + 1, a->row_chunks);
  const uint32_t to = pairs_end < a->y.h ? pairs_end : a->y.h;
  for (uint32_t plane = net2c_cut(planes, oc_chunk, a->oc_chunks); plane < end; ++plane) {
    const struct net2c_row row = net2c_row_at(&a->y, plane * a->y.h + from);
    const float *x = net2c_map_in(f, &a->x, row.n, row.b);
    float *y = net2c_row_out(f, &a->y, &row);
    for (uint32_t r = from, some; r < to; r += some, y += (size_t)some * a->y.pitch * 8) {
      const int64_t top = (int64_t)r * a->stride_y - a->pad_top;
      const float *first = x + (top < 0 ? 0 : top) * (ptrdiff_t)a->x.pitch * 8;
      some = 1;
      if (kernel && top >= 0 && top + kernel <= a->x.h) {
        if (near && r + 1 < to && top + stride + kernel <= a->x.h) some = 2, net2c_pool_rows(a, first, y, kernel, row.valid, kind, kernel, stride, kernel, 2);
        else net2c_pool_rows(a, first, y, kernel, row.valid, kind, kernel, stride, kernel, 1);
        continue;
      }
      const struct net2c_taps v = net2c_pool_taps(top, a->kernel_y, kernel ? 1 : a->dilation_y, a->x.h, a->pad_bottom);
      const uint32_t ky = v.to - v.from;
      if (kernel && ky == 1) net2c_pool_rows(a, first, y, v.padded, row.valid, kind, kernel, stride, 1, 1);
      else if (kernel == 3 && ky == 2) net2c_pool_rows(a, first, y, v.padded, row.valid, kind, kernel, stride, 2, 1);
      else net2c_pool_row_any(a, x, y, top, &v, row.valid, kind);
    }
    net2c_halo_rows(f, &a->y, row.n, row.b, from, to);
    if (to == a->y.h) net2c_keep_rows(f, &a->x, row.n, row.b, a->kept, a->back);
  }
}

#endif
