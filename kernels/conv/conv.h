/* Direct convolution. A panel, what chunks are cut by, is four blocks of output channels, and up to seven at the end; a tile is as
 * many of them as the ISA has registers for. */
#ifndef NET2C_CONV_H
#define NET2C_CONV_H

#include "kernels/conv/tile.h"
#include "kernels/half.h"

/* Outputs of one image that lie on a grid: first pixel of each map, floats from row to row and pixel to pixel. */
struct net2c_region {
  const float *x, *r;
  float *y;
  size_t x_row, x_pixel, y_row, y_pixel, r_row, r_pixel;
  uint32_t width;
  uint32_t tile, tiles;   /* of those that fetch weights for the next panel: this region's first, and all; 0: unknown */
};

/* First block of the panel; panels of all groups are numbered through. */
NET2C_INLINE uint32_t net2c_panel_block(uint32_t oc_blocks, uint32_t panel)
{
  const uint32_t panels = NET2C_CONV_PANELS(oc_blocks);
  return panel / panels * oc_blocks + panel % panels * 4;
}
/* Blocks of the next tile, when `left` are left of a panel: never one alone where three can be. */
NET2C_INLINE uint32_t net2c_tile_blocks(uint32_t left)
{
  return NET2C_TILE_BLOCKS == 4 && left >= 4 && left != 5 ? 4 : left == 1 || left == 3 ? left : 2;
}
/* Of halves, no more than scratch has room for. */
NET2C_INLINE uint32_t net2c_panel_blocks(uint32_t left, size_t taps, const int H)
{
  const uint32_t blocks = net2c_tile_blocks(left), most = NET2C_CONV_WIDE_BLOCKS(taps);
  return H && blocks > most ? most : blocks;
}

/* net2c_tile_panel for weights of either kind, `taps` numbers a channel; halves are widened to scratch. */
NET2C_INLINE void net2c_conv_panel(struct net2c_tile *t, const struct net2c_frame *f, const void *w, net2c_ref bias, net2c_ref scale,
                                   net2c_ref shift, uint32_t block, uint32_t blocks, size_t taps, uint32_t c, const int H)
{
  const size_t numbers = blocks * 8 * taps;
  const void *panel = net2c_weights_at(w, (ptrdiff_t)(block * 8 * taps), H);
  if (H) net2c_widen((float *)f->scratch, (const uint16_t *)panel, numbers);
  net2c_tile_panel(t, f, H ? (const float *)f->scratch : (const float *)panel, bias, scale, shift, block, blocks, 0, c);
  t->w8 = t->w + (blocks / 2 * 16) * taps, t->pair = 16 * taps;
  t->next = (const float *)net2c_weights_at(panel, (ptrdiff_t)numbers, H), t->fetches = H ? blocks : 2 * blocks;
}

/* Pixels [from, to) of the region, numbered row by row: tiles of near-equal size cover them, across row ends; where rows are whole tiles, those. */
NET2C_INLINE void net2c_region_run(struct net2c_tile *t, const struct net2c_region *g, uint32_t from, uint32_t to, uint32_t blocks,
                                   const int L)
{
  const uint32_t most = net2c_tile_pixels(blocks);
  const size_t row_floats = (size_t)g->width * 8;
  const int has_lines = L == 8 && t->kh * t->kw == 1 && g->x_pixel == 8 && g->y_pixel == 8;
  const int flat = g->x_row == row_floats && g->y_row == row_floats && (!t->residual || g->r_row == row_floats);
  const uint32_t whole = g->width % most == 0 ? most : most > 3 && g->width % (most - 1) == 0 ? most - 1 : 0;
  const int rows = has_lines && !flat && whole && from % g->width == 0 && to % g->width == 0;
  const uint32_t tiles = rows ? (to - from) / whole : (to - from + most - 1) / most;
  const uint32_t least = (to - from) / tiles, larger = (to - from) % tiles;
  uint32_t row = from / g->width, column = from % g->width;
  const float *x = g->x + row * g->x_row + column * g->x_pixel, *r = g->r + row * g->r_row + column * g->r_pixel;
  float *y = g->y + row * g->y_row + column * g->y_pixel;
  if (L == 8 && g->tiles && g->tile + tiles >= g->tiles && t->fetches <= 2 * g->tiles)   /* the last region fetches what the tiles leave, where weights are most of what is read */
    for (size_t i = g->tiles * (t->pair / 4); i < t->fetches * (t->pair / 4); i += 16) prefetch8_l2(t->next + i);
  t->x_gap = (ptrdiff_t)(g->x_row - row_floats), t->y_gap = (ptrdiff_t)(g->y_row - row_floats);
  t->r_gap = t->residual ? (ptrdiff_t)(g->r_row - row_floats) : t->y_gap;
  if (L == 1 && t->kw == 1 && from % g->width == 0 && to % g->width == 0) {
    t->x[0] = x, t->y[0] = y, t->r[0] = r;
    t->x_gap = (ptrdiff_t)g->x_row - (ptrdiff_t)(g->width * g->x_pixel);
#define NET2C_IMAGE_LINE_CASE(S, B, P)                          \
  if (g->x_pixel == S && blocks == B && g->width % P == 0) {    \
    t->tiles = (to - from) / P, t->a_row = g->width / P;        \
    net2c_image_line_##S##_##B##_##P(t);                        \
    return;                                                     \
  }
    NET2C_IMAGE_LINES(NET2C_IMAGE_LINE_CASE)
  }
  for (uint32_t i = 0; i < tiles; ++i) {
    const uint32_t p = least + (i < larger), alike = (i < larger ? larger : tiles) - i, fit = flat || rows ? alike : (g->width - column) / p;
    if (has_lines && fit > 2 && p + 1 >= most) {   /* with fewer between the ends of rows, the change costs more than it saves */
      t->x[0] = x, t->y[0] = y, t->r[0] = r;
      t->from = g->tile + i, t->tiles = fit < alike ? fit : alike;
      t->a_row = rows ? g->width / p : t->tiles;
      net2c_line_run(t, blocks, p);
      i += t->tiles - 1, column += t->tiles * p;
      if (column >= g->width) row += column / g->width, column %= g->width;
      x = g->x + row * g->x_row + column * g->x_pixel, y = g->y + row * g->y_row + column * g->y_pixel;
      r = g->r + row * g->r_row + column * g->r_pixel;
      continue;
    }
    for (uint32_t k = 0; k < p; ++k) {
      t->x[k] = x, t->y[k] = y, t->r[k] = r;
      x += g->x_pixel, y += g->y_pixel, r += g->r_pixel;
      if (++column == g->width) {
        column = 0, ++row;
        x = g->x + row * g->x_row, y = g->y + row * g->y_row, r = g->r + row * g->r_row;
      }
    }
    t->ahead = g->tile + i < t->fetches ? t->next + (g->tile + i) * (t->pair / 4) : t->w;
    net2c_tile_run(t, blocks, p, L);
  }
}

