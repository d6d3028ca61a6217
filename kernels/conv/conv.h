/* Direct convolution: pairs of output blocks outer, so a pair's weights stay in cache over the pixels of the chunk. */
#ifndef NET2C_CONV_H
#define NET2C_CONV_H

#include "kernels/conv/tile.h"

/* Rows [from, to) of one image and pair of output blocks: tiles of near-equal size cover the pixels, across row ends. The
 * outputs are those of rows and columns yo + i * ys of y; the tile's w, bias, scale, shift and taps are set. */
NET2C_INLINE void net2c_conv_pixels(struct net2c_tile *t, const float *x, size_t x_row, size_t x_pixel, float *y, size_t y_row,
                                    size_t y_pixel, const float *r, size_t r_row, size_t r_pixel, uint32_t width, uint32_t pixels,
                                    uint32_t blocks, const int LANES, const int EPILOGUE)
{
  const uint32_t tiles = (pixels + NET2C_TILE - 1) / NET2C_TILE;
  uint32_t row = 0, column = 0, at = 0;
  for (uint32_t i = 0; i < tiles; ++i) {
    const uint32_t end = net2c_cut(pixels, i + 1, tiles), p = end - at;
    for (uint32_t k = 0; k < p; ++k) {
      t->x[k] = x + row * x_row + column * x_pixel;
      t->y[k] = y + row * y_row + column * y_pixel;
      if (t->residual) t->r[k] = r + row * r_row + column * r_pixel;
      if (++column == width) column = 0, ++row;
    }
    at = end;
    net2c_tile_run(t, p, blocks, LANES, EPILOGUE);
  }
}

NET2C_INLINE void net2c_conv_body(const struct net2c_conv_args *a, const struct net2c_frame *f, uint32_t chunk, const int LANES,
                                  const int EPILOGUE)
{
  const uint32_t pairs = (a->oc_blocks + 1) / 2, all = pairs * a->groups;
  const uint32_t oc_chunk = chunk % a->oc_chunks, row_chunk = chunk / a->oc_chunks % a->row_chunks;
  const uint32_t n = chunk / a->oc_chunks / a->row_chunks;
  const uint32_t r0 = net2c_cut(a->y.h, row_chunk, a->row_chunks), r1 = net2c_cut(a->y.h, row_chunk + 1, a->row_chunks);
  const uint32_t lanes = (uint32_t)LANES;
  const size_t taps = (size_t)a->kh * a->kw * a->ic_blocks * lanes;   /* of one output channel */
  const size_t x_row = (size_t)a->x.pitch * lanes;
  const float *weights = (const float *)net2c_in(f, a->w), *bias = (const float *)net2c_in(f, a->bias);
  struct net2c_tile t;
  t.kh = a->kh, t.kw = a->kw, t.blocks = a->ic_blocks;
  t.row = (ptrdiff_t)(a->dh * x_row), t.column = (ptrdiff_t)a->dw * LANES, t.block = (ptrdiff_t)a->x.plane * LANES;
  t.y_block = (size_t)a->y.plane * 8, t.r_block = (size_t)a->r.plane * 8;
  t.residual = a->r.base != NET2C_NONE;
  t.act = a->act, t.a = a->a, t.b = a->b;
  t.scale = t.shift = 0;
  for (uint32_t i = net2c_cut(all, oc_chunk, a->oc_chunks), end = net2c_cut(all, oc_chunk + 1, a->oc_chunks); i < end; ++i) {
    const uint32_t group = i / pairs, pair = i % pairs, block = group * a->oc_blocks + pair * 2;
    const uint32_t blocks = a->oc_blocks - pair * 2 < 2 ? 1 : 2, left = a->y.c - (block + blocks - 1) * 8;
    const float *x = net2c_map_in(f, &a->x, n, group * a->ic_blocks) +
                     ((ptrdiff_t)r0 * a->sh - a->top) * (ptrdiff_t)x_row - (ptrdiff_t)a->left * LANES;
    float *y = net2c_map_out(f, &a->y, n, block) + (size_t)r0 * a->y.pitch * 8;
    const float *r = t.residual ? net2c_map_in(f, &a->r, n, block) + (size_t)r0 * a->r.pitch * 8 : 0;
    t.w = weights + (size_t)block * 8 * taps;
    t.bias = bias + (size_t)block * 8;
    t.valid = left < 8 ? left : 8;
    if (a->scale != NET2C_NONE) {
      t.scale = (const float *)net2c_in(f, a->scale) + (size_t)block * 8;
      t.shift = (const float *)net2c_in(f, a->shift) + (size_t)block * 8;
    }
    net2c_conv_pixels(&t, x, a->sh * x_row, (size_t)a->sw * lanes, y, (size_t)a->y.pitch * 8, 8, r, (size_t)a->r.pitch * 8, 8,
                      a->y.w, (r1 - r0) * a->y.w, blocks, LANES, EPILOGUE);
    for (uint32_t b = 0; b < blocks; ++b) net2c_halo_rows(f, &a->y, n, block + b, r0, r1);
  }
}

#endif
