/* Convolutions 9 x 9 of a picture, whose three numbers a pixel lie side by side: nine pieces of 3 x 3, each by Winograd's F(3,3), whose sums meet before the
 * output's transform. A row of tiles is transformed once and serves three rows of pieces, in a ring of three. */
#ifndef NET2C_NESTED_IMAGE_H
#define NET2C_NESTED_IMAGE_H

#include "kernels/winograd/nested.h"
#include "kernels/winograd/winograd.h"

#if NET2C_TILE_BLOCKS == 4   /* tiles of a product; those of a row are whole ones */
#define NET2C_PICTURE_TILES 10
#else
#define NET2C_PICTURE_TILES 6
#endif

/* Products of one point, as net2c_product's: 3 rows of 9 numbers, those of 3 tiles side by side, three numbers from tile to tile. */
struct net2c_picture_product {
  const float *x, *u;
  float *m;
  size_t row, back, u_next, m_next;
  uint32_t wrap, tiles;   /* the ring goes back after `wrap` rows */
};

NET2C_INLINE void net2c_picture_product(const struct net2c_picture_product *a, const int B)
{
  enum { W = 16 / NET2C_VW, P = NET2C_PICTURE_TILES };
  const float *from = a->x;
  float *m = a->m;
  const size_t u_next = a->u_next, m_next = a->m_next;
  for (uint32_t tile = 0; tile < a->tiles; tile += P, from += P * 3, m += P * 16) {
    const float *row = from, *u = a->u;
    vw c[P][2 * W];
    NET2C_UNROLL for (int p = 0; p < P; ++p)
    {
      NET2C_UNROLL for (int v = 0; v < B * W; ++v) c[p][v] = setw(0.0f);
    }
    for (uint32_t i = 0; i < 3; ++i) {
      const float *x = i < a->wrap ? row : row - a->back;
      _Pragma("GCC unroll 1") for (uint32_t k = 0; k < 9; ++k, ++x, u += 16)
      {
        __asm__ volatile("" : : : "memory"); /* gcc would carry numbers from step to step in vector registers */
        vw w[2 * W];
        NET2C_UNROLL for (int v = 0; v < B * W; ++v) w[v] = loadw(u + (v < W ? 0 : u_next) + v % W * NET2C_VW);
        NET2C_UNROLL for (int p = 0; p < P; ++p)
        {
          const vw s = bcastw(x + p * 3);
          NET2C_UNROLL for (int v = 0; v < B * W; ++v) c[p][v] = fmaw(w[v], s, c[p][v]);
          holdw(s);
        }
        NET2C_UNROLL for (int v = 0; v < B * W; ++v) holdw(w[v]);
      }
      row += a->row;
    }
    NET2C_UNROLL for (int p = 0; p < P; ++p)
    {
      NET2C_UNROLL for (int v = 0; v < B * W; ++v) storew(m + (v < W ? 0 : m_next) + p * 16 + v % W * NET2C_VW, c[p][v]);
    }
  }
}
NET2C_NOINLINE void net2c_picture_product_1(const struct net2c_picture_product *a) { net2c_picture_product(a, 1); }
#if NET2C_TILE_BLOCKS == 4
NET2C_NOINLINE void net2c_picture_product_2(const struct net2c_picture_product *a) { net2c_picture_product(a, 2); }
#endif

/* A row of tiles, to v [25][pitch]: of its pixels high x wide are there, the others are zero. rows: scratch of 15 times pitch. */
NET2C_INLINE void net2c_picture_input(const float *x, size_t x_row, uint32_t high, uint32_t wide, uint32_t tiles, float *rows, float *v, size_t pitch)
{
  /* Every third pixel is a stream: so numbers of tiles side by side are, too. */
  for (uint32_t i = 0; i < 5; ++i)
    for (uint32_t s = 0; s < 3; ++s) {
      float *to = rows + (i * 3 + s) * pitch;
      const float *from = x + i * x_row + s * 3;
      const uint32_t all = tiles + 1, there = i >= high || wide <= s ? 0 : (wide - s + 2) / 3;
      uint32_t t = 0;
      for (; t < all && t < there; ++t, from += 9, to += 3) store8(to, load8(from));
      for (uint32_t k = 0; k < (all - t) * 3 + 8; k += 8) store8(to + k, set8(0.0f));
    }
  for (uint32_t k = 0; k < tiles * 3; k += NET2C_VT) {
    vt t[5][5], in[5], out[5];
    NET2C_UNROLL for (int j = 0; j < 5; ++j)
    {
      NET2C_UNROLL for (int i = 0; i < 5; ++i) in[i] = loadt(rows + (size_t)(i * 3 + j % 3) * pitch + k + j / 3 * 3);
      net2c_nested_input_axis(in, out);
      NET2C_UNROLL for (int i = 0; i < 5; ++i) t[i][j] = out[i];
    }
    NET2C_UNROLL for (int i = 0; i < 5; ++i)
    {
      net2c_nested_input_axis(t[i], out);
      NET2C_UNROLL for (int j = 0; j < 5; ++j) storet(v + (size_t)(i * 5 + j) * pitch + k, out[j]);
    }
  }
}

/* Filters w [9][9][3][width] of a pair of blocks or one, to u [25][3][9][16]. */
NET2C_INLINE void net2c_picture_filters(const void *w, float *u, uint32_t width, const int H)
{
  for (uint32_t piece = 0; piece < 9; ++piece)
    for (uint32_t c = 0; c < 3; ++c, u += 16)
      for (uint32_t l = 0; l < width; l += NET2C_VT)
        net2c_nested_filter(w, (ptrdiff_t)((NET2C_NESTED_PIECE(piece) * 3 + c) * width + l), 3 * (ptrdiff_t)width, u + l, 27 * 16, width - l, H);
}