NET2C_INLINE void net2c_conv_body(const struct net2c_conv_args *a, const struct net2c_frame *f, uint32_t chunk, const int L,
                                  const int H)
{
  const uint32_t all = NET2C_CONV_PANELS(a->oc_blocks) * a->groups, lanes = a->x.lanes;
  const uint32_t few = a->y.h * a->y.w < NET2C_CONV_FEW_PIXELS, n = chunk / a->oc_chunks / a->row_chunks;
  const uint32_t oc_chunk = few ? chunk / a->row_chunks % a->oc_chunks : chunk % a->oc_chunks;
  const uint32_t row_chunk = few ? chunk % a->row_chunks : chunk / a->oc_chunks % a->row_chunks;
  const uint32_t r0 = net2c_cut(a->y.h, row_chunk, a->row_chunks), r1 = net2c_cut(a->y.h, row_chunk + 1, a->row_chunks);
  const uint32_t first = net2c_panel_block(a->oc_blocks, net2c_cut(all, oc_chunk, a->oc_chunks));
  const uint32_t last = net2c_panel_block(a->oc_blocks, net2c_cut(all, oc_chunk + 1, a->oc_chunks));
  const uint32_t pixels = (r1 - r0) * a->y.w, parts = (pixels + a->pixels - 1) / a->pixels;
  const size_t taps = (size_t)a->kh * a->kw * a->ic_blocks * lanes, x_row = (size_t)a->x.pitch * lanes;
  struct net2c_tile t;
  struct net2c_region g;
  t.kh = a->kh, t.kw = a->kw, t.count = a->ic_blocks, t.step = (ptrdiff_t)a->x.plane * 8;
  t.row = (ptrdiff_t)(a->dh * x_row), t.column = (ptrdiff_t)(a->dw * lanes);
  if (L == 1) {   /* the taps of an image's row lie side by side */
    t.count = lanes;
    if (a->dw == 1) t.kw = 1, t.count = a->kw * lanes;
  }
  t.y_block = (size_t)a->y.plane * 8, t.r_block = (size_t)a->r.plane * 8;
  t.residual = a->r.base != NET2C_NONE;
  t.act = a->act, t.a = a->a, t.b = a->b;
  g.x_row = a->sh * x_row, g.x_pixel = (size_t)a->sw * lanes, g.width = a->y.w;
  g.y_row = (size_t)a->y.pitch * 8, g.y_pixel = 8;
  g.r_row = (size_t)a->r.pitch * 8, g.r_pixel = 8;
  g.tiles = few ? (a->y.h * a->y.w + NET2C_TILE_PIXELS - 1) / NET2C_TILE_PIXELS : 0;
  g.tile = few ? g.tiles * row_chunk / a->row_chunks : 0;
  for (uint32_t part = 0; part < parts; ++part)
    for (uint32_t block = first, blocks; block < last; block += blocks) {
      const uint32_t group = block / a->oc_blocks, end = (group + 1) * a->oc_blocks;
      blocks = net2c_panel_blocks((last < end ? last : end) - block, taps, H);
      g.x = net2c_map_in(f, &a->x, n, group * a->ic_blocks) + ((ptrdiff_t)(r0 * a->sh) - a->top) * (ptrdiff_t)x_row -
            a->left * (ptrdiff_t)lanes;
      g.y = net2c_map_out(f, &a->y, n, block) + r0 * g.y_row;
      g.r = t.residual ? net2c_map_in(f, &a->r, n, block) + r0 * g.r_row : g.y;
      net2c_conv_panel(&t, f, net2c_in(f, a->w), a->bias, a->scale, a->shift, block, blocks, taps, a->y.c, H);
      net2c_region_run(&t, &g, net2c_cut(pixels, part, parts), net2c_cut(pixels, part + 1, parts), blocks, L);
    }
  for (uint32_t block = first; block < last; ++block) net2c_halo_rows(f, &a->y, n, block, r0, r1);
}

#endif
