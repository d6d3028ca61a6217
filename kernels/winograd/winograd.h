#ifndef NET2C_WINOGRAD_H
#define NET2C_WINOGRAD_H

#include "kernels/conv/tile.h"
#include "kernels/winograd/band.h"
#include "kernels/winograd/product.h"
#include "kernels/winograd/transform.h"
#include "kernels/winograd/winograd_args.h"

/* Where the outputs of a tile go: rows [i0, i1) and columns [j0, j1) of its M x M are in the map; M is 4 at most. */
struct net2c_winograd_place {
  float *y;
  const float *r;
  ptrdiff_t y_row, r_row, pixel, r_pixel;
  uint32_t i0, i1, j0, j1;
};

/* Whether an epilogue is more than bias, residual and a clip or leaky ReLU: then a tile's sums are kept, and what is left comes for all of them at once. */
NET2C_INLINE int net2c_winograd_keeps(const struct net2c_tile *t) { return !t->clamp && !t->leaky; }

NET2C_NOINLINE void net2c_winograd_finish(const struct net2c_tile *t, v8 *kept, const struct net2c_winograd_place *o, uint32_t blocks, uint32_t m)
{
  const uint32_t row = m * blocks, last = t->valid < 8 ? blocks - 1 : blocks;
  net2c_act_many(kept + o->i0 * row, (o->i1 - o->i0) * row, t->act, t->a, t->b);
  for (uint32_t h = 0; h < blocks; ++h) {
    const v8 scale = t->scale ? load8(t->scale + 8 * h) : set8(1.0f), shift = t->scale ? load8(t->shift + 8 * h) : set8(0.0f);
    for (uint32_t i = o->i0; i < o->i1; ++i) {
      float *y = o->y + (ptrdiff_t)i * o->y_row + h * t->y_block;
      for (uint32_t j = o->j0; j < o->j1; ++j) {
        v8 x = kept[i * row + j * blocks + h];
        if (t->scale) x = fma8(x, scale, shift);
        store8(y + (ptrdiff_t)j * o->pixel, h == last ? keep8(x, t->valid) : x);
      }
    }
  }
}

#if NET2C_VT == 16
NET2C_INLINE vt net2c_winograd_residual(const float *r, size_t r_block) { return halvesw(twicew(load8(r)), twicew(load8(r + r_block))); }
#else
NET2C_INLINE vt net2c_winograd_residual(const float *r, size_t r_block) { (void)r_block; return load8(r); }
#endif

/* Row i of a tile, M sums of one block, or of a pair where vt holds one: with bias and residual to `kept`, or through a clip or leaky ReLU to the map.
 * An index that is no literal would keep them in memory. */
NET2C_INLINE void net2c_winograd_store(const struct net2c_tile *t, vt *out, const struct net2c_winograd_place *o, uint32_t i, v8 *kept, uint32_t blocks, const int M)
{
  enum { H = NET2C_VT / 8 };
  const vt bias = loadt(t->bias);
  const uint32_t from = o->j0, to = o->j1;
  const ptrdiff_t step = o->pixel;
  NET2C_UNROLL for (int j = 0; j < M; ++j) out[j] = addt(out[j], bias);
  if (t->residual) {
    const float *r = o->r + (ptrdiff_t)i * o->r_row;
    NET2C_UNROLL for (uint32_t j = 0; j < (uint32_t)M; ++j)
    {
      if (j >= from && j < to) out[j] = addt(out[j], net2c_winograd_residual(r + (ptrdiff_t)j * o->r_pixel, blocks == 2 ? t->r_block : 0));
    }
  }
  if (net2c_winograd_keeps(t)) {
    v8 *row = kept + i * (uint32_t)M * blocks;
    NET2C_UNROLL for (int j = 0; j < M; ++j)
    {
      if (H == 1 || blocks == 2) storet((float *)&row[j * H], out[j]);
      else row[j] = halft(out[j], 0);
    }
    return;
  }
  const vt low = sett(t->leaky ? -__builtin_inff() : t->a), high = sett(t->leaky ? __builtin_inff() : t->b);
  float *y = o->y + (ptrdiff_t)i * o->y_row, *second = y + t->y_block;
  if (t->leaky)
    NET2C_UNROLL for (int j = 0; j < M; ++j) out[j] = maxt(mult(sett(t->a), out[j]), out[j]);
  NET2C_UNROLL for (int j = 0; j < M; ++j) out[j] = mint(high, maxt(low, out[j]));
  if (to - from == (uint32_t)M) {
    NET2C_UNROLL for (int j = 0; j < M; ++j) store8(y + j * step, halft(out[j], 0));
    if (H == 2 && blocks == 2) {
      NET2C_UNROLL for (int j = 0; j < M; ++j) store8(second + j * step, halft(out[j], 1));
    }
  } else {
    NET2C_UNROLL for (uint32_t j = 0; j < (uint32_t)M; ++j)
    {
      if (j < from || j >= to) continue;
      store8(y + (ptrdiff_t)j * step, halft(out[j], 0));
      if (H == 2 && blocks == 2) store8(second + (ptrdiff_t)j * step, halft(out[j], 1));
    }
  }
}

