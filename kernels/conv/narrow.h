/* Convolution to at most four channels, column stride 1: eight pixels a vector, where conv.h would leave most lanes empty.
 * Input rows are turned to planes in scratch, a ring of as many rows as the kernel is high. */
#ifndef NET2C_CONV_NARROW_H
#define NET2C_CONV_NARROW_H

#include "kernels/conv/tile.h"
#include "kernels/half.h"

/* One input row: pixels [0, count) of all blocks as [channel][width]; x_plane floats from block to block. */
NET2C_NOINLINE void net2c_narrow_row(float *to, const float *x, size_t x_plane, uint32_t blocks, uint32_t count, uint32_t width)
{
  for (uint32_t b = 0; b < blocks; ++b, x += x_plane, to += (size_t)8 * width)
    for (uint32_t i = 0; i < count; i += 8) {
      const uint32_t n = count - i < 8 ? count - i : 8;
      v8 v[8];
      if (n == 8) {
        NET2C_UNROLL for (int k = 0; k < 8; ++k) v[k] = load8(x + ((size_t)i + (size_t)k) * 8);
      } else {
        for (uint32_t k = 0; k < 8; ++k) v[k] = k < n ? load8(x + ((size_t)i + k) * 8) : set8(0.0f);
      }
      transpose8(v);
      NET2C_UNROLL for (int k = 0; k < 8; ++k) store8(to + (size_t)k * width + i, v[k]);
    }
}

struct net2c_narrow {
  struct net2c_tile t;
  const float *ring, *w;
  float *y;
  const float *r;
  size_t row;                           /* floats of a ring row */
  uint32_t slot, slots, dh, dw, kh, kw; /* slot: of the kernel's first row */
  uint32_t channels, width;             /* of a ring row */
};

/* Q vectors of pixels from `at` on, of which `pixels` are stored, by C channels. */
NET2C_INLINE void net2c_narrow_tile(struct net2c_narrow *g, uint32_t at, uint32_t pixels, const int C, const int Q)
{
  const size_t width = g->width;
  const float *w = g->w;
  v8 c[4][6];
  NET2C_UNROLL for (int o = 0; o < C; ++o)
  {
    NET2C_UNROLL for (int q = 0; q < Q; ++q) c[o][q] = set8(g->t.bias[o]);
  }
  for (uint32_t i = 0, slot = g->slot; i < g->kh; ++i) {
    for (uint32_t j = 0; j < g->kw; ++j) {
      const float *x = g->ring + slot * g->row + at + j * g->dw;
      for (uint32_t k = g->channels; k > 0; --k, x += width, w += 4) {
        v8 s[4];
        NET2C_UNROLL for (int o = 0; o < C; ++o) s[o] = set8(w[o]);
        NET2C_UNROLL for (int q = 0; q < Q; ++q)
        {
          const v8 v = load8(x + 8 * q);
          NET2C_UNROLL for (int o = 0; o < C; ++o) c[o][q] = fma8(v, s[o], c[o][q]);
        }
      }
    }
    slot += g->dh;
    if (slot >= g->slots) slot -= g->slots;
  }
  NET2C_UNROLL for (int q = 0; q < Q; ++q)
  {
    const uint32_t first = at + 8 * (uint32_t)q, n = pixels - 8 * (uint32_t)q < 8 ? pixels - 8 * (uint32_t)q : 8;
    v8 o[8];
    NET2C_UNROLL for (int k = 0; k < 8; ++k) o[k] = k < C ? c[k < C ? k : 0][q] : set8(0.0f);
    transpose8(o);
    if (g->t.clamp && !g->t.residual) {
      const v8 low = set8(g->t.a), high = set8(g->t.b);
      for (uint32_t k = 0; k < n; ++k) store8(g->y + (size_t)(first + k) * 8, min8(high, max8(low, o[k])));
    } else {
      for (uint32_t k = 0; k < n; ++k) g->t.y[k] = g->y + (size_t)(first + k) * 8, g->t.r[k] = g->r + (size_t)(first + k) * 8;
      net2c_tile_finish(&g->t, o, n, 1);
    }
  }
}

