/* Convolution to at most four channels, column stride 1. Vectors of output channels, as in conv.h, would be empty for the most part; here a lane is
 * one of eight input channels, and an output has eight sums, which are added up at last. */
#ifndef NET2C_CONV_NARROW_H
#define NET2C_CONV_NARROW_H

#include "kernels/conv/tile.h"
#include "kernels/half.h"
#include "kernels/vt.h"

/* Of pixels side by side a vector holds one or, on AVX-512, two; NET2C_NARROW_VECTORS of them by C channels are a tile. */
#if NET2C_VW == 16
#define NET2C_NARROW_VECTORS(C) ((C) == 4 ? 5 : (C) == 3 ? 6 : 8)
NET2C_INLINE vt net2c_narrow_weights(const float *p) { return twicew(load8(p)); }
NET2C_INLINE vt net2c_narrow_pixels(const float *p) { return oncew(loadt(p)); }   /* gcc would have it as the memory operand of all C multiply-adds */
#else
#define NET2C_NARROW_VECTORS(C) ((C) == 4 ? 3 : (C) == 3 ? 4 : (C) == 2 ? 6 : 8)
NET2C_INLINE vt net2c_narrow_weights(const float *p) { return load8(p); }
NET2C_INLINE vt net2c_narrow_pixels(const float *p) { return load8(p); }
#endif

struct net2c_narrow {
  struct net2c_tile t;
  const float *w;
  float *sums;               /* [channel][pitch][8] */
  size_t pitch;
  size_t row, column, block; /* floats from tap to tap and block to block of the input */
  size_t back;               /* so many less from row `wrap` of the kernel on */
  uint32_t kh, kw, blocks, wrap;
};

/* Where outputs go: pixels of a C8 map, or those of the first channel of a plain one whose channels are `channel` floats apart. */
struct net2c_narrow_out {
  float *y;
  size_t channel;   /* 0: C8 */
};

/* One tap of all input channels, of Q vectors of pixels by C channels; returns the weights after its. AHEAD: what the next row of outputs reads beside is
 * fetched, a vector a step. */
NET2C_INLINE const float *net2c_narrow_tap(const struct net2c_narrow *g, const float *at, const float *w, vt (*c)[4], const int C, const int Q, const int AHEAD)
{
  const size_t block = g->block, next = g->row;
  _Pragma("GCC unroll 1") for (uint32_t b = g->blocks; b > 0; --b, at += block, w += 8 * C)
  {
    vt s[4], v[8];   /* the fewer ones stay in registers */
    if (AHEAD) {
      NET2C_UNROLL for (int q = 0; q < Q; ++q) prefetch8_l2(at + next + q * NET2C_VT);
    }
    if (Q < C) {
      NET2C_UNROLL for (int q = 0; q < Q; ++q) v[q] = net2c_narrow_pixels(at + q * NET2C_VT);
      NET2C_UNROLL for (int o = 0; o < C; ++o)
      {
        s[0] = net2c_narrow_weights(w + 8 * o);
        NET2C_UNROLL for (int q = 0; q < Q; ++q) c[q][o] = fmat(v[q], s[0], c[q][o]);
      }
    } else {
      NET2C_UNROLL for (int o = 0; o < C; ++o) s[o] = net2c_narrow_weights(w + 8 * o);
      NET2C_UNROLL for (int q = 0; q < Q; ++q)
      {
        v[0] = net2c_narrow_pixels(at + q * NET2C_VT);
        NET2C_UNROLL for (int o = 0; o < C; ++o) c[q][o] = fmat(v[0], s[o], c[q][o]);
      }
    }
  }
  return w;
}

/* Q vectors of pixels by C channels. AHEAD: the first tap of the last row fetches; asked for all at once, it would be more than the core keeps track of. */
NET2C_INLINE void net2c_narrow_tile(const struct net2c_narrow *g, const float *x, float *sums, const int C, const int Q, const int AHEAD)
{
  const float *w = g->w;
  const size_t pitch = g->pitch;
  vt c[8][4];
  NET2C_UNROLL for (int q = 0; q < Q; ++q)
  {
    NET2C_UNROLL for (int o = 0; o < C; ++o) c[q][o] = sett(0.0f);
  }
  for (uint32_t i = 0; i < g->kh; ++i) {
    const float *row = x + i * g->row - (i < g->wrap ? 0 : g->back);
    uint32_t j = 0;
    if (AHEAD && i + 1 == g->kh) w = net2c_narrow_tap(g, row, w, c, C, Q, 1), j = 1;
    for (; j < g->kw; ++j) w = net2c_narrow_tap(g, row + j * g->column, w, c, C, Q, 0);
  }
  NET2C_UNROLL for (int q = 0; q < Q; ++q)
  {
    NET2C_UNROLL for (int o = 0; o < C; ++o) storet(sums + o * pitch * 8 + q * NET2C_VT, c[q][o]);
  }
}