/* One tile from its N x N products, `plane` floats apart. */
NET2C_INLINE void net2c_winograd_output_tile(const struct net2c_tile *t, const float *m, size_t plane, const struct net2c_winograd_place *o,
                                             uint32_t blocks, const int N, const int M)
{
  vt column[4][6], in[6], out[4];
  v8 kept[4 * 4 * NET2C_VT / 8];
  NET2C_UNROLL for (int j = 0; j < N; ++j)
  {
    NET2C_UNROLL for (int i = 0; i < N; ++i) in[i] = loadt(m + (size_t)(i * N + j) * plane);
    net2c_winograd_output_axis(in, out, N, M);
    NET2C_UNROLL for (int i = 0; i < M; ++i) column[i][j] = out[i];
  }
  NET2C_UNROLL for (uint32_t i = 0; i < (uint32_t)M; ++i)
  {
    if (i < o->i0 || i >= o->i1) continue;
    net2c_winograd_output_axis(column[i], out, N, M);
    net2c_winograd_store(t, out, o, i, kept, blocks, M);
  }
  if (net2c_winograd_keeps(t)) net2c_winograd_finish(t, kept, o, blocks, (uint32_t)M);
}

/* Outputs of a tile's side that lie in [0, size), when the first lies at `first` and they lie `step` apart. */
NET2C_INLINE uint32_t net2c_winograd_from(int32_t first, int32_t step) { return first < 0 ? (uint32_t)((step - 1 - first) / step) : 0; }
NET2C_INLINE uint32_t net2c_winograd_to(int32_t first, int32_t step, uint32_t size, uint32_t m)
{
  const int32_t left = ((int32_t)size - first + step - 1) / step;
  return left <= 0 ? 0 : (uint32_t)left < m ? (uint32_t)left : m;
}

/* Tiles [from, from + tiles) of the strip, `blocks` of channels at once. Outputs lie S apart, those of tile (0, 0) from (top, left) on; where S is 2, those
 * of the other column phase, m_next further at m, from (top, other) on: both halves of a cache line are written while it is at hand. */
NET2C_INLINE void net2c_winograd_output(const struct net2c_winograd_args *a, const struct net2c_frame *f, const struct net2c_tile *t, uint32_t block,
                                        uint32_t blocks, const float *m, size_t plane, size_t m_next, uint32_t from, uint32_t tiles, int32_t top, int32_t left,
                                        int32_t other, const int N, const int M, const int S)
{
  struct net2c_winograd_place o;
  o.y_row = (ptrdiff_t)a->y.pitch * 8 * S, o.r_row = (ptrdiff_t)a->r.pitch * 8 * S, o.pixel = o.r_pixel = 8 * S;
  for (uint32_t i = from; i < from + tiles; ++i, m += 16) {
    const uint32_t row = a->first + i / a->columns, n = row / a->tile_rows;
    const int32_t y = (int32_t)(row % a->tile_rows) * M * S + top;
    o.i0 = net2c_winograd_from(y, S), o.i1 = net2c_winograd_to(y, S, a->y.h, (uint32_t)M);
    for (int q = 0; q < S; ++q) {
      const int32_t x = (int32_t)(i % a->columns) * M * S + (q ? other : left);
      o.j0 = net2c_winograd_from(x, S), o.j1 = net2c_winograd_to(x, S, a->y.w, (uint32_t)M);
      if (o.j0 >= o.j1) continue;
      o.y = net2c_map_out(f, &a->y, n, block) + (y * (ptrdiff_t)a->y.pitch + x) * 8;
      if (q == 0)
        for (uint32_t h = 0; h < blocks; ++h)
          NET2C_UNROLL for (int k = 0; k < M; ++k)
            for (int l = 0; l < M * 8 * S; l += 16) prefetch8(o.y + 2 * M * 8 * S + h * t->y_block + k * o.y_row + l);
      o.r = t->residual ? net2c_map_in(f, &a->r, n, block) + (y * (ptrdiff_t)a->r.pitch + x) * 8 : o.y;
      net2c_winograd_output_tile(t, m + (size_t)q * m_next, plane, &o, blocks, N, M);
    }
  }
}