#define NET2C_NARROW_CASE(Q) \
  case Q: net2c_narrow_tile(g, at, pixels, C, Q); break;
/* One row of outputs, in near-equal tiles: as many vectors as leave registers for C weights. */
NET2C_INLINE void net2c_narrow_run(struct net2c_narrow *g, uint32_t pixels, const int C)
{
  const uint32_t most = C == 1 ? 6 : C == 2 ? 5 : C == 3 ? 4 : 2, vectors = (pixels + 7) / 8, tiles = (vectors + most - 1) / most;
  for (uint32_t i = 0, at = 0; i < tiles; ++i) {
    const uint32_t q = vectors / tiles + (i < vectors % tiles);
    switch (q) {
      NET2C_NARROW_CASE(1)
      NET2C_NARROW_CASE(2)
    default:
      if (C <= 3) switch (q) {
          NET2C_NARROW_CASE(3)
          NET2C_NARROW_CASE(4)
        }
      if (C <= 2 && q == 5) net2c_narrow_tile(g, at, pixels, C, 5);
      if (C == 1 && q == 6) net2c_narrow_tile(g, at, pixels, C, 6);
    }
    at += 8 * q, pixels -= pixels < 8 * q ? pixels : 8 * q;
  }
}

NET2C_INLINE void net2c_conv_narrow_body(const struct net2c_conv_narrow_args *a, const struct net2c_frame *f, uint32_t chunk, const int C,
                                         const int H)
{
  const uint32_t n = chunk / a->row_chunks, part = chunk % a->row_chunks;
  const uint32_t r0 = net2c_cut(a->y.h, part, a->row_chunks), r1 = net2c_cut(a->y.h, part + 1, a->row_chunks);
  const uint32_t blocks = (a->x.c + 7) / 8, count = a->y.w + (a->kw - 1) * a->dw;
  const ptrdiff_t x_row = (ptrdiff_t)a->x.pitch * 8;
  const float *x = net2c_map_in(f, &a->x, n, 0) - a->top * x_row - a->left * (ptrdiff_t)8;
  float *ring = (float *)f->scratch;
  struct net2c_narrow g;
  g.t.residual = a->r.base != NET2C_NONE, g.t.y_block = g.t.r_block = 0;
  g.t.act = a->act, g.t.a = a->a, g.t.b = a->b;
  net2c_tile_panel(&g.t, f, (const float *)net2c_in(f, a->w), a->bias, a->scale, a->shift, 0, 1, 0, a->y.c);
  g.ring = ring, g.kh = a->kh, g.kw = a->kw, g.dh = a->dh, g.dw = a->dw;
  g.slots = (a->kh - 1) * a->dh + 1, g.channels = a->x.c;
  g.width = NET2C_NARROW_WIDTH(count), g.row = (size_t)g.width * blocks * 8;
  g.w = g.t.w;
  if (H) {
    float *wide = ring + g.slots * g.row;
    net2c_widen(wide, (const uint16_t *)net2c_in(f, a->w), ((size_t)a->kh * a->kw * a->x.c * 4 + 7) / 8 * 8);
    g.w = wide;
  }
  for (uint32_t r = r0, ready = r0 * a->sh; r < r1; ++r) {
    const uint32_t first = r * a->sh;
    if (ready < first) ready = first;
    for (; ready < first + g.slots; ++ready)
      net2c_narrow_row(ring + ready % g.slots * g.row, x + ready * x_row, (size_t)a->x.plane * 8, blocks, count, g.width);
    g.slot = first % g.slots;
    g.y = net2c_map_out(f, &a->y, n, 0) + (size_t)r * a->y.pitch * 8;
    g.r = g.t.residual ? net2c_map_in(f, &a->r, n, 0) + (size_t)r * a->r.pitch * 8 : g.y;
    net2c_narrow_run(&g, a->y.w, C);
  }
  net2c_halo_rows(f, &a->y, n, 0, r0, r1);
}

#endif