#define NET2C_NARROW_CASE(Q) \
  case Q: if (Q <= NET2C_NARROW_VECTORS(C)) net2c_narrow_tile(g, x, sums, C, Q, AHEAD); break;
/* At most NET2C_NARROW_PIXELS pixels of a row, in near-equal tiles; a last vector may reach a pixel beyond them, whose sums nobody reads. */
NET2C_INLINE void net2c_narrow_sums(const struct net2c_narrow *g, const float *x, uint32_t pixels, const int C, const int AHEAD)
{
  const uint32_t most = NET2C_NARROW_VECTORS(C), vectors = (pixels * 8 + NET2C_VT - 1) / NET2C_VT, tiles = (vectors + most - 1) / most;
  float *sums = g->sums;
  for (uint32_t i = 0; i < tiles; ++i) {
    const uint32_t q = vectors / tiles + (i < vectors % tiles);
    switch (q) {
      NET2C_NARROW_CASE(1)
      NET2C_NARROW_CASE(2)
      NET2C_NARROW_CASE(3)
      NET2C_NARROW_CASE(4)
      NET2C_NARROW_CASE(5)
      NET2C_NARROW_CASE(6)
      NET2C_NARROW_CASE(7)
      NET2C_NARROW_CASE(8)
    }
    x += q * NET2C_VT, sums += q * NET2C_VT;
  }
}

/* Sums and bias of eight pixels by C channels, from [channel][pitch][8]. */
NET2C_INLINE void net2c_narrow_outputs(const struct net2c_tile *t, const float *sums, size_t pitch, v8 *o, const int C)
{
  NET2C_UNROLL for (int c = 0; c < C; ++c)
  {
    v8 s[8];
    NET2C_UNROLL for (int l = 0; l < 8; ++l) s[l] = load8(sums + (size_t)c * pitch * 8 + l * 8);
    o[c] = add8(set8(t->bias[c]), sums8(s));
  }
}

NET2C_INLINE void net2c_narrow_store(const v8 *o, struct net2c_narrow_out to, uint32_t at, uint32_t pixels, const int C)
{
  float *y = to.y + (size_t)at * 8;
  v8 s[8];
  if (to.channel) {
    NET2C_UNROLL for (int c = 0; c < C; ++c)
    {
      if (pixels >= 8) store8(to.y + (size_t)c * to.channel + at, o[c]);
      else storen8(to.y + (size_t)c * to.channel + at, o[c], pixels);
    }
    return;
  }
  NET2C_UNROLL for (int c = 0; c < 8; ++c) s[c] = c < C ? o[c] : set8(0.0f);
  transpose8(s);
  if (pixels >= 8) {
    NET2C_UNROLL for (int l = 0; l < 8; ++l) store8(y + l * 8, s[l]);
  } else {
    for (uint32_t l = 0; l < pixels; ++l) store8(y + l * 8, s[l]);
  }
}

/* Outputs of pixels from their sums. The epilogue works on vectors of pixels of a channel, which are few and full, and where it is more than a clip on
 * those of NET2C_NARROW_TOGETHER times eight pixels at once, so that expensive functions overlap. */
#define NET2C_NARROW_TOGETHER 4
NET2C_NOINLINE void net2c_narrow_function(const struct net2c_tile *t, v8 *o, uint32_t vectors, uint32_t channels)
{
  net2c_act_many(o, vectors * channels, t->act, t->a, t->b);
  for (uint32_t c = 0; c < channels && t->scale; ++c)
    for (uint32_t k = 0; k < vectors; ++k) o[k * channels + c] = fma8(o[k * channels + c], set8(t->scale[c]), set8(t->shift[c]));
}

NET2C_INLINE void net2c_narrow_finish(const struct net2c_tile *t, const float *sums, size_t pitch, struct net2c_narrow_out to, const float *r, uint32_t pixels, const int C)
{
  v8 o[NET2C_NARROW_TOGETHER * 4];
  if (t->clamp && !t->residual) {
    const v8 low = set8(t->a), high = set8(t->b);
    for (uint32_t at = 0; at < pixels; at += 8, sums += 64) {
      net2c_narrow_outputs(t, sums, pitch, o, C);
      NET2C_UNROLL for (int c = 0; c < C; ++c) o[c] = min8(high, max8(low, o[c]));
      net2c_narrow_store(o, to, at, pixels - at, C);
    }
    return;
  }
  for (uint32_t at = 0; at < pixels; at += NET2C_NARROW_TOGETHER * 8) {
    const uint32_t left = pixels - at < NET2C_NARROW_TOGETHER * 8 ? pixels - at : NET2C_NARROW_TOGETHER * 8, vectors = (left + 7) / 8;
    for (uint32_t k = 0; k < vectors; ++k, sums += 64, r += 64) {
      net2c_narrow_outputs(t, sums, pitch, o + k * C, C);
      if (t->residual) {
        v8 s[8];
        NET2C_UNROLL for (uint32_t l = 0; l < 8; ++l) s[l] = k * 8 + l < left ? load8(r + l * 8) : set8(0.0f);
        transpose8(s);
        NET2C_UNROLL for (int c = 0; c < C; ++c) o[k * C + c] = add8(o[k * C + c], s[c]);
      }
    }
    net2c_narrow_function(t, o, vectors, C);
    for (uint32_t k = 0; k < vectors; ++k) net2c_narrow_store(o + k * C, to, at + k * 8, left - k * 8, C);
  }
}

