#ifndef NET2C_WINOGRAD_H
#define NET2C_WINOGRAD_H

#include "kernels/conv/tile.h"
#include "kernels/winograd/product.h"
#include "kernels/winograd/transform.h"
#include "kernels/winograd/winograd_args.h"

/* One tile of eight channels, from its 36 products, `plane` floats apart: h x w pixels of it are in the map, at y and r. */
NET2C_INLINE void net2c_winograd_output_tile(struct net2c_tile *t, const float *m, size_t plane, float *y, size_t y_row, const float *r,
                                             size_t r_row, uint32_t h, uint32_t w, const int M)
{
  const v8 bias = load8(t->bias), low = set8(t->a), high = set8(t->b);
  v8 column[4][6], in[6], out[4];
  NET2C_UNROLL for (int j = 0; j < 6; ++j)
  {
    NET2C_UNROLL for (int i = 0; i < 6; ++i) in[i] = load8(m + (size_t)(i * 6 + j) * plane);
    net2c_winograd_output6(in, out, M);
    NET2C_UNROLL for (int i = 0; i < M; ++i) column[i][j] = out[i];
  }
  for (uint32_t i = 0; i < h; ++i) {
    net2c_winograd_output6(column[i], out, M);
    NET2C_UNROLL for (int j = 0; j < M; ++j) out[j] = add8(out[j], bias);
    if (t->clamp) {
      if (t->residual)
        for (uint32_t j = 0; j < w; ++j) out[j] = add8(out[j], load8(r + i * r_row + j * 8));
      if (w == (uint32_t)M) {
        NET2C_UNROLL for (int j = 0; j < M; ++j) store8(y + i * y_row + j * 8, min8(high, max8(low, out[j])));
      } else {
        for (uint32_t j = 0; j < w; ++j) store8(y + i * y_row + j * 8, min8(high, max8(low, out[j])));
      }
    } else {
      for (uint32_t j = 0; j < w; ++j) t->y[j] = y + i * y_row + j * 8, t->r[j] = r + i * r_row + j * 8;
      net2c_tile_finish(t, out, w, 1);
    }
  }
}

/* Tiles [from, from + tiles) of the strip, one block of eight channels. */
NET2C_INLINE void net2c_winograd_output(const struct net2c_winograd_args *a, const struct net2c_frame *f, struct net2c_tile *t, uint32_t block,
                                        const float *m, size_t plane, uint32_t from, uint32_t tiles, const int M)
{
  const size_t y_row = (size_t)a->y.pitch * 8, r_row = (size_t)a->r.pitch * 8;
  for (uint32_t i = from; i < from + tiles; ++i, m += 16) {
    const uint32_t row = a->first + i / a->columns, n = row / a->tile_rows;
    const uint32_t top = row % a->tile_rows * (uint32_t)M, left = i % a->columns * (uint32_t)M;
    const uint32_t h = a->y.h - top < (uint32_t)M ? a->y.h - top : (uint32_t)M, w = a->y.w - left < (uint32_t)M ? a->y.w - left : (uint32_t)M;
    float *y = net2c_map_out(f, &a->y, n, block) + top * y_row + left * 8;
    const float *r = t->residual ? net2c_map_in(f, &a->r, n, block) + top * r_row + left * 8 : y;
    net2c_winograd_output_tile(t, m, plane, y, y_row, r, r_row, h, w, M);
  }
}

NET2C_INLINE void net2c_winograd_body(const struct net2c_winograd_args *a, const struct net2c_frame *f, uint32_t chunk, const int R)
{
  const int M = 7 - R;
  const uint32_t panels = (a->oc_blocks + 1) / 2, all = panels * a->groups;
  const uint32_t oc_chunk = chunk % a->oc_chunks, row_chunk = chunk / a->oc_chunks;
  const uint32_t r0 = net2c_cut(a->rows, row_chunk, a->row_chunks), r1 = net2c_cut(a->rows, row_chunk + 1, a->row_chunks);
  const uint32_t last = net2c_cut(all, oc_chunk + 1, a->oc_chunks), tiles = (r1 - r0) * a->columns;
  const uint32_t parts = (tiles + NET2C_WINOGRAD_BLOCK - 1) / NET2C_WINOGRAD_BLOCK, channels = a->ic_blocks * 8;
  const size_t v_plane = NET2C_WINOGRAD_PLANE((size_t)a->groups * a->ic_blocks * a->pitch * 8), v_step = (size_t)a->pitch * 8;
  const size_t u_plane = NET2C_WINOGRAD_PLANE((size_t)channels * 16), m_plane = NET2C_WINOGRAD_PLANE(NET2C_WINOGRAD_BLOCK * 16);
  float *u = (float *)f->scratch, *m = u + 36 * u_plane;
  struct net2c_tile t;
  t.residual = a->r.base != NET2C_NONE, t.act = a->act, t.a = a->a, t.b = a->b, t.y_block = t.r_block = 0;
  for (uint32_t i = net2c_cut(all, oc_chunk, a->oc_chunks); i < last; ++i) {
    const uint32_t group = i / panels, panel = i % panels, block = group * a->oc_blocks + panel * 2;
    const uint32_t blocks = a->oc_blocks - panel * 2 < 2 ? 1 : 2, width = blocks * 8;
    const float *w = (const float *)net2c_in(f, a->w) + (size_t)block * 8 * R * R * channels;
    const float *v = (const float *)net2c_in(f, a->v) + (size_t)group * a->ic_blocks * v_step;
    for (uint32_t c = 0; c < channels; ++c)
      for (uint32_t b = 0; b < width; b += 8) net2c_winograd_filter(w + c * width + b, (size_t)channels * width, u + c * 16 + b, u_plane, R);
    for (uint32_t part = 0; part < parts; ++part) {
      const uint32_t from = r0 * a->columns + net2c_cut(tiles, part, parts), to = r0 * a->columns + net2c_cut(tiles, part + 1, parts);
      for (uint32_t p = 0; p < 36; ++p)
        net2c_product(v + p * v_plane + (size_t)from * 8, v_step, u + p * u_plane, m + p * m_plane, a->ic_blocks, to - from, blocks);
      for (uint32_t b = 0; b < blocks; ++b) {
        net2c_tile_panel(&t, f, w, a->bias, a->scale, a->shift, block + b, 1, 0, a->y.c);
        net2c_winograd_output(a, f, &t, block + b, m + b * 8, m_plane, from, to - from, M);
      }
    }
    for (uint32_t b = 0; b < blocks; ++b)
      for (uint32_t r = a->first + r0; r < a->first + r1; ++r) {
        const uint32_t top = r % a->tile_rows * (uint32_t)M;
        net2c_halo_rows(f, &a->y, r / a->tile_rows, block + b, top, top + (uint32_t)M < a->y.h ? top + (uint32_t)M : a->y.h);
      }
  }
}

#endif
