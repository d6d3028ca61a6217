#ifndef NET2C_NESTED_NARROW_H
#define NET2C_NESTED_NARROW_H

#include "kernels/conv/narrow.h"
#include "kernels/winograd/nested.h"

/* Filters w [9][9][count][8], to u [25][3][3][count][8]. */
NET2C_INLINE void net2c_nested_filters(const void *w, float *u, uint32_t count, const int H)
{
  const uint32_t lanes = count * 8;
  for (uint32_t piece = 0; piece < 9; ++piece, u += lanes)
    for (uint32_t l = 0; l < lanes; l += NET2C_VT)
      net2c_nested_filter(w, (ptrdiff_t)(NET2C_NESTED_PIECE(piece) * lanes + l), (ptrdiff_t)lanes, u + l, 9 * (size_t)lanes, lanes - l, H);
}

#if NET2C_VW == 16
NET2C_INLINE vt net2c_nested_pixel(const float *p, size_t next) { return halvesw(twicew(load8(p)), twicew(load8(p + next))); }
#else
NET2C_INLINE vt net2c_nested_pixel(const float *p, size_t next) { (void)next; return load8(p); }
#endif

/* Tiles side by side of a block, and on AVX-512 of that `next` floats further at x and `v_next` at v. */
NET2C_NOINLINE void net2c_nested_input_tiles(const float *x, size_t row, size_t next, uint32_t tiles, float *v, size_t v_next, size_t plane)
{
  vt t[5][5], in[5], out[5];
  for (uint32_t k = 0; k < tiles; ++k, x += 24, v += 8) {
    NET2C_UNROLL for (int j = 0; j < 5; ++j)
    {
      if (j < 2 && k > 0) {   /* the last tile's, too */
        NET2C_UNROLL for (int i = 0; i < 5; ++i) t[i][j] = t[i][j + 3];
      } else {
        NET2C_UNROLL for (int i = 0; i < 5; ++i) in[i] = net2c_nested_pixel(x + (size_t)i * row + j * 8, next);
        net2c_nested_input_axis(in, out);
        NET2C_UNROLL for (int i = 0; i < 5; ++i) t[i][j] = out[i];
      }
    }
    NET2C_UNROLL for (int i = 0; i < 5; ++i)
    {
      net2c_nested_input_axis(t[i], out);
      NET2C_UNROLL for (int j = 0; j < 5; ++j)
      {
        store8(v + (size_t)(i * 5 + j) * plane, halft(out[j], 0));
        if (NET2C_VT == 16) store8(v + (size_t)(i * 5 + j) * plane + v_next, halft(out[j], NET2C_VT / 8 - 1));
      }
    }
  }
}

/* A row of tiles of all blocks, to v [25][blocks][pitch][8]; of its pixels high x wide are there, the others are zero. */
NET2C_INLINE void net2c_nested_input(const float *x, size_t row, size_t x_plane, uint32_t blocks, uint32_t high, uint32_t wide, uint32_t tiles, float *v,
                                     size_t pitch, size_t plane)
{
  const uint32_t fit = high < 5 || wide < 5 ? 0 : (wide - 2) / 3, whole = fit < tiles ? fit : tiles;
  for (uint32_t b = 0; b < blocks; b += NET2C_VT / 8) {
    const int pair = b + 1 < blocks;
    net2c_nested_input_tiles(x + b * x_plane, row, pair ? x_plane : 0, whole, v + b * pitch * 8, pair ? pitch * 8 : 0, plane);
  }
  for (uint32_t b = 0; b < blocks; ++b)
    for (uint32_t k = whole; k < tiles; ++k) {
      float tile[25 * 8];
      for (uint32_t i = 0; i < 5; ++i)
        for (uint32_t j = 0; j < 5; ++j)
          store8(tile + (i * 5 + j) * 8, i < high && k * 3 + j < wide ? load8(x + b * x_plane + i * row + (k * 3 + j) * 8) : set8(0.0f));
      net2c_nested_input_tiles(tile, 40, 0, 1, v + (b * pitch + k) * 8, 0, plane);
    }
}

/* m [25][C][NET2C_NESTED_TILES][8], to sums [3][C][3 * NET2C_NESTED_TILES][8], of whole vectors of tiles. */
NET2C_INLINE void net2c_nested_output(const float *m, float *sums, uint32_t tiles, const int C)
{
  const size_t channel = NET2C_NESTED_TILES * 8, row = (size_t)C * channel;
  for (uint32_t o = 0; o < (uint32_t)C; ++o)
    for (uint32_t k = 0; k < tiles; k += NET2C_VT / 8) {
      const float *from = m + o * channel + k * 8;
      float *to = sums + 3 * (o * channel + k * 8);
      vt t[3][5], in[5], out[3];
      NET2C_UNROLL for (int j = 0; j < 5; ++j)
      {
        NET2C_UNROLL for (int i = 0; i < 5; ++i) in[i] = loadt(from + (size_t)(i * 5 + j) * row);
        net2c_winograd_output_axis(in, out, 5, 3);
        NET2C_UNROLL for (int i = 0; i < 3; ++i) t[i][j] = out[i];
      }
      NET2C_UNROLL for (int i = 0; i < 3; ++i)
      {
        net2c_winograd_output_axis(t[i], out, 5, 3);
        NET2C_UNROLL for (int j = 0; j < 3; ++j)
        {
          NET2C_UNROLL for (int h = 0; h < NET2C_VT / 8; ++h) store8(to + 3 * (size_t)i * row + (h * 3 + j) * 8, halft(out[j], h));
        }
      }
    }
}