/* The first pixel of row r of a result, which is at `plain` or, where that is NET2C_NONE, a map. */
NET2C_INLINE struct net2c_narrow_out net2c_narrow_row(const struct net2c_frame *f, const struct net2c_map *m, net2c_ref plain, uint32_t n, uint32_t r)
{
  const size_t channel = (size_t)(m->top + m->h + m->bottom) * m->w;
  if (plain == NET2C_NONE) return (struct net2c_narrow_out){net2c_map_out(f, m, n, 0) + (size_t)r * m->pitch * 8, 0};
  return (struct net2c_narrow_out){(float *)net2c_out(f, plain) + n * m->c * channel + (size_t)(m->top + r) * m->w, channel};
}

NET2C_INLINE struct net2c_narrow_out net2c_narrow_at(struct net2c_narrow_out row, uint32_t pixel)
{
  return (struct net2c_narrow_out){row.y + (size_t)pixel * (row.channel ? 1 : 8), row.channel};
}

NET2C_INLINE void net2c_conv_narrow_body(const struct net2c_conv_narrow_args *a, const struct net2c_frame *f, uint32_t chunk, const int C,
                                         const int H)
{
  const uint32_t n = chunk / a->row_chunks, part = chunk % a->row_chunks;
  const uint32_t r0 = net2c_cut(a->y.h, part, a->row_chunks), r1 = net2c_cut(a->y.h, part + 1, a->row_chunks);
  const uint32_t vectors = (a->y.w + 7) / 8, parts = (vectors * 8 + NET2C_NARROW_PIXELS - 1) / NET2C_NARROW_PIXELS;
  const ptrdiff_t x_row = (ptrdiff_t)a->x.pitch * 8;
  struct net2c_narrow g;
  g.t.residual = a->r.base != NET2C_NONE, g.t.y_block = g.t.r_block = 0;
  g.t.act = a->act, g.t.a = a->a, g.t.b = a->b;
  g.row = a->dh * (size_t)x_row, g.column = (size_t)a->dw * 8, g.block = (size_t)a->x.plane * 8;
  g.kh = a->kh, g.kw = a->kw, g.blocks = (a->x.c + 7) / 8;
  net2c_tile_panel(&g.t, f, (const float *)net2c_in(f, a->w), a->bias, a->scale, a->shift, 0, 1, 0, a->y.c);
  g.w = g.t.w, g.sums = (float *)f->scratch, g.pitch = NET2C_NARROW_PIXELS, g.wrap = a->kh, g.back = 0;
  if (H) {
    float *wide = g.sums + C * NET2C_NARROW_PIXELS * 8;
    net2c_widen(wide, (const uint16_t *)net2c_in(f, a->w), (size_t)a->kh * a->kw * g.blocks * 8 * C);
    g.w = wide;
  }
  for (uint32_t r = r0; r < r1; ++r) {
    const float *x = net2c_map_in(f, &a->x, n, 0) + ((ptrdiff_t)(r * a->sh) - a->top) * x_row - a->left * (ptrdiff_t)8;
    const struct net2c_narrow_out row = net2c_narrow_row(f, &a->y, a->plain, n, r);
    const float *residual = g.t.residual ? net2c_map_in(f, &a->r, n, 0) + (size_t)r * a->r.pitch * 8 : x;
    for (uint32_t i = 0; i < parts; ++i) {
      const uint32_t from = net2c_cut(vectors, i, parts) * 8, to = net2c_cut(vectors, i + 1, parts) * 8, pixels = (to < a->y.w ? to : a->y.w) - from;
      net2c_narrow_sums(&g, x + from * 8, pixels, C, 1);
      net2c_narrow_finish(&g.t, g.sums, g.pitch, net2c_narrow_at(row, from), residual + from * 8, pixels, C);
    }
  }
  if (a->plain == NET2C_NONE) net2c_halo_rows(f, &a->y, n, 0, r0, r1);
}

#endif