NET2C_INLINE void net2c_winograd_output_axis_short(const vt *in, vt *out, uint32_t outputs)
{
  if (outputs == 4) net2c_winograd_output_axis(in, out, 6, 4);
  else if (outputs == 3) net2c_winograd_output_axis(in, out, 6, 3);
  else if (outputs == 2) net2c_winograd_output_axis(in, out, 6, 2);
  else net2c_winograd_output_axis(in, out, 6, 1);
}

/* A tile of o->i1 x o->j1 outputs, of which one is less than 4: points that it has not are zero. */
NET2C_NOINLINE void net2c_winograd_output_short(const struct net2c_tile *t, const float *m, size_t plane, const struct net2c_winograd_place *o, uint32_t blocks)
{
  const uint32_t down = net2c_band_points(o->i1), across = net2c_band_points(o->j1);
  vt column[4][6], in[6], out[4] = {sett(0.0f), sett(0.0f), sett(0.0f), sett(0.0f)};
  v8 kept[4 * 4 * NET2C_VT / 8];
  for (uint32_t j = 0; j < 6; ++j) {
    for (uint32_t i = 0; i < 6; ++i) in[i] = down >> i & across >> j & 1 ? loadt(m + (size_t)(i * 6 + j) * plane) : sett(0.0f);
    net2c_winograd_output_axis_short(in, out, o->i1);
    for (uint32_t i = 0; i < o->i1; ++i) column[i][j] = out[i];
  }
  for (uint32_t i = 0; i < o->i1; ++i) {
    net2c_winograd_output_axis_short(column[i], out, o->j1);
    net2c_winograd_store(t, out, o, i, kept, blocks, 4);
  }
  if (net2c_winograd_keeps(t)) net2c_winograd_finish(t, kept, o, blocks, 4);
}

/* The mixed tiles of band `index` of the strip. */
NET2C_INLINE void net2c_winograd_output_band(const struct net2c_winograd_args *a, const struct net2c_frame *f, const struct net2c_tile *t, uint32_t block,
                                             uint32_t blocks, const float *m, size_t plane, uint32_t index, const struct net2c_band *b)
{
  struct net2c_winograd_place o;
  o.y_row = (ptrdiff_t)a->y.pitch * 8, o.r_row = (ptrdiff_t)a->r.pitch * 8, o.pixel = o.r_pixel = 8, o.i0 = o.j0 = 0;
  for (uint32_t i = 0; i < b->rows * b->columns; ++i, m += 16) {
    uint32_t row, column;
    net2c_band_place(b, i, &row, &column);
    const uint32_t y = (a->first + index * a->band + row) * 4, x = column * 4;
    o.i1 = row < b->full ? 4 : a->y.h % 4, o.j1 = column < b->whole ? 4 : a->y.w % 4;
    o.y = net2c_map_out(f, &a->y, 0, block) + (y * (size_t)a->y.pitch + x) * 8;
    o.r = t->residual ? net2c_map_in(f, &a->r, 0, block) + (y * (size_t)a->r.pitch + x) * 8 : o.y;
    if (o.i1 == 4 && o.j1 == 4) net2c_winograd_output_tile(t, m, plane, &o, blocks, 6, 4);
    else net2c_winograd_output_short(t, m, plane, &o, blocks);
  }
}