NET2C_INLINE void net2c_nested_image_body(const struct net2c_nested_image_args *a, const struct net2c_frame *f, uint32_t chunk, const int H)
{
  const uint32_t n = chunk / a->row_chunks, part = chunk % a->row_chunks, rows = (a->y.h + 2) / 3, columns = (a->y.w + 2) / 3;
  const uint32_t r0 = net2c_cut(rows, part, a->row_chunks), r1 = net2c_cut(rows, part + 1, a->row_chunks);
  const uint32_t blocks = (a->y.c + 7) / 8, pairs = (blocks + 1) / 2, high = a->y.h + 8, wide = a->y.w + 8;
  const size_t x_row = (size_t)a->x.pitch * 3, pitch = NET2C_PICTURE_PITCH((columns + a->strips - 1) / a->strips), slot = 25 * pitch;
  const size_t u_next = 25 * 27 * 16, m_plane = NET2C_WINOGRAD_PLANE(NET2C_PICTURE_BLOCK * 16), m_next = 25 * m_plane;
  float *u = (float *)f->scratch, *v = u + pairs * u_next, *cut = v + 3 * slot, *m = cut + 15 * pitch;
  struct net2c_tile t;
  t.residual = a->r.base != NET2C_NONE, t.act = a->act, t.a = a->a, t.b = a->b, t.y_block = (size_t)a->y.plane * 8, t.r_block = (size_t)a->r.plane * 8;
  for (uint32_t b = 0; b < pairs; ++b) {
    const uint32_t width = blocks - b * 2 < 2 ? 8 : 16;
    if (width == 8)
      for (size_t j = 0; j < u_next; j += 8) store8(u + b * u_next + j, set8(0.0f));
    net2c_picture_filters(net2c_weights_at(net2c_in(f, a->w), (ptrdiff_t)(b * 16 * 243), H), u + b * u_next, width, H);
  }
  for (uint32_t s = 0; s < a->strips; ++s) {
    const uint32_t c0 = net2c_cut(columns, s, a->strips), tiles = net2c_cut(columns, s + 1, a->strips) - c0;
    const float *x = net2c_map_in(f, &a->x, n, 0) - a->top * (ptrdiff_t)x_row + ((ptrdiff_t)c0 * 3 - a->left) * 3;
    for (uint32_t r = r0, ready = r0; r < r1; ++r) {
      for (; ready < r + 3; ++ready)
        net2c_picture_input(x + ready * 3 * x_row, x_row, high > ready * 3 ? high - ready * 3 : 0, wide - c0 * 3, tiles + 2, cut, v + ready % 3 * slot, pitch);
      struct net2c_winograd_place o;
      o.y_row = (ptrdiff_t)a->y.pitch * 8, o.r_row = (ptrdiff_t)a->r.pitch * 8, o.pixel = o.r_pixel = 8;
      o.i0 = o.j0 = 0, o.i1 = a->y.h - r * 3 < 3 ? a->y.h - r * 3 : 3;
      for (uint32_t from = 0; from < tiles; from += NET2C_PICTURE_BLOCK) {
        const uint32_t some = tiles - from < NET2C_PICTURE_BLOCK ? tiles - from : NET2C_PICTURE_BLOCK;
        for (uint32_t b = 0, together; b < pairs; b += together) {
          together = NET2C_TILE_BLOCKS == 4 && pairs - b > 1 ? 2 : 1;
          for (uint32_t p = 0; p < 25; ++p) {
            const struct net2c_picture_product product = {v + r % 3 * slot + p * pitch + from * 3, u + b * u_next + p * 27 * 16, m + p * m_plane, slot, 3 * slot,
                                                          u_next, m_next, 3 - r % 3, some};
#if NET2C_TILE_BLOCKS == 4
            if (together == 2) {
              net2c_picture_product_2(&product);
              continue;
            }
#endif
            net2c_picture_product_1(&product);
          }
          for (uint32_t block = b * 2, step; block < blocks && block < (b + together) * 2; block += step) {
            step = blocks - block < NET2C_VT / 8 ? blocks - block : NET2C_VT / 8;
            net2c_tile_channels(&t, f, a->bias, a->scale, a->shift, block, step, a->y.c);
            for (uint32_t k = 0; k < some; ++k) {
              const uint32_t at = (c0 + from + k) * 3;
              o.j1 = a->y.w - at < 3 ? a->y.w - at : 3;
              o.y = net2c_map_out(f, &a->y, n, block) + ((size_t)(r * 3) * a->y.pitch + at) * 8;
              o.r = t.residual ? net2c_map_in(f, &a->r, n, block) + ((size_t)(r * 3) * a->r.pitch + at) * 8 : o.y;
              for (uint32_t h = 0; h < step; ++h)
                NET2C_UNROLL for (int l = 0; l < 3; ++l) prefetch8(o.y + 64 + h * t.y_block + l * o.y_row), prefetch8(o.y + 80 + h * t.y_block + l * o.y_row);
              net2c_winograd_output_tile(&t, m + (block / 2 - b) * m_next + block % 2 * 8 + k * 16, m_plane, &o, step, 5, 3);
            }
          }
        }
      }
    }
  }
  for (uint32_t block = 0; block < blocks; ++block) net2c_halo_rows(f, &a->y, n, block, r0 * 3, r1 * 3 < a->y.h ? r1 * 3 : a->y.h);
}

#endif