/* What the next row of tiles reads beside, 3 rows of all blocks of pixels side by side: some of it at a time, as the core waits where it asks for more than
 * it keeps track of. */
NET2C_INLINE void net2c_nested_ahead(const float *x, size_t row, size_t x_plane, uint32_t blocks, uint32_t pixels, uint32_t part, uint32_t parts)
{
  const uint32_t pairs = (pixels + 1) / 2, to = net2c_cut(blocks * 3 * pairs, part + 1, parts);
  uint32_t at = net2c_cut(blocks * 3 * pairs, part, parts), k = at / pairs, i = at - k * pairs;
  for (; at < to; ++k, i = 0) {
    const float *from = x + k / 3 * x_plane + k % 3 * row;
    for (; i < pairs && at < to; ++i, ++at) prefetch8_l2(from + i * 16);
  }
}

NET2C_INLINE void net2c_nested_narrow_body(const struct net2c_nested_narrow_args *a, const struct net2c_frame *f, uint32_t chunk, const int C, const int H)
{
  const uint32_t n = chunk / a->row_chunks, part = chunk % a->row_chunks, rows = (a->y.h + 2) / 3, columns = (a->y.w + 2) / 3;
  const uint32_t r0 = net2c_cut(rows, part, a->row_chunks), r1 = net2c_cut(rows, part + 1, a->row_chunks);
  const uint32_t blocks = (a->x.c + 7) / 8, high = a->y.h + 8, wide = a->y.w + 8;
  const size_t x_row = (size_t)a->x.pitch * 8, x_plane = (size_t)a->x.plane * 8;
  const size_t pitch = NET2C_NESTED_PITCH((columns + a->strips - 1) / a->strips), plane = NET2C_NESTED_PLANE(blocks, pitch), slot = 25 * plane;
  const size_t u_plane = (size_t)9 * 8 * blocks * C, m_plane = (size_t)C * NET2C_NESTED_TILES * 8;
  float *u = (float *)f->scratch, *v = u + 25 * u_plane, *m = v + 3 * slot, *sums = m + 25 * m_plane;
  struct net2c_narrow g;
  g.t.residual = a->r.base != NET2C_NONE, g.t.y_block = g.t.r_block = 0;
  g.t.act = a->act, g.t.a = a->a, g.t.b = a->b;
  g.row = slot, g.column = 8, g.block = pitch * 8, g.back = 3 * slot, g.pitch = NET2C_NESTED_TILES;
  g.kh = g.kw = 3, g.blocks = blocks;
  net2c_tile_panel(&g.t, f, (const float *)net2c_in(f, a->w), a->bias, a->scale, a->shift, 0, 1, 0, a->y.c);
  net2c_nested_filters(net2c_in(f, a->w), u, blocks * (uint32_t)C, H);
  for (uint32_t s = 0; s < a->strips; ++s) {
    const uint32_t c0 = net2c_cut(columns, s, a->strips), tiles = net2c_cut(columns, s + 1, a->strips) - c0;
    const uint32_t parts = (tiles + NET2C_NESTED_TILES - 1) / NET2C_NESTED_TILES;
    const float *x = net2c_map_in(f, &a->x, n, 0) - a->top * (ptrdiff_t)x_row + ((ptrdiff_t)c0 * 3 - a->left) * 8;
    for (uint32_t r = r0, ready = r0; r < r1; ++r) {
      for (; ready < r + 3; ++ready)
        net2c_nested_input(x + ready * 3 * x_row, x_row, x_plane, blocks, high > ready * 3 ? high - ready * 3 : 0, wide - c0 * 3, tiles + 2,
                           v + ready % 3 * slot, pitch, plane);
      g.wrap = 3 - r % 3;
      for (uint32_t i = 0; i < parts; ++i) {
        const uint32_t from = net2c_cut(tiles, i, parts), some = net2c_cut(tiles, i + 1, parts) - from, at = (c0 + from) * 3;
        const uint32_t pixels = a->y.w - at < some * 3 ? a->y.w - at : some * 3;
        for (uint32_t p = 0; p < 25; ++p) {
          net2c_nested_ahead(x + (ready * 3 + 2) * x_row, x_row, x_plane, blocks, tiles * 3, i * 25 + p, parts * 25);
          g.w = u + p * u_plane, g.sums = m + p * m_plane;
          net2c_narrow_sums(&g, v + r % 3 * slot + p * plane + from * 8, some, C, 0);
        }
        net2c_nested_output(m, sums, some, C);
        for (uint32_t k = 0; k < 3 && r * 3 + k < a->y.h; ++k) {
          const struct net2c_narrow_out to = net2c_narrow_at(net2c_narrow_row(f, &a->y, a->plain, n, r * 3 + k), at);
          const float *residual = g.t.residual ? net2c_map_in(f, &a->r, n, 0) + ((size_t)(r * 3 + k) * a->r.pitch + at) * 8 : x;
          net2c_narrow_finish(&g.t, sums + 3 * k * m_plane, 3 * NET2C_NESTED_TILES, to, residual, pixels, C);
        }
      }
    }
  }
  if (a->plain == NET2C_NONE) net2c_halo_rows(f, &a->y, n, 0, r0 * 3, r1 * 3 < a->y.h ? r1 * 3 : a->y.h);
}

#endif