/* The maxima of each 2 x 2 of a tile's o->i1 x o->j1 outputs; down, across: its points. WHOLE: all of them, for 4 x 4. */
NET2C_INLINE void net2c_winograd_output_maxima(const struct net2c_tile *t, const float *m, size_t plane, const struct net2c_winograd_place *o, uint32_t blocks,
                                               uint32_t down, uint32_t across, const int WHOLE)
{
  const uint32_t h = WHOLE ? 4 : o->i1, w = WHOLE ? 4 : o->j1, all = 0x3f;
  struct net2c_winograd_place half = *o;
  vt column[4][6], in[6], out[2][4], most[2];
  half.j1 = w / 2;
  NET2C_UNROLL for (int i = 0; i < 4; ++i) out[0][i] = out[1][i] = sett(0.0f);
  NET2C_UNROLL for (uint32_t j = 0; j < 6; ++j)
  {
    NET2C_UNROLL for (uint32_t i = 0; i < 6; ++i) in[i] = WHOLE || (down >> i & across >> j & 1) ? loadt(m + (size_t)(i * 6 + j) * plane) : sett(0.0f);
    net2c_winograd_output_axis_short(in, out[0], WHOLE || down == all ? 4 : h);
    NET2C_UNROLL for (int i = 0; i < 4; ++i) column[i][j] = out[0][i];
  }
  for (uint32_t i = 0; i < h; i += 2) {
    NET2C_UNROLL for (uint32_t k = 0; k < 2; ++k) net2c_winograd_output_axis_short(column[i + k], out[k], WHOLE || across == all ? 4 : w);
    NET2C_UNROLL for (uint32_t j = 0; j < 2; ++j) most[j] = maxt(maxt(out[0][j * 2], out[0][j * 2 + 1]), maxt(out[1][j * 2], out[1][j * 2 + 1]));
    net2c_winograd_store(t, most, &half, i / 2, 0, blocks, 2);
  }
}
NET2C_NOINLINE void net2c_winograd_output_maxima_whole(const struct net2c_tile *t, const float *m, size_t plane, const struct net2c_winograd_place *o, uint32_t blocks)
{
  net2c_winograd_output_maxima(t, m, plane, o, blocks, 0x3f, 0x3f, 1);
}
NET2C_NOINLINE void net2c_winograd_output_maxima_some(const struct net2c_tile *t, const float *m, size_t plane, const struct net2c_winograd_place *o, uint32_t blocks,
                                                      uint32_t down, uint32_t across)
{
  net2c_winograd_output_maxima(t, m, plane, o, blocks, down, across, 0);
}

/* Tiles [from, from + tiles) of the strip, of band `index` where there are bands, as 2 x 2 maxima. */
NET2C_INLINE void net2c_winograd_output_pool(const struct net2c_winograd_args *a, const struct net2c_frame *f, const struct net2c_tile *t, uint32_t block,
                                             uint32_t blocks, const float *m, size_t plane, uint32_t from, uint32_t tiles, uint32_t index, const struct net2c_band *b)
{
  struct net2c_winograd_place o;
  o.y_row = (ptrdiff_t)a->y.pitch * 8, o.pixel = 8, o.j0 = 0;
  for (uint32_t i = 0; i < tiles; ++i, m += 16) {
    uint32_t row = (from + i) / a->columns, column = (from + i) % a->columns;
    if (a->band) {
      net2c_band_place(b, i, &row, &column);
      row += index * a->band;
    }
    const uint32_t n = (a->first + row) / a->tile_rows, y = (a->first + row) % a->tile_rows * 4, x = column * 4;
    o.i1 = a->y.h * 2 - y < 4 ? a->y.h * 2 - y : 4, o.j1 = a->y.w * 2 - x < 4 ? a->y.w * 2 - x : 4;
    o.y = net2c_map_out(f, &a->y, n, block) + (y / 2 * (size_t)a->y.pitch + x / 2) * 8;
    if (o.i1 == 4 && o.j1 == 4) net2c_winograd_output_maxima_whole(t, m, plane, &o, blocks);
    else net2c_winograd_output_maxima_some(t, m, plane, &o, blocks, a->band ? net2c_band_points(o.i1) : 0x3f, a->band ? net2c_band_points(o.j1) : 0x3f);
  }
}

/* The same of one axis, M outputs a tile. */
NET2C_INLINE void net2c_winograd_output_line(const struct net2c_winograd_args *a, const struct net2c_frame *f, const struct net2c_tile *t, uint32_t block,
                                             uint32_t blocks, const float *m, size_t plane, uint32_t from, uint32_t tiles, const int M)
{
  const ptrdiff_t y_row = (ptrdiff_t)a->y.pitch * 8, r_row = (ptrdiff_t)a->r.pitch * 8;
  const uint32_t size = a->vertical ? a->y.h : a->y.w, end = from + tiles;
  struct net2c_winograd_place o;
  o.y_row = a->vertical ? 8 : y_row, o.r_row = a->vertical ? 8 : r_row, o.pixel = a->vertical ? y_row : 8, o.r_pixel = a->vertical ? r_row : 8;
  o.i0 = o.j0 = 0;
  for (uint32_t i = from; i < end;) {
    const uint32_t at = i / a->rows * (uint32_t)M;
    const uint32_t line = a->first + i % a->rows, n = line / a->tile_rows, first = line % a->tile_rows;
    uint32_t count = a->rows - i % a->rows;   /* lines of image n */
    if (count > a->tile_rows - first) count = a->tile_rows - first;
    if (count > end - i) count = end - i;
    o.j1 = size - at < (uint32_t)M ? size - at : (uint32_t)M;
    o.y = net2c_map_out(f, &a->y, n, block) + first * o.y_row + at * o.pixel;
    o.r = t->residual ? net2c_map_in(f, &a->r, n, block) + first * o.r_row + at * o.r_pixel : o.y;
    for (i += count; count > 0; count -= o.i1, o.y += o.i1 * o.y_row, o.r += o.i1 * o.r_row) {
      v8 kept[4 * 4 * NET2C_VT / 8];
      o.i1 = count < 4 ? count : 4;
      for (uint32_t l = 0; l < o.i1; ++l, m += 16) {
        vt in[6], out[4];
        NET2C_UNROLL for (int k = 0; k < 6; ++k) in[k] = loadt(m + (size_t)k * plane);
        net2c_winograd_output_axis(in, out, 6, M);
        net2c_winograd_store(t, out, &o, l, kept, blocks, M);
      }
      if (net2c_winograd_keeps(t)) net2c_winograd_finish(t, kept, &o, blocks, (uint32_t)M);
    }
  }
}

/* Of R x C taps. */
typedef void (*net2c_winograd_filter_function)(const void *, ptrdiff_t, ptrdiff_t, float *, size_t, uint32_t);
NET2C_INLINE net2c_winograd_filter_function net2c_winograd_filter_of(uint32_t R, uint32_t C, const int H)
{
  if (R == 3) return H ? net2c_winograd_filter33_half : net2c_winograd_filter33;
  if (R == 5) return H ? net2c_winograd_filter55_half : net2c_winograd_filter55;
  if (R == 2 && C == 2) return H ? net2c_winograd_filter22_half : net2c_winograd_filter22;
  if (R == 2) return H ? net2c_winograd_filter21_half : net2c_winograd_filter21;
  if (C == 2) return H ? net2c_winograd_filter12_half : net2c_winograd_filter12;
  return H ? net2c_winograd_filter11_half : net2c_winograd_filter11;
}

/* Filters of one pair of blocks, `width` channels, transformed: blocks [from, to) of the input channels, of all images one after the other.
 * high, wide: taps of this phase, where transposed. */
NET2C_INLINE void net2c_winograd_filters(const void *w, uint32_t width, uint32_t ic_blocks, uint32_t from, uint32_t to, float *u, size_t plane,
                                         uint32_t high, uint32_t wide, const int R, const int S, const int T, const int D, const int H)
{
  const ptrdiff_t tap = (ptrdiff_t)width;
  if (D == 1) {
    const int read = R == 7 ? 4 : 3;
    for (uint32_t k = from * 8; k < to * 8; ++k, u += 16) {
      const uint32_t piece = k / (ic_blocks * 8), c = k - piece * ic_blocks * 8;
      const void *wc = net2c_weights_at(w, ((ptrdiff_t)c * R + piece * 3) * tap, H);
      NET2C_UNROLL for (int n = 0; n < read; ++n) prefetch8(net2c_weights_at(wc, (R * 18 + n) * tap, H));
      for (uint32_t b = 0; b < width; b += NET2C_VT) {
        const void *at = net2c_weights_at(wc, (ptrdiff_t)b, H);
        if (R == 3) net2c_winograd_filter_line(at, tap, u + b, plane, width, 3, 6, H);
        else if (piece == 0) net2c_winograd_filter_line(at, tap, u + b, plane, width, 3, 5, H);
        else net2c_winograd_filter_line(at, tap, u + b, plane, width, 4, 6, H);
      }
    }
    return;
  }
  const int most = T ? 4 : R * R;
  const ptrdiff_t taps = T ? (ptrdiff_t)(high * wide) : most;
  for (uint32_t k = from * 8; k < to * 8; ++k, u += 16) {
    const uint32_t image = S == 2 && !T ? k / (ic_blocks * 8) : 0, c = k - image * ic_blocks * 8;
    const uint32_t p = NET2C_WINOGRAD_IMAGE_ROW(image), q = NET2C_WINOGRAD_IMAGE_COLUMN(image);
    const net2c_winograd_filter_function filter =
      T ? net2c_winograd_filter_of(high, wide, H)
      : S == 2 ? net2c_winograd_filter_of(((uint32_t)R + 1 - p) / 2, ((uint32_t)R + 1 - q) / 2, H)
      : net2c_winograd_filter_of((uint32_t)R, (uint32_t)R, H);
    const void *wc = net2c_weights_at(w, (ptrdiff_t)c * taps * tap, H);
    NET2C_UNROLL for (int n = 0; n < most; ++n) prefetch8(net2c_weights_at(wc, (taps * 6 + n) * tap, H));
    for (uint32_t b = 0; b < width; b += NET2C_VT) {
      const ptrdiff_t first = (ptrdiff_t)b + (T ? taps - 1 : S == 2 ? (ptrdiff_t)(p * (uint32_t)R + q) : 0) * tap;
      const ptrdiff_t row = (T ? -(ptrdiff_t)wide : R * S) * tap, next = (T ? -1 : S) * tap;   /* T: tap n reads pixel q - n */
      filter(net2c_weights_at(wc, first, H), row, next, u + b, plane, width);
    }
  }
}

/* Blocks [first, past) of the depth, those whose products at a point are not zero. */
struct net2c_winograd_range { uint32_t first, past; };

/* An axis with one tap has none at infinity: of 3 x 3 with stride 2 that of odd rows or columns, whose images lie so that one range is left; transposed,
 * one where a phase has one tap (high, wide). Seven taps: of a piece; the first has three taps of four. */
NET2C_INLINE struct net2c_winograd_range net2c_winograd_range_of(uint32_t point, uint32_t piece, uint32_t ic_blocks, uint32_t high, uint32_t wide,
                                                                 const int R, const int S, const int T)
{
  struct net2c_winograd_range some = {piece * ic_blocks, (piece + (S == 2 && !T ? 4 : 1)) * ic_blocks};
  const int bottom = point / 5 == 4, right = point % 5 == 4;
  if (R == 7 && piece == 0 && point == 5) some.past = 0;
  if (R == 3 && S == 2 && T && ((bottom && high == 1) || (right && wide == 1))) some.past = 0;
  if (R == 3 && S == 2 && !T && right) some.first = ic_blocks, some.past = 3 * ic_blocks;
  if (R == 3 && S == 2 && !T && bottom) some.past = 2 * ic_blocks;
  return some;
}

/* Halos of the rows of which these blocks' outputs [from, to) of all lines of the strip are the last. */
NET2C_INLINE void net2c_winograd_halo_lines(const struct net2c_winograd_args *a, const struct net2c_frame *f, uint32_t block, uint32_t blocks, uint32_t from,
                                            uint32_t to)
{
  for (uint32_t line = a->first; line < a->first + a->rows; ++line) {
    const uint32_t n = line / a->tile_rows, at = line % a->tile_rows;
    for (uint32_t b = 0; b < blocks; ++b)
      if (!a->vertical && to >= a->y.w) net2c_halo_rows(f, &a->y, n, block + b, at, at + 1);
      else if (a->vertical && at == a->tile_rows - 1) net2c_halo_rows(f, &a->y, n, block + b, from, to < a->y.h ? to : a->y.h);
  }
}

/* R: taps of the kernel's side, 3 and 5 with stride S = 1, 3 and 4 with S = 2, which is 2 (of 3: or 1) with stride 1 of the four images that have
 * every second pixel. T: transposed, S = 2: each of the four phases of the output is 2 x 2 (of 3 x 3: or 1) with stride 1, all of the same input.
 * D: dimensions; of one, R is 3 or 7, and 7 is two pieces. */
NET2C_INLINE void net2c_winograd_body(const struct net2c_winograd_args *a, const struct net2c_frame *f, uint32_t chunk, const int R, const int S,
                                      const int T, const int D, const int H)
{
  const int N = S == 2 ? 5 : 6, M = R == 5 ? 2 : R == 7 ? 3 : 4, apart = T ? S : 1;
  const uint32_t images = S == 2 && !T ? 4 : 1, pieces = R == 7 ? 2 : 1, points = (uint32_t)(D == 1 ? N : N * N);
  const uint32_t panels = NET2C_WINOGRAD_PANELS(a->oc_blocks), all = panels * a->groups, depth = a->ic_blocks * images * pieces;
  const uint32_t oc_chunk = chunk % a->oc_chunks, row_chunk = chunk / a->oc_chunks;
  const uint32_t rows = D == 1 ? a->columns : a->rows, columns = D == 1 ? a->rows : a->columns;   /* as tiles lie in V */
  const uint32_t band = R == 3 && S == 1 && D == 2 ? a->band : 0, units = band ? (rows + band - 1) / band : rows;   /* mixed tiles: chunks are of bands */
  const uint32_t c0 = net2c_cut(units, row_chunk, a->row_chunks), c1 = net2c_cut(units, row_chunk + 1, a->row_chunks);
  const uint32_t r0 = band ? c0 * band : c0, r1 = !band ? c1 : c1 * band < rows ? c1 * band : rows;
  const uint32_t last = net2c_cut(all, oc_chunk + 1, a->oc_chunks), tiles = (r1 - r0) * columns;
  const uint32_t parts = band ? c1 - c0 : (tiles + NET2C_WINOGRAD_BLOCK - 1) / NET2C_WINOGRAD_BLOCK;
  const uint32_t pool = R == 3 && S == 1 && D == 2 ? a->pool : 0, h = a->y.h << pool, width = a->y.w << pool;
  const size_t v_plane = NET2C_WINOGRAD_PLANE((size_t)a->groups * a->ic_blocks * images * a->pitch * 8), v_step = (size_t)a->pitch * 8;
  const size_t u_plane = NET2C_WINOGRAD_PLANE((size_t)a->depth * 128), m_plane = NET2C_WINOGRAD_PLANE(NET2C_WINOGRAD_BLOCK * 16);
  const size_t u_next = points * u_plane, m_next = points * m_plane;
  float *u = (float *)f->scratch, *m = u + 2 * u_next;
  struct net2c_tile t;
  t.residual = a->r.base != NET2C_NONE, t.act = a->act, t.a = a->a, t.b = a->b, t.y_block = (size_t)a->y.plane * 8, t.r_block = (size_t)a->r.plane * 8;
  for (uint32_t i = net2c_cut(all, oc_chunk, a->oc_chunks); i < last; ++i) {
    const uint32_t group = i / panels, panel = i % panels, block = group * a->oc_blocks + panel * 4;
    const uint32_t blocks = a->oc_blocks - panel * 4 < 4 ? a->oc_blocks - panel * 4 : 4, pairs = (blocks + 1) / 2;
    const float *v = (const float *)net2c_in(f, a->v) + (size_t)group * a->ic_blocks * v_step;
    /* Multiplied side by side are the panel's pairs, or, one after the other, a row of phases of one pair. */
    const uint32_t turns = T ? 2 * pairs : 1, sides = T ? 2 : pairs;
    for (uint32_t turn = 0; turn < turns; ++turn) {
      const uint32_t phase = turn % 2, b0 = T ? block + turn / 2 * 2 : block, of = !T ? blocks : blocks - turn / 2 * 2 < 2 ? 1 : 2;
      const uint32_t high = R == 3 ? 1 + ((phase + (uint32_t)a->top) & 1) : 2, wide0 = R == 3 ? 1 + ((uint32_t)a->left & 1) : 2;
      const int32_t y = phase ? 1 - 2 * (a->top & 1) : 0, x = 1 - 2 * (a->left & 1);
      const void *w[2];   /* of each side */
      uint32_t wide[2];
      for (uint32_t side = 0; side < sides; ++side) {
        wide[side] = side ? (uint32_t)R - wide0 : wide0;
        const uint32_t kernel = T ? high * wide[side] : D == 1 ? (uint32_t)R : (uint32_t)(R * R), first = T ? b0 : block + side * 2;
        const uint32_t before = !T ? 0 : (phase ? (uint32_t)R - high : 0) * (uint32_t)R + (side ? high * wide0 : 0);   /* taps of the phases before */
        w[side] = net2c_weights_at(net2c_in(f, a->w), (ptrdiff_t)(((size_t)before * a->groups * a->oc_blocks + (size_t)kernel * first) * a->ic_blocks * 64), H);
      }
      if (of & 1) /* products are of two blocks; nobody reads those of a second that is not there */
        for (size_t j = T ? 0 : (sides - 1) * u_next; j < sides * u_next; j += 8) store8(u + j, set8(0.0f));
      for (uint32_t k = 0; k < depth; k += a->depth) {
        const uint32_t end = depth - k < a->depth ? depth : k + a->depth;
        for (uint32_t side = 0; side < sides; ++side)
          net2c_winograd_filters(w[side], of == 1 || (!T && of - side * 2 < 2) ? 8 : 16, a->ic_blocks, k, end, u + side * u_next, u_plane, high, wide[side], R,
                                 S, T, D, H);
        for (uint32_t part = 0; part < parts; ++part) {
          const struct net2c_band some_rows = net2c_band_of(c0 + part, band, a->first, rows, a->tile_rows, columns, h, width);
          const uint32_t from = band ? some_rows.base : r0 * columns + net2c_cut(tiles, part, parts);
          const uint32_t to = band ? from + some_rows.rows * columns : r0 * columns + net2c_cut(tiles, part + 1, parts);
          for (uint32_t p = 0; p < points; ++p) {
            uint32_t without = 0, with = to - from;   /* tiles of the part that have the product */
            if (band) net2c_band_range(&some_rows, p / 6, p % 6, h, width, &without, &with);
            if (without == with) continue;
            const uint32_t together = T && R == 3 && p % 5 == 4 ? 1 : sides;   /* there, one of the phases has no product */
            for (uint32_t side = 0; side < sides; side += together)
              for (uint32_t piece = 0; piece < pieces; ++piece) {
                const struct net2c_winograd_range some = net2c_winograd_range_of(p, piece, a->ic_blocks, high, wide[side], R, S, T);
                const uint32_t first = k > some.first ? k : some.first, past = end < some.past ? end : some.past;
                if (first >= past && !(T && some.past == 0 && k == 0)) continue;   /* there, a sum of nothing: zeros */
                const struct net2c_product product = {v + p * v_plane + (first - piece * a->ic_blocks) * v_step + (size_t)(from + without + piece * columns) * 8,
                                                      u + side * u_next + p * u_plane + (size_t)(first - k) * 128,
                                                      m + side * m_next + p * m_plane + without * 16, v_step, u_next, m_next, past - first,
                                                      first > some.first || (piece > 0 && p < points - 1)};
                net2c_product(product, with - without, together);
              }
          }
          if (end < depth) continue;
          for (uint32_t b = 0, some; b < of; b += some) {
            some = of - b < NET2C_VT / 8 ? of - b : NET2C_VT / 8;
            const float *mb = m + b / 2 * m_next + b % 2 * 8;
            net2c_tile_channels(&t, f, a->bias, a->scale, a->shift, b0 + b, some, a->y.c);
            if (D == 1) net2c_winograd_output_line(a, f, &t, b0 + b, some, mb, m_plane, from, to - from, M);
            else if (pool) net2c_winograd_output_pool(a, f, &t, b0 + b, some, mb, m_plane, from, to - from, c0 + part, &some_rows);
            else if (band) net2c_winograd_output_band(a, f, &t, b0 + b, some, mb, m_plane, c0 + part, &some_rows);
            else net2c_winograd_output(a, f, &t, b0 + b, some, mb, m_plane, m_next, from, to - from, y, 0, x, N, M, apart);
          }
        }
      }
    }
    if (D == 1) {
      net2c_winograd_halo_lines(a, f, block, blocks, r0 * (uint32_t)M, r1 * (uint32_t)M);
      continue;
    }
    for (uint32_t b = 0; b < blocks; ++b)
      for (uint32_t r = a->first + r0; r < a->first + r1; ++r) {
        const int32_t step = pool ? M / 2 : M * apart, top = (int32_t)(r % a->tile_rows) * step - (T ? a->top & 1 : 0), end = top + step;
        net2c_halo_rows(f, &a->y, r / a->tile_rows, block + b, top < 0 ? 0 : (uint32_t)top, (uint32_t)end < a->y.h ? (uint32_t)end : a->y.h);
      }
  }
}

#endif
